"""The panel's "Change it": edits of the service in focus and of what is selected, each with what it would give."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from flask import Blueprint

from webapp.cluster.model import Cluster
from webapp.cluster.pods import ref_of, replicas
from webapp.cluster.rescaling import workload_word
from webapp.failure.kinds import FailureKind
from webapp.findings.facts import Carrier
from webapp.findings.placement import spread_patch
from webapp.findings.remedy import patch
from webapp.limits import WORDS
from webapp.manifests.objects import WorkloadObject
from webapp.manifests.well_known_labels import HOSTNAME, ZONE
from webapp.views.map.assumptions import Stepper
from webapp.views.map.assumptions import steppers as assumed_steppers
from webapp.views.map.node_changes import AddedNode, NodeControls, PodControls, added_node, node_controls, pod_controls
from webapp.views.map.weighing import NOISE, EditEffect, Weighing, effect_of, weighing
from webapp.views.page.edits import cluster_of, editable, url_with_edits, with_patch, with_policy, with_replicas
from webapp.views.page.findings import facts_of
from webapp.views.page.listing import Choice
from webapp.views.page.query import QueryForm
from webapp.views.page.state import PageState, is_exposed, zone_sizes

blueprint = Blueprint("change", __name__)

MAX_WORKLOADS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplicaStepper:
    """A workload's replicas, one fewer and one more."""

    label: str
    limits: str
    """Between which numbers an autoscaler keeps them; empty without one."""
    field: str
    now: int
    most: int
    fewer_url: str
    """Empty at 0."""
    more_url: str
    effect: EditEffect | None
    """Of one more."""


@dataclass(frozen=True, slots=True)
class PolicySwitch:
    """The service's externalTrafficPolicy, and what the other one would give."""

    choices: tuple[Choice, ...]
    other: str
    effect: EditEffect | None
    even_now: EditEffect | None
    """What the other one would answer with nothing down, where that is less than everything."""


