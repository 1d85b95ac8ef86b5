"""Rules about targetPort: the port of the pod that a service port leads to."""

from collections.abc import Iterator

from webapp.cluster.endpoints import target_port
from webapp.cluster.model import ServicePort
from webapp.findings.facts import Carrier, Facts, Selected
from webapp.findings.finding import Hit
from webapp.findings.nearest import did_you_mean
from webapp.manifests.objects import ContainerPort

_RANGE = "spec.ports[{}].targetPort"


def name_that_no_pod_has(facts: Facts) -> Iterator[Hit]:
    """Yield ports whose named targetPort none of the selected pods declares, so that there is no endpoint.

    A name is looked up with its protocol in each pod (kubernetes/endpointslice, FindPort).
    """
    for selected, index, port, lacking in _named(facts):
        if lacking == selected.carriers and not selected.service.headless:
            yield _lacks(selected, index, port, lacking)


def name_that_some_pods_lack(facts: Facts) -> Iterator[Hit]:
    """Yield ports whose named targetPort only some of the selected pods declare; headless ones with none, too."""
    for selected, index, port, lacking in _named(facts):
        if lacking and (lacking != selected.carriers or selected.service.headless):
            yield _lacks(selected, index, port, lacking)


def number_of_the_node_port(facts: Facts) -> Iterator[Hit]:
    """Yield ports whose targetPort is the nodePort's number, while the pods declare others.

    The targetPort is the pod's port; only the nodePort is the node's (kubernetes/api core/v1, ServicePort).
    """
    for selected, index, port in _numbered(facts):
        if _is_mistaken(selected, index, port):
            yield _mistaken(selected, index, port)


def undeclared_number(facts: Facts) -> Iterator[Hit]:
    """Yield ports whose numeric targetPort no container declares: legal, but it can't be verified.

    containerPort is "primarily informational" (kubernetes/api core/v1, Container.ports).
    """
    for selected, index, port in _numbered(facts):
        known = any(p.container_port == port.target_port for p in _declared(selected))
        if not known and not _is_mistaken(selected, index, port):
            declared = sorted({p.container_port for p in _declared(selected) if p.container_port})
            listed = f"they declare {', '.join(map(str, declared))}" if declared else "they declare none"
            yield Hit(
                subject=selected.given,
                path=_RANGE.format(index),
                message=f"Nothing says that the pods listen on targetPort {port.target_port}: {listed}.",
                hint="Make sure that the program listens there, or name the port in the container and here.",
            )


def other_protocol(facts: Facts) -> Iterator[Hit]:
    """Yield ports that the pods declare for another protocol only, or whose own name says another one."""
    for selected, index, port in _numbered(facts):
        declared = {p.protocol or "TCP" for p in _declared(selected) if p.container_port == port.target_port}
        if declared and port.protocol not in declared:
            what = f"the pods declare {port.target_port} for {', '.join(sorted(declared))}"
            yield _protocol(selected, index, port, what, "")
    for selected in facts.services:
        for index, port in enumerate(selected.service.ports):
            said = next((word for word in ("UDP", "SCTP") if port.name.upper() == word), None)
            siblings = {p.protocol for p in selected.service.ports if p is not port and p.port == port.port}
            if said and port.protocol != said and said not in siblings:
                yield _protocol(selected, index, port, f"its name is {port.name!r}", said)


def workload_without_the_port(facts: Facts) -> Iterator[Hit]:
    """Yield services that select several workloads of which only some declare the targetPort.

    Each ready pod gets its share, whether or not it listens there (Kubernetes, "Virtual IPs and Service Proxies").
    """
    for selected, _, port in _numbered(facts):
        without = [c for c in selected.carriers if not _declares(c, port)]
        if without and len(without) < len(selected.carriers):
            yield Hit(
                subject=selected.given,
                path="spec.selector",
                message=f"It selects several workloads, and {_names(without)} "
                f"{'declares' if len(without) == 1 else 'declare'} no port {port.target_port}: "
                "if nothing listens there, its share of the connections is refused.",
                hint="Add a label to the selector that only the right pods have.",
            )


def _named(facts: Facts) -> Iterator[tuple[Selected, int, ServicePort, tuple[Carrier, ...]]]:
    for selected in facts.services:
        for index, port in enumerate(selected.service.ports if selected.service.accepted else ()):
            if isinstance(port.target_port, str):
                target, protocol = port.target_port, port.protocol
                lacking = tuple(c for c in selected.carriers if target_port(c.spec, target, protocol) is None)
                if lacking:
                    yield selected, index, port, lacking


