"""When the moments of a failure are expected, and the steps on the way, without placing a single pod.

Seconds count from the failure. What new pods need to pull their images and to start is nobody's rule, so it isn't in.
"""

from collections.abc import Iterator, Mapping
from dataclasses import field, replace

from webapp.cluster.model import Cluster, Pod
from webapp.failure.eviction import evictions
from webapp.failure.kinds import Impact
from webapp.failure.moments import control_plane_alive, hit, state_at
from webapp.failure.nodelifecycle import TimelineStep, lifecycle, moment_seconds, not_ready_before, steps
from webapp.failure.scenario import Moment, Scenario
from webapp.failure.state import State
from webapp.manifests.objects import Probe
from webapp.records import dataclass

GRACE_PERIOD = 30
"""Default of ``terminationGracePeriodSeconds``."""
_PERIOD, _THRESHOLD = 10, 3
"""Defaults of a readiness probe's ``periodSeconds`` and ``failureThreshold`` (pkg/apis/core/v1/defaults.go)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """The timeline of one failure in seconds."""

    seconds_at: Mapping[Moment, float] = field(default_factory=dict)
    """One that never comes is missing."""
    steps: tuple[TimelineStep, ...] = ()


def clock(cluster: Cluster, scenario: Scenario) -> Clock:
    """Return when each moment of the scenario's failure is expected; nothing for a drain, which has no clock.

    Lost nodes go by the node lifecycle controller and the tolerations of their pods; a pod alone by its readiness
    probe, and a deleted one by its grace period (Kubernetes, Pod Lifecycle). A node's timeline is the longer one, so it
    stands for both.
    """
    if not scenario.down:
        return Clock()
    failed = state_at(cluster, replace(scenario, at=Moment.FAILED))
    beside = tuple(_beside(failed))
    if failed.down_nodes or hit(cluster, scenario, Impact.NODE_UNSEEN) or not control_plane_alive(failed):
        of_nodes = _of_nodes(failed)
        return replace(of_nodes, steps=(*of_nodes.steps, *beside))
    of_pods = _of_pods(failed)
    return replace(of_pods, steps=(*of_pods.steps, *beside))


def readiness_window(pod: Pod | None) -> tuple[int, int]:
    """Return the earliest and latest second after which a pod that hangs is no longer ready.

    The readiness probe must fail failureThreshold times in a row, periodSeconds apart; the slowest container's counts
    last, the quickest first, and one is enough (Kubernetes, Pod Lifecycle: Container probes).
    """
    containers = pod.spec.containers if pod else ()
    probes = [c.readiness_probe for c in containers if c.readiness_probe is not None] or [Probe()]
    # One container that is not ready makes the whole pod not ready, so the quickest probe decides.
    period, threshold = min(map(_timing, probes), key=lambda timing: timing[0] * timing[1])
    return period * (threshold - 1), period * threshold


def grace_period_of(pod: Pod) -> int:
    """Return the seconds that a pod has to terminate: its ``terminationGracePeriodSeconds``."""
    given = pod.spec.termination_grace_period_seconds
    return GRACE_PERIOD if given is None else given


def _timing(probe: Probe) -> tuple[int, int]:
    return probe.period_seconds or _PERIOD, probe.failure_threshold or _THRESHOLD


# --- nodes ------------------------------------------------------------------------------------------------------------


def _of_nodes(failed: State) -> Clock:
    scenario, cluster = failed.scenario, failed.cluster
    away = failed.down_nodes | hit(cluster, scenario, Impact.NODE_UNSEEN)
    before = not_ready_before(cluster.nodes, away)
    life = lifecycle(
        cluster.nodes, away | before, cluster.options.minor_version, control_plane_up=control_plane_alive(failed)
    )
    known = sorted(seconds for seconds in evictions(cluster, life, before).values() if seconds is not None)
    then = steps(life, known)
    # Only the first step tells a crash from a partition; what the controller does about them is the same.
    first = replace(then[0], event=_begins(failed))
    times = moment_seconds(life, known)
    return Clock(seconds_at=times, steps=(first, *then[1:], *_returns(failed, max(times.values()))))


def _begins(failed: State) -> str:
    if failed.down_nodes:
        return "The nodes are gone; the API still shows their pods as ready."
    if hit(failed.cluster, failed.scenario, Impact.NODE_UNSEEN):
        return "The nodes keep running, but are unreachable for the control plane."
    return "The control plane is gone; nodes, kube-proxies and pods keep running."


def _returns(failed: State, after: float) -> Iterator[TimelineStep]:
    if hit(failed.cluster, failed.scenario, Impact.NODE_RETURNS):
        event = "The node returns: its kubelet terminates the pods marked for deletion; no running pod moves back."
        yield TimelineStep(seconds_from=after, seconds_to=None, event=event, source="Kubernetes, Nodes")


# --- pods -------------------------------------------------------------------------------------------------------------


def _of_pods(failed: State) -> Clock:
    cluster, scenario, pods = failed.cluster, failed.scenario, failed.cluster.pods
    silent = [pods.get(key) for key in sorted(hit(cluster, scenario, Impact.POD_SILENT))]
    deleted = [pods[key] for key in sorted(hit(cluster, scenario, Impact.POD_TERMINATES)) if key in pods]
    if not silent and not deleted:
        return Clock(seconds_at={Moment.FAILED: 0.0})
    windows = [readiness_window(pod) for pod in silent]
    # The probe fails somewhere between two of its runs; a time has to be one number.
    ends = [sum(window) / 2 for window in windows] + [float(grace_period_of(pod)) for pod in deleted]
    times = {Moment.FAILED: 0.0, Moment.DETECTED: max(ends)}
    if hit(cluster, scenario, Impact.POD_REPLACED):
        times[Moment.RESCHEDULED] = max(ends)
    return Clock(seconds_at=times, steps=(*_silent_steps(silent, windows), *_deleted_steps(deleted)))


def _silent_steps(silent: list[Pod | None], windows: list[tuple[int, int]]) -> Iterator[TimelineStep]:
    if not silent:
        return
    yield TimelineStep(
        seconds_from=0, seconds_to=0, event="The pod no longer answers; it is still listed as an endpoint."
    )
    yield TimelineStep(
        seconds_from=min(window[0] for window in windows),
        seconds_to=max(window[1] for window in windows),
        event="Its readiness probe has failed failureThreshold times: it turns unready and leaves the endpoints.",
        flag=f"readinessProbe periodSeconds={_PERIOD} failureThreshold={_THRESHOLD} unless the pod says otherwise",
        source="Kubernetes, Pod Lifecycle: Container probes; pkg/apis/core/v1/defaults.go",
    )


def _deleted_steps(deleted: list[Pod]) -> Iterator[TimelineStep]:
    if not deleted:
        return
    source = "Kubernetes, Pod Lifecycle: Termination of Pods"
    marked = (
        "The pod is marked for deletion: no new connections while others are ready; its controller creates another."
    )
    yield TimelineStep(seconds_from=0, seconds_to=0, event=marked, source=source)
    yield TimelineStep(
        seconds_from=0,
        seconds_to=max(map(grace_period_of, deleted)),
        event="It terminates: its preStop hook, SIGTERM, SIGKILL at the latest.",
        flag=f"terminationGracePeriodSeconds={max(map(grace_period_of, deleted))}",
        source=source,
    )


def _beside(failed: State) -> Iterator[TimelineStep]:
    """Yield what holds from the first second on and for as long as it takes."""
    for name in sorted(failed.dead_kube_proxies):
        event = f"kube-proxy on {name} is gone: its rules stay in the kernel and go stale with the next change."
        yield TimelineStep(seconds_from=0, seconds_to=None, event=event)