@dataclass(frozen=True, slots=True)
class Remedy:
    """Something to change at once."""

    title: str
    detail: str
    url: str
    effect: EditEffect | None
    patch: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PossibleChanges:
    """All that can be changed from here."""

    now: EditEffect | None
    """What is answered without any of it, while something is lost."""
    supposed: str
    """The node that is supposed to fail for these numbers; empty where something is down."""
    form: QueryForm
    """Hidden fields for every form of it."""
    assumed: tuple[Stepper, ...] = ()
    """How many nodes and pods are assumed, on the map of the cluster; that of a service has them above its picture."""
    steppers: tuple[ReplicaStepper, ...] = ()
    policy: PolicySwitch | None = None
    remedies: tuple[Remedy, ...] = ()
    node: NodeControls | None = None
    pod: PodControls | None = None
    add: AddedNode | None = None
    """One more node, while none is selected."""
    effects_url: str = ""
    """The same with what each would give, where that has to be asked for."""

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to change."""
        shown = (self.assumed, self.steppers, self.policy, self.remedies, self.node, self.pod, self.add)
        return not any(shown)


@blueprint.app_template_global("change_of")
def change_of(page: PageState) -> PossibleChanges:
    """Return what can be changed in this state, each with what it would give if that is quickly told."""
    weighs = weighing(page)
    node = node_controls(weighs)
    return PossibleChanges(
        now=weighs.now if weighs.loses else None,
        supposed=weighs.supposed,
        form=page.form("what-if"),
        assumed=tuple(assumed_steppers(weighs)) if page.whole else (),
        steppers=() if page.whole else tuple(_steppers(weighs)),
        policy=None if page.whole else _policy(weighs),
        remedies=() if page.whole else tuple(_remedies(weighs)),
        node=node,
        pod=pod_controls(weighs),
        add=None if node else added_node(weighs),
        effects_url=page.url(effects="shown") if weighs.can_be_asked else "",
    )


# --- replicas and policy ----------------------------------------------------------------------------------------------


def _steppers(weighs: Weighing) -> Iterator[ReplicaStepper]:
    page = weighs.page
    its = tuple(islice(_workloads_behind(page), MAX_WORKLOADS))
    for workload in its:
        word = workload_word(workload)
        bounds = editable(page.topology).bounds.get(ref_of(workload))
        now = page.cluster.workload_replicas.get(ref_of(workload), replicas(workload))
        more = with_replicas(page, word, min(now + 1, WORDS.replicas))
        yield ReplicaStepper(
            label="Replicas" if len(its) == 1 else f"Replicas of {workload.metadata.name}",
            limits=f"{bounds.least} to {bounds.most}, {bounds.names}" if bounds and bounds.agree else "",
            field=f"replicas/{word}",
            now=now,
            most=WORDS.replicas,
            fewer_url=url_with_edits(with_replicas(page, word, now - 1)) if now else "",
            more_url=url_with_edits(more),
            effect=weighs.effect(more),
        )


def _workloads_behind(page: PageState) -> Iterator[WorkloadObject]:
    service = page.service
    if service is None or not service.selector:
        return
    for workload in editable(page.topology).by_namespace.get(service.namespace, ()):
        template = workload.spec.template
        if template is not None and service.selector.items() <= template.metadata.labels.items():
            yield workload


def _policy(weighs: Weighing) -> PolicySwitch | None:
    page, service = weighs.page, weighs.page.service
    if service is None or service.key not in editable(page.topology).services:
        return None
    if not (service.external_traffic_policy or is_exposed(service)):
        return None
    now = service.external_traffic_policy or "Cluster"
    states = {policy: with_policy(page, service.key, policy) for policy in ("Cluster", "Local")}
    other = "Local" if now == "Cluster" else "Cluster"
    choices = (Choice(policy, url_with_edits(state), policy == now) for policy, state in states.items())
    even_now = effect_of(states[other]) if weighs.weighs and not page.has_failure else None
    is_less = even_now is not None and not even_now.is_whole and not weighs.helps_now(even_now)
    return PolicySwitch(tuple(choices), other, weighs.effect(states[other]), even_now if is_less else None)


# --- remedies ---------------------------------------------------------------------------------------------------------


def _remedies(weighs: Weighing) -> Iterator[Remedy]:
    """Yield what would answer more new connections than now; nothing where nothing is down or nothing is lost."""
    page = weighs.page
    if not weighs.there.scenario.down or not weighs.loses:
        return
    spreads = {key: found for key in (HOSTNAME, ZONE) if (found := _spread(weighs, key))}
    if len(spreads) == 2 and not _more(spreads[ZONE].effect, spreads[HOSTNAME].effect):
        # Pods on different nodes are what also helps against the loss of another node.
        del spreads[ZONE]
    yield from spreads.values()
    if page.scenario.via != "lb":
        instead = "checks the node IPs" if page.scenario.via == "dns" else "instead of one node IP"
        balanced = Remedy("Load balancer", instead, page.via("lb").url(), weighs.effect(page.via("lb")))
        if weighs.helps(balanced.effect):
            yield balanced
            yield from _both(weighs, spreads, balanced.effect)


def _more(one: EditEffect | None, other: EditEffect | None) -> bool:
    return (one.total if one else 0.0) > (other.total if other else 0.0) + NOISE


def _both(weighs: Weighing, spreads: Mapping[str, Remedy], balanced: EditEffect | None) -> Iterator[Remedy]:
    """Yield the load balancer together with pods spread out, if that gives more than either."""
    for key, alone in reversed(list(spreads.items())):
        both = _spread_state(weighs.page.via("lb"), key)
        effect = weighs.effect(both) if both else None
        if both and _more(effect, balanced) and _more(effect, alone.effect):
            yield Remedy("Both of these", "a load balancer, and pods spread out", url_with_edits(both), effect)
            return


def _spread(weighs: Weighing, topology_key: str) -> Remedy | None:
    found = spread_out(weighs, topology_key)
    if found is None:
        return None
    state, effect = found
    patches = (patch(workload, spread_patch(c, topology_key)) for c, workload in _carriers(weighs.page))
    title = "Spread over zones" if topology_key == ZONE else "One pod per node"
    return Remedy(title, "topology spread", url_with_edits(state), effect, "---\n".join(patches))


def spread_out(weighs: Weighing, topology_key: str) -> tuple[PageState, EditEffect | None] | None:
    """Return the pods of the service in focus spread out, with what that gives; None where it is not a remedy."""
    page = weighs.page
    # A Pod that hangs, or a kube-proxy that is down, does as much harm wherever the others run.
    if any(target.kind not in (FailureKind.NODE, FailureKind.ZONE) for target in weighs.there.scenario.down):
        return None
    if topology_key == ZONE and len(zone_sizes(page.cluster)) < 2:
        return None
    state = _spread_state(page, topology_key) if weighs.weighs else None
    # maxSkew 1 leaves Pods Pending where the zones have no room: that would be no remedy.
    if state is None or _places(cluster_of(state), state) != _places(page.cluster, page):
        return None
    effect = weighs.effect(state)
    return (state, effect) if weighs.helps(effect) else None


def _places(cluster: Cluster, page: PageState) -> list[int]:
    """Return how many endpoints each port of the service in focus has: all must have found a node."""
    service = cluster.services.get(page.service.key) if page.service else None
    return [len(port.endpoints) for port in service.ports] if service else []


def _spread_state(page: PageState, topology_key: str) -> PageState | None:
    carriers = _carriers(page)
    for carrier, workload in carriers:
        page = with_patch(page, workload_word(workload), spread_patch(carrier, topology_key))
    return page if carriers else None


def _carriers(page: PageState) -> list[tuple[Carrier, WorkloadObject]]:
    """Return the workloads behind the service in focus whose pods the scheduler may put anywhere."""
    known = editable(page.topology).workloads
    service = page.service.key if page.service else ""
    its = next((s.carriers for s in facts_of(page).services if s.service.key == service), ())
    found = ((c, known.get(workload_word(c.subject))) for c in its if isinstance(c.subject, WorkloadObject))
    return [(carrier, workload) for carrier, workload in found if workload is not None]
