"""Rules about targetPort: the port of the pod that a service port leads to."""

from collections.abc import Collection, Iterable, Iterator

from webapp.cluster.endpoints import target_port
from webapp.cluster.model import ServicePort
from webapp.findings.facts import Carrier, Facts, Selection
from webapp.findings.finding import Hit
from webapp.findings.nearest import did_you_mean
from webapp.findings.rule import rule
from webapp.manifests.objects import ContainerPort, IntOrString
from webapp.manifests.problems import Severity

_RANGE = "spec.ports[{}].targetPort"


@rule(
    "NP204",
    Severity.ERROR,
    "Named targetPort that no pod has",
    why="A pod without a port of that name is not an endpoint, so every connection is refused.",
    fix="Give the container's port this name, or use its name or number in the service. Names are looked up with "
    "their protocol. `--fix` writes the name that was meant, if there is one.",
    source="kubernetes/endpointslice, FindPort",
)
def name_that_no_pod_has(facts: Facts) -> Iterator[Hit]:
    """Yield ports whose named targetPort none of the selected pods declares, so that there is no endpoint."""
    # Endpoints all the same come from a dump's slices; a headless service resolves to the pods without any port.
    for selected, index, port, lacking in _named(facts):
        if lacking == selected.carriers and not selected.service.headless and not port.endpoints:
            yield _lacks(selected, index, port, lacking)


@rule(
    "NP205",
    Severity.WARNING,
    "Named targetPort that some pods lack",
    why="Pods without a port of that name get no traffic through it.",
    fix="As for NP204. A headless service still gives the pods' addresses, so there it is also a warning.",
)
def name_that_some_pods_lack(facts: Facts) -> Iterator[Hit]:
    """Yield ports whose named targetPort only some of the selected pods declare; headless ones with none also."""
    for selected, index, port, lacking in _named(facts):
        if lacking != selected.carriers or selected.service.headless or port.endpoints:
            yield _lacks(selected, index, port, lacking)


@rule(
    "NP206",
    Severity.ERROR,
    "targetPort that is the nodePort's number",
    why="Connections arrive at a port that the pod doesn't declare: unless it listens there, they are refused.",
    fix="The `targetPort` is the port on which the application in the pod listens; omit it where that is `port`. "
    "Reported only if the containers declare other ports. `--fix` writes the declared one.",
    source="kubernetes/api core/v1, ServicePort",
)
def number_of_the_node_port(facts: Facts) -> Iterator[Hit]:
    """Yield ports whose targetPort is the nodePort's number, while the pods declare others.

    The targetPort is the pod's port; only the nodePort is the node's (kubernetes/api core/v1, ServicePort).
    """
    for selected, index, port in _numbered(facts):
        if _is_mistaken(selected, index, port):
            yield _mistaken(selected, index, port)


@rule(
    "NP208",
    Severity.INFO,
    "Numeric targetPort that no container declares",
    why="It's valid, but the manifests don't say whether anything listens there.",
    fix="Nothing to do if the application listens there. Better: name the port in the container and use that name, "
    "so that both stay the same.",
    source="kubernetes/api core/v1, Container.ports",
    together="{count} targetPorts are numbers that no container declares, so it is unknown whether they "
    "listen: {names}.",
)
def undeclared_number(facts: Facts) -> Iterator[Hit]:
    """Yield ports whose numeric targetPort no container declares: legal, but it can't be verified.

    containerPort is "primarily informational" (kubernetes/api core/v1, Container.ports).
    """
    for selected, index, port in _numbered(facts):
        if port.target_port not in selected.declared and not _is_mistaken(selected, index, port):
            declared = selected.declared_numbers
            listed = f"they declare {', '.join(map(str, declared))}" if declared else "they declare none"
            yield Hit(
                subject=selected.given,
                path=_RANGE.format(index),
                message=f"Nothing says that the pods listen on targetPort {port.target_port}: {listed}.",
                hint="Make sure that the application listens there, or name the port in the container and here.",
                brief=selected.brief(port, port.target_port),
            )


