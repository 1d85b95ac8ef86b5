"""The panel's "Change it": edits of the service in focus and of what is selected, each with what it would give."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import count, islice

from flask import Blueprint

from webapp.cluster.model import Cluster
from webapp.cluster.pods import ref_of, replicas
from webapp.cluster.rescaling import workload_word
from webapp.failure.edit_words import MAX_REPLICAS
from webapp.failure.kinds import FailureKind, TargetType
from webapp.findings.facts import Carrier
from webapp.findings.placement import spread_patch
from webapp.findings.remedy import patch
from webapp.manifests.objects import NodeSpec, WorkloadObject
from webapp.manifests.plain import plain_object
from webapp.manifests.well_known_labels import HOSTNAME, ZONE
from webapp.numbers import everything
from webapp.views.page.edits import (
    MOST_PODS_ASKED,
    AnsweredShare,
    answered,
    cluster_of,
    editable,
    is_small,
    url_with_edits,
    with_edits,
    with_patch,
    with_policy,
    with_replicas,
)
from webapp.views.page.findings import facts_of
from webapp.views.page.listing import Choice
from webapp.views.page.query import EFFECTS, QueryForm
from webapp.views.page.simulation import PortSimulation
from webapp.views.page.state import PageState, is_exposed, zone_sizes

blueprint = Blueprint("change", __name__)

MAX_WORKLOADS = 6
MOST_LISTED = 100
"""Nodes of a list to choose from; with more the name is typed."""
# Shares are sums of fractions: a difference below this is rounding.
_NOISE = 1e-9


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
    effect: AnsweredShare | None
    """Of one more."""


@dataclass(frozen=True, slots=True)
class PolicySwitch:
    """The service's externalTrafficPolicy, and what the other one would give."""

    choices: tuple[Choice, ...]
    other: str
    effect: AnsweredShare | None


@dataclass(frozen=True, slots=True)
class Remedy:
    """Something to change at once."""

    title: str
    detail: str
    url: str
    effect: AnsweredShare | None
    patch: str = ""


@dataclass(frozen=True, slots=True)
class NodeControls:
    """What can be done to the selected node."""

    name: str
    cordon_url: str
    """Empty where it is cordoned by the upload."""
    is_cordoned: bool
    taint_field: str
    another: str
    """What another node like it would be called; empty where nodes are counted, which has its own stepper."""
    another_url: str


@dataclass(frozen=True, slots=True)
class PodControls:
    """Where the selected pod can be moved."""

    name: str
    field: str
    node: str
    nodes: tuple[str, ...]
    """Empty where there are too many for a list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PossibleChanges:
    """All that can be changed from here."""

    now: AnsweredShare | None
    form: QueryForm
    """Hidden fields for every form of it."""
    steppers: tuple[ReplicaStepper, ...]
    policy: PolicySwitch | None
    remedies: tuple[Remedy, ...]
    node: NodeControls | None
    pod: PodControls | None
    effects_url: str = ""
    """The same with what each would give, where that has to be asked for."""

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to change."""
        return not (self.steppers or self.policy or self.remedies or self.node or self.pod)


@blueprint.app_template_global("change_of")
def change_of(page: PageState) -> PossibleChanges:
    """Return what can be changed in this state, each with what it would give if that is quickly told."""
    form, node, pod = page.form("what-if"), _node(page), _pod(page)
    if page.whole:
        return PossibleChanges(now=None, form=form, steppers=(), policy=None, remedies=(), node=node, pod=pod)
    simulation = PortSimulation(page)
    now = simulation.now.answered(page.scenario.via)
    asked = EFFECTS.asked() and is_small(page, MOST_PODS_ASKED)
    weighs = _Weighing(page, now, weighs=bool(asked) or is_small(page))
    return PossibleChanges(
        now=AnsweredShare.of(now) if weighs.failed else None,
        form=form,
        steppers=tuple(_steppers(weighs)),
        policy=_policy(weighs),
        remedies=tuple(_remedies(weighs, simulation)),
        node=node,
        pod=pod,
        effects_url=page.url(effects="shown") if weighs.failed and weighs.can_be_asked else "",
    )


