"""Addresses that are no node's: one's own machine, a load balancer, a name inside the cluster, a pod, an Ingress."""

from collections.abc import Iterator, Sequence
from ipaddress import ip_network

from webapp.cluster.address import Address, canonical
from webapp.cluster.model import Cluster, Node, Pod
from webapp.cluster.pod_map import runs_of
from webapp.failure.state import State
from webapp.findings.explanation import Mark, PathStep
from webapp.findings.facts import Facts, Selection
from webapp.findings.nearest import did_you_mean
from webapp.findings.onward import onward
from webapp.numbers import counted, percent
from webapp.records import dataclass
from webapp.routing.access_paths import address_paths
from webapp.routing.entry import Entry, Result
from webapp.routing.outcome import outcome

_OWN = ("localhost", "localhost.localdomain", "host.docker.internal", "kubernetes.docker.internal")
_LOCAL_CLUSTERS = (
    ("192.168.49.0/24", "minikube", "on macOS and Windows use `minikube service NAME --url`"),
    ("192.168.39.0/24", "minikube", "`minikube service NAME --url` prints what to call"),
    ("192.168.59.0/24", "minikube", "`minikube service NAME --url` prints what to call"),
    ("192.168.64.0/24", "minikube", "`minikube service NAME --url` prints what to call"),
    ("192.168.99.0/24", "minikube", "`minikube service NAME --url` prints what to call"),
    ("172.18.0.0/16", "kind", "on other systems only ports in extraPortMappings of the kind config are mapped"),
    ("10.89.0.0/16", "kind", "on other systems only ports in extraPortMappings of the kind config are mapped"),
    ("192.168.65.0/24", "Docker Desktop", "call the nodePort at localhost instead"),
)
"""Where local clusters put their nodes by default: the defaults of their drivers' networks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """Where an address leads, with the steps of the way there."""

    steps: Sequence[PathStep]
    port: int | None = None
    node: Node | None = None
    selected: Selection | None = None
    entry: Entry | None = None
    """The entry point that takes the connection."""
    share: float | None = None
    """What is answered, where no single entry point decides."""

    @property
    def answered(self) -> float | None:
        """The share of new connections that are answered; None where nothing is simulated of it."""
        return self.entry.answered if self.entry else self.share

    @property
    def result(self) -> Result | None:
        """What a client sees, where one entry point decides."""
        return self.entry.result if self.entry else None


def local_names(node: Node) -> tuple[str, ...]:
    """Return a node's addresses in canonical form."""
    return tuple(map(canonical, node.addresses))


# --- one's own machine, and nodes of local clusters -------------------------------------------------------------------


def is_own_machine(typed: Address) -> bool:
    """Return whether the address is that of the machine on which the client runs."""
    return typed.host in _OWN or (typed.ip is not None and (typed.ip.is_loopback or typed.ip.is_unspecified))


def own_machine(typed: Address, port: int | None) -> PathStep:
    """Return the step that says what may answer at one's own machine."""
    number = port or "the nodePort"
    text = (
        f"{typed.host} is your own machine, not a node: what answers there depends on port mappings. kind maps what "
        f"its config lists under extraPortMappings (containerPort: {number}), Docker Desktop's own Kubernetes maps "
        "nodePorts, minikube prints an address with `minikube service NAME --url`, and `kubectl port-forward` opens "
        "any port."
    )
    return PathStep(name="your machine", mark=Mark.UNKNOWN, text=text)


def taken_for_a_node(typed: Address, port: int | None, nodes: int) -> PathStep:
    """Return the step that takes an address for that of an assumed node."""
    # On macOS and Windows these clusters run in a virtual machine, whose network the host doesn't reach.
    cluster = next(((name, how) for net, name, how in _LOCAL_CLUSTERS if typed.ip in ip_network(net)), None)
    given = "The uploaded manifests have no Node with its addresses"
    if cluster is None:
        one = "the assumed node" if nodes == 1 else f"one of the {nodes:,} assumed nodes"
        return PathStep(name="node", text=f"{given}: {typed.host} is treated as {one}.")
    name, how = cluster
    text = (
        f"{given}. {typed.host} looks like a node of {name}: on Linux the machine that runs it reaches port "
        f"{port or 'N'} there directly; {how}."
    )
    return PathStep(name="node", mark=Mark.UNKNOWN, text=text)


def no_such_host(typed: Address, cluster: Cluster) -> PathStep:
    """Return the step that says what is not known of a host that no object names."""
    names = list(cluster.nodes)
    text = f"No node has the name or address {typed.host}; there are {', '.join(names[:5])}."
    if meant := did_you_mean(typed.host, names) if typed.ip is None else None:
        text += f" Did you mean {meant}?"
    # A node that isn't in the upload may have the name, and a DNS name may lead to any address.
    if any(node.assumed for node in cluster.nodes.values()):
        text += " Not all nodes are in the uploaded manifests, so it may still be one."
    elif typed.ip is None and "." in typed.host:
        text += " Ask about the address that the name resolves to."
    else:
        return PathStep(name="node", mark=Mark.BREAKS, text=text)
    return PathStep(name="node", mark=Mark.UNKNOWN, text=text)