@rule(
    "NP207",
    Severity.WARNING,
    "Protocol that the pods don't declare",
    why="kube-proxy opens the port for that protocol only; clients of another one get no answer.",
    fix="Use the same `protocol` in the service and in the container. What a container declares has no effect, so "
    "check which one the application uses. A port named `udp` with protocol TCP also counts.",
)
def other_protocol(facts: Facts) -> Iterator[Hit]:
    """Yield ports that the pods declare for another protocol only, or whose own name says another one."""
    for selected, index, port in _numbered(facts):
        declared = selected.declared.get(port.target_port, frozenset())
        # Where another port of the service leads there by the protocol declared, both are meant (DNS).
        if declared and port.protocol not in declared and not declared & selected.leading_to[port.target_port]:
            what = f"the pods declare {port.target_port} for {', '.join(sorted(declared))} only"
            yield _protocol(selected, index, port, what, "")
    for selected in facts.services:
        for index, port in enumerate(selected.service.ports):
            said = next((word for word in ("UDP", "SCTP") if port.name.upper() == word), None)
            # A port named udp beside one for UDP of the same number is a name left over, not a mistake.
            if said and port.protocol != said and said not in selected.protocols[port.port]:
                yield _protocol(selected, index, port, f"its name is {port.name!r}", said)


@rule(
    "NP209",
    Severity.WARNING,
    "Workload among others that lacks the targetPort",
    why="It still gets its share of the connections, and refuses them unless it listens there.",
    fix="Add a label to the selector that only the right pods have.",
    source='Kubernetes, "Virtual IPs and Service Proxies"',
)
def workload_without_the_port(facts: Facts) -> Iterator[Hit]:
    """Yield services that select several workloads of which only some declare the targetPort."""
    for selected, _, port in _numbered(facts):
        # A workload without pods, scaled to 0 say, gets no share. Where none declares the port it is NP208's.
        running = [c for c in selected.carriers if facts.has_pods(c)]
        without = [c for c in running if port.target_port not in c.declared]
        if without and len(without) < len(running):
            yield Hit(
                subject=selected.given,
                path="spec.selector",
                message=f"It selects several workloads, and {_names(without)} "
                f"{'declares' if len(without) == 1 else 'declare'} no port {port.target_port}: "
                "if nothing listens there, its share of the connections is refused.",
                hint="Add a label to the selector that only the right pods have.",
            )


def _named(facts: Facts) -> Iterator[tuple[Selection, int, ServicePort, tuple[Carrier, ...]]]:
    for selected in facts.services:
        for index, port in enumerate(selected.service.ports if selected.service.accepted else ()):
            if isinstance(port.target_port, str):
                target, protocol = port.target_port, port.protocol
                # A name is looked up with its protocol in each pod (kubernetes/endpointslice, FindPort).
                lacking = tuple(c for c in selected.carriers if target_port(c.spec, target, protocol) is None)
                if lacking:
                    yield selected, index, port, lacking


def _numbered(facts: Facts) -> Iterator[tuple[Selection, int, ServicePort]]:
    for selected in facts.services:
        # Clients of a headless service connect to the pod itself: targetPort has no effect there.
        usable = not selected.service.headless and selected.carriers
        for index, port in enumerate(selected.service.ports if usable else ()):
            if isinstance(port.target_port, int) and port.protocol in ("TCP", "UDP", "SCTP"):
                yield selected, index, port


def _lacks(selected: Selection, index: int, port: ServicePort, lacking: tuple[Carrier, ...]) -> Hit:
    ports = [p for c in lacking for p in c.container_ports]
    other = next((p.protocol or "TCP" for p in ports if p.name == port.target_port), None)
    fitting = [p for p in ports if (p.protocol or "TCP") == port.protocol and p.container_port]
    meant = did_you_mean(str(port.target_port), {p.name for p in fitting if p.name})
    numbers = {p.container_port for p in fitting}
    target = meant or (numbers.pop() if len(numbers) == 1 else None)
    # A guess that another port already leads to would only move the mistake.
    if target is not None and not _is_free(selected, port, target, fitting):
        meant = target = None
    return Hit(
        subject=selected.given,
        path=_RANGE.format(index),
        message=f"{_names(lacking)} {'matches' if len(lacking) == 1 else 'match'}, but no container there declares a "
        f'port named "{port.target_port}" for {port.protocol}' + _instead(other, meant, target, fitting),
        hint="Give the container's port this name, or use its name or number here.",
        remedy=_port_patch(selected, port, {"targetPort": target}) if target and not other else None,
        old=f"targetPort: {port.target_port}" if target and not other else "",
        new=f"targetPort: {target}" if target and not other else "",
    )


