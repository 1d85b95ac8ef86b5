"""The schedule: nodes and the pods on them, and where kube-scheduler's default profile would put further pods.

Left out: volumes, dynamic resources, preemption, image locality (scores 0 for all), extenders, other profiles
(`schedulerName` isn't looked at), and that on more than 100 nodes the real scheduler stops looking once it has found
enough (percentageOfNodesToScore).
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from webapp.cluster.model import Node, Pod, PodKey, Service
from webapp.cluster.order import natural
from webapp.cluster.scheduling.batch import Batch, Shelf, unschedulable
from webapp.cluster.scheduling.daemonset import daemon_spec
from webapp.cluster.scheduling.nodes import Nodes, NodeState
from webapp.cluster.scheduling.placed import PlacedPods, PodGroup
from webapp.cluster.scheduling.services import ServiceSelectors
from webapp.cluster.scheduling.survey import Survey
from webapp.cluster.scheduling.template import Load, Template, load_key, load_of, template_of
from webapp.cluster.scheduling.verdict import NOT_NAMED
from webapp.manifests.objects import NamespaceObject, PodSpec

_OVER = ("Succeeded", "Failed")
_BUILT_IN_PRIORITIES = {"system-node-critical": 2_000_001_000, "system-cluster-critical": 2_000_000_000}


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a pod goes, or why it goes nowhere."""

    node: str | None
    message: str = ""
    """In the words of ``kubectl describe pod``, without the half about preemption; empty where there is a node."""


class _Binding(NamedTuple):
    state: NodeState
    load: Load
    group: PodGroup
    terminating: bool


