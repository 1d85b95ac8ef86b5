"""The nodes in the order in which pods that ask for the same would take them, by resources alone."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from webapp.cluster.scheduling.nodes import NodeClass, NodeInfo, Snapshot
from webapp.cluster.scheduling.ranked_nodes import Rank, RankedNodes
from webapp.cluster.scheduling.static_filters import Reasons
from webapp.cluster.scheduling.template import PodResources

# Of a filling from which nobody has gone on yet.
_UNKNOWN = -1


class ResourceOrder:
    """All nodes in the order in which pods with the same requests would take them, by class.

    Kept from batch to batch: with 10,000 workloads on 5,000 nodes, sorting the nodes again for each would cost more
    than all the rest. Nodes of a cluster are of few sizes and carry pods of few sizes, so of 150,000 placements nearly
    all lead from a filling to another that were both seen before: these are numbered, and each is looked at once.
    """

    def __init__(self, nodes: Snapshot, keys: frozenset[str], pod_resources: PodResources) -> None:
        self.keys = keys
        self.pod_resources = pod_resources
        self.nodes = nodes
        node_infos, self._classes = nodes.node_infos, nodes.classes(keys).at
        # By position, None where these requests do not fit.
        self.current: list[Rank | None] = [None] * len(node_infos)
        # By class, how many nodes these requests do not fit on, and why; those it fits on under ``()``.
        self.tally: dict[NodeClass, Counter[Reasons]] = defaultdict(Counter)
        self.ranked: dict[NodeClass, RankedNodes] = defaultdict(RankedNodes)
        self._numbers: dict[object, int] = {}
        # By filling: why no further pod fits, the rank if one does, and the filling with one more.
        self._fillings: list[tuple[Reasons, Rank | None]] = []
        self._next: list[int] = []
        # By node: its filling, and why no further pod fits, for host ports or resources.
        self._filling: list[int] = [_UNKNOWN] * len(node_infos)
        self._reasons: list[Reasons] = [()] * len(node_infos)
        # By node: how many pods are on it that its :class:`NodeInfo` does not know of yet.
        self._owed = [0] * len(node_infos)
        # The positions of these nodes, and perhaps of others.
        self._owing: list[int] = []
        self._enter_all()
        # By position, the rank under which it stands there; None while a batch has it, or where nothing fits.
        self._listed = [*self.current]
        self._ranked_with = [self.ranked[node_class] for node_class in self._classes]

    def _enter_all(self) -> None:
        """Look at all nodes; those that are alike are told of together."""
        alike: dict[tuple[NodeClass, Reasons, Rank | None], list[int]] = defaultdict(list)
        for position, (node_info, node_class) in enumerate(zip(self.nodes.node_infos, self._classes, strict=True)):
            reasons, rank = self._judged(node_info)
            self._reasons[position], self.current[position] = reasons, rank
            alike[node_class, reasons, rank].append(position)
        for (node_class, reasons, rank), positions in alike.items():
            self.tally[node_class][reasons] += len(positions)
            if rank is not None:
                self.ranked[node_class].add_all(rank, positions)

    def _judged(self, node_info: NodeInfo) -> tuple[Reasons, Rank | None]:
        """Note the filling of a node; return why these requests do not fit there, or its rank."""
        number = self._filling[node_info.position] = self._look(node_info)
        if self.pod_resources.ports and (taken := node_info.ports_taken(self.pod_resources.ports)):
            return taken, None
        return self._fillings[number]

    def catch_up(self, positions: Iterable[int]) -> None:
        """Look again at nodes that have changed, and put them where they belong now."""
        for position in positions:
            self.refresh(self.nodes.node_infos[position])
            self.put_back(position)

    def refresh(self, node_info: NodeInfo) -> Rank | None:
        """Note what changed on the node; return its new rank, None if these requests do not fit there."""
        position = node_info.position
        self._settle(position)
        reasons, rank = self._judged(node_info)
        self._tell(position, reasons)
        self.current[position] = rank
        return rank

    def add_pod(self, position: int) -> Rank | None:
        """Put one more pod on a node where it fits; return the node's new rank, None if no further pod fits there."""
        if self.pod_resources.ports:
            node_info = self.nodes.node_infos[position]
            node_info.capacity.add(self.pod_resources.requests)
            node_info.occupy(self.pod_resources.ports, 1)
            self._owing.append(position)
            return self.refresh(node_info)
        self._owed[position] += 1
        self._owing.append(position)
        filling = self._next[self._filling[position]]
        if filling == _UNKNOWN:
            node_info = self.nodes.node_infos[position]
            self._settle(position)
            filling = self._next[self._filling[position]] = self._look(node_info)
        self._filling[position] = filling
        reasons, rank = self._fillings[filling]
        if rank is None:
            self._tell(position, reasons)
        self.current[position] = rank
        return rank

    def least_with_one_more(self, positions: Iterable[int]) -> int | None:
        """Return the least score, negated, that nodes have once each has one more pod.

        None where that isn't known yet, or where no further pod would fit on one of them.
        """
        if self.pod_resources.ports:
            return None
        following = {self._next[number] for number in set(map(self._filling.__getitem__, positions))}
        ranks = [self._fillings[number][1] for number in following] if _UNKNOWN not in following else [None]
        return None if None in ranks else min([rank[0] for rank in ranks if rank is not None], default=None)

    def add_pods(self, positions: Sequence[int]) -> None:
        """Put one more pod on each of the nodes, of which :meth:`least_with_one_more` knows that further ones fit."""
        owed, filling, current = self._owed, self._filling, self.current
        following, fillings = self._next, self._fillings
        self._owing += positions
        for position in positions:
            owed[position] += 1
            number = filling[position] = following[filling[position]]
            current[position] = fillings[number][1]

    def _look(self, node_info: NodeInfo) -> int:
        """Return the number of the node's filling."""
        capacity = node_info.capacity
        number = self._numbers.get(capacity.filling)
        if number is None:
            number = self._numbers[capacity.filling] = len(self._fillings)
            requests = self.pod_resources.requests
            reasons = capacity.shortages(requests)
            self._fillings.append((reasons, None if reasons else (-capacity.score(requests), capacity.pods)))
            self._next.append(_UNKNOWN)
        return number

    def _tell(self, position: int, reasons: Reasons) -> None:
        before = self._reasons[position]
        if before != reasons:
            tally = self.tally[self._classes[position]]
            tally[before] -= 1
            tally[reasons] += 1
            self._reasons[position] = reasons

    def settle(self) -> list[int]:
        """Let the nodes know of all pods that were put on them; return the positions of these nodes."""
        owing, self._owing = [*dict.fromkeys(self._owing)], []
        for position in owing:
            self._settle(position)
        return owing

    def _settle(self, position: int) -> None:
        if owed := self._owed[position]:
            self._owed[position] = 0
            self.nodes.node_infos[position].capacity.add(self.pod_resources.requests, owed)

    def taken(self, position: int) -> None:
        """Note that a node was taken out of those that it was ranked with."""
        self._listed[position] = None

    def take_out(self, position: int) -> None:
        """Take a node out of the order."""
        listed = self._listed[position]
        if listed is not None:
            self._ranked_with[position].remove(listed, position)
            self._listed[position] = None

    def put_back(self, position: int) -> None:
        """Put a node where it belongs now, as it was when last looked at; nowhere if these requests do not fit."""
        rank = self.current[position]
        if rank == self._listed[position]:
            return
        self.take_out(position)
        if rank is not None:
            self._ranked_with[position].add(rank, position)
            self._listed[position] = rank

    def return_taken(self, positions: Iterable[int]) -> None:
        """Put nodes back that are out of the order."""
        current, listed = self.current, self._listed
        for position in positions:
            rank = listed[position] = current[position]
            if rank is not None:
                self._ranked_with[position].add(rank, position)

    def move_first(self, ranked: RankedNodes, rank: Rank, number: int) -> None:
        """Put the first nodes of a rank, so many, where they belong now; further ones fit on each."""
        alike: dict[Rank, list[int]] = defaultdict(list)
        for position in ranked.by_rank[rank][:number]:
            if (now := self.current[position]) is not None:
                alike[now].append(position)
                self._listed[position] = now
        if number:
            ranked.drop(rank, number)
        for now, positions in alike.items():
            ranked.add_all(now, positions)
