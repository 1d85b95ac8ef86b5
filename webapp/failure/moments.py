"""From a Scenario to the State at its moment."""

from dataclasses import replace

from webapp.cluster.model import Cluster, Pod
from webapp.failure.changed_endpoints import with_changed_pods
from webapp.failure.drain import drain
from webapp.failure.recovery import Recovery, rescheduled
from webapp.failure.scenario import CRASH_MOMENTS, Kind, Moment, Scenario
from webapp.failure.state import PodFate, PodState, State

_NOTICED = (Moment.DETECTED, Moment.RESCHEDULED)


def state_at(cluster: Cluster, scenario: Scenario) -> State:
    """Return what is really up, and what Kubernetes has detected, at the scenario's moment.

    At ``before`` nothing is down, whatever the scenario names. At ``failed`` nobody has noticed. At ``detected`` the
    node lifecycle controller has marked the nodes and all their pods not ready (Kubernetes, "Nodes"), unless no
    control plane is left to do so. At ``rescheduled`` pods were evicted and, where a controller does so, re-created.
    """
    if scenario.at is Moment.BEFORE or not (scenario.down or scenario.drain):
        return State(cluster=cluster, scenario=scenario)
    if scenario.at not in CRASH_MOMENTS:
        return _drained(cluster, scenario)
    state = _failed(cluster, scenario)
    if scenario.at not in _NOTICED:
        return state
    if not control_plane_alive(state):
        return replace(
            state,
            notes=(*state.notes, "The control plane is down: nothing is detected and nothing moves; as just failed."),
        )
    return _rescheduled(_detected(state)) if scenario.at is Moment.RESCHEDULED else _detected(state)


def named(scenario: Scenario, *kinds: Kind) -> frozenset[str]:
    """Return the names that the scenario takes down in one of these ways."""
    return frozenset(target.name for target in scenario.down if target.kind in kinds)


def control_plane_alive(state: State) -> bool:
    """Return whether somebody is left to notice: a control-plane node, or none is known (then it is taken to live)."""
    if named(state.scenario, Kind.CONTROL_PLANE):
        return False
    planes = frozenset(name for name, node in state.cluster.nodes.items() if node.control_plane)
    cut_off = state.down_nodes | named(state.scenario, Kind.PARTITION)
    return not planes or bool(planes - cut_off)


def _failed(cluster: Cluster, scenario: Scenario) -> State:
    zones = named(scenario, Kind.ZONE)
    down = named(scenario, Kind.NODE) | {name for name, node in cluster.nodes.items() if node.zone in zones}
    if scenario.at is not Moment.RESCHEDULED:
        down |= named(scenario, Kind.RETURNED)
    state = State(
        cluster=cluster,
        scenario=scenario,
        down_nodes=frozenset(down),
        dead_pods=named(scenario, Kind.POD, Kind.UNREADY),
        dead_kube_proxies=named(scenario, Kind.KUBE_PROXY),
    )
    deleted = {key: _terminating(cluster.pods[key]) for key in named(scenario, Kind.DELETED) if key in cluster.pods}
    return with_changed_pods(state, deleted, frozenset()) if deleted else state


def _terminating(pod: Pod) -> PodState:
    reason = "Deleted: it terminates gracefully, and serves until then if nothing else is ready."
    return PodState(pod=replace(pod, terminating=True), fate=PodFate.EVICTED, from_node=pod.node, reason=reason)


def _detected(state: State) -> State:
    partitioned = named(state.scenario, Kind.PARTITION)
    noticed = replace(
        state,
        unready_nodes=state.down_nodes | partitioned,
        unready_pods=state.dead_pods,
        stale_nodes=named(state.scenario, Kind.KUBE_PROXY) | partitioned,
    )
    deleted = named(state.scenario, Kind.DELETED)
    return with_changed_pods(noticed, state.pods, deleted) if deleted else noticed


def recovery_of(state: State) -> Recovery:
    """Return what a crash comes to in the end, with the steps on the way and when they are expected."""
    scenario = state.scenario
    return rescheduled(
        state.cluster,
        _lost(state),
        dead_pods=named(scenario, Kind.POD, Kind.DELETED),
        unready_pods=named(scenario, Kind.UNREADY),
        returned_nodes=named(scenario, Kind.RETURNED),
        control_plane_up=control_plane_alive(state),
    )


def _lost(state: State) -> frozenset[str]:
    """Return the nodes that the control plane can't see and that don't come back."""
    returned = named(state.scenario, Kind.RETURNED)
    return (state.down_nodes | named(state.scenario, Kind.PARTITION)) - returned


def _rescheduled(state: State) -> State:
    recovery = recovery_of(state)
    hanging = named(state.scenario, Kind.UNREADY)
    noticed = replace(state, dead_pods=hanging, unready_pods=hanging, notes=(*state.notes, *recovery.notes))
    return with_changed_pods(noticed, recovery.pods, recovery.gone)


def _drained(cluster: Cluster, scenario: Scenario) -> State:
    drained = drain(cluster, scenario.drain)
    view = drained.at(scenario.at)
    notes = drained.notes if scenario.at is not Moment.CORDONED else ()
    state = State(cluster=cluster, scenario=scenario, cordoned_nodes=frozenset(scenario.drain), notes=notes)
    return with_changed_pods(state, view.pods, view.gone)
