"""The parts of the simulation document beyond the entries: pods, drains, the timeline, other access paths."""

from collections import defaultdict
from dataclasses import replace
from typing import Any

from webapp.cluster.model import Cluster, Service, ServicePort
from webapp.cluster.network_policies import isolation, policy_note
from webapp.failure.clock import Clock, clock
from webapp.failure.connections import OpenConnections, open_connections
from webapp.failure.drain import NodeDrain, drain
from webapp.failure.moments import state_at
from webapp.failure.nodelifecycle import TimelineStep
from webapp.failure.scenario import CRASH_MOMENTS, Scenario
from webapp.failure.state import PodState, State
from webapp.routing.access_paths import AddressPath, HostPortPath, address_paths, host_port_paths
from webapp.routing.health_check import health_answers
from webapp.routing.outcome import outcome
from webapp.simulation.timeline import StepChart, charts


def scenario_detail(state: State) -> dict[str, Any]:
    """Return what belongs to the whole scenario: pods that it changes, drains, timeline, open connections, host ports.

    With a service in focus `hostPorts` lists those of its own pods only.
    """
    scenario, cluster = state.scenario, state.cluster
    drained = drain(cluster, scenario.drain).nodes if scenario.drain else ()
    asked = scenario.down or scenario.drain
    # What happens to open connections depends on how things fail, not on how many.
    kinds = {target.kind for target in scenario.down}
    return {
        "pods": [_pod(pod) for pod in state.pods.values()],
        "drains": [_drain(node) for node in drained],
        # The keys are contracts; some are older than the names in the code.
        "course": _clock(clock(cluster, scenario)) if scenario.down else None,
        "openConnections": [_open(it) for it in open_connections(scenario.at, kinds)] if asked else [],
        "hostPorts": [_host_port(path) for path in host_port_paths(state, _behind(state))],
    }


def service_detail(state: State, service: Service) -> dict[str, Any]:
    """Return what else decides about a service's traffic."""
    codes: defaultdict[str, list[str]] = defaultdict(list)
    for answer in health_answers(state, service.key):
        # 5,000 nodes give two or three different answers.
        codes[str(answer.code) if answer.code else "none"].append(answer.node)
    return {
        "sessionAffinity": service.session_affinity,
        "sessionAffinitySeconds": service.session_affinity_seconds,
        "externalIPs": list(service.external_ips),
        "loadBalancerAddresses": list(service.load_balancer_addresses),
        "loadBalancerSourceRanges": list(service.load_balancer_source_ranges),
        "healthCheckNodePort": service.health_check_node_port,
        "healthChecks": dict(codes),
    }


def port_detail(state: State, service: Service, index: int) -> dict[str, Any]:
    """Return a port's policies and other access paths, and with the service in focus what its failure costs."""
    others = [_address_path(path) for path in address_paths(state, service.key, index)]
    # Four states for each port: too much for a document of thousands of services.
    focused = state.scenario.service == service.key and state.scenario.down
    return {
        "networkPolicy": _isolation(state.cluster, service, service.ports[index]),
        "otherWays": others,
        "timeline": timelines(state.cluster, state.scenario, index) if focused else None,
    }


def _isolation(cluster: Cluster, service: Service, port: ServicePort) -> dict[str, Any] | None:
    found = isolation(cluster, service, port)
    if found is None:
        return None
    return {
        "policies": list(found.policies),
        "admits": found.admitted.value,
        "ipBlocks": list(found.blocks),
        "port": found.number,
        "pods": found.pods,
        "note": policy_note(cluster, service, port),
    }


def timelines(cluster: Cluster, scenario: Scenario, index: int) -> dict[str, Any] | None:
    """Return what the failure costs by DNS, load balancer and the scenario's access path; None without entries."""
    key = scenario.service or ""
    outcomes = {m: outcome(state_at(cluster, replace(scenario, at=m)), key, index) for m in CRASH_MOMENTS}
    paths = dict.fromkeys(("dns", "lb", scenario.via))
    found = charts(outcomes, clock(cluster, scenario).seconds_at, paths)
    return {path: _chart(chart) for path, chart in found.items()} or None


def _open(it: OpenConnections) -> dict[str, Any]:
    return {"path": it.path, "protocol": it.protocol, "fortune": it.effect.value, "reason": it.reason}


def _chart(chart: StepChart) -> dict[str, Any]:
    return {
        "before": chart.before,
        "steps": [{"at": s.moment.value, "seconds": s.seconds_from, "answered": s.answered} for s in chart.segments],
        "settledAt": chart.settled_at,
        "lost": chart.lost,
        "stillLosing": chart.still_losing,
    }


def _clock(it: Clock) -> dict[str, Any]:
    return {
        "moments": [{"at": moment.value, "seconds": seconds} for moment, seconds in it.seconds_at.items()],
        "steps": [_step(step) for step in it.steps],
    }


def _step(step: TimelineStep) -> dict[str, Any]:
    return {
        "from": step.seconds_from,
        "to": step.seconds_to,
        "event": step.event,
        "flag": step.flag,
        "source": step.source,
    }


def _pod(state: PodState) -> dict[str, Any]:
    return {
        "pod": state.pod.key,
        "fate": state.fate.value,
        "node": state.pod.node,
        "from": state.from_node,
        "replaces": state.replaces,
        "reason": state.reason or state.pod.pending,
    }


def _drain(node: NodeDrain) -> dict[str, Any]:
    return {
        "node": node.node,
        "result": node.result.value,
        "rounds": [list(keys) for keys in node.rounds],
        "held": {key: verdict.cause or verdict.message for key, verdict in node.held.items()},
        "errors": list(node.errors),
        "warnings": list(node.warnings),
    }


def _behind(state: State) -> list[str] | None:
    if state.scenario.service is None:
        return None
    service = state.cluster.services[state.scenario.service]
    return list(dict.fromkeys(e.pod for port in service.ports for e in port.endpoints if e.pod))


def _host_port(path: HostPortPath) -> dict[str, Any]:
    return {
        "pod": path.pod,
        "node": path.node,
        "address": path.address,
        "port": path.port,
        "protocol": path.protocol,
        "hostNetwork": path.host_network,
        "answered": path.entry.answered,
        "outcome": path.entry.result.value,
    }


def _address_path(path: AddressPath) -> dict[str, Any]:
    nodes: defaultdict[str, list[str]] = defaultdict(list)
    for entry in path.entries:
        nodes[entry.result.value].append(entry.node)
    return {
        "kind": path.kind.value,
        "address": path.address,
        "port": path.port,
        "sourceRanges": list(path.source_ranges),
        "answered": path.answered,
        "nodes": dict(nodes),
    }
