"""PlacementSearch: whether the scheduler's hard rules let all pods behind a service end up on certain nodes.

The rules are asked step by step: the pods are placed one after another in any order, each on any node that
kube-scheduler's filters allow at that moment; all other pods stay where they are.
"""

from bisect import bisect
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from webapp.cluster.model import Pod
from webapp.cluster.scheduling.cycle import SchedulingCycle
from webapp.cluster.scheduling.nodes import NodeInfo
from webapp.cluster.scheduling.template import PodResources
from webapp.resilience.entry_nodes import Names
from webapp.resilience.trial_scheduler import EqualPods, TrialScheduler

_CYCLE = 6
"""How many questions take as long as it takes to see all nodes as another sort of pods does."""


class BudgetSpentError(Exception):
    """The search would take too long."""


@dataclass(slots=True)
class Budget:
    """How many times a node may still be asked about."""

    left: int

    def spend(self, times: int = 1) -> None:
        """Ask once more, or do what takes as long as asking so many times.

        Raises:
            BudgetSpentError: that is too often.

        """
        self.left -= times
        if self.left < 0:
            raise BudgetSpentError


@dataclass(slots=True)
class PlacementSearch:
    """The pods behind one service, all taken off the scheduler."""

    scheduler: TrialScheduler
    sorts: Sequence[EqualPods]
    budget: Budget
    _signatures: dict[str, int] = field(default_factory=dict)
    _numbers: dict[tuple[object, ...], int] = field(default_factory=dict)
    _first: list[SchedulingCycle] = field(default_factory=list)
    """How each sort sees the nodes while none of the pods is placed."""
    _placed: dict[str, list[int]] = field(default_factory=dict)
    """By node, how many of each sort."""
    _seen: set[object] = field(default_factory=set)

    def kind(self, name: str) -> int:
        """Return a number that nodes share which no placement of these pods can tell apart.

        That is all the scheduler sees of them, and how many of the pods they have room for. Several sorts compete
        for room in ways that no number tells, so there nodes are only equal where room is no question. To be asked
        before any of the pods is on the node.
        """
        found = self._signatures.get(name)
        if found is None:
            self.budget.spend(len(self.sorts))
            signature = tuple(self._seen_by_each(self.scheduler.snapshot.by_name[name]))
            found = self._signatures[name] = self._numbers.setdefault(signature, len(self._numbers))
        return found

    def may_end_within(self, allowed: Names) -> bool:
        """Return whether all pods that find a node at all may find it among these.

        Raises:
            BudgetSpentError: the search was given up.

        """
        inside = [self.scheduler.snapshot.by_name[name] for name in sorted(allowed)]
        # Such a pod doesn't mind where its like are, so filling the nodes one after another finds the answer at once.
        if len(self.sorts) == 1 and not self._cycles()[0].filtering:
            return self._filled(inside, allowed)
        self._seen.clear()
        return self._trapped(inside, allowed)

    def may_touch(self, nodes: Names) -> bool:
        """Return whether one of the pods may land on one of these nodes.

        Raises:
            BudgetSpentError: the search was given up.

        """
        self._seen.clear()
        return self._touched(nodes)

    def _filled(self, inside: Sequence[NodeInfo], allowed: Names) -> bool:
        """Return the same for pods that nothing but room keeps off a node: they don't mind where the others are."""
        cycle, left = self._cycles()[0], len(self.sorts[0].pods)
        for state in inside:
            if self._fits(cycle, state):
                left -= room(state, cycle.template.pod_resources, left)
            if not left:
                return True
        return not any(
            self._fits(cycle, state) for state in self.scheduler.snapshot.node_infos if state.name not in allowed
        )

    def _trapped(self, inside: Sequence[NodeInfo], allowed: Names) -> bool:
        """Return whether the pods left may end within `inside`: all there, or with nowhere else to go."""
        if not self._is_new():
            return False
        # A pod that fits nowhere adds no endpoint, so it is as good as trapped.
        stuck = True
        for number, pod, cycle in self._next():
            for state in self._different(inside, cycle):
                stuck = False
                if self._after(number, pod, state, lambda: self._trapped(inside, allowed)):
                    return True
            stuck = stuck and not any(
                self._fits(cycle, state) for state in self.scheduler.snapshot.node_infos if state.name not in allowed
            )
        return stuck

    def _touched(self, nodes: Names) -> bool:
        if not self._is_new():
            return False
        for number, pod, cycle in self._next():
            if any(self._fits(cycle, self.scheduler.snapshot.by_name[name]) for name in sorted(nodes)):
                return True
            for state in self._different(self.scheduler.snapshot.node_infos, cycle):
                if self._after(number, pod, state, lambda: self._touched(nodes)):
                    return True
        return False

    def _is_new(self) -> bool:
        """Return whether no placement was seen before that is the same but for equal nodes."""
        key = tuple(sorted((self.kind(name), *numbers) for name, numbers in self._placed.items()))
        if key in self._seen:
            return False
        self._seen.add(key)
        return True

    def _next(self) -> Iterator[tuple[int, Pod, SchedulingCycle]]:
        """Yield one pod of each sort that has some left, and how it sees the nodes."""
        for number, sort in enumerate(self.sorts):
            placed = sum(numbers[number] for numbers in self._placed.values())
            if placed < len(sort.pods):
                pod = sort.unplaced(placed)
                self.budget.spend(_CYCLE)
                yield number, pod, self.scheduler.cycle(pod)

    def _fits(self, cycle: SchedulingCycle, state: NodeInfo) -> bool:
        self.budget.spend()
        return not cycle.filter(state)

    def _different(self, states: Sequence[NodeInfo], cycle: SchedulingCycle) -> list[NodeInfo]:
        """Return nodes on which the pod fits, one of each kind."""
        kinds: dict[object, NodeInfo] = {}
        for state in states:
            if self._fits(cycle, state):
                kinds.setdefault((self.kind(state.name), tuple(self._placed.get(state.name, ()))), state)
        return list(kinds.values())

    def _after(self, number: int, pod: Pod, state: NodeInfo, question: Callable[[], bool]) -> bool:
        """Return the answer to a question once the pod is on the node."""
        counts = self._placed.setdefault(state.name, [0] * len(self.sorts))
        counts[number] += 1
        with self.scheduler.having(pod, state.name):
            answer = question()
        counts[number] -= 1
        if not any(counts):
            del self._placed[state.name]
        return answer

    def _cycles(self) -> list[SchedulingCycle]:
        if not self._first:
            self.budget.spend(_CYCLE * len(self.sorts))
            self._first = [self.scheduler.cycle(sort.pod) for sort in self.sorts]
        return self._first

    def _seen_by_each(self, state: NodeInfo) -> Iterator[object]:
        # Two sorts of pod share the room of a node in ways that no single number tells.
        if len(self.sorts) > 1 and not state.capacity.unlimited:
            yield state.name
        wanted = sum(len(sort.pods) for sort in self.sorts)
        for cycle in self._cycles():
            yield id(cycle.topology.class_of_node[state.name])
            yield cycle.topology.host_counts(state.name)
            yield room(state, cycle.template.pod_resources, wanted)


def room(state: NodeInfo, load: PodResources, wanted: int) -> int:
    """Return how many of so many pods the node has room for, for all that resources and host ports say."""
    # A host port holds one pod per node, whatever room there is.
    if state.ports_taken(load.ports):
        return 0
    most = min(wanted, 1) if load.ports else wanted
    if not most or _has_room_beside(state, load, most - 1):
        return most
    # Room only shrinks, so the number of pods can be found by halving.
    return bisect(range(most), False, key=lambda number: not _has_room_beside(state, load, number))


def _has_room_beside(state: NodeInfo, load: PodResources, number: int) -> bool:
    """Return whether the node has room for one more pod once it has taken so many."""
    # Asked of the node itself and taken back: a copy of its resources for each question would cost more.
    state.capacity.add(load.requests, number)
    short = state.capacity.shortages(load.requests)
    state.capacity.add(load.requests, -number)
    return not short
