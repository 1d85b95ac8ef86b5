"""The scheduler: nodes and the pods on them, and where kube-scheduler's default profile would put further pods.

Left out: volumes, dynamic resources, image locality (scores 0 for all), extenders, other profiles
(`schedulerName` isn't looked at), and that on more than 100 nodes the real scheduler stops looking once it has found
enough (percentageOfNodesToScore).
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import islice, tee

from webapp.cluster.model import FINISHED, Node, Pod, Service
from webapp.cluster.order import natural
from webapp.cluster.replicas import PlacedReplicas, Replicas
from webapp.cluster.scheduling.batch import unschedulable
from webapp.cluster.scheduling.batches import Batches
from webapp.cluster.scheduling.bindings import Binding, Bindings, BoundTogether
from webapp.cluster.scheduling.budgets import WantedReplicas
from webapp.cluster.scheduling.cycle import SchedulingCycle
from webapp.cluster.scheduling.daemonset import daemon_spec, is_daemon
from webapp.cluster.scheduling.kubelet import admission_failures
from webapp.cluster.scheduling.nodes import NodeInfo, Snapshot
from webapp.cluster.scheduling.placed import PlacedPods, PodClass
from webapp.cluster.scheduling.placement import PlacedTemplate, Placement
from webapp.cluster.scheduling.preemption import Candidate, DisruptionsAllowed, Preemptor
from webapp.cluster.scheduling.priority import Priorities
from webapp.cluster.scheduling.queue import QueuedPods, by_length, daemons_key, queue_key, workloads_of
from webapp.cluster.scheduling.resource_orders import ResourceOrders
from webapp.cluster.scheduling.services import ServiceSelectors
from webapp.cluster.scheduling.static_filters import NOT_NAMED
from webapp.cluster.scheduling.template import PodResources, Template, pod_resources_key, pod_resources_of
from webapp.manifests.objects import NamespaceObject, PodDisruptionBudgetObject
from webapp.progress import counted_off


class Scheduler:
    """Nodes and the pods on them. Assumed nodes take anything, up to the kubelet's default of 110 pods.

    Pods that stand in for others, which run somewhere already, take no room.
    """

    def __init__(
        self,
        nodes: Iterable[Node],
        pods: Iterable[Pod | PlacedReplicas] = (),
        namespaces: Iterable[NamespaceObject] = (),
        services: Iterable[Service] = (),
        *,
        priorities: Priorities | None = None,
        budgets: Iterable[PodDisruptionBudgetObject] = (),
        replicas: WantedReplicas | None = None,
    ) -> None:
        self.snapshot = Snapshot(nodes)
        self._placed = PlacedPods({n.metadata.name: n.metadata.labels for n in namespaces})
        self._services = ServiceSelectors(services)
        self._priorities = priorities or Priorities()
        self._budgets, self._replicas = tuple(budgets), replicas or {}
        self._bound = Bindings()
        self._disruptions_allowed: DisruptionsAllowed | None = None
        self._resources_by_key: dict[object, PodResources] = {}
        self._templates: dict[object, tuple[Pod, Template]] = {}
        self._queue_keys: dict[Template, tuple[object, ...]] = {}
        self._sorts: dict[object, tuple[Pod, PodResources, PodClass, int]] = {}
        self._orders = ResourceOrders(self.snapshot)
        self._batches = Batches(self.snapshot, self._placed, self._orders)
        together: list[PlacedReplicas] = []
        for pod in pods:
            if isinstance(pod, PlacedReplicas):
                together.append(pod)
            else:
                self.add(pod)
        self.add_replicas(together)

    # --- placing ------------------------------------------------------------------------------------------------------

    def place_many(self, pods: Sequence[Pod]) -> tuple[Placement, ...]:
        """Return where the pods go, in their order, and put them there."""
        return self.place_all(pods, ())[0]

    def place_all(
        self, pods: Sequence[Pod], together: Sequence[Replicas]
    ) -> tuple[tuple[Placement, ...], tuple[PlacedTemplate, ...]]:
        """Return where single pods and replicas go, in their order, and put them there."""
        # Those that have a node (``spec.nodeName``) go to it first: the scheduler never sees them, and the kubelet
        # admits or fails them. The others are placed one after another, each on a feasible node with the highest score.
        # Where several have it, the one with the fewest pods of the same workload gets the pod, then with the fewest
        # pods, then the first in natural order of the names: that stands in for the scheduler's random choice (to 1.34)
        # or its list order (since 1.35). Higher priority goes first, then the pods of DaemonSets (see
        # :meth:`_place_daemons`), then larger requests, then the order of names; so the order of `pods` changes
        # nothing. It stands in for the order of creation, which manifests don't tell. A pod that fits nowhere preempts
        # others of lower priority if that helps (Kubernetes, "Pod Priority and Preemption").
        self._disruptions_allowed = None
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
                waiting[(id(pod.spec), id(pod.labels), pod.namespace, id(pod.owner))].append(index)
        for index in sorted(bound, key=lambda index: natural(pods[index].key)):
            found[index] = self._admit(pods[index])
        of_replicas: dict[int, PlacedTemplate] = {}
        queue = self._queue(waiting.values(), daemons, pods, together)
        for at, turn in enumerate(counted_off(queue)):
            if turn.replicas is not None and turn.template is not None:
                if turn.replicas not in of_replicas:
                    alike = self._run_alike(map(queue.__getitem__, range(at, len(queue))), together)
                    of_replicas |= alike or {turn.replicas: self._run(turn.template, together[turn.replicas])}
                continue
            its = [pods[index] for index in turn.indices]
            placements = self._run(turn.template, its) if turn.template else self._place_daemons(its)
            found.update(zip(turn.indices, placements, strict=True))
        self._orders.settle()
        placed = tuple(found[index] for index in range(len(pods)))
        return placed, tuple(of_replicas[index] for index in range(len(together)))

    def _place_daemons(self, pods: Sequence[Pod]) -> tuple[Placement, ...]:
        """Return which of a DaemonSet's pods fit on their nodes (`pod.node`), and put these there."""
        # The controller makes a pod for each node of :func:`daemonset_nodes` and ties it to that one by node affinity
        # on its name; the scheduler then filters just that node. A pod that does not fit stays pending.
        self._orders.settle()
        found: list[Placement] = []
        cycle: SchedulingCycle | None = None
        for before, pod in zip((None, *pods), pods, strict=False):
            if cycle is None or before is None or before.spec is not pod.spec or before.labels is not pod.labels:
                # The node is given, so nothing is scored: counting for that would take DaemonSets times their pods.
                alone = replace(pod, node=None, spec=daemon_spec(pod.spec))
                cycle = SchedulingCycle(self._template(alone), self.snapshot, self._placed, scores=False)
            found.append(self._place_daemon(pod, cycle))
            if found[-1].victims:
                cycle = None
        return tuple(found)

    def _place_daemon(self, pod: Pod, cycle: SchedulingCycle) -> Placement:
        node_info = self.snapshot.by_name.get(pod.node or "")
        others = len(self.snapshot.node_infos) - (node_info is not None)
        reasons = cycle.filter(node_info) if node_info else ()
        victims: tuple[Pod, ...] = ()
        if node_info is not None and reasons and (preemptor := self._preemptor(cycle, pod, (node_info,))):
            candidate = preemptor.best()
            victims = self._evict(candidate) if candidate else ()
        if node_info is None or (reasons and not victims):
            counted = {**dict.fromkeys(reasons, 1), **({NOT_NAMED: others} if others else {})}
            return Placement(None, unschedulable(counted, len(self.snapshot.node_infos)))
        self._bind(pod, node_info.name)
        cycle.add_pod(node_info, cycle.topology.class_of_node[node_info.name])
        return Placement(node_info.name, victims=victims)

    def _admit(self, pod: Pod) -> Placement:
        """Return what the kubelet makes of a pod that has its node, and put it there if it is admitted."""
        node = pod.node or pod.spec.node_name or ""
        node_info = self.snapshot.by_name.get(node)
        if node_info and pod.phase not in FINISHED:
            for failure in admission_failures(pod, self._resources(pod), node_info):
                return Placement(node, rejected=failure)
        self._bind(pod, node)
        return Placement(node)

    def _queue(
        self,
        alike: Iterable[list[int]],
        daemons: Mapping[int, list[int]],
        pods: Sequence[Pod],
        together: Sequence[Replicas],
    ) -> list[QueuedPods]:
        waiting: dict[Template, list[int]] = defaultdict(list)
        for indices in alike:
            waiting[self._template(pods[indices[0]])] += indices

        turns = [QueuedPods(daemons_key(priority), None, indices) for priority, indices in daemons.items()]
        for template, indices in waiting.items():
            ordered = sorted(indices, key=lambda index: by_length(pods[index].name)) if len(indices) > 1 else indices
            turns.append(QueuedPods(self._queue_key(template, pods[ordered[0]].name), template, ordered))
        # Workloads whose templates say the same share one spec, which the replicas keep.
        by_spec: dict[int, PodResources] = {}
        for index, replicas in enumerate(together):
            pod_resources = by_spec.get(id(replicas.pod.spec))
            if pod_resources is None:
                pod_resources = by_spec[id(replicas.pod.spec)] = self._resources(replicas.pod)
            # Of a workload of its own, so no other pods are alike.
            template = Template(replicas.pod, pod_resources, self._services)
            turns.append(QueuedPods(self._queue_key(template, replicas.pod.name), template, (), index))
        return sorted(turns, key=lambda turn: turn.key)

    def _queue_key(self, template: Template, first: str) -> tuple[object, ...]:
        """Return the sort key of the template's pods, the first of which is called so."""
        key = self._queue_keys.get(template)
        if key is None:
            priority = self._priority(template.pod)
            key = self._queue_keys[template] = queue_key(template, priority, hosts_unique=self.snapshot.hosts_unique)
        return *key, by_length(first)

    def _run(self, template: Template, pods: Sequence[Pod] | Replicas) -> PlacedTemplate:
        """Return where the template's pods go, and put them there."""
        found = PlacedTemplate()
        while (done := len(found.places)) < len(pods):
            placed, message = self._fill(template, pods, done)
            found.places += [node_info.name for node_info in placed]
            preempting = self._preempt(template, pods, len(found.places)) if message else []
            for at in preempting:
                if at.victims:
                    found.victims[len(found.places)] = at.victims
                found.places.append(at.node)
            if message and not preempting:
                # Nothing changes between two pods that are alike, so no further one fits anywhere either.
                found.message = message
                found.places += [None] * (len(pods) - len(found.places))
        return found

    def _run_alike(self, turns: Iterable[QueuedPods], together: Sequence[Replicas]) -> dict[int, PlacedTemplate]:
        """Place the replicas of the first turns at once, as far as these are alike; return where they go."""
        its, wanted = tee(workloads_of(turns))
        nodes, message = self._batches.place_alike((template, len(together[at])) for template, at in wanted)
        found: dict[int, PlacedTemplate] = {}
        for (template, at), placed in zip(its, nodes, strict=False):
            if message and self._may_preempt(template.pod):
                break
            places: list[str | None] = [node_info.name for node_info in placed]
            none = len(together[at]) - len(places)
            found[at] = PlacedTemplate(places + [None] * none, message if none else "")
            if placed:
                self._list_replicas(template, together[at], placed)
        return found

    def _list_replicas(self, template: Template, replicas: Replicas, placed: Sequence[NodeInfo]) -> None:
        pod_class, priority = self._placed.class_of(template.pod), self._priority(template.pod)
        self._list_together(BoundTogether(replicas, placed, template.pod_resources, pod_class, priority))

    def _fill(self, template: Template, pods: Sequence[Pod] | Replicas, start: int) -> tuple[list[NodeInfo], str]:
        """Place pods as long as they fit; return where they go, and why the next one fits nowhere."""
        batch = self._batches.of(template)
        placed = batch.place(len(pods) - start)
        end = start + len(placed)
        if isinstance(pods, Replicas):
            self._list_replicas(template, pods[start:end], placed)
        else:
            its, (_, pod_class, priority) = pods[start:end], self._sort_of(template.pod)
            for pod, node_info in zip(its, placed, strict=True):
                self._bound.add(Binding(pod, node_info, template.pod_resources, pod_class, priority))
            pod_class.add_all([node_info.name for node_info in placed])
            pod_class.let_go(at.name for pod, at in zip(its, placed, strict=True) if pod.terminating)
        message = batch.message() if end < len(pods) else ""
        batch.close()
        return placed, message

    # --- preempting ---------------------------------------------------------------------------------------------------

    def _preempt(self, template: Template, pods: Sequence[Pod] | Replicas, start: int) -> list[Placement]:
        """Place pods that fit nowhere by taking others away, one at a time; return where they go.

        Where pods on other nodes count, one is enough: then all nodes are looked at again.
        """
        # Of a set that doesn't fit on its nodes each of thousands of templates comes here, and hardly one may preempt.
        if not self._may_preempt(template.pod):
            return []
        self._orders.settle()
        cycle = SchedulingCycle(template, self.snapshot, self._placed)
        preemptor = self._preemptor(cycle, template.pod, self.snapshot.node_infos)
        if preemptor is None:
            return []
        pod_class, priority = self._placed.class_of(template.pod), self._priority(template.pod)
        placed: list[Placement] = []
        node_info: NodeInfo | None = None
        for pod in islice(pods, start, None):
            victims: tuple[Pod, ...] = ()
            if node_info is None or not preemptor.fits(node_info):
                if node_info is not None:
                    preemptor.changed(node_info)
                if (candidate := preemptor.best()) is None:
                    break
                node_info, victims = candidate.node_info, self._evict(candidate)
            self._enter(Binding(pod, node_info, template.pod_resources, pod_class, priority))
            self._orders.note(node_info.position)
            placed.append(Placement(node_info.name, victims=victims))
            if preemptor.depends_on_others:
                break
        return placed

    def waits_for_room(self, pod: Pod) -> bool:
        """Return whether a pod that fits nowhere waits for resources alone, whichever pods leave them."""
        return self._template(pod).is_ordinary and not self._placed.have_terms

    def _may_preempt(self, pod: Pod) -> bool:
        priority = self._priorities.of(pod.spec)
        return priority.preempts and any(number and one < priority.value for one, number in self._bound.numbers.items())

    def _preemptor(self, cycle: SchedulingCycle, pod: Pod, node_infos: Sequence[NodeInfo]) -> Preemptor | None:
        """Return what finds the pods that would have to go, None where none is of lower priority or it may not."""
        if not self._may_preempt(pod):
            return None
        if self._disruptions_allowed is None:
            self._disruptions_allowed = DisruptionsAllowed(
                self._budgets, self._replicas, self._bound.as_dict().values(), self._placed
            )
        return Preemptor(cycle, self._priority(pod), node_infos, self._bound.by_node(), self._disruptions_allowed)

    def _evict(self, candidate: Candidate) -> tuple[Pod, ...]:
        if self._disruptions_allowed is not None:
            self._disruptions_allowed.spend(candidate.victims)
        for victim in candidate.victims:
            self.remove(victim.pod)
        return tuple(victim.pod for victim in candidate.victims)

    def add(self, pod: Pod) -> None:
        """Count a pod on its node; one that has finished, has no node or is there already changes nothing."""
        node = pod.node or pod.spec.node_name
        if node and pod.key not in self._bound:
            self._bind(pod, node)

    def add_replicas(self, together: Iterable[PlacedReplicas]) -> None:
        """Count replicas on their nodes, none of which is there already."""
        by_name = self.snapshot.by_name
        numbers: dict[PodResources, Counter[NodeInfo]] = defaultdict(Counter)
        # Replicas of which some have changed come in parts, which share the pod that they are like.
        sorts: dict[int, tuple[Pod, PodResources, PodClass, int]] = {}
        for replicas in together:
            its, pod = replicas.on(by_name), replicas.pod
            node_infos = [by_name[node] for node in its.places if node]
            if (sort := sorts.get(id(pod))) is None:
                sort = sorts[id(pod)] = pod, self._resources(pod), self._placed.class_of(pod), self._priority(pod)
            _, pod_resources, pod_class, priority = sort
            numbers[pod_resources].update(node_infos)
            self._list_together(BoundTogether(its, node_infos, pod_resources, pod_class, priority))
            if its.terminating:
                pod_class.let_go(node_info.name for node_info in node_infos)
        # The 150,000 pods of the largest clusters ask for a few amounts, so a node is told a few times.
        for pod_resources, found in numbers.items():
            for node_info, number in found.items():
                node_info.capacity.add(pod_resources.requests, number)
                node_info.occupy(pod_resources.ports, number)
                self._orders.note(node_info.position)

    def remove(self, pod: Pod) -> None:
        """Give back what the pod took."""
        if (bound := self._bound.pop(pod)) is not None:
            self._count(bound, -1)
            self._orders.note(bound.node_info.position)

    def _bind(self, pod: Pod, node: str) -> None:
        node_info = self.snapshot.by_name.get(node)
        if node_info is not None and pod.phase not in FINISHED:
            self._enter(Binding(pod, node_info, *self._sort_of(pod)))
            self._orders.note(node_info.position)

    def _sort_of(self, pod: Pod) -> tuple[PodResources, PodClass, int]:
        """Return what the pod takes, its class and priority: worked out once for pods of one template."""
        key = id(pod.spec), id(pod.labels), id(pod.owner), pod.stand_in
        # The pod is kept, so that no other spec or labels can come to be where these are. Those of a dump share none.
        known = self._sorts.get(key) or (pod, self._resources(pod), self._placed.class_of(pod), self._priority(pod))
        if pod.spec.node_name is None:
            self._sorts[key] = known
        return known[1:]

    def _enter(self, bound: Binding) -> None:
        self._bound.add(bound)
        self._count(bound, 1)

    def _list_together(self, bound: BoundTogether) -> None:
        bound.pod_class.add_all([node_info.name for node_info in bound.node_infos])
        self._bound.add_together(bound)

    def _count(self, bound: Binding, change: int) -> None:
        bound.enter(change)
        bound.pod_class.add(bound.node_info.name, change, terminating=bound.pod.terminating)

    def _priority(self, pod: Pod) -> int:
        return self._priorities.of(pod.spec).value

    def cycle(self, pod: Pod) -> SchedulingCycle:
        """Return the scheduling cycle of pods like this one, as the nodes are at the moment."""
        return SchedulingCycle(self._template(pod), self.snapshot, self._placed)

    def _resources(self, pod: Pod) -> PodResources:
        """Return what the pod takes, worked out once for all specs that ask for the same, and the same object."""
        key = pod_resources_key(pod.spec), pod.stand_in
        pod_resources = self._resources_by_key.get(key)
        if pod_resources is None:
            found = pod_resources_of(pod)
            # Containers may differ in much that doesn't count here.
            pod_resources = self._resources_by_key[key] = self._resources_by_key.setdefault(found.key, found)
        return pod_resources

    def _template(self, pod: Pod) -> Template:
        # Nearly all share what they are made of; the pod is kept, so that nothing else can come to be where that is.
        identity = id(pod.spec), id(pod.labels), pod.namespace, id(pod.owner)
        known = self._templates.get(identity)
        if known is None:
            key = (identity[0], pod.namespace, pod.owner, frozenset(pod.labels.items()))
            new = pod, Template(pod, self._resources(pod), self._services)
            known = self._templates[identity] = pod, self._templates.setdefault(key, new)[1]
        return known[1]
