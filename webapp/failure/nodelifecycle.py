"""The node lifecycle controller: when a lost node is detected, which taints it gets, and what holds evictions back.

All seconds count from the failure, unless a name says otherwise; every node of one failure is lost at the same time.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import field, replace
from enum import StrEnum

from webapp.cluster.model import Node
from webapp.cluster.scheduling.taints import DEFAULT_SECONDS, NOT_READY, UNREACHABLE
from webapp.failure.scenario import Moment
from webapp.manifests.objects import Taint
from webapp.numbers import duration
from webapp.records import dataclass

MONITOR_PERIOD = 5
"""``--node-monitor-period`` of kube-controller-manager."""
LEASE_RENEWAL = 10
"""Seconds between two Lease renewals of a kubelet (KubeletConfiguration nodeLeaseDurationSeconds: a quarter of it)."""
EVICTION_RATE = 0.1
"""``--node-eviction-rate``: nodes that get their NoExecute taint per second and zone."""
SECONDARY_EVICTION_RATE = 0.01
"""``--secondary-node-eviction-rate``, for a large zone in partial disruption."""
LARGE_CLUSTER_SIZE = 50
"""``--large-cluster-size-threshold``; it is compared with the nodes of the zone."""
UNHEALTHY_ZONE_THRESHOLD = 0.55
"""``--unhealthy-zone-threshold``."""
EXCLUDE_DISRUPTION = "node.kubernetes.io/exclude-disruption"
"""A node with this label, whatever its value, doesn't count when the state of its zone is decided."""

ZoneKey = tuple[str, str]
"""Region and zone; nodes without labels form the one zone of empty names (component-helpers node/topology)."""


class ZoneState(StrEnum):
    """How bad things are in a zone, in the controller's own words."""

    NORMAL = "Normal"
    PARTIAL = "PartialDisruption"
    FULL = "FullDisruption"


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneHealth:
    """One zone as the controller counts it, without the nodes excluded from that."""

    key: ZoneKey
    ready: int
    not_ready: int
    state: ZoneState
    rate: float
    """NoExecute taints per second; 0 means that no pod is evicted."""

    @property
    def size(self) -> int:
        """All nodes of the zone that count."""
        return self.ready + self.not_ready


@dataclass(frozen=True, slots=True, kw_only=True)
class Lifecycle:
    """What happens to lost nodes as Kubernetes sees them."""

    grace: int
    """``--node-monitor-grace-period`` in seconds."""
    detected: tuple[int, int] | None
    """The earliest and the latest second at which Ready turns Unknown; None if nothing is left to detect it."""
    tainted_after: Mapping[str, float | None] = field(default_factory=dict)
    """By lost node: seconds from detection to its NoExecute taint; None = never."""
    zones: tuple[ZoneHealth, ...] = ()
    """Those that lost a node."""
    notes: tuple[str, ...] = ()

    @property
    def expected(self) -> int | None:
        """The second at which detection is expected: the middle of the window, which is the grace period itself."""
        return None if self.detected is None else sum(self.detected) // 2


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineStep:
    """One thing that happens after a failure."""

    seconds_from: float
    seconds_to: float | None
    """None: open, it takes as long as it takes, or forever."""
    event: str
    flag: str = ""
    """The setting behind the number, with its default."""
    source: str = ""

    @property
    def when(self) -> str:
        """``50 s``, ``40 s to 60 s``, ``from 340 s on``."""
        if self.seconds_to is None:
            return f"from {duration(self.seconds_from)} on"
        if self.seconds_to == self.seconds_from:
            return duration(self.seconds_from)
        return f"{duration(self.seconds_from)} to {duration(self.seconds_to)}"


def grace_period(minor_version: int) -> int:
    """Return ``--node-monitor-grace-period``: 50 s since 1.32, 40 s before (kubernetes/kubernetes#126287).

    >>> grace_period(31), grace_period(32)
    (40, 50)
    """
    return 50 if minor_version >= 32 else 40


def usual_seconds(minor_version: int) -> Mapping[Moment, float]:
    """Return when each moment comes for a pod with the default tolerations, whose node is lost alone."""
    grace = float(grace_period(minor_version))
    return {Moment.FAILED: 0.0, Moment.DETECTED: grace, Moment.RESCHEDULED: grace + DEFAULT_SECONDS}


def detection_window(minor_version: int) -> tuple[int, int]:
    """Return the earliest and latest second after a crash at which the node's Ready turns Unknown.

    The grace period counts from when the controller last saw a renewal of the node's Lease; that is up to one renewal
    before the crash or one look after it, and it looks again every five seconds (node_lifecycle_controller.go,
    monitorNodeHealth).

    >>> detection_window(36)
    (40, 60)
    """
    grace = grace_period(minor_version)
    return grace - LEASE_RENEWAL, grace + 2 * MONITOR_PERIOD


