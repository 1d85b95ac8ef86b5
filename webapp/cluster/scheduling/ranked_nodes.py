"""Nodes by rank: the first of thousands is known at once, and nodes that are filled alike wait in line together."""

from bisect import bisect_left, insort
from collections.abc import Sequence

# A node's resource score negated, and its pods: the least is the best.
Rank = tuple[int, int]


class RankedNodes:
    """Positions of nodes, in the order of their ranks; those of one rank in their own order."""

    __slots__ = ("by_rank", "ranks")

    def __init__(self) -> None:
        self.ranks: list[Rank] = []
        """In order."""
        self.by_rank: dict[Rank, list[int]] = {}

    def add(self, rank: Rank, position: int) -> None:
        """Enter a node."""
        positions = self.by_rank.get(rank)
        if positions is None:
            self.by_rank[rank] = [position]
            insort(self.ranks, rank)
        elif positions[-1] < position:
            positions.append(position)
        else:
            insort(positions, position)

    def add_all(self, rank: Rank, positions: list[int]) -> None:
        """Enter nodes of one rank, in order; the list is kept."""
        known = self.by_rank.get(rank)
        if known is None:
            self.by_rank[rank] = positions
            insort(self.ranks, rank)
        else:
            known += positions
            known.sort()  # which takes no longer for two ordered stretches than to look at each

    def first(self, number: int) -> list[tuple[Rank, int]]:
        """Return the first nodes, so many, each after its rank."""
        found: list[tuple[Rank, int]] = []
        for rank in self.ranks:
            found += [(rank, position) for position in self.by_rank[rank][: number - len(found)]]
            if len(found) == number:
                break
        return found

    def remove(self, rank: Rank, position: int) -> None:
        """Take a node out."""
        positions = self.by_rank[rank]
        del positions[bisect_left(positions, position)]
        if not positions:
            self._forget(rank)

    def pop(self) -> int:
        """Take the first node out and return its position."""
        rank = self.ranks[0]
        positions = self.by_rank[rank]
        position = positions.pop(0)
        if not positions:
            self._forget(rank)
        return position

    def drop(self, rank: Rank, number: int, but: Sequence[int] = ()) -> None:
        """Take the first nodes of a rank out, so many, but for some of them."""
        positions = self.by_rank[rank]
        if but or number < len(positions):
            positions[:number] = but
        else:
            self._forget(rank)

    def _forget(self, rank: Rank) -> None:
        del self.by_rank[rank]
        del self.ranks[bisect_left(self.ranks, rank)]