# --- what else an address may be --------------------------------------------------------------------------------------


def elsewhere(facts: Facts, state: State, typed: Address, protocol: str) -> Destination | None:
    """Return where a host leads that is not a node; None if no object names it."""
    # Every node captures these addresses, so they come before names and addresses that only the inside knows.
    for selected in facts.services:
        service = selected.service
        if typed.host in map(canonical, service.load_balancer_addresses):
            return _external(facts, state, selected, typed, protocol)
        if typed.host in map(canonical, service.external_ips):
            return _external(facts, state, selected, typed, protocol)
    for selected in facts.services:
        if typed.host in _inside(selected):
            return _inside_only(state, selected, typed, protocol)
    pod = _pod_at(state.cluster, typed.host)
    if pod is not None:
        return Destination(steps=[_at_pod(state, pod, typed)], port=typed.port)
    return _requested(facts, typed) or _by_name(facts, typed)


def _requested(facts: Facts, typed: Address) -> Destination | None:
    """Return what is known of a loadBalancerIP: a Service asks for it, its status doesn't have it."""
    for selected in facts.services:
        wanted = selected.given.spec.load_balancer_ip
        if wanted and selected.service.type == "LoadBalancer" and canonical(wanted) == typed.host:
            text = (
                f"{typed.host} is the loadBalancerIP that {selected.service.key} asks for, and its status in the "
                "uploaded manifests has no such address: a load balancer may have got it since. Without a load "
                "balancer (bare metal without MetalLB, say) nothing answers there, only the nodePorts do."
            )
            return Destination(steps=[PathStep(name="load balancer", mark=Mark.UNKNOWN, text=text)], port=typed.port)
    return None


def _pod_at(cluster: Cluster, host: str) -> Pod | None:
    """Return the pod with this key or address."""
    # Replicas have no addresses: nodefall made them.
    single = (run for run in runs_of(cluster.pods) if isinstance(run, Pod))
    # Only IPv6 has several forms of one address.
    at_address = (p for p in single if host in p.ips or any(":" in ip and canonical(ip) == host for ip in p.ips))
    return cluster.pods.get(host) or next(at_address, None)


# --- load balancers and externalIPs


def _external(facts: Facts, state: State, selected: Selection, typed: Address, protocol: str) -> Destination:
    """Return the path through the nodes to which a load balancer, or the network, brings the packets."""
    service = selected.service
    fitting = [i for i, p in enumerate(service.ports) if p.protocol == protocol and typed.port in (None, p.port)]
    if len(fitting) != 1:
        return Destination(steps=[_other_port(selected, typed, protocol)], port=typed.port, selected=selected)
    index = fitting[0]
    entries = _entries(state, selected, index, typed)
    balanced = typed.host in map(canonical, service.load_balancer_addresses)
    share = sum(entry.answered for entry in entries) / len(entries) if entries else 0.0
    first = _balancer(selected, typed, entries) if balanced else _external_ip(selected, typed)
    steps = [first, *(_through(facts, state, selected, index, entries) if entries else ())]
    # The rest of the path is that of one entry point only where all of them answer alike.
    same = entries[0] if entries and len({e.answered for e in entries}) == 1 else None
    port = service.ports[index].port
    return Destination(steps=steps, port=port, selected=selected, entry=same, share=share)


def _entries(state: State, selected: Selection, index: int, typed: Address) -> list[Entry]:
    """Return the entry points that take packets to the address: of a load balancer those that pass its checks."""
    service = selected.service
    found = outcome(state, service.key, index)
    ways = [way for way in address_paths(state, service.key, index) if canonical(way.address) == typed.host]
    entries: Sequence[Entry] = ways[0].entries if ways else found.entries
    if typed.host not in map(canonical, service.load_balancer_addresses):
        return list(entries)
    if len(found.entries):
        return [entry for entry in entries if entry.node in found.lb_targets]
    return [entry for entry in entries if entry.node not in state.down_nodes]


def _balancer(selected: Selection, typed: Address, targets: Sequence[Entry]) -> PathStep:
    key, ranges = selected.service.key, selected.service.load_balancer_source_ranges
    if not targets:
        text = f"{typed.host} is the load balancer of {key}, and no node passes its health check."
        return PathStep(name="load balancer", mark=Mark.BREAKS, text=text)
    only = f" It admits clients from {', '.join(ranges[:3])} only (loadBalancerSourceRanges)." if ranges else ""
    passing = counted(len(targets), "node passes", "nodes pass")
    text = f"{typed.host} is the load balancer of {key}: {passing} its health check.{only}"
    return PathStep(name="load balancer", text=text)


def _external_ip(selected: Selection, typed: Address) -> PathStep:
    what = f"{typed.host} is an externalIP of {selected.service.key}"
    text = f"{what}: every node that is up accepts its packets, if the network routes them there."
    return PathStep(name="external IP", text=text)