def zone_state(ready: int, not_ready: int) -> ZoneState:
    """Return the zone's state: full without any ready node, partial from 3 and 55 % not ready, else normal.

    node_lifecycle_controller.go, ComputeZoneState.

    >>> zone_state(2, 3), zone_state(3, 3)
    (<ZoneState.PARTIAL: 'PartialDisruption'>, <ZoneState.NORMAL: 'Normal'>)
    """
    if not_ready and not ready:
        return ZoneState.FULL
    # Of one or two nodes no share is telling: a broken node of two must not stop the evictions from it.
    if not_ready > 2 and not_ready / (ready + not_ready) >= UNHEALTHY_ZONE_THRESHOLD:
        return ZoneState.PARTIAL
    return ZoneState.NORMAL


def taint_rate(state: ZoneState, size: int, *, everywhere_full: bool = False) -> float:
    """Return how many nodes of the zone get their NoExecute taint per second.

    A zone that is wholly down is evicted at the normal rate, as long as another one lives; when all are down the
    controller suspects itself and stops (node_lifecycle_controller.go, handleDisruption and setLimiterInZone).
    """
    # With every zone down it is rather the controller that has lost its network.
    if everywhere_full:
        return 0.0
    if state is ZoneState.PARTIAL:
        # Small zones get none: moving the pods of half a small cluster would overload the other half.
        return SECONDARY_EVICTION_RATE if size > LARGE_CLUSTER_SIZE else 0.0
    return EVICTION_RATE


def lifecycle(
    nodes: Mapping[str, Node], lost: Collection[str], minor_version: int, *, control_plane_up: bool = True
) -> Lifecycle:
    """Return what the controller does about the lost nodes: detection, zone states, taints one after another.

    Nodes whose Ready condition was not True before also count as not ready; those labelled exclude-disruption don't
    count at all, but are tainted as any other.
    """
    if not control_plane_up:
        nothing = "The control plane is down: nothing is detected and nothing moves."
        never = dict.fromkeys(lost)
        return Lifecycle(grace=grace_period(minor_version), detected=None, tainted_after=never, notes=(nothing,))
    zones = _zone_health(nodes, lost)
    hit = tuple(zones[key] for key in dict.fromkeys(map(zone_key, (nodes[name] for name in nodes if name in lost))))
    return Lifecycle(
        grace=grace_period(minor_version),
        detected=detection_window(minor_version),
        tainted_after=dict(_tainted_after(nodes, lost, zones)),
        zones=hit,
        notes=tuple(_brake_notes(hit)),
    )


def not_ready_before(nodes: Mapping[str, Node], lost: Collection[str]) -> frozenset[str]:
    """Return the nodes that were not Ready before others were lost: the controller also goes on evicting from them."""
    return (
        frozenset(name for name, node in nodes.items() if not node.ready and name not in lost) if lost else frozenset()
    )


def zone_key(node: Node) -> ZoneKey:
    """Return the zone that the controller counts the node in."""
    return node.region or "", node.zone or ""


def lost_node(node: Node) -> Node:
    """Return the node as the API server shows it once it is detected: not ready, tainted unreachable.

    NoSchedule comes at once and keeps new pods away; NoExecute, which evicts, waits for its turn. A not-ready taint is
    swapped for the unreachable one (node_lifecycle_controller.go, processTaintBaseEviction).
    """
    # A node has one of the two taints at a time; the controller swaps them.
    kept = (taint for taint in node.taints if taint.key not in (NOT_READY, UNREACHABLE))
    added = (Taint(key=UNREACHABLE, effect=effect) for effect in ("NoSchedule", "NoExecute"))
    return replace(node, ready=False, taints=(*kept, *added))


def steps(life: Lifecycle, evicted_after: Iterable[float]) -> tuple[TimelineStep, ...]:
    """Return what happens after the crash, in order; `evicted_after` are the pods' deletions, from detection on."""
    return tuple(_steps(life, sorted(evicted_after)))


def moment_seconds(life: Lifecycle, evicted_after: Sequence[float]) -> Mapping[Moment, float]:
    """Return when each moment is expected; one that never comes is missing.

    Rescheduled is when the last pod is deleted; `evicted_after` are those deletions in order, from detection on.
    """
    times = {Moment.FAILED: 0.0}
    if life.expected is not None:
        times[Moment.DETECTED] = float(life.expected)
        if evicted_after:
            times[Moment.RESCHEDULED] = life.expected + evicted_after[-1]
    return times


def _zone_health(nodes: Mapping[str, Node], lost: Collection[str]) -> dict[ZoneKey, ZoneHealth]:
    """Return the health of all zones.

    One whose nodes are all excluded has no state of its own and goes by the normal rate (monitorNodeHealth and
    handleDisruption, node_lifecycle_controller.go).
    """
    counts = Counter(
        (zone_key(node), node.ready and name not in lost)
        for name, node in nodes.items()
        # Nodes that come and go by themselves, spot instances say, would make a zone look disrupted.
        if EXCLUDE_DISRUPTION not in node.labels
    )
    keys = dict.fromkeys(map(zone_key, nodes.values()))
    states = [zone_state(counts[key, True], counts[key, False]) for key in dict.fromkeys(key for key, _ in counts)]
    everywhere = bool(states) and all(state is ZoneState.FULL for state in states)
    return {key: _health(key, counts[key, True], counts[key, False], everywhere=everywhere) for key in keys}


