"""What is known of a number at which no node listens: another protocol, a port mixed up, a rejected Service."""

from collections.abc import Iterator

from webapp.cluster.model import Service, ServicePort
from webapp.failure.state import State
from webapp.findings.explanation import Mark, PathStep
from webapp.findings.facts import Facts, Selection
from webapp.numbers import some
from webapp.routing.access_paths import host_port_paths
from webapp.routing.plans import has_entries

_SHOWN = 5
_SAID = 2


def which_port(facts: Facts, protocol: str) -> PathStep:
    """Return the step that asks for the port, where none was typed and several fit, or none does."""
    listed = [
        f"{p.node_port} ({s.service.key})" for s in facts.numbered for _, p in s.node_ports if p.protocol == protocol
    ]
    there = f"{protocol} nodePorts are {some(listed, _SHOWN)}" if listed else f"no {protocol} nodePort exists"
    return PathStep(name="port", mark=Mark.UNKNOWN, text=f"Which port? Add it to the address: {there}.")


def not_listening(facts: Facts, state: State, number: int, protocol: str) -> str:
    """Return the best explanation of a number that nobody has at this node, the service in focus first."""
    focus = state.scenario.service
    # The reasons stand in order of certainty: a rejected Service explains it, a number mixed up only may.
    services = sorted(facts.services, key=lambda selected: selected.service.key != focus)
    for said in (_rejected, _other_protocol, _health_check, _mixed_up):
        found = [text for selected in services for text in said(selected, number, protocol)]
        if found:
            return " ".join([*found[:_SAID], *([f"And {len(found) - _SAID} more."] if len(found) > _SAID else [])])
    elsewhere = [way.node for way in host_port_paths(state) if (way.port, way.protocol) == (number, protocol)]
    if elsewhere:
        return f"{number} is a host port that pods open on {', '.join(elsewhere[:_SHOWN])}, not on this node."
    ports = [p.node_port for s in facts.numbered for _, p in s.node_ports if p.protocol == protocol and p.node_port]
    nearest = min(ports, key=lambda each: abs(each - number), default=None)
    also = f"; the nearest nodePort is {nearest}" if nearest is not None else ""
    return f"Nothing listens on {number}/{protocol}: no service has that nodePort, and no pod opens it{also}."


def _rejected(selected: Selection, number: int, _: str) -> Iterator[str]:
    service = selected.service
    if service.refusals and any(port.node_port == number for port in selected.given.spec.ports):
        refusal = service.refusals[0]
        yield f"{service.key} asks for {number}, but the API server rejects it: {refusal.path}: {refusal.detail}."


def _other_protocol(selected: Selection, number: int, protocol: str) -> Iterator[str]:
    service = selected.service
    for port in service.ports:
        if port.node_port == number and port.protocol != protocol and has_entries(service, port):
            auto = "auto-assigned " if port.node_port_assigned else ""
            yield f"{number} is the {auto}nodePort of {service.key} for {port.protocol}, not for {protocol}."


def _health_check(selected: Selection, number: int, protocol: str) -> Iterator[str]:
    service = selected.service
    if service.health_check_node_port == number and service.accepted and protocol == "TCP":
        yield (
            f"{number} is the healthCheckNodePort of {service.key}: kube-proxy tells load balancers there (HTTP 200 or "
            "503) whether the node has a ready endpoint; it doesn't lead to the pods."
        )


def _mixed_up(selected: Selection, number: int, protocol: str) -> Iterator[str]:
    service = selected.service
    for port in service.ports if service.accepted else ():
        if port.protocol == protocol:
            yield from _meant(service, port, number)


def _meant(service: Service, port: ServicePort, number: int) -> Iterator[str]:
    if number == port.port:
        what = f"the port of {service.key} inside the cluster"
    elif number == port.target_port or any(number == endpoint.port for endpoint in port.endpoints):
        what = f"the port of the pods behind {service.key}"
    else:
        return
    if has_entries(service, port):
        yield f"{number} is {what}; from outside it is nodePort {port.node_port}."
    else:
        yield f"{number} is {what}, which is a {service.type} and has no nodePort: give it one."
