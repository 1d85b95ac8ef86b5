"""A survey: how one template's pods see the nodes at the moment, in all but resources and host ports."""

from collections.abc import Sequence

from webapp.cluster.scheduling.cell import Cell
from webapp.cluster.scheduling.interpod import InterPod, relations_of
from webapp.cluster.scheduling.ledger import Book, Dims, Ledger
from webapp.cluster.scheduling.nodes import Nodes, NodeState, Shape
from webapp.cluster.scheduling.placed import PlacedPods, PodGroup
from webapp.cluster.scheduling.spread import HardSpread, SoftSpread
from webapp.cluster.scheduling.template import Template
from webapp.cluster.scheduling.verdict import Reasons, Verdict, verdict_of


class Survey:
    """One template's view of all nodes.

    What depends on other pods is in ledgers, so that placing one more of the template's own pods costs a few
    additions, and nodes that can't be told apart are looked at once, as a cell.
    """

    def __init__(self, template: Template, nodes: Nodes, placed: PlacedPods) -> None:
        relations = relations_of(template.pod, template.terms, placed)
        self.template = template
        self.keys = template.keys(relations.keys, hosts_unique=nodes.hosts_unique)
        self.book = Book(nodes, self.keys)
        self.verdicts = {shape: verdict_of(template, shape) for shape in self.book.shapes}
        self._hard = HardSpread(template, self.book, self.verdicts, placed)
        self._soft = SoftSpread(template, self.book, self.verdicts, placed)
        self._pods = InterPod(template.pod, relations, self.book, placed)
        # Opened last, so that it is the last of a cell's dims; see Cell.mates.
        self._mates = self.book.open(Ledger, "", per_node=True)
        for group in placed.mates(template.pod):
            self.book.count(self._mates, group.nodes)
        self.filtering = bool(template.hard) or self._pods.filtering
        """Whether a node that no verdict refuses can be refused for the pods on it."""
        self._counts: dict[int, bool] = {}
        self._deterred = any(verdict.against for verdict in self.verdicts.values())

    def cell(self, shape: Shape, dims: Dims) -> Cell:
        """Return a new cell."""
        return Cell(shape, self.verdicts[shape], dims)

    def refusals(self, state: NodeState) -> dict[str, Reasons]:
        """Return each plugin's reasons against the node, in the scheduler's order."""
        shape, dims = self.book.shape_of[state.name], self.book.dims(state.name)
        load, verdict = self.template.load, self.verdicts[shape]
        found = {
            **verdict.refusals,
            "NodePorts": state.ports_taken(load.ports),
            "NodeResourcesFit": state.capacity.shortages(load.requests),
            "PodTopologySpread": self._hard.reasons(shape, dims),
            "InterPodAffinity": self._pods.reasons(shape, dims),
        }
        if verdict.excluded:
            found["NodeAffinity"] = verdict.excluded
        return {plugin: reasons for plugin, reasons in found.items() if reasons}

    def first_reasons(self, state: NodeState) -> Reasons:
        """Return the reasons of the first plugin that refuses the node, empty if it is feasible."""
        excluded = self.verdict(state).excluded
        return excluded or next(iter(self.refusals(state).values()), ())

    def verdict(self, state: NodeState) -> Verdict:
        """Return what the pods make of the node, whatever runs on it."""
        return self.verdicts[self.book.shape_of[state.name]]

    def reasons_now(self, state: NodeState) -> Reasons:
        """Return why a node that no verdict refuses is refused for what runs on it and elsewhere, or ()."""
        load = self.template.load
        full = state.ports_taken(load.ports) or state.capacity.shortages(load.requests)
        return full or self.reasons_elsewhere(state)

    def reasons_elsewhere(self, state: NodeState) -> Reasons:
        """Return why the node is refused for the pods in its topology domains, or ()."""
        if not self.filtering:
            return ()
        shape, dims = self.book.shape_of[state.name], self.book.dims(state.name)
        return self._hard.reasons(shape, dims) or self._pods.reasons(shape, dims)

    def counts(self, group: PodGroup) -> bool:
        """Return whether it makes a difference to the filters where these placed pods are."""
        found = self._counts.get(id(group))
        if found is None:
            found = self._counts[id(group)] = self._hard.counts(group) or self._pods.counts(group)
        return found

    def moved(self, group: PodGroup, state: NodeState, change: int, *, terminating: bool) -> None:
        """Count placed pods that come to the node or, with a negative number, go from it; for the filters alone."""
        shape = self.book.shape_of[state.name]
        if not terminating:
            self._hard.moved(group, state.name, shape, change)
        self._pods.moved(group, state.name, shape, change)

    def reasons(self, cell: Cell) -> Reasons:
        """Return why the cell's nodes, which no verdict refuses and on which the pod would fit, are refused; or ()."""
        if not self.filtering:
            return ()
        return self._hard.reasons(cell.shape, cell.dims) or self._pods.reasons(cell.shape, cell.dims)

    def placed(self, state: NodeState) -> None:
        """Count one more of the template's pods, on this node."""
        shape = self.book.shape_of[state.name]
        self._hard.placed(state.name, shape)
        self._soft.placed(state.name, shape)
        self._pods.placed(state.name, shape)
        self._mates.add(state.name, 1)

    def scores(self, cells: Sequence[Cell]) -> list[int]:
        """Return the weighted score of each cell's nodes, without the part that depends on their resources.

        Weights of the default profile: TaintToleration 3, NodeAffinity, PodTopologySpread and InterPodAffinity 2
        (pkg/scheduler/apis/config/v1/default_plugins.go). Together the cells must hold all feasible nodes, because
        the plugins measure nodes against each other.
        """
        totals = [300] * len(cells)
        if self._deterred:
            totals = [300 - 3 * score for score in _normalized([cell.verdict.against for cell in cells])]
        parts = [_normalized([cell.verdict.preference for cell in cells])] if self.template.preferred else []
        parts += [self._soft.scores(cells)] if self._soft else []
        parts += [self._pods.scores(cells)] if self._pods.scoring else []
        for part in parts:
            totals = [total + 2 * score for total, score in zip(totals, part, strict=True)]
        return totals

    def totals(self, states: Sequence[NodeState]) -> list[int]:
        """Return what :meth:`scores` says of each node, if these are all the feasible ones."""
        cells: dict[tuple[Shape, Dims], Cell] = {}
        places = [(self.book.shape_of[state.name], self.book.dims(state.name)) for state in states]
        for shape, dims in places:
            cell = cells.get((shape, dims)) or cells.setdefault((shape, dims), self.cell(shape, dims))
            cell.size += 1
        if not cells:
            return []
        found = dict(zip(cells, self.scores(tuple(cells.values())), strict=True))
        return [found[place] for place in places]


def _normalized(scores: Sequence[int]) -> list[int]:
    """Return the scores in percent of the highest (DefaultNormalizeScore, plugins/helper/normalize_score.go)."""
    most = max(scores)
    return [100 * score // most for score in scores] if most else list(scores)
