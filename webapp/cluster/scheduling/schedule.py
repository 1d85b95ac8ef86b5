"""The schedule: nodes and the pods on them, and where kube-scheduler's default profile would put further pods.

Left out: volumes, dynamic resources, image locality (scores 0 for all), extenders, other profiles
(`schedulerName` isn't looked at), and that on more than 100 nodes the real scheduler stops looking once it has found
enough (percentageOfNodesToScore).
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import NamedTuple

from webapp.cluster.model import Node, Pod, PodKey, Service
from webapp.cluster.order import natural
from webapp.cluster.scheduling.batch import Batch, Shelf, unschedulable
from webapp.cluster.scheduling.budgets import Replicas
from webapp.cluster.scheduling.daemonset import daemon_spec, is_daemon
from webapp.cluster.scheduling.kubelet import admission_failures
from webapp.cluster.scheduling.nodes import Nodes, NodeState
from webapp.cluster.scheduling.placed import PlacedPods
from webapp.cluster.scheduling.preemption import Allowances, Binding, Candidate, Preemptor
from webapp.cluster.scheduling.priority import Priorities
from webapp.cluster.scheduling.services import ServiceSelectors
from webapp.cluster.scheduling.survey import Survey
from webapp.cluster.scheduling.template import Load, Template, load_key, load_of, template_of
from webapp.cluster.scheduling.verdict import NOT_NAMED
from webapp.manifests.objects import NamespaceObject, PodDisruptionBudgetObject

_OVER = ("Succeeded", "Failed")


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a pod goes, or why it goes nowhere."""

    node: str | None
    message: str = ""
    """In the words of ``kubectl describe pod``, without the half about preemption; empty where there is a node."""
    rejected: str = ""
    """Why the node's kubelet fails the pod, which went past the scheduler; empty where it runs."""
    victims: tuple[Pod, ...] = ()
    """The pods of lower priority that it preempts: they no longer count."""


class _Turn(NamedTuple):
    """Pods whose turn comes together."""

    key: tuple[object, ...]
    template: Template | None
    """None for pods that a DaemonSet has tied to their nodes."""
    indices: list[int]


