"""Batches: placing pods of one template one after another, each where it scores best."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from heapq import heapify, heappop, heappush

from webapp.cluster.scheduling.cell import Cell, Entry
from webapp.cluster.scheduling.nodes import Nodes, NodeState, Shape
from webapp.cluster.scheduling.survey import Survey
from webapp.cluster.scheduling.template import Load
from webapp.cluster.scheduling.verdict import CONFLICT, Reasons


class Shelf:
    """All nodes in the order in which pods with the same load would take them, by shape.

    Kept from batch to batch: with 10,000 workloads on 5,000 nodes, sorting the nodes anew for each would cost more
    than all the rest.
    """

    def __init__(self, nodes: Nodes, keys: frozenset[str], load: Load) -> None:
        self.keys = keys
        self.load = load
        self.nodes = nodes
        self._shape_of = nodes.partition(keys).of
        self.current: list[Entry | None] = [None] * len(nodes.states)
        self._reasons: list[Reasons | None] = [None] * len(nodes.states)
        self.tally: dict[Shape, Counter[Reasons]] = defaultdict(Counter)
        """By shape, how many nodes the load does not fit on, and why; those it fits on under ``()``."""
        self.heaps: dict[Shape, list[Entry]] = defaultdict(list)
        for state in nodes.states:
            if (entry := self.refresh(state)) is not None:
                self.heaps[self._shape_of[state.name]].append(entry)
        for heap in self.heaps.values():
            heapify(heap)

    def refresh(self, state: NodeState) -> Entry | None:
        """Note what changed on the node; return its new entry, None if the load does not fit there."""
        position, load, capacity = state.position, self.load, state.capacity
        reasons = state.ports_taken(load.ports) if load.ports else ()
        reasons = reasons or capacity.shortages(load.requests)
        if (before := self._reasons[position]) != reasons:
            tally = self.tally[self._shape_of[state.name]]
            if before is not None:
                tally[before] -= 1
            tally[reasons] += 1
            self._reasons[position] = reasons
        entry = None if reasons else (-capacity.score(load.requests), capacity.pods, position)
        self.current[position] = entry
        return entry

    def renew(self, entry: Entry) -> Entry:
        """Return a new entry that says the same, and outdates the old one."""
        least, pods, position = entry
        renewed = self.current[position] = (least, pods, position)
        return renewed

    def put_back(self, state: NodeState) -> None:
        """Put the node back to the others, as it was when last refreshed."""
        if (entry := self.current[state.position]) is not None:
            heappush(self.heaps[self._shape_of[state.name]], entry)


class Batch:
    """One template's pods being placed; :meth:`close` puts the nodes it touched back on the shelf."""

    def __init__(self, survey: Survey, shelf: Shelf) -> None:
        self._survey = survey
        self._shelf = shelf
        self._cells: dict[tuple[Shape, tuple[int, ...]], Cell] = {}
        self._touched: dict[int, NodeState] = {}
        self._zero = survey.book.dims("")
        for shape in survey.book.shapes:
            if not survey.verdicts[shape].first and shelf.tally[shape][()]:
                cell = self._cells[(shape, self._zero)] = survey.cell(shape, self._zero)
                cell.size, cell.heap = shelf.tally[shape][()], shelf.heaps[shape]
        for name in survey.book.touched():
            self._set_apart(shelf.nodes.by_name[name])

    def _set_apart(self, state: NodeState) -> None:
        """Move a node from the untouched ones of its shape to the cell that its pods put it in."""
        shape = self._survey.book.shape_of[state.name]
        cell, entry = self._cells.get((shape, self._zero)), self._shelf.current[state.position]
        if cell is not None and entry is not None:
            self._leave(cell)
            self._touched[state.position] = state
            self._enter(state, shape, self._shelf.renew(entry))

    def _leave(self, cell: Cell) -> None:
        cell.size -= 1
        if not cell.size:
            del self._cells[(cell.shape, cell.dims)]

    def _enter(self, state: NodeState, shape: Shape, entry: Entry) -> None:
        dims = self._survey.book.dims(state.name)
        cell = self._cells.get((shape, dims))
        if cell is None:
            cell = self._cells[(shape, dims)] = self._survey.cell(shape, dims)
        cell.size += 1
        heappush(cell.heap, entry)

    def best(self) -> NodeState | None:
        """Return the node that one more pod would get, None if it fits nowhere."""
        cells = list(self._cells.values())
        if self._survey.filtering:
            cells = [cell for cell in cells if not self._survey.reasons(cell)]
        if not cells:
            return None
        scores = self._survey.scores(cells)
        return self._shelf.nodes.states[min(map(self._choice, cells, scores))[-1]]

    def _choice(self, cell: Cell, score: int) -> tuple[int, int, int, int]:
        """Return the cell's best node as a sort key: score, pods of the same workload, all pods, place in the order."""
        heap, current = cell.heap, self._shelf.current
        while current[heap[0][2]] is not heap[0]:
            heappop(heap)
        least, pods, position = heap[0]
        return least - score, cell.mates, pods, position

    def placed(self, state: NodeState) -> None:
        """Take note that the node got one more of the pods."""
        shape = self._survey.book.shape_of[state.name]
        self._leave(self._cells[(shape, self._survey.book.dims(state.name))])
        self._touched[state.position] = state
        self._survey.placed(state)
        if (entry := self._shelf.refresh(state)) is not None:
            self._enter(state, shape, entry)

    def message(self) -> str:
        """Return why the next pod fits nowhere, as ``kubectl describe pod`` puts it."""
        return unschedulable(self._counted(), len(self._shelf.nodes.states))

    def _counted(self) -> Counter[str]:
        """Return on how many nodes each reason stands: the first plugin's reasons of each node."""
        counted: Counter[str] = Counter()
        for shape in self._survey.book.shapes:
            always = self._survey.verdicts[shape].first
            groups = {always: len(shape.nodes)} if always else self._shelf.tally[shape]
            for reasons, number in groups.items():
                counted.update(dict.fromkeys(reasons, number))
        for cell in self._cells.values():
            counted.update(dict.fromkeys(self._survey.reasons(cell), cell.size))
        return +counted

    def close(self) -> None:
        """Put the nodes back that were set apart."""
        for state in self._touched.values():
            self._shelf.put_back(state)


def unschedulable(reasons: Mapping[str, int], nodes: int) -> str:
    """Return the scheduler's message for reasons and on how many nodes each stands.

    Rule: FitError.Error (pkg/scheduler/framework/types.go): sorted as text, so 10 stands before 2.
    """
    if not nodes:
        return "no nodes available to schedule pods"
    texts = [CONFLICT] if CONFLICT in reasons else sorted(f"{number} {reason}" for reason, number in reasons.items())
    return f"0/{nodes} nodes are available: {', '.join(texts)}."