def _through(
    facts: Facts, state: State, selected: Selection, index: int, entries: Sequence[Entry]
) -> Iterator[PathStep]:
    # Nodes differ with policy Local: the one that loses most says why.
    worst = min(entries, key=lambda entry: entry.answered)
    if len({entry.answered for entry in entries}) == 1:
        yield from onward(facts, state, selected, index, worst)
        return
    share = sum(entry.answered for entry in entries) / len(entries)
    text = f"{percent(share)} of new connections are answered: the nodes differ. {worst.node}: {worst.reason}"
    yield PathStep(name="kube-proxy", mark=Mark.LOSES, text=text)


def _other_port(selected: Selection, typed: Address, protocol: str) -> PathStep:
    service = selected.service
    listed = ", ".join(f"{p.port}/{p.protocol}" for p in service.ports)
    if typed.port is None:
        return PathStep(name="port", mark=Mark.UNKNOWN, text=f"Which port? {service.key} has {listed}.")
    text = f"{typed.host} belongs to {service.key}, which has {listed} there, not {typed.port}/{protocol}."
    if any(typed.port == port.node_port for port in service.ports):
        text += f" {typed.port} is its nodePort: use it with a node's own address."
    return PathStep(name="port", mark=Mark.BREAKS, text=text)


# --- inside the cluster


def _inside(selected: Selection) -> tuple[str, ...]:
    """Return the names and addresses by which only clients inside the cluster know a service."""
    service, spec = selected.service, selected.given.spec
    short = f"{service.name}.{service.namespace}"
    names = (service.name, service.key, short, f"{short}.svc", f"{short}.svc.cluster.local")
    # A headless service has clusterIP: None, which is no address.
    ips = filter(None, (spec.cluster_ip, *spec.cluster_ips))
    return (*names, *(canonical(ip) for ip in ips if ip != "None"))


def _inside_only(state: State, selected: Selection, typed: Address, protocol: str) -> Destination:
    service = selected.service
    if not service.accepted:
        refusal = service.refusals[0]
        text = f"The API server rejects Service {service.key}: {refusal.path}: {refusal.detail}."
        return Destination(
            steps=[PathStep(name="service", mark=Mark.BREAKS, text=text)], port=typed.port, selected=selected
        )
    what = "the clusterIP" if typed.ip else "a name"
    ports = [p.node_port for p in service.ports if p.node_port and p.protocol == protocol]
    instead = (
        f"From outside call nodePort {', '.join(map(str, ports))} of any node."
        if ports
        else _no_node_port(service.type)
    )
    text = f"{typed.host} is {what} of {service.key} inside the cluster: clients outside can't reach it. {instead}"
    fitting = [i for i, p in enumerate(service.ports) if p.protocol == protocol and typed.port in (None, p.port)]
    answers = _answers_inside(state, selected, fitting[0]) if fitting else _other_port(selected, typed, protocol).text
    return Destination(
        steps=[PathStep(name="client", mark=Mark.BREAKS, text=f"{text} {answers}")], port=typed.port, selected=selected
    )


def _no_node_port(kind: str) -> str:
    return f"Its type is {kind}, without a nodePort: give it one to reach it from outside."


def _answers_inside(state: State, selected: Selection, index: int) -> str:
    found = outcome(state, selected.service.key, index)
    if found.no_endpoints is not None:
        return f"Inside it doesn't answer either: {found.no_endpoints}."
    return f"Inside it leads to {counted(sum(e.ready for e in found.endpoints), 'ready endpoint')}."


def _at_pod(state: State, pod: Pod, typed: Address) -> PathStep:
    dead = pod.key in state.dead_pods or pod.node in state.down_nodes
    if dead:
        text = f"{typed.host} is pod {pod.key} on {pod.node}, which is down."
        return PathStep(name="pod", mark=Mark.BREAKS, text=text)
    text = (
        f"{typed.host} is pod {pod.key}{f' on {pod.node}' if pod.node else ''}: pods are reached inside the cluster, "
        "from outside only where the network routes their addresses. Call a nodePort of a Service that selects it."
    )
    return PathStep(name="pod", mark=Mark.UNKNOWN, text=text)


def _by_name(facts: Facts, typed: Address) -> Destination | None:
    for ingress in facts.manifests.ingresses:
        if any(_is_host(rule.host, typed.host) for rule in ingress.spec.rules if rule.host):
            name = ingress.metadata.key
            text = (
                f"{typed.host} is a host of Ingress {name}: its ingress controller answers there. Ask about the "
                "address of the Service in front of that controller."
            )
            return Destination(steps=[PathStep(name="ingress", mark=Mark.UNKNOWN, text=text)], port=typed.port)
    if typed.host.endswith((".svc", ".cluster.local")):
        text = f"{typed.host} is a name of the cluster's own DNS, and no uploaded Service has it."
        return Destination(steps=[PathStep(name="service", mark=Mark.BREAKS, text=text)], port=typed.port)
    return None


def _is_host(rule: str, host: str) -> bool:
    """Return whether an Ingress rule's host is meant; a wildcard stands for one label."""
    rule, first = canonical(rule), host.partition(".")[0]
    return rule == host or rule == f"*.{host.removeprefix(f'{first}.')}"