class Schedule:
    """Nodes and the pods on them. Assumed nodes take anything, up to the kubelet's default of 110 pods.

    Pods that stand in for others, which run somewhere already, take no room.
    """

    def __init__(
        self,
        nodes: Iterable[Node],
        pods: Iterable[Pod] = (),
        namespaces: Iterable[NamespaceObject] = (),
        services: Iterable[Service] = (),
        *,
        priorities: Priorities | None = None,
        budgets: Iterable[PodDisruptionBudgetObject] = (),
        replicas: Replicas | None = None,
    ) -> None:
        self._nodes = Nodes(nodes)
        self._placed = PlacedPods({n.metadata.name: n.metadata.labels for n in namespaces})
        self._services = ServiceSelectors(services)
        self._priorities = priorities or Priorities()
        self._budgets, self._replicas = tuple(budgets), replicas or {}
        self._bindings: dict[PodKey, Binding] = {}
        self._bound: dict[str, dict[PodKey, Binding]] | None = None
        """The same by node; None until somebody wants to preempt."""
        self._numbers: Counter[int] = Counter()
        """How many of them have each priority."""
        self._allowances: Allowances | None = None
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

        Those that have a node (``spec.nodeName``) go to it first: the scheduler never sees them, and the kubelet admits
        or fails them. The others are placed one after another, each on a feasible node with the highest score. Where
        several have it, the one with the fewest pods of the same workload gets the pod, then with the fewest pods, then
        the first in natural order of the names: that stands in for the scheduler's random choice (to 1.34) or its list
        order (since 1.35). Higher priority goes first, then the pods of DaemonSets (see :meth:`place_daemons`), then
        larger requests, then the order of names; so the order of `pods` changes nothing. It stands in for the order of
        creation, which manifests don't tell. A pod that fits nowhere preempts others of lower priority if that helps
        (Kubernetes, "Pod Priority and Preemption").
        """
        self._allowances = None
        found: dict[int, Placement] = {}
        waiting: dict[tuple[object, ...], list[int]] = defaultdict(list)
        bound: list[int] = []
        daemons: dict[int, list[int]] = defaultdict(list)
        for index, pod in enumerate(pods):
            if is_daemon(pod):
                daemons[self._priority(pod)].append(index)
            elif pod.node or pod.spec.node_name:
                bound.append(index)
            elif pod.spec.scheduling_gates:
                gates = " ".join(gate.name for gate in pod.spec.scheduling_gates)
                found[index] = Placement(None, f"waiting for scheduling gates: [{gates}]")
            else:
                waiting[(id(pod.spec), id(pod.labels), pod.namespace, pod.owner)].append(index)
        for index in sorted(bound, key=lambda index: natural(pods[index].key)):
            found[index] = self._admit(pods[index])
        for turn in self._in_turn(waiting.values(), daemons, pods):
            its = [pods[index] for index in turn.indices]
            placements = self._run(turn.template, its) if turn.template else self.place_daemons(its)
            found.update(zip(turn.indices, placements, strict=True))
        return tuple(found[index] for index in range(len(pods)))

    def place_daemons(self, pods: Sequence[Pod]) -> tuple[Placement, ...]:
        """Return which of a DaemonSet's pods fit on their nodes (`pod.node`), and put these there.

        Rule: the controller makes a pod for each node of :func:`daemonset_nodes` and ties it to that one by node
        affinity on its name; the scheduler then filters just that node. A pod that does not fit stays pending.
        """
        found: list[Placement] = []
        survey: Survey | None = None
        for before, pod in zip((None, *pods), pods, strict=False):
            if survey is None or before is None or before.spec is not pod.spec or before.labels is not pod.labels:
                survey = self._survey(replace(pod, node=None, spec=daemon_spec(pod.spec)))
            found.append(self._place_daemon(pod, survey))
            if found[-1].victims:
                survey = None
        return tuple(found)

    def _place_daemon(self, pod: Pod, survey: Survey) -> Placement:
        state = self._nodes.by_name.get(pod.node or "")
        others = len(self._nodes.states) - (state is not None)
        reasons = survey.first_reasons(state) if state else ()
        victims: tuple[Pod, ...] = ()
        if state is not None and reasons and (preemptor := self._preemptor(survey, pod, (state,))):
            candidate = preemptor.best()
            victims = self._evict(candidate) if candidate else ()
        if state is None or (reasons and not victims):
            counted = {**dict.fromkeys(reasons, 1), **({NOT_NAMED: others} if others else {})}
            return Placement(None, unschedulable(counted, len(self._nodes.states)))
        self._bind(pod, state.name)
        survey.placed(state)
        return Placement(state.name, victims=victims)

    def _admit(self, pod: Pod) -> Placement:
        """Return what the kubelet makes of a pod that has its node, and put it there if it is admitted."""
        node = pod.node or pod.spec.node_name or ""
        state = self._nodes.by_name.get(node)
        failures = admission_failures(pod, self._load(pod), state) if state and pod.phase not in _OVER else ()
        if failures:
            return Placement(node, rejected=failures[0])
        self._bind(pod, node)
        return Placement(node)

    def _in_turn(
        self, alike: Iterable[list[int]], daemons: Mapping[int, list[int]], pods: Sequence[Pod]
    ) -> list[_Turn]:
        waiting: dict[Template, list[int]] = defaultdict(list)
        for indices in alike:
            waiting[self._template(pods[indices[0]])] += indices

        def key(template: Template, indices: Sequence[int]) -> tuple[object, ...]:
            pod, load = template.pod, template.load
            amounts = load.requests.amounts
            owner = (pod.owner.kind, natural(pod.owner.name)) if pod.owner else ("", ())
            return (
                -self._priority(pod),
                True,
                [-amounts.get(name, 0) for name in ("cpu", "memory")],
                load.key,
                sorted(template.keys(frozenset(), hosts_unique=self._nodes.hosts_unique)),
                natural(pod.namespace),
                owner,
                _by_length(pods[indices[0]].name),
            )

        turns = [_Turn((-priority, False), None, indices) for priority, indices in daemons.items()]
        for template, indices in waiting.items():
            ordered = sorted(indices, key=lambda index: _by_length(pods[index].name))
            turns.append(_Turn(key(template, ordered), template, ordered))
        return sorted(turns, key=lambda turn: turn.key)

    def _run(self, template: Template, pods: Sequence[Pod]) -> Iterator[Placement]:
        """Yield where the template's pods go, while putting them there."""
        done = 0
        while done < len(pods):
            placed, message = self._fill(template, pods, done)
            yield from placed
            done += len(placed)
            preempting = self._preempt(template, pods, done) if message else []
            yield from preempting
            done += len(preempting)
            if message and not preempting:
                # Nothing changes between two pods that are alike, so no further one fits anywhere either.
                yield from (Placement(None, message) for _ in pods[done:])
                return

    def _fill(self, template: Template, pods: Sequence[Pod], start: int) -> tuple[list[Placement], str]:
        """Place pods as long as they fit; return where they go, and why the next one fits nowhere."""
        survey = Survey(template, self._nodes, self._placed)
        batch = Batch(survey, self._shelf_for(survey))
        group, priority = self._placed.group_of(template.pod), self._priority(template.pod)
        placed: list[Placement] = []
        for pod in islice(pods, start, None):
            state = batch.best()
            if state is None:
                break
            self._enter(pod, Binding(pod, state, template.load, group, priority))
            batch.placed(state)
            placed.append(Placement(state.name))
        message = batch.message() if start + len(placed) < len(pods) else ""
        batch.close()
        return placed, message

    # --- preempting ---------------------------------------------------------------------------------------------------

    def _preempt(self, template: Template, pods: Sequence[Pod], start: int) -> list[Placement]:
        """Place pods that fit nowhere by taking others away, one at a time; return where they go.

        Where pods on other nodes count, one is enough: then all nodes are looked at again.
        """
        survey = Survey(template, self._nodes, self._placed)
        preemptor = self._preemptor(survey, template.pod, self._nodes.states)
        if preemptor is None:
            return []
        group, priority = self._placed.group_of(template.pod), self._priority(template.pod)
        placed: list[Placement] = []
        state: NodeState | None = None
        for pod in islice(pods, start, None):
            victims: tuple[Pod, ...] = ()
            if state is None or not preemptor.fits(state):
                if state is not None:
                    preemptor.changed(state)
                if (candidate := preemptor.best()) is None:
                    break
                state, victims = candidate.state, self._evict(candidate)
            self._enter(pod, Binding(pod, state, template.load, group, priority))
            self._reshelve(state)
            placed.append(Placement(state.name, victims=victims))
            if preemptor.depends_on_others:
                break
        return placed

    def _preemptor(self, survey: Survey, pod: Pod, states: Sequence[NodeState]) -> Preemptor | None:
        """Return who finds the pods that would have to go, None where none is of lower priority or it may not."""
        priority = self._priorities.of(pod.spec)
        if not priority.preempts or not any(self._numbers[one] and one < priority.value for one in self._numbers):
            return None
        if self._bound is None:
            self._bound = defaultdict(dict)
            for key, binding in self._bindings.items():
                self._bound[binding.state.name][key] = binding
        if self._allowances is None:
            self._allowances = Allowances(self._budgets, self._replicas, self._bindings.values(), self._placed)
        return Preemptor(survey, priority.value, states, self._bound, self._allowances)

    def _evict(self, candidate: Candidate) -> tuple[Pod, ...]:
        if self._allowances is not None:
            self._allowances.spend(candidate.victims)
        for victim in candidate.victims:
            self.remove(victim.pod)
        return tuple(victim.pod for victim in candidate.victims)

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
            if self._bound is not None:
                del self._bound[bound.state.name][pod.key]
            self._reshelve(bound.state)

    def _bind(self, pod: Pod, node: str) -> None:
        state = self._nodes.by_name.get(node)
        if state is not None and pod.phase not in _OVER and pod.key not in self._bindings:
            group = self._placed.group_of(pod)
            self._enter(pod, Binding(pod, state, self._load(pod), group, self._priority(pod)))
            self._reshelve(state)

    def _reshelve(self, state: NodeState) -> None:
        if self._shelf is not None:
            self._shelf.refresh(state)
            self._shelf.put_back(state)

    def _enter(self, pod: Pod, bound: Binding) -> None:
        self._bindings[pod.key] = bound
        if self._bound is not None:
            self._bound[bound.state.name][pod.key] = bound
        self._count(bound, 1)

    def _count(self, bound: Binding, change: int) -> None:
        bound.enter(change)
        bound.group.add(bound.state.name, change, terminating=bound.pod.terminating)
        self._numbers[bound.priority] += change

    def _priority(self, pod: Pod) -> int:
        return self._priorities.of(pod.spec).value

    def _survey(self, pod: Pod) -> Survey:
        return Survey(self._template(pod), self._nodes, self._placed)

    def _load(self, pod: Pod) -> Load:
        """Return what the pod takes, worked out once for all specs that ask for the same."""
        key = load_key(pod.spec), pod.stand_in
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
