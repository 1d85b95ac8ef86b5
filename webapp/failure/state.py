"""The State: what is really up, and what Kubernetes has detected, at one moment of one scenario.

The two are kept apart on purpose: a dead node's pods stay endpoints until their loss is detected. The State names
only what differs from the cluster; everything else is as the cluster has it, so that a click costs what it changes.
"""

from collections import Counter
from collections.abc import Callable, Collection, Container, Iterable, Iterator, Mapping
from dataclasses import field, replace
from enum import StrEnum

from webapp.cluster.model import Cluster, Endpoint, Node, Pod, PodKey
from webapp.failure.scenario import Moment, Scenario
from webapp.records import dataclass


class PodFate(StrEnum):
    """What a scenario did to a pod, as far as Kubernetes goes."""

    LOST = "lost"
    """Its node, or the pod itself, is down; the object is still there."""
    EVICTED = "evicted"
    """Marked for deletion (or gone), a controller creates another."""
    STUCK = "stuck"
    """Terminating until its node returns or somebody deletes it by force."""
    GONE = "gone"
    """Deleted, and nothing creates another."""
    MOVED = "moved"
    """A replacement; see `replaces`."""
    PENDING = "pending"
    """A replacement that has no node: it fits on none, or its StatefulSet does not make it yet."""
    FAILED = "failed"
    """A replacement that the kubelet of its node did not admit."""
    PREEMPTED = "preempted"
    """Deleted, because a pod of higher priority fits nowhere otherwise."""


NEW = frozenset({PodFate.MOVED, PodFate.PENDING, PodFate.FAILED})
"""What happens to pods that controllers make; all other fates are of pods that were there before."""


_ENDED = frozenset({PodFate.EVICTED, PodFate.GONE, PodFate.PREEMPTED})


@dataclass(frozen=True, slots=True, kw_only=True)
class PodState:
    """One pod that the scenario changes."""

    pod: Pod
    fate: PodFate
    replaces: PodKey | None = None
    """For MOVED, PENDING and FAILED: the pod whose place it takes."""
    from_node: str | None = None
    reason: str = ""
    """One sentence with the rule that applied."""


class PodStates(Mapping[PodKey, PodState]):
    """The pods that a scenario changes, in order; the state of one is worked out when somebody asks for it.

    A zone of a large cluster takes 50,000 pods with it, and a page shows those of one service.
    """

    def __init__(
        self,
        fates: Mapping[PodKey, PodFate],
        known: Mapping[PodKey, PodState],
        make: Callable[[PodKey], PodState],
    ) -> None:
        """`known` are the states of some of the pods, `make` returns those of the others."""
        self.fates = fates
        self._known = dict(known)
        self._make = make

    def __getitem__(self, key: PodKey) -> PodState:
        found = self._known.get(key)
        if found is None:
            if key not in self.fates:
                raise KeyError(key)
            found = self._known[key] = self._make(key)
        return found

    def __iter__(self) -> Iterator[PodKey]:
        return iter(self.fates)

    def __len__(self) -> int:
        return len(self.fates)

    def __contains__(self, key: object) -> bool:
        return key in self.fates

    def updated(self, states: Iterable[PodState], without: Collection[PodKey] = ()) -> "PodStates":
        """Return them with these states, and without some of the pods."""
        new = {state.pod.key: state for state in states}
        if not new and not without:
            return self
        fates = {key: fate for key, fate in self.fates.items() if key not in without}
        known = {key: state for key, state in self._known.items() if key not in without}
        return PodStates(fates | {key: state.fate for key, state in new.items()}, known | new, self._make)


def with_fate(pods: Mapping[PodKey, PodState], fates: Container[PodFate]) -> list[PodState]:
    """Return the pods to which one of these things happens, in order."""
    if isinstance(pods, PodStates):
        return [pods[key] for key, fate in pods.fates.items() if fate in fates]
    return [state for state in pods.values() if state.fate in fates]


def count_fates(pods: Mapping[PodKey, PodState]) -> Counter[PodFate]:
    """Return to how many pods each thing happens."""
    return Counter(pods.fates.values() if isinstance(pods, PodStates) else (state.fate for state in pods.values()))


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What a scenario results in at its moment."""

    cluster: Cluster
    scenario: Scenario
    down_nodes: frozenset[str] = frozenset()
    """The truth: nodes that are off."""
    dead_pods: frozenset[PodKey] = frozenset()
    """The truth: pods that don't answer although their node may be up."""
    unready_nodes: frozenset[str] = frozenset()
    """What Kubernetes has detected: nodes that are down."""
    unready_pods: frozenset[PodKey] = frozenset()
    """What Kubernetes has detected: pods that are no longer ready for a reason of their own."""
    cordoned_nodes: frozenset[str] = frozenset()
    dead_kube_proxies: frozenset[str] = frozenset()
    """The truth: nodes whose kube-proxy has died."""
    stale_nodes: frozenset[str] = frozenset()
    """Nodes whose kube-proxy still has the endpoints of before."""
    unseen_nodes: frozenset[str] = frozenset()
    """The truth: nodes that keep running, unreachable for the control plane."""
    blocked_pods: frozenset[PodKey] = frozenset()
    """Pods that a drain leaves where they are, since the Eviction API refuses to evict them."""
    pods: Mapping[PodKey, PodState] = field(default_factory=dict)
    """The pods that the scenario changes, replacements included."""
    changed_endpoints: Mapping[tuple[str, int], tuple[Endpoint, ...]] = field(default_factory=dict)
    """By service key and index of the port: the endpoints where they aren't simply the cluster's."""
    notes: tuple[str, ...] = ()
    """What a reader must know of this moment, one sentence each."""

    @property
    def nodes_as_detected(self) -> Mapping[str, Node]:
        """The nodes as controllers see them: not ready where Kubernetes has detected that they are down."""
        nodes = self.cluster.nodes
        return {**nodes, **{name: replace(nodes[name], ready=False) for name in self.unready_nodes}}

    def is_assumed(self, key: PodKey | None) -> bool:
        """Return whether this is a pod that stands in for one that is not in the upload."""
        changed = self.pods.get(key or "")
        return self.cluster.is_assumed(changed.pod if changed else self.cluster.pods.get(key or ""))

    def has_ended(self, key: PodKey, node: str) -> bool:
        """Return whether the pod was evicted or deleted, and the kubelet of its node has ended it by now.

        Where the control plane can't see the node, nobody tells the kubelet, so the pod runs on.
        """
        changed = self.pods.get(key)
        # Nobody tells a kubelet that the control plane can't reach to end a pod, so there it runs on.
        if changed is None or changed.fate not in _ENDED or node in self.unready_nodes:
            return False
        return self.scenario.at in (Moment.DETECTED, Moment.RESCHEDULED, Moment.DRAINED)


def untouched(cluster: Cluster) -> State:
    """Return the state in which nothing fails."""
    return State(cluster=cluster, scenario=Scenario())