def _is_free(selected: Selection, port: ServicePort, target: IntOrString, declared: Iterable[ContainerPort]) -> bool:
    """Return whether no other port of the service leads to the target, or may be meant to.

    Of several ports without a target only that one is meant whose own number the container declares.
    """
    # A target may be written by name in one port and by number in another: both count as taken.
    there = {p.container_port for p in declared if target in (p.name, p.container_port)}
    names = {p.name for p in declared if target in (p.name, p.container_port)}
    others = [p for p in selected.service.ports if p is not port and p.protocol == port.protocol]
    if any(p.target_port in there | names for p in others):
        return False
    lost = [p for p in others if isinstance(p.target_port, str) and not p.endpoints]
    return not lost or (port.port in there and not any(p.port in there for p in lost))


def _instead(
    other: str | None, meant: str | None, target: IntOrString | None, declared: Collection[ContainerPort]
) -> str:
    if other:
        return f"; it has that name for {other}."
    if meant:
        return f'. Did you mean "{meant}"?'
    if target:
        return f". Did you mean {target}, the only port declared?"
    listed = sorted({f"{p.container_port}" + (f" ({p.name})" if p.name else "") for p in declared})
    return f"; declared: {', '.join(listed)}." if listed else "; no port of that protocol is declared."


def _is_mistaken(selected: Selection, index: int, port: ServicePort) -> bool:
    written, declared = selected.given.spec.ports[index].node_port, selected.declared
    return written == port.target_port and bool(declared) and port.target_port not in declared


def _mistaken(selected: Selection, index: int, port: ServicePort) -> Hit:
    declared = selected.declared_numbers
    # Of several declared ports nobody knows which was meant.
    only = declared[0] if len(declared) == 1 else None
    target = only if only and _is_free(selected, port, only, _declared(selected)) else None
    written = selected.given.spec.ports[index].target_port is not None
    listed = ", ".join(map(str, declared))
    return Hit(
        subject=selected.given,
        path=_RANGE.format(index),
        message=f"targetPort is {port.target_port}, the nodePort's number, and the pods declare {listed} instead.",
        hint="The targetPort is the port on which the application in the pod listens.",
        remedy=_port_patch(selected, port, {"targetPort": target}) if target else None,
        old=f"targetPort: {port.target_port}" if target and written else "",
        new=f"targetPort: {target}" if target and written else "",
    )


def _protocol(selected: Selection, index: int, port: ServicePort, what: str, meant: str) -> Hit:
    written = selected.given.spec.ports[index].protocol
    hint = f"Set protocol: {meant} if that is what clients use." if meant else "Use the same protocol in both."
    # Where the pods declare the port for the protocol of now, the other one may lead nowhere.
    meant = meant if meant and all(_speaks(c, port.target_port, meant) for c in selected.carriers) else ""
    return Hit(
        subject=selected.given,
        path=f"spec.ports[{index}].protocol",
        message=f"Port {port.port} is {port.protocol}, but {what}.",
        hint=hint,
        remedy=_port_patch(selected, port, {"protocol": meant}) if meant else None,
        old=f"protocol: {written}" if meant and written else "",
        new=f"protocol: {meant}" if meant and written else "",
    )


def _port_patch(selected: Selection, port: ServicePort, change: dict[str, object]) -> dict[str, object] | None:
    """Return the patch of one port; None where another has its number."""
    # The patch merge key of a Service's ports is `port`, so with two of one number it would change both
    # (kubernetes/api core/v1, ServiceSpec.Ports).
    if sum(each.port == port.port for each in selected.service.ports) > 1:
        return None
    return {"spec": {"ports": [{"port": port.port, "protocol": port.protocol, **change}]}}


def _declared(selected: Selection) -> list[ContainerPort]:
    return [port for carrier in selected.carriers for port in carrier.container_ports]


def _speaks(carrier: Carrier, target: IntOrString, protocol: str) -> bool:
    """Return whether a connection of the protocol finds the port: by its name, or a number that none denies."""
    declared = carrier.declared.get(target)
    return target_port(carrier.spec, target, protocol) is not None and (not declared or protocol in declared)


def _names(carriers: tuple[Carrier, ...] | list[Carrier]) -> str:
    return ", ".join(c.name for c in carriers)
