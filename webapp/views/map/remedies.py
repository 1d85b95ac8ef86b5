"""The panel's remedies against the failure that is shown: each one worked out in the same state."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from webapp.cluster.build import build
from webapp.cluster.model import Cluster
from webapp.cluster.rescaling import scalable, workload_word
from webapp.failure import state_at
from webapp.failure.edit_words import patch_text
from webapp.failure.kinds import FailureKind
from webapp.findings.facts import Carrier
from webapp.findings.placement import spread_patch
from webapp.findings.remedy import patch
from webapp.manifests.objects import WorkloadObject
from webapp.manifests.well_known_labels import HOSTNAME, ZONE
from webapp.numbers import everything
from webapp.routing import PortOutcome, outcome
from webapp.views.map.what_if import with_policy
from webapp.views.page.cache import keep_latest
from webapp.views.page.findings import facts_of
from webapp.views.page.simulation import PortSimulation
from webapp.views.page.state import PageState
from webapp.views.page.topologies import topologies
from webapp.views.page.wording import Standing, standing

# With more pods than this another cluster is not placed for each click.
MAX_PODS = 2_000


@dataclass(frozen=True, slots=True)
class Remedy:
    """One remedy, and its result."""

    title: str
    detail: str
    share: float
    standing: Standing
    url: str = ""
    """The state with it; empty where the page cannot show that."""
    patch: str = ""


@dataclass(frozen=True, slots=True)
class _Spread:
    """The cluster with the pods of the service in focus spread out."""

    cluster: Cluster
    patch: str


def remedies(simulation: PortSimulation) -> tuple[Remedy, ...]:
    """Return what would answer more new connections than now; nothing where nothing is down or nothing is lost."""
    page, share = simulation.page, simulation.now.answered(simulation.page.scenario.via)
    if not page.scenario.down or share is None or everything(share):
        return ()
    # Shares are sums of fractions: a difference below this is rounding.
    return tuple(found for found in _remedies(simulation) if found.share > share + 1e-9)


def _remedies(simulation: PortSimulation) -> Iterator[Remedy]:
    page = simulation.page
    by_lb = page.scenario.via == "lb"
    if not by_lb:
        instead = "DNS round robin" if page.scenario.via == "dns" else "one node IP"
        yield _remedy(
            "Load balancer with health checks", f"instead of {instead}", simulation.now.lb, page.via("lb").url()
        )
    if len(page.cluster.pods) > MAX_PODS:
        return
    if (other := _as_cluster(page)) is not None:
        share = _outcome(page, topologies().cluster(page.topology, other.options)).answered(page.scenario.via)
        yield _remedy("Policy Cluster", "instead of Local; hides the client’s address", share, other.url())
    if (spread := _spread(page)) is not None:
        found = _outcome(page, spread.cluster)
        what = "zones" if _is_zone(page) else "nodes"
        detail = "topologySpreadConstraints, maxSkew 1"
        answered = found.answered(page.scenario.via)
        yield _remedy(f"Pods spread over the {what}", detail, answered, patch_text=spread.patch)
        if not by_lb and found.lb is not None and found.lb > max(answered or 0.0, simulation.now.lb or 0.0) + 1e-9:
            yield _remedy("Both", "a load balancer, and pods spread out", found.lb)


def _remedy(title: str, detail: str, share: float | None, url: str = "", patch_text: str = "") -> Remedy:
    return Remedy(title, detail, share or 0.0, standing(share), url, patch_text)


def _as_cluster(page: PageState) -> PageState | None:
    """Return the same state under policy Cluster, if it is Local."""
    service = page.service
    if service is None or service.external_traffic_policy != "Local":
        return None
    return with_policy(page, service.key, "Cluster")


def _outcome(page: PageState, cluster: Cluster) -> PortOutcome:
    """Return what the port in focus answers in another cluster in the same scenario."""
    return outcome(state_at(cluster, page.scenario), _focus(page), page.port_index)


def _is_zone(page: PageState) -> bool:
    return any(target.kind is FailureKind.ZONE for target in page.scenario.down)


def _focus(page: PageState) -> str:
    return page.service.key if page.service else ""


def _spread(page: PageState) -> "_Spread | None":
    """Return the cluster with the service's pods spread out; None where that is not a remedy."""
    service = page.service
    # A Pod that hangs, or a kube-proxy that is down, does as much harm wherever the others run.
    if service is None or any(target.kind not in (FailureKind.NODE, FailureKind.ZONE) for target in page.scenario.down):
        return None
    return _spread_out(page, ZONE if _is_zone(page) else HOSTNAME)


@keep_latest(16, key=lambda page, topology_key: (page.topology.id, page.options, _focus(page), topology_key))
def _spread_out(page: PageState, topology_key: str) -> "_Spread | None":
    carriers = _carriers(page)
    if not carriers:
        return None
    patches = tuple((workload_word(its), patch_text(spread_patch(c, topology_key))) for c, its in carriers)
    edits = replace(page.options.edits, patches=(*page.options.edits.patches, *patches))
    cluster = build(page.topology.manifests, replace(page.options, edits=edits))
    service = page.service
    # maxSkew 1 leaves Pods Pending where the zones have no room: that would be no remedy.
    if service is None or _places(cluster, service.key) != _places(page.cluster, service.key):
        return None
    return _Spread(cluster, "---\n".join(patch(workload, spread_patch(c, topology_key)) for c, workload in carriers))


def _carriers(page: PageState) -> list[tuple[Carrier, WorkloadObject]]:
    """Return the workloads behind the service in focus whose pods the scheduler may put anywhere."""
    facts = facts_of(page)
    words = {workload_word(workload): workload for workload in scalable(facts.manifests)}
    its = next((s.carriers for s in facts.services if s.service == page.service), ())
    found = ((c, words.get(workload_word(c.subject))) for c in its if isinstance(c.subject, WorkloadObject))
    return [(carrier, workload) for carrier, workload in found if workload is not None]


def _places(cluster: Cluster, service: str) -> list[int]:
    """Return how many endpoints each port has: all must have found a node."""
    return [len(port.endpoints) for port in cluster.services[service].ports]