def _health(key: ZoneKey, ready: int, not_ready: int, *, everywhere: bool) -> ZoneHealth:
    state = zone_state(ready, not_ready)
    rate = taint_rate(state, ready + not_ready, everywhere_full=everywhere)
    return ZoneHealth(key=key, ready=ready, not_ready=not_ready, state=state, rate=rate)


def _tainted_after(
    nodes: Mapping[str, Node], lost: Collection[str], zones: Mapping[ZoneKey, ZoneHealth]
) -> Iterator[tuple[str, float | None]]:
    """Yield when each lost node's turn comes: the first of a zone at once (the burst is one), then by rate.

    A node that has its taint already waits for no turn; it only loses the taint where every zone is wholly down.
    """
    queued: Counter[ZoneKey] = Counter()
    for name, node in nodes.items():
        if name not in lost:
            continue
        key = zone_key(node)
        rate, state = zones[key].rate, zones[key].state
        # Its pods are on their way out already; a second failure gives it no new turn.
        if _evicting(node) and (rate or state is not ZoneState.FULL):
            yield name, 0.0
        else:
            yield name, queued[key] / rate if rate else None
            queued[key] += 1


def _evicting(node: Node) -> bool:
    return any(taint.key in (NOT_READY, UNREACHABLE) and taint.effect == "NoExecute" for taint in node.taints)


def _brake_notes(zones: Iterable[ZoneHealth]) -> Iterator[str]:
    for zone in zones:
        where = f"Zone {zone.key[1]}" if zone.key[1] else "The cluster"
        count = f"{zone.not_ready} of {zone.size} nodes are not ready"
        if zone.rate == 0 and zone.state is ZoneState.FULL:
            yield f"{where}: {count}, and no healthy zone is left: the controller stops all evictions."
        elif zone.rate == 0:
            yield f"{where}: {count} (partial disruption, at most {LARGE_CLUSTER_SIZE} nodes): no pod is evicted there."
        elif zone.rate < EVICTION_RATE:
            every = f"{1 / zone.rate:.0f} s"
            yield f"{where}: {count} (partial disruption): evictions start for only one node every {every}."


_CONTROLLER = "pkg/controller/nodelifecycle/node_lifecycle_controller.go"
_EVICTION = "Kubernetes, Taints and Tolerations; pkg/controller/tainteviction/taint_eviction.go"


def _steps(life: Lifecycle, evicted_after: list[float]) -> Iterator[TimelineStep]:
    yield TimelineStep(
        seconds_from=0, seconds_to=0, event="The nodes are gone; the API still shows their pods as ready."
    )
    if life.detected is None:
        yield TimelineStep(
            seconds_from=0, seconds_to=None, event="No control plane is left to detect it: endpoints stay as they are."
        )
        return
    first, last = life.detected
    yield TimelineStep(
        seconds_from=first,
        seconds_to=last,
        event="Ready turns Unknown; in the same pass the pods turn unready and leave the endpoints.",
        flag=f"kube-controller-manager --node-monitor-grace-period={life.grace}s",
        source=f"{_CONTROLLER}; kubernetes/kubernetes#126287",
    )
    # The first node of a zone comes at once, so the longest wait is that of the last one.
    turns = [after for after in life.tainted_after.values() if after is not None]
    if not turns:
        yield TimelineStep(
            seconds_from=last, seconds_to=None, event="No NoExecute taint: no pod is evicted.", source=_CONTROLLER
        )
        return
    yield TimelineStep(
        seconds_from=first,
        seconds_to=last + MONITOR_PERIOD + max(turns),
        event="The nodes get the taint node.kubernetes.io/unreachable, one after another in each zone.",
        flag=f"kube-controller-manager --node-eviction-rate={EVICTION_RATE}",
        source=_CONTROLLER,
    )
    yield from _eviction_steps(first, last + MONITOR_PERIOD, evicted_after)


def _eviction_steps(first: float, last: float, evicted_after: list[float]) -> Iterator[TimelineStep]:
    if not evicted_after:
        return
    yield TimelineStep(
        seconds_from=first + evicted_after[0],
        seconds_to=last + evicted_after[-1],
        event="Pods whose tolerationSeconds have passed are marked for deletion; controllers create others at once.",
        flag="kube-apiserver --default-unreachable-toleration-seconds=300",
        source=_EVICTION,
    )
    yield TimelineStep(
        seconds_from=first + evicted_after[0],
        seconds_to=None,
        event="New pods are scheduled, pull their images, start and turn ready; the old ones stay Terminating until "
        "their node returns or somebody force deletes them.",
        source="Kubernetes, Nodes; Force Delete StatefulSet Pods",
    )
