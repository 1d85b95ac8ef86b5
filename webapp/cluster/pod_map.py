"""All pods of a cluster by key; replicas are made into objects one by one, when somebody asks for them."""

from collections.abc import Collection, ItemsView, Iterable, Iterator, Mapping, ValuesView
from itertools import pairwise

from webapp.cluster.model import Pod, PodKey
from webapp.cluster.order import natural
from webapp.cluster.replicas import PlacedReplicas, number_of

Run = Pod | PlacedReplicas


class PodMap(Mapping[PodKey, Pod]):
    """The pods in natural order of their keys."""

    __slots__ = ("_made", "_replicas", "_single", "_size", "_values", "runs")

    def __init__(self, pods: Iterable[Pod], replicas: Iterable[PlacedReplicas] = ()) -> None:
        # Single pods, and replicas between whose names no other one belongs.
        self.runs: tuple[Run, ...] = tuple(_in_order([*pods, *(each for each in replicas if len(each))]))
        self._single: dict[PodKey, Pod] = {}
        self._replicas: dict[str, PlacedReplicas] = {}
        for run in self.runs:
            if isinstance(run, Pod):
                self._single[run.key] = run
            else:
                self._replicas[run.prefix] = run
        self._size = len(self._single) + sum(map(len, self._replicas.values()))
        # Of the replicas, the objects that somebody has asked for.
        self._made: dict[PodKey, Pod] = {}
        self._values: dict[PodKey, Pod] | None = None

    def __getitem__(self, key: PodKey) -> Pod:
        found = self._single.get(key) or self._made.get(key)
        if found is None:
            if (run := self._run(key)) is None:
                raise KeyError(key)
            found = self._made[key] = run.made(key)
        return found

    def run(self, key: PodKey) -> Run:
        """Return the replicas that a pod is one of, which is there, or else the pod."""
        # Single pods and replicas share no name, so the number needs no look.
        single = self._single.get(key)
        return single if single is not None else self._replicas[key[: key.rfind("-") + 1]]

    def _run(self, key: object) -> PlacedReplicas | None:
        """Return the replicas that a pod of this key is one of."""
        if not isinstance(key, str):
            return None
        run = self._replicas.get(key[: key.rfind("-") + 1])
        return run if run is not None and number_of(key, run.prefix) in run.numbers else None

    def like(self, key: PodKey) -> Pod | None:
        """Return a pod with the labels, the spec and the owner of this one; that makes no object."""
        found = self._single.get(key)
        return found if found is not None else run.pod if (run := self._run(key)) is not None else None

    def templates(self, keys: Iterable[PodKey]) -> list[Pod]:
        """Return a pod of each template that any of these pods is of, and perhaps of some others."""
        # Whether the replicas of a name have that number as well would have to be asked pod by pod.
        found = [pod for key in keys if (pod := self._single.get(key)) is not None]
        prefixes = {key[: key.rfind("-") + 1] for key in keys}
        return found + [run.pod for prefix in prefixes if (run := self._replicas.get(prefix)) is not None]

    def __iter__(self) -> Iterator[PodKey]:
        for run in self.runs:
            if isinstance(run, Pod):
                yield run.key
            else:
                yield from run.keys

    def __len__(self) -> int:
        return self._size

    def __contains__(self, key: object) -> bool:
        return key in self._single or self._run(key) is not None

    def values(self) -> ValuesView[Pod]:
        """Return all pods as objects."""
        return self._as_objects().values()

    def items(self) -> ItemsView[PodKey, Pod]:
        """Return all pods as objects, by key."""
        return self._as_objects().items()

    def _as_objects(self) -> dict[PodKey, Pod]:
        if self._values is None:
            self._values = {key: self[key] for key in self}
        return self._values


def runs_of(pods: Mapping[PodKey, Pod]) -> Iterable[Run]:
    """Return the pods, replicas together as far as they are."""
    return pods.runs if isinstance(pods, PodMap) else pods.values()


def like(pods: Mapping[PodKey, Pod], key: PodKey) -> Pod | None:
    """Return a pod with the labels, the spec and the owner of this one; None if it isn't there."""
    return pods.like(key) if isinstance(pods, PodMap) else pods.get(key)


def run_of(pods: Mapping[PodKey, Pod], key: PodKey) -> Run:
    """Return the replicas that a pod is one of, or else the pod."""
    return pods.run(key) if isinstance(pods, PodMap) else pods[key]


def in_order(pods: Mapping[PodKey, Pod], keys: Collection[PodKey]) -> list[PodKey]:
    """Return some of the pods in natural order."""
    return [key for key in pods if key in keys] if isinstance(pods, PodMap) else sorted(keys, key=natural)


def first_of(run: Run) -> Pod:
    """Return a pod, or the first of replicas, whose labels, spec and owner are those of all of them."""
    return run if isinstance(run, Pod) else run.pod


def pods_in(runs: Iterable[Run], pods: Mapping[PodKey, Pod]) -> Iterator[Pod]:
    """Yield the pods of the runs one by one, those of `pods` with their keys."""
    for run in runs:
        if isinstance(run, Pod):
            yield run
        else:
            yield from (pods[key] for key in run.keys)


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


def _ends(run: Run) -> tuple[str, str]:
    if isinstance(run, Pod):
        key = natural(run.key)
        return key, key
    first, last = run.numbers[0], run.numbers[-1]
    return natural(f"{run.prefix}{first}"), natural(f"{run.prefix}{last}")


def _singles(run: Run) -> Iterable[Pod]:
    return (run,) if isinstance(run, Pod) else map(run.made, run.keys)
