"""All pods of a cluster by key; replicas are made into objects one by one, when somebody asks for them."""

from collections.abc import ItemsView, Iterable, Iterator, KeysView, Mapping, ValuesView
from itertools import pairwise
from typing import cast

from webapp.cluster.model import Pod, PodKey
from webapp.cluster.order import natural
from webapp.cluster.replicas import PlacedReplicas

Run = Pod | PlacedReplicas


class PodMap(Mapping[PodKey, Pod]):
    """The pods in natural order of their keys."""

    __slots__ = ("_all_made", "_pods", "runs")

    def __init__(self, pods: Iterable[Pod], replicas: Iterable[PlacedReplicas] = ()) -> None:
        # Single pods, and replicas between whose names no other one belongs.
        self.runs: tuple[Run, ...] = tuple(_in_order([*pods, *(each for each in replicas if each.nodes)]))
        self._pods: dict[PodKey, Run] = {}
        for run in self.runs:
            self._pods.update({run.key: run} if isinstance(run, Pod) else dict.fromkeys(run.nodes, run))
        self._all_made = False

    def __getitem__(self, key: PodKey) -> Pod:
        found = self._pods[key]
        if not isinstance(found, Pod):
            found = self._pods[key] = found.made(key)
        return found

    def __iter__(self) -> Iterator[PodKey]:
        return iter(self._pods)

    def __len__(self) -> int:
        return len(self._pods)

    def __contains__(self, key: object) -> bool:
        return key in self._pods

    def keys(self) -> KeysView[PodKey]:
        """Return the keys; that makes no objects."""
        return self._pods.keys()

    def values(self) -> ValuesView[Pod]:
        """Return all pods as objects."""
        return self._made().values()

    def items(self) -> ItemsView[PodKey, Pod]:
        """Return all pods as objects, by key."""
        return self._made().items()

    def _made(self) -> dict[PodKey, Pod]:
        if not self._all_made:
            for key in self._pods:
                self[key]
            self._all_made = True
        return cast("dict[PodKey, Pod]", self._pods)


def runs_of(pods: Mapping[PodKey, Pod]) -> Iterable[Run]:
    """Return the pods, replicas together as far as they are."""
    return pods.runs if isinstance(pods, PodMap) else pods.values()


def first_of(run: Run) -> Pod:
    """Return a pod, or the first of replicas, whose labels, spec and owner are those of all of them."""
    return run if isinstance(run, Pod) else run.pod


def pods_in(runs: Iterable[Run], pods: Mapping[PodKey, Pod]) -> Iterator[Pod]:
    """Yield the pods of the runs one by one, those of `pods` with their keys."""
    for run in runs:
        if isinstance(run, Pod):
            yield run
        else:
            yield from (pods[key] for key in run.nodes)


def _in_order(runs: list[Run]) -> list[Run]:
    """Return the pods in natural order, replicas together wherever no other pod belongs between them."""
    while True:
        placed = sorted((_ends(run), at, run) for at, run in enumerate(runs))
        # Replicas of `web` and those of `web-1` interleave: web-1, web-1-1, web-2.
        apart = {
            at
            for (ends, at, _), (following, other, _) in pairwise(placed)
            if ends[1] > following[0]
            for at in (at, other)
        }
        if not apart:
            return [run for *_, run in placed]
        runs = [one for at, run in enumerate(runs) for one in (_singles(run) if at in apart else (run,))]


def _ends(run: Run) -> tuple[tuple[object, ...], tuple[object, ...]]:
    if isinstance(run, Pod):
        key = natural(run.key)
        return key, key
    return natural(next(iter(run.nodes))), natural(next(reversed(run.nodes)))


def _singles(run: Run) -> Iterable[Pod]:
    return (run,) if isinstance(run, Pod) else map(run.made, run.nodes)