def _numbered(facts: Facts) -> Iterator[tuple[Selected, int, ServicePort]]:
    for selected in facts.services:
        usable = not selected.service.headless and selected.carriers
        for index, port in enumerate(selected.service.ports if usable else ()):
            if isinstance(port.target_port, int) and port.protocol in ("TCP", "UDP", "SCTP"):
                yield selected, index, port


def _lacks(selected: Selected, index: int, port: ServicePort, lacking: tuple[Carrier, ...]) -> Hit:
    ports = [p for c in lacking for p in _ports(c)]
    other = next((p.protocol or "TCP" for p in ports if p.name == port.target_port), None)
    meant = did_you_mean(str(port.target_port), {p.name for p in ports if p.name})
    unnamed = {p.container_port for p in ports if (p.protocol or "TCP") == port.protocol and p.container_port}
    target = meant or (unnamed.pop() if len(unnamed) == 1 else None)
    return Hit(
        subject=selected.given,
        path=_RANGE.format(index),
        message=f"{_names(lacking)} {'matches' if len(lacking) == 1 else 'match'}, but no container there declares a "
        f'port named "{port.target_port}" for {port.protocol}' + _instead(other, meant, target),
        hint="Name the container's port so, or use its name or number here.",
        remedy=_port_patch(port, {"targetPort": target}) if target and not other else None,
        old=f"targetPort: {port.target_port}" if target and not other else "",
        new=f"targetPort: {target}" if target and not other else "",
    )


def _instead(other: str | None, meant: str | None, target: str | int | None) -> str:
    if other:
        return f"; it has that name for {other}."
    if meant:
        return f'. Did you mean "{meant}"?'
    return (
        f". Did you mean {target}, the only one it has?" if target else "; none is declared at all or none is like it."
    )


def _is_mistaken(selected: Selected, index: int, port: ServicePort) -> bool:
    numbers = {p.container_port for p in _declared(selected)}
    written = selected.given.spec.ports[index].node_port
    return written == port.target_port and bool(numbers) and port.target_port not in numbers


def _mistaken(selected: Selected, index: int, port: ServicePort) -> Hit:
    declared = sorted({p.container_port for p in _declared(selected) if p.container_port})
    target, listed = declared[0] if len(declared) == 1 else None, ", ".join(map(str, declared))
    return Hit(
        subject=selected.given,
        path=_RANGE.format(index),
        message=f"targetPort is {port.target_port}, the nodePort's number, and the pods don't declare it but {listed}.",
        hint="The targetPort is the port on which the program in the pod listens.",
        remedy=_port_patch(port, {"targetPort": target}) if target else None,
        old=f"targetPort: {port.target_port}" if target else "",
        new=f"targetPort: {target}" if target else "",
    )


def _protocol(selected: Selected, index: int, port: ServicePort, what: str, meant: str) -> Hit:
    written = selected.given.spec.ports[index].protocol
    return Hit(
        subject=selected.given,
        path=f"spec.ports[{index}].protocol",
        message=f"Port {port.port} is {port.protocol}, but {what}.",
        hint=f"Say protocol: {meant} if that is what clients use." if meant else "Make the two agree.",
        remedy={"spec": {"ports": [{"port": port.port, "protocol": meant}]}} if meant else None,
        old=f"protocol: {written}" if meant and written else "",
        new=f"protocol: {meant}" if meant and written else "",
    )


def _port_patch(port: ServicePort, change: dict[str, object]) -> dict[str, object]:
    """Return the patch of one port; lists of ports are merged by their number."""
    return {"spec": {"ports": [{"port": port.port, "protocol": port.protocol, **change}]}}


def _declared(selected: Selected) -> list[ContainerPort]:
    return [port for carrier in selected.carriers for port in _ports(carrier)]


def _declares(carrier: Carrier, port: ServicePort) -> bool:
    return any(p.container_port == port.target_port for p in _ports(carrier))


def _ports(carrier: Carrier) -> Iterator[ContainerPort]:
    sidecars = (c for c in carrier.spec.init_containers if c.restart_policy == "Always")
    return (port for c in (*carrier.spec.containers, *sidecars) for port in c.ports)


def _names(carriers: tuple[Carrier, ...] | list[Carrier]) -> str:
    return ", ".join(c.name for c in carriers)