@dataclass(frozen=True, slots=True)
class _Weighing:
    """What is answered now, and in other states."""

    page: PageState
    now: float | None
    weighs: bool
    """Whether other clusters may be built."""

    @property
    def can_be_asked(self) -> bool:
        """Whether there is more to say for those who wait for it."""
        return not self.weighs and is_small(self.page, MOST_PODS_ASKED)

    @property
    def failed(self) -> bool:
        """Whether something is lost: while all is well, no number is worth the room but that of a loss."""
        return self.now is not None and not everything(self.now)

    def effect(self, page: PageState) -> AnsweredShare | None:
        """Return what another state would give; None where that takes long."""
        return AnsweredShare.of(answered(page)) if self.weighs else None

    def effect_if_failed(self, page: PageState) -> AnsweredShare | None:
        return self.effect(page) if self.failed else None


# --- replicas and policy ----------------------------------------------------------------------------------------------


def _steppers(weighs: _Weighing) -> Iterator[ReplicaStepper]:
    page = weighs.page
    its = tuple(islice(_workloads_behind(page), MAX_WORKLOADS))
    for workload in its:
        word = workload_word(workload)
        bounds = editable(page.topology).bounds.get(ref_of(workload))
        now = page.cluster.workload_replicas.get(ref_of(workload), replicas(workload))
        more = with_replicas(page, word, min(now + 1, MAX_REPLICAS))
        yield ReplicaStepper(
            label="Replicas" if len(its) == 1 else f"Replicas of {workload.metadata.name}",
            limits=f"{bounds.least} to {bounds.most}, {bounds.names}" if bounds and bounds.agree else "",
            field=f"replicas/{word}",
            now=now,
            most=MAX_REPLICAS,
            fewer_url=url_with_edits(with_replicas(page, word, now - 1)) if now else "",
            more_url=url_with_edits(more),
            effect=weighs.effect_if_failed(more),
        )


def _workloads_behind(page: PageState) -> Iterator[WorkloadObject]:
    service = page.service
    if service is None or not service.selector:
        return
    for workload in editable(page.topology).by_namespace.get(service.namespace, ()):
        template = workload.spec.template
        if template is not None and service.selector.items() <= template.metadata.labels.items():
            yield workload


def _policy(weighs: _Weighing) -> PolicySwitch | None:
    page, service = weighs.page, weighs.page.service
    if service is None or service.key not in editable(page.topology).services:
        return None
    if not (service.external_traffic_policy or is_exposed(service)):
        return None
    now = service.external_traffic_policy or "Cluster"
    states = {policy: with_policy(page, service.key, policy) for policy in ("Cluster", "Local")}
    other = "Local" if now == "Cluster" else "Cluster"
    effect = weighs.effect(states[other])
    if effect and weighs.now is not None and not weighs.failed and abs(effect.share - weighs.now) < _NOISE:
        effect = None
    choices = (Choice(policy, url_with_edits(state), policy == now) for policy, state in states.items())
    return PolicySwitch(tuple(choices), other, effect)


# --- remedies ---------------------------------------------------------------------------------------------------------


def _remedies(weighs: _Weighing, simulation: PortSimulation) -> Iterator[Remedy]:
    """Yield what would answer more new connections than now; nothing where nothing is down or nothing is lost."""
    page = weighs.page
    if not page.scenario.down or not weighs.failed:
        return
    lb = simulation.now.lb
    spreads = {key: found for key in (HOSTNAME, ZONE) if (found := _spread(weighs, key)) and _helps(weighs, found)}
    if len(spreads) == 2 and not _more(spreads[ZONE].effect, spreads[HOSTNAME].effect):
        # Pods on different nodes are what also helps against the loss of another node.
        del spreads[ZONE]
    yield from spreads.values()
    if page.scenario.via != "lb":
        instead = "checks the node IPs" if page.scenario.via == "dns" else "instead of one node IP"
        balanced = Remedy("Load balancer", instead, page.via("lb").url(), AnsweredShare.of(lb))
        if _helps(weighs, balanced):
            yield balanced
            yield from _both(weighs, spreads, lb or 0.0)


