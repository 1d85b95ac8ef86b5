"""The pods of a cluster while some of them change, and how many each workload has at the moment."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from webapp.cluster.model import FINISHED, Cluster, Pod, PodKey, WorkloadRef
from webapp.cluster.pod_map import Run, first_of, run_of, runs_of
from webapp.cluster.remembered import once_per_cluster
from webapp.cluster.replicas import PlacedReplicas


@dataclass(slots=True)
class ChangedPods:
    """The pods of a cluster while some of them change, go and come; the others stay as they are, unlooked at."""

    before: Mapping[PodKey, Pod]
    changed: dict[PodKey, Pod] = field(default_factory=dict)
    gone: set[PodKey] = field(default_factory=set)
    replicas: Mapping[PodKey, PlacedReplicas] = field(default_factory=dict)
    """Replicas that have changed together, by the key of each, if it didn't change again."""

    def __contains__(self, key: PodKey) -> bool:
        return key in self.changed or (key not in self.gone and key in self.before)

    def __getitem__(self, key: PodKey) -> Pod:
        if key in self.gone:
            raise KeyError(key)
        if key in self.changed:
            return self.changed[key]
        return self.replicas[key].made(key) if key in self.replicas else self.before[key]

    def __setitem__(self, key: PodKey, pod: Pod) -> None:
        self.changed[key] = pod
        self.gone.discard(key)

    def pop(self, key: PodKey) -> Pod:
        """Take a pod out whose object is gone."""
        pod = self[key]
        self.changed.pop(key, None)
        self.gone.add(key)
        return pod

    def runs(self) -> Iterator[Run]:
        """Yield all pods, replicas together as far as they have changed together."""
        apart = self.changed.keys() | self.gone
        touched = apart | self.replicas.keys()
        prefixes = {key[: key.rfind("-") + 1] for key in touched}
        for run in runs_of(self.before):
            if isinstance(run, Pod):
                if run.key not in touched:
                    yield run
            else:
                yield run.without(touched) if run.prefix in prefixes else run
        yield from self.changed.values()
        for run in dict.fromkeys(self.replicas.values()):
            yield run.without(apart) if apart else run

    def active(self, cluster: Cluster) -> Counter[WorkloadRef]:
        """Return how many pods each workload has that count as its replicas."""
        found = Counter(_active_before(cluster))
        apart = self.changed.keys() | self.gone
        for key in apart:
            if key in self.before and (pod := first_of(run_of(self.before, key))).owner and counts_as_replica(pod):
                found[pod.owner] -= 1
        found.update(pod.owner for pod in self.changed.values() if pod.owner and counts_as_replica(pod))
        # Of the others only those have changed in what counts that are being deleted.
        for key, run in self.replicas.items():
            if run.terminating and key not in apart and run.pod.owner:
                found[run.pod.owner] -= 1
        return found


@once_per_cluster
def _active_before(cluster: Cluster) -> Counter[WorkloadRef]:
    """Return how many replicas each workload has before any failure."""
    found: Counter[WorkloadRef] = Counter()
    for run in runs_of(cluster.pods):
        first = first_of(run)
        if first.owner and counts_as_replica(first):
            found[first.owner] += 1 if isinstance(run, Pod) else len(run)
    return found


def counts_as_replica(pod: Pod) -> bool:
    """Return whether the pod counts as a replica: neither finished nor on its way out."""
    return not pod.terminating and pod.phase not in FINISHED
