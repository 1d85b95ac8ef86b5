"""What would help against the failure that one looks at: each remedy worked out in the same state."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from webapp.cluster.build import build
from webapp.cluster.edits import edited, scalable, spread_out, workload_word
from webapp.cluster.model import Cluster
from webapp.failure import state_at
from webapp.failure.kinds import FailureKind
from webapp.findings.facts import Carrier
from webapp.findings.placement import spread_patch
from webapp.findings.remedy import patch
from webapp.manifests.objects import WorkloadObject
from webapp.manifests.well_known_labels import HOSTNAME, ZONE
from webapp.numbers import everything
from webapp.routing import PortOutcome, outcome
from webapp.views.lists.found import facts_of
from webapp.views.page.answers import Answers
from webapp.views.page.kept import Kept
from webapp.views.page.opened import library
from webapp.views.page.state import PageState
from webapp.views.page.wording import Standing, standing

MAX_PODS = 2_000
"""With more pods than this another cluster is not placed for each click."""


@dataclass(frozen=True, slots=True)
class Help:
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


_spreads: "Kept[_Spread | None]" = Kept(16)


def helps(answers: Answers) -> tuple[Help, ...]:
    """Return what would answer more new connections than now; nothing where nothing is down or nothing is lost."""
    look, share = answers.look, answers.now.answered(answers.look.scenario.via)
    if not look.scenario.down or share is None or everything(share):
        return ()
    return tuple(found for found in _remedies(answers) if found.share > share + 1e-9)


def _remedies(answers: Answers) -> Iterator[Help]:
    look = answers.look
    by_lb = look.scenario.via == "lb"
    if not by_lb:
        instead = "DNS round robin" if look.scenario.via == "dns" else "one node IP"
        yield _help("Load balancer with health checks", f"instead of {instead}", answers.now.lb, look.via("lb").url())
    if len(look.cluster.pods) > MAX_PODS:
        return
    if (other := _as_cluster(look)) is not None:
        share = _outcome(look, library().cluster(look.topology, other.options)).answered(look.scenario.via)
        yield _help("Policy Cluster", "instead of Local; hides the client’s address", share, other.url())
    if (spread := _spread(look)) is not None:
        found = _outcome(look, spread.cluster)
        what = "zones" if _is_zone(look) else "nodes"
        detail = "topologySpreadConstraints, maxSkew 1"
        answered = found.answered(look.scenario.via)
        yield _help(f"Pods spread over the {what}", detail, answered, patch_text=spread.patch)
        if not by_lb and found.lb is not None and found.lb > max(answered or 0.0, answers.now.lb or 0.0) + 1e-9:
            yield _help("Both", "a load balancer, and pods spread out", found.lb)


def _help(title: str, detail: str, share: float | None, url: str = "", patch_text: str = "") -> Help:
    return Help(title, detail, share or 0.0, standing(share), url, patch_text)


def _as_cluster(look: PageState) -> PageState | None:
    """Return the same state under policy Cluster, if it is Local."""
    service = look.service
    if service is None or service.external_traffic_policy != "Local":
        return None
    others = tuple(pair for pair in look.options.edits.policies if pair[0] != service.key)
    edits = replace(look.options.edits, policies=(*others, (service.key, "Cluster")))
    return replace(look, options=replace(look.options, edits=edits))


def _outcome(look: PageState, cluster: Cluster) -> PortOutcome:
    """Return what the port in focus answers in another cluster in the same scenario."""
    return outcome(state_at(cluster, look.scenario), look.service.key if look.service else "", look.port_index)


def _is_zone(look: PageState) -> bool:
    return any(target.kind is FailureKind.ZONE for target in look.scenario.down)


def _spread(look: PageState) -> "_Spread | None":
    """Return the cluster with the service's pods spread out; None where that is not a remedy."""
    service = look.service
    if service is None or any(target.kind not in (FailureKind.NODE, FailureKind.ZONE) for target in look.scenario.down):
        return None
    key = (look.topology.id, look.options, service.key, _is_zone(look))
    return _spreads.get(key, lambda: _spread_out(look, ZONE if _is_zone(look) else HOSTNAME))


def _spread_out(look: PageState, topology_key: str) -> "_Spread | None":
    carriers = _carriers(look)
    if not carriers:
        return None
    manifests = edited(look.topology.manifests, look.options.edits)
    changed = spread_out(manifests, (workload for _, workload in carriers), topology_key)
    cluster = build(changed, replace(look.options, edits=replace(look.options.edits, replicas=(), policies=())))
    service = look.service
    if service is None or _places(cluster, service.key) != _places(look.cluster, service.key):
        return None
    return _Spread(cluster, "---\n".join(patch(workload, spread_patch(c, topology_key)) for c, workload in carriers))


def _carriers(look: PageState) -> list[tuple[Carrier, WorkloadObject]]:
    """Return the workloads behind the service in focus whose pods the scheduler may put anywhere."""
    facts = facts_of(look)
    words = {workload_word(workload): workload for workload in scalable(facts.manifests)}
    its = next((s.carriers for s in facts.services if s.service == look.service), ())
    found = ((c, words.get(workload_word(c.subject))) for c in its if isinstance(c.subject, WorkloadObject))
    return [(carrier, workload) for carrier, workload in found if workload is not None]


def _places(cluster: Cluster, service: str) -> list[int]:
    """Return how many endpoints each port has: all must have found a node."""
    return [len(port.endpoints) for port in cluster.services[service].ports]