def _helps(weighs: _Weighing, remedy: Remedy) -> bool:
    """Return whether a remedy gives more than there is; one that can't be weighed may."""
    return remedy.effect is None or remedy.effect.share > (weighs.now or 0.0) + _NOISE


def _more(one: AnsweredShare | None, other: AnsweredShare | None) -> bool:
    return (one.share if one else 0.0) > (other.share if other else 0.0) + _NOISE


def _both(weighs: _Weighing, spreads: Mapping[str, Remedy], lb: float) -> Iterator[Remedy]:
    """Yield the load balancer together with pods spread out, if that gives more than either."""
    for key, spread in reversed(list(spreads.items())):
        both = _spread_state(weighs.page.via("lb"), key)
        effect = weighs.effect(both) if both else None
        if both and effect and effect.share > max(lb, spread.effect.share if spread.effect else 0.0) + _NOISE:
            yield Remedy("Both of these", "a load balancer, and pods spread out", url_with_edits(both), effect)
            return


def _spread(weighs: _Weighing, topology_key: str) -> Remedy | None:
    """Return the pods of the service spread out; None where that is not a remedy."""
    page = weighs.page
    # A Pod that hangs, or a kube-proxy that is down, does as much harm wherever the others run.
    if any(target.kind not in (FailureKind.NODE, FailureKind.ZONE) for target in page.scenario.down):
        return None
    is_zone = topology_key == ZONE
    if is_zone and len(zone_sizes(page.cluster)) < 2:
        return None
    state = _spread_state(page, topology_key) if weighs.weighs else None
    # maxSkew 1 leaves Pods Pending where the zones have no room: that would be no remedy.
    if state is None or _places(cluster_of(state), state) != _places(page.cluster, page):
        return None
    patches = (patch(workload, spread_patch(c, topology_key)) for c, workload in _carriers(page))
    title = "Spread over zones" if is_zone else "One pod per node"
    return Remedy(title, "topology spread", url_with_edits(state), weighs.effect(state), "---\n".join(patches))


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


# --- nodes and pods ---------------------------------------------------------------------------------------------------


def _node(page: PageState) -> NodeControls | None:
    target = page.selected
    if target is None or target.mode.subject is not TargetType.NODE:
        return None
    name, edits = target.name, page.options.edits
    others = tuple(each for each in edits.cordons if each != name)
    by_edit = name in edits.cordons
    cordons = others if by_edit else (*others, name)
    given = page.cluster.nodes[name].unschedulable and not by_edit
    url = "" if given else url_with_edits(with_edits(page, cordons=tuple(sorted(cordons))))
    another, with_another = _another(page, name)
    return NodeControls(name, url, by_edit or given, f"taint/{name}", another, with_another)


def _another(page: PageState, name: str) -> tuple[str, str]:
    """Return the name of one more node like a given one, without an address, and the state that has it."""
    given = next((node for node in page.topology.manifests.nodes if node.metadata.name == name), None)
    if given is None:
        return "", ""
    stem, _, number = name.rpartition("-")
    named = f"{stem}-" if stem and number.isdecimal() else f"{name}-"
    new = next(f"{named}{at}" for at in count(2) if f"{named}{at}" not in page.cluster.nodes)
    labels = {**given.metadata.labels, HOSTNAME: new}
    taints = plain_object(replace(given, spec=NodeSpec(taints=given.spec.taints))).get("spec", {})
    status = {"allocatable": dict(given.status.allocatable)} if given.status.allocatable else {}
    content = {"apiVersion": "v1", "metadata": {"labels": labels}, "spec": taints, "status": status}
    return new, url_with_edits(with_patch(page, f"Node/{new}", {key: value for key, value in content.items() if value}))


def _pod(page: PageState) -> PodControls | None:
    target = page.selected
    if target is None or target.mode.subject is not TargetType.POD:
        return None
    pod = page.cluster.pods.get(target.name)
    if pod is None:
        return None
    names = tuple(page.cluster.nodes) if len(page.cluster.nodes) <= MOST_LISTED else ()
    return PodControls(pod.key, f"move/{pod.key}", pod.node or "", names)