class Schedule:
    """Nodes and the pods on them. Assumed nodes take anything, up to the kubelet's default of 110 pods."""

    def __init__(
        self,
        nodes: Iterable[Node],
        pods: Iterable[Pod] = (),
        namespaces: Iterable[NamespaceObject] = (),
        services: Iterable[Service] = (),
    ) -> None:
        self._nodes = Nodes(nodes)
        self._placed = PlacedPods({n.metadata.name: n.metadata.labels for n in namespaces})
        self._services = ServiceSelectors(services)
        self._bindings: dict[PodKey, _Binding] = {}
        self._loads: dict[object, Load] = {}
        self._templates: dict[object, Template] = {}
        self._shelf: Shelf | None = None
        for pod in pods:
            self.add(pod)

    # --- asking -------------------------------------------------------------------------------------------------------

    def feasible(self, pod: Pod) -> dict[str, tuple[str, ...]]:
        """Return for each node why the pod must not go there: the first refusing plugin's reasons; empty = it may.

        Rule: "Scheduler Configuration", default plugins, in the order NodeUnschedulable, NodeName, TaintToleration,
        NodeAffinity, NodePorts, NodeResourcesFit, PodTopologySpread, InterPodAffinity.
        """
        survey = self._survey(pod)
        return {state.name: survey.first_reasons(state) for state in self._nodes.states}

    def reasons_by_plugin(self, pod: Pod) -> dict[str, dict[str, tuple[str, ...]]]:
        """Return for each node the reasons of every plugin that refuses it when asked alone."""
        survey = self._survey(pod)
        return {state.name: survey.refusals(state) for state in self._nodes.states}

    def scores(self, pod: Pod, nodes: Iterable[str] | None = None) -> dict[str, int]:
        """Return the total score of the nodes, all feasible ones if none are given; the highest gets the pod.

        Scores only mean something among the nodes they were asked for: most plugins measure these against each other.
        """
        survey = self._survey(pod)
        chosen = set(nodes) if nodes is not None else None
        states = [
            state
            for state in self._nodes.states
            if (state.name in chosen if chosen is not None else not survey.first_reasons(state))
        ]
        totals, requests = survey.totals(states), survey.template.load.requests
        return {s.name: total + s.capacity.score(requests) for s, total in zip(states, totals, strict=True)}

    def message(self, pod: Pod) -> str:
        """Return why the pod fits on no node, as ``kubectl describe pod`` puts it; empty if it fits on one."""
        reasons = self.feasible(pod).values()
        if reasons and not all(reasons):
            return ""
        return unschedulable(Counter(reason for found in reasons for reason in found), len(reasons))

    # --- placing ------------------------------------------------------------------------------------------------------

    def place(self, pod: Pod) -> Placement:
        """Return where the pod goes, and put it there; see :meth:`place_many`."""
        return self.place_many((pod,))[0]

    def place_many(self, pods: Sequence[Pod]) -> tuple[Placement, ...]:
        """Return where the pods go, in their order, and put them there.

        Those that have a node (``spec.nodeName``) just get it: the scheduler never sees them. The others are placed one
        after another, each on a feasible node with the highest score. Where several have it, the one with the fewest
        pods of the same workload gets the pod, then with the fewest pods, then the first in natural order of the names:
        that stands in for the scheduler's random choice (to 1.34) or its list order (since 1.35). Higher priority goes
        first, then larger requests, then the order of names; so the order of `pods` changes nothing. It stands in
        for the order of creation, which manifests don't tell.
        """
        found: dict[int, Placement] = {}
        waiting: dict[tuple[object, ...], list[int]] = defaultdict(list)
        for index, pod in enumerate(pods):
            settled = self._settled(pod)
            if settled is None:
                waiting[(id(pod.spec), id(pod.labels), pod.namespace, pod.owner)].append(index)
            else:
                found[index] = settled
        for template, indices in self._in_turn(waiting.values(), pods):
            ordered = sorted(indices, key=lambda index: _by_length(pods[index].name))
            placements = self._run(template, [pods[index] for index in ordered])
            found.update(zip(ordered, placements, strict=True))
        return tuple(found[index] for index in range(len(pods)))

    def place_daemons(self, pods: Sequence[Pod]) -> tuple[Placement, ...]:
        """Return which of a DaemonSet's pods fit on their nodes (`pod.node`), and put these there.

        Rule: the controller makes a pod for each node of :func:`daemonset_nodes` and ties it to that one by node
        affinity on its name; the scheduler then filters just that node. A pod that does not fit stays pending.
        """
        found: list[Placement] = []
        for before, pod in zip((None, *pods), pods, strict=False):
            if before is None or before.spec is not pod.spec or before.labels is not pod.labels:
                survey = self._survey(replace(pod, node=None, spec=daemon_spec(pod.spec)))
            found.append(self._place_daemon(pod, survey))
        return tuple(found)

    def _place_daemon(self, pod: Pod, survey: Survey) -> Placement:
        state = self._nodes.by_name.get(pod.node or "")
        others = len(self._nodes.states) - (state is not None)
        reasons = survey.first_reasons(state) if state else ()
        if state is None or reasons:
            counted = {**dict.fromkeys(reasons, 1), **({NOT_NAMED: others} if others else {})}
            return Placement(None, unschedulable(counted, len(self._nodes.states)))
        self._bind(pod, state.name)
        survey.placed(state)
        return Placement(state.name)

    def _settled(self, pod: Pod) -> Placement | None:
        node = pod.node or pod.spec.node_name
        if node:
            self._bind(pod, node)
            return Placement(node)
        gates = " ".join(gate.name for gate in pod.spec.scheduling_gates)
        return Placement(None, f"waiting for scheduling gates: [{gates}]") if gates else None

    def _in_turn(self, alike: Iterable[list[int]], pods: Sequence[Pod]) -> Iterator[tuple[Template, list[int]]]:
        waiting: dict[Template, list[int]] = defaultdict(list)
        for indices in alike:
            waiting[self._template(pods[indices[0]])] += indices

        def turn(item: tuple[Template, list[int]]) -> tuple[object, ...]:
            template, indices = item
            pod, load = template.pod, template.load
            amounts = load.requests.amounts
            owner = (pod.owner.kind, natural(pod.owner.name)) if pod.owner else ("", ())
            return (
                -_priority(pod.spec),
                [-amounts.get(name, 0) for name in ("cpu", "memory")],
                load.key,
                sorted(template.keys(frozenset(), hosts_unique=self._nodes.hosts_unique)),
                natural(pod.namespace),
                owner,
                min(_by_length(pods[index].name) for index in indices),
            )

        yield from sorted(waiting.items(), key=turn)

    def _run(self, template: Template, pods: Sequence[Pod]) -> Iterator[Placement]:
        """Yield where the template's pods go, while putting them there."""
        survey = Survey(template, self._nodes, self._placed)
        batch = Batch(survey, self._shelf_for(survey))
        group, message = self._placed.group_of(template.pod), ""
        for pod in pods:
            state = None if message else batch.best()
            if state is None:
                # Nothing changes between two pods that are alike, so the second fits nowhere, too.
                message = message or batch.message()
                yield Placement(None, message)
            else:
                self._enter(pod, _Binding(state, template.load, group, pod.terminating))
                batch.placed(state)
                yield Placement(state.name)
        batch.close()

    def _shelf_for(self, survey: Survey) -> Shelf:
        shelf, load = self._shelf, survey.template.load
        if shelf is None or shelf.keys != survey.keys or shelf.load.key != load.key:
            shelf = self._shelf = Shelf(self._nodes, survey.keys, load)
        return shelf

    # --- keeping count ------------------------------------------------------------------------------------------------

    def add(self, pod: Pod) -> None:
        """Count a pod on its node; one that has finished, has no node or is there already changes nothing."""
        node = pod.node or pod.spec.node_name
        if node:
            self._bind(pod, node)

    def remove(self, pod: Pod) -> None:
        """Give back what the pod took."""
        bound = self._bindings.pop(pod.key, None)
        if bound is not None:
            self._count(bound, -1)
            self._reshelve(bound.state)

    def _bind(self, pod: Pod, node: str) -> None:
        state = self._nodes.by_name.get(node)
        if state is not None and pod.phase not in _OVER and pod.key not in self._bindings:
            group = self._placed.group_of(pod)
            self._enter(pod, _Binding(state, self._load(pod), group, pod.terminating))
            self._reshelve(state)

    def _reshelve(self, state: NodeState) -> None:
        if self._shelf is not None:
            self._shelf.refresh(state)
            self._shelf.put_back(state)

    def _enter(self, pod: Pod, bound: _Binding) -> None:
        self._bindings[pod.key] = bound
        self._count(bound, 1)

    @staticmethod
    def _count(bound: _Binding, change: int) -> None:
        state = bound.state
        state.capacity.add(bound.load.requests, change)
        state.occupy(bound.load.ports, change)
        bound.group.add(state.name, change, terminating=bound.terminating)

    def _survey(self, pod: Pod) -> Survey:
        return Survey(self._template(pod), self._nodes, self._placed)

    def _load(self, pod: Pod) -> Load:
        """Return what the pod takes, worked out once for all specs that ask for the same."""
        key = load_key(pod.spec)
        load = self._loads.get(key)
        if load is None:
            load = self._loads[key] = load_of(pod)
        return load

    def _template(self, pod: Pod) -> Template:
        key = (id(pod.spec), pod.namespace, pod.owner, frozenset(pod.labels.items()))
        template = self._templates.get(key)
        if template is None:
            template = self._templates[key] = template_of(pod, self._load(pod), self._services.labels_for(pod))
        return template


def _by_length(name: str) -> tuple[int, str]:
    """Return a sort key that puts web-2 before web-10, cheaper than the natural one."""
    return len(name), name


def _priority(spec: PodSpec) -> int:
    """Return the pod's priority, which admission has resolved in a dump; of class names only the built-in are known."""
    return spec.priority or _BUILT_IN_PRIORITIES.get(spec.priority_class_name or "", 0)
