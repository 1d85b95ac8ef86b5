"""From a Scenario to the State at its moment."""

from collections.abc import Iterable
from dataclasses import replace

from webapp.cluster.model import Cluster, Pod
from webapp.failure.changed_endpoints import with_changed_pods
from webapp.failure.drain import drain
from webapp.failure.kinds import Impact, TargetType
from webapp.failure.recovery import rescheduled
from webapp.failure.scenario import CRASH_MOMENTS, Moment, Scenario, Target
from webapp.failure.state import PodFate, PodState, State
from webapp.garbage import collection_paused

UNDETECTED = "The control plane is down: nothing is detected and nothing moves; as just failed."
_DETECTED = (Moment.DETECTED, Moment.RESCHEDULED)


def state_at(cluster: Cluster, scenario: Scenario) -> State:
    """Return what is really up, and what Kubernetes has detected, at the scenario's moment.

    At ``before`` nothing is down, whatever the scenario names. At ``failed`` nothing is detected. At ``detected`` the
    node lifecycle controller has marked the nodes and all their pods not ready (Kubernetes, "Nodes"), unless no
    control plane is left to do so. At ``rescheduled`` pods were evicted and, where a controller does so, re-created.
    """
    if scenario.at is Moment.BEFORE or not (scenario.down or scenario.drain):
        return State(cluster=cluster, scenario=scenario)
    if scenario.at not in CRASH_MOMENTS:
        return _drained(cluster, scenario)
    state = _failed(cluster, scenario)
    if scenario.at not in _DETECTED:
        return state
    if not control_plane_alive(state):
        return replace(
            state,
            notes=(*state.notes, UNDETECTED),
        )
    return _rescheduled(_detected(state)) if scenario.at is Moment.RESCHEDULED else _detected(state)


def hit(cluster: Cluster, scenario: Scenario, *impacts: Impact) -> frozenset[str]:
    """Return the nodes or pods to which the scenario does one of these things."""
    return frozenset(
        name
        for target in scenario.down
        if not target.mode.impacts.isdisjoint(impacts)
        for name in named(cluster, target)
    )


def named(cluster: Cluster, target: Target) -> Iterable[str]:
    """Return the nodes or pods that one thing stands for: a zone for its nodes."""
    if target.mode.subject is TargetType.ZONE:
        return (name for name, node in cluster.nodes.items() if node.zone == target.name)
    return (target.name,)


def control_plane_alive(state: State) -> bool:
    """Return whether anything is left to detect it: a control-plane node, or none is known (then it is up)."""
    cluster, scenario = state.cluster, state.scenario
    if any(Impact.UNDETECTED in target.mode.impacts for target in scenario.down):
        return False
    # A managed control plane shows no nodes of its own: it runs elsewhere, and is up.
    planes = frozenset(name for name, node in cluster.nodes.items() if node.control_plane)
    return not planes or bool(planes - state.down_nodes - state.unseen_nodes)


def _failed(cluster: Cluster, scenario: Scenario) -> State:
    state = State(
        cluster=cluster,
        scenario=scenario,
        down_nodes=_off(cluster, scenario),
        # A pod that no longer answers is silent from the first second on, whatever the EndpointSlices say.
        dead_pods=hit(cluster, scenario, Impact.POD_SILENT),
        dead_kube_proxies=hit(cluster, scenario, Impact.KUBE_PROXY_DEAD),
        unseen_nodes=hit(cluster, scenario, Impact.NODE_UNSEEN),
    )
    going = hit(cluster, scenario, Impact.POD_TERMINATES)
    terminating = {key: _terminating(cluster.pods[key]) for key in going if key in cluster.pods}
    return with_changed_pods(state, terminating, frozenset()) if terminating else state


def _off(cluster: Cluster, scenario: Scenario) -> frozenset[str]:
    """Return the nodes that are off; one that returns is back by the time its pods are recreated."""
    if scenario.at is not Moment.RESCHEDULED:
        return hit(cluster, scenario, Impact.NODE_OFF)
    gone = (t for t in scenario.down if Impact.NODE_RETURNS not in t.mode.impacts)
    return hit(cluster, replace(scenario, down=frozenset(gone)), Impact.NODE_OFF)


def _terminating(pod: Pod) -> PodState:
    reason = "Deleted: it terminates gracefully, and serves until then if nothing else is ready."
    return PodState(pod=replace(pod, terminating=True), fate=PodFate.EVICTED, from_node=pod.node, reason=reason)


def _detected(state: State) -> State:
    cluster, scenario = state.cluster, state.scenario
    detected = replace(
        state,
        unready_nodes=state.down_nodes | state.unseen_nodes,
        unready_pods=state.dead_pods,
        # Both kube-proxies hear of no change any more: one is dead, the other can't reach the API server.
        stale_nodes=state.dead_kube_proxies | state.unseen_nodes,
    )
    # By now its kubelet has ended it, and the object is gone.
    deleted = hit(cluster, scenario, Impact.POD_TERMINATES)
    return with_changed_pods(detected, state.pods, deleted) if deleted else detected


@collection_paused()
def _rescheduled(state: State) -> State:
    cluster, scenario = state.cluster, state.scenario
    returned = hit(cluster, scenario, Impact.NODE_RETURNS)
    # A failed readiness probe restarts nothing: the pod stays, unready.
    hanging = hit(cluster, scenario, Impact.POD_HANGS)
    recovery = rescheduled(
        cluster,
        (state.down_nodes | state.unseen_nodes) - returned,
        dead_pods=hit(cluster, scenario, Impact.POD_REPLACED),
        unready_pods=hanging,
        returned_nodes=returned,
        control_plane_up=control_plane_alive(state),
    )
    detected = replace(state, dead_pods=hanging, unready_pods=hanging, notes=(*state.notes, *recovery.notes))
    return with_changed_pods(detected, recovery.pods, recovery.gone)


@collection_paused()
def _drained(cluster: Cluster, scenario: Scenario) -> State:
    drained = drain(cluster, scenario.drain)
    view = drained.at(scenario.at)
    # Cordoning evicts nothing yet, so nothing can be refused.
    begun = scenario.at is not Moment.CORDONED
    state = State(
        cluster=cluster,
        scenario=scenario,
        cordoned_nodes=frozenset(scenario.drain),
        blocked_pods=frozenset(key for node in drained.nodes for key in node.held) if begun else frozenset(),
        notes=drained.notes if begun else (),
    )
    return with_changed_pods(state, view.pods, view.gone)
