"""Rules about what stands open on every node: the numbers, and what is behind them."""

from collections.abc import Iterator

from webapp.cluster.admission import PROXY_NAME_LABEL
from webapp.cluster.allocation import bands
from webapp.cluster.model import ServicePort
from webapp.cluster.network_policies import AllowedClients, isolation
from webapp.cluster.nodes import not_ready_remark
from webapp.findings.facts import Facts, Selection
from webapp.findings.finding import Hit
from webapp.findings.rule import rule
from webapp.manifests.problems import Severity
from webapp.numbers import counted

SENSITIVE = {
    22: "SSH",
    1433: "Microsoft SQL Server",
    1521: "Oracle",
    2049: "NFS",
    2375: "Docker's API",
    2376: "Docker's API",
    2379: "etcd",
    2380: "etcd",
    3306: "MySQL",
    5432: "PostgreSQL",
    5984: "CouchDB",
    6379: "Redis",
    6443: "the Kubernetes API",
    9042: "Cassandra",
    9200: "Elasticsearch",
    10250: "the kubelet",
    10255: "the kubelet",
    11211: "memcached",
    26257: "CockroachDB",
    27017: "MongoDB",
}
"""Ports whose usual owner should not be open to everybody who reaches a node (IANA's registry)."""
_DASHBOARDS = ("kubernetes-dashboard", "dashboard-kong-proxy", "kubeview", "weave-scope")


@rule(
    "NP230",
    Severity.WARNING,
    "Sensitive port on every node",
    why="Whoever reaches a node's address reaches it, bypassing Ingress, its authentication and source ranges.",
    fix="Use a ClusterIP, and `kubectl port-forward`, a VPN, or an Ingress with authentication.",
)
def sensitive(facts: Facts) -> Iterator[Hit]:
    """Yield nodePorts that lead to databases, dashboards and control-plane parts."""
    for selected in facts.exposed:
        for index, port in selected.node_ports:
            if (what := _what(selected, port)) and not _is_closed(facts, selected, port):
                # A number that nodefall assigned itself would be another one in a cluster.
                where = "an auto-assigned port" if port.node_port_assigned else f"port {port.node_port}"
                yield Hit(
                    subject=selected.given,
                    path=f"spec.ports[{index}]",
                    message=f"Every node exposes {what} on {where}.",
                    hint="Use a ClusterIP, and kubectl port-forward, a VPN or an Ingress with authentication.",
                    remedy=_closing(selected),
                )


@rule(
    "NP213",
    Severity.WARNING,
    "Service that is assigned to another proxy",
    why="kube-proxy opens no port for a service with the label service.kubernetes.io/service-proxy-name.",
    fix="The label's value doesn't matter, and may be empty. Remove it, unless a proxy of that name runs on the "
    "nodes: nodefall simulates only kube-proxy, so it shows such a service as refused.",
    source="kubernetes/kubernetes cmd/kube-proxy/app/server.go",
)
def left_to_another_proxy(facts: Facts) -> Iterator[Hit]:
    """Yield entry points that kube-proxy leaves alone."""
    # It asks the API server for services without the label, whatever the value (cmd/kube-proxy/app/server.go).
    for selected in facts.numbered:
        if not selected.service.proxied:
            yield Hit(
                subject=selected.given,
                path="metadata.labels",
                message=f"Its label {PROXY_NAME_LABEL} assigns it to another proxy: kube-proxy opens no port for it.",
                hint="Remove the label unless a proxy of that name runs on the nodes; only kube-proxy is simulated.",
                remedy={"metadata": {"labels": {PROXY_NAME_LABEL: None}}},
            )


def _is_closed(facts: Facts, selected: Selection, port: ServicePort) -> bool:
    """Return whether NetworkPolicies admit nobody from outside to the port: NP261 says so."""
    found = isolation(facts.cluster, selected.service, port)
    return found is not None and found.admitted is AllowedClients.NONE and found.pods == found.of


def _closing(selected: Selection) -> dict[str, object] | None:
    """Return the patch to a ClusterIP; None where it would also close ports that are meant to be open."""
    # A LoadBalancer becomes a ClusterIP only by losing its load balancer: too much for a patch.
    ports = [port for _, port in selected.node_ports]
    if selected.service.type != "NodePort" or not all(_what(selected, port) for port in ports):
        return None
    closed = [{"port": port.port, "protocol": port.protocol, "nodePort": None} for port in ports]
    return {"spec": {"type": "ClusterIP", "ports": closed}}


@rule(
    "NP231",
    Severity.INFO,
    "Fixed nodePort in the dynamic band",
    why="Another service may have been auto-assigned it first: the API server then rejects this one.",
    fix="Use a number from the static band, 30000 to 30085 by default, which is used last.",
    source="KEP-3668",
    together="{count} nodePorts are in the dynamic band, which is auto-assigned first: {names}.",
)
def fixed_in_the_dynamic_band(facts: Facts) -> Iterator[Hit]:
    """Yield node ports that are written down, but in the band that automatic ones are taken from first."""
    # In a dump all numbers are written down, those that the API server assigned also.
    static, (first, last) = bands(facts.cluster.options.node_port_range)
    for selected in facts.numbered if not facts.is_dump else ():
        for index, port in selected.node_ports:
            written = not port.node_port_assigned and port.node_port
            # A small range has no static band (KEP-3668), so there is nothing better to use.
            if written and first <= written <= last and static[0] <= static[1]:
                yield Hit(
                    subject=selected.given,
                    path=f"spec.ports[{index}].nodePort",
                    message=f"nodePort {written} is in the dynamic band, which is auto-assigned first.",
                    hint=f"Use one from the static band, {static[0]} to {static[1]}, which is used last.",
                    brief=selected.brief(port, written),
                )


@rule(
    "NP232",
    Severity.INFO,
    "nodePort that is auto-assigned",
    why="Firewalls, load balancers and clients need a number that stays when the service is recreated.",
    fix="Set `nodePort`, from the static band.",
    source="KEP-3668",
    together="{count} service ports have no nodePort, so clients can't know the auto-assigned numbers: {names}.",
)
def assigned(facts: Facts) -> Iterator[Hit]:
    """Yield NodePort services without a number: it is auto-assigned, and changes when they are recreated."""
    static, all_of_it = bands(facts.cluster.options.node_port_range)[0], facts.cluster.options.node_port_range
    first, last = static if static[0] <= static[1] else all_of_it
    for selected in facts.numbered:
        for index, port in selected.node_ports:
            # Of a LoadBalancer clients use its own address; NP233 speaks of its node ports.
            if selected.service.type == "NodePort" and port.node_port_assigned:
                yield Hit(
                    subject=selected.given,
                    path=f"spec.ports[{index}]",
                    message=f"Port {port.port} has no nodePort: it is auto-assigned, so clients can't know the number.",
                    hint=f"Set it to a number from {first} to {last}.",
                    brief=selected.brief(port, port.port),
                )


@rule(
    "NP233",
    Severity.INFO,
    "LoadBalancer with node ports that nobody asked for",
    why="Each is one more access path, on every node, that bypasses the load balancer.",
    fix="Where the load balancer reaches pods directly, set `allocateLoadBalancerNodePorts: false`. Many load "
    "balancers need the node ports: then there is nothing to do.",
    source="KEP-1864",
    together="{count} LoadBalancers open node ports on every node besides their own address: {names}.",
)
def node_ports_nobody_asked_for(facts: Facts) -> Iterator[Hit]:
    """Yield LoadBalancers that open node ports by default (allocateLoadBalancerNodePorts)."""
    for selected in facts.exposed:
        spec = selected.given.spec
        # Whoever writes a nodePort, or the field with either value, has decided.
        unasked = [p.node_port for _, p in selected.node_ports if p.node_port_assigned]
        if selected.service.type == "LoadBalancer" and unasked and spec.allocate_load_balancer_node_ports is None:
            yield Hit(
                subject=selected.given,
                path="spec.type",
                message="The LoadBalancer opens node ports on every node besides its own address.",
                # No patch: most load balancers reach the pods by these very ports.
                hint="Where the load balancer reaches pods directly, set allocateLoadBalancerNodePorts: false.",
            )


@rule(
    "NP234",
    Severity.WARNING,
    "Source ranges that don't restrict the nodePort",
    why="Clients outside the ranges connect through any node's address.",
    fix="Close the node ports with a firewall, or don't allocate them.",
    source="kubernetes/kubernetes pkg/proxy/iptables/proxier.go",
)
def source_ranges(facts: Facts) -> Iterator[Hit]:
    """Yield LoadBalancers whose loadBalancerSourceRanges don't restrict their node ports."""
    # kube-proxy filters only packets to the load balancer's address (pkg/proxy/iptables/proxier.go).
    for selected in facts.exposed:
        ranges = selected.service.load_balancer_source_ranges
        # A range of all addresses was never meant to restrict anything.
        if ranges and not {"0.0.0.0/0", "::/0"} & set(ranges):
            yield Hit(
                subject=selected.given,
                path="spec.loadBalancerSourceRanges",
                message="loadBalancerSourceRanges restrict only the load balancer's address: clients bypass them "
                f"through {_numbers(selected)}.",
                hint="Close the node ports with a firewall; where the load balancer reaches pods directly, set "
                "allocateLoadBalancerNodePorts: false.",
            )


def _numbers(selected: Selection) -> str:
    ports = [port for _, port in selected.node_ports]
    written = [str(port.node_port) for port in ports if not port.node_port_assigned]
    given = [f"nodePort {', '.join(written)}"] if written else []
    auto = len(ports) - len(written)
    return " and ".join(given + [counted(auto, "auto-assigned nodePort")] * (auto > 0))


@rule(
    "NP235",
    Severity.INFO,
    "No node address is known",
    why="Without node addresses, the entry points are unknown.",
    fix="Use the output of `kubectl get nodes -o yaml`.",
)
def no_node_address(facts: Facts) -> Iterator[Hit]:
    """Yield once if Nodes were given but none has an address for clients to use."""
    nodes = facts.cluster.nodes.values()
    if facts.exposed and facts.manifests.nodes and not any(node.addresses for node in nodes):
        yield Hit(
            subject=facts.manifests.nodes[0],
            path="status.addresses",
            message="No Node has an address in status.addresses: the entry points are unknown.",
            hint="Use the output of `kubectl get nodes -o yaml`.",
        )


@rule(
    "NP236",
    Severity.WARNING,
    "Node that is NotReady in the dump",
    why="Clients that know only its address time out, and new pods are not scheduled there.",
    fix="The usual cause is a node that is off or has no network. Look at it with `kubectl describe node`. In the "
    "simulation it is up until the Scenario takes it down; its taints and its pods are as the node lifecycle "
    "controller leaves them.",
)
def not_ready(facts: Facts) -> Iterator[Hit]:
    """Yield once if Nodes were not Ready when they were written down: entry points that most likely answer nobody."""
    lost = {name for name, node in facts.cluster.nodes.items() if not node.ready}
    if lost:
        yield Hit(
            subject=next(node for node in facts.manifests.nodes if node.metadata.name in lost),
            path="status.conditions",
            message=not_ready_remark(facts.cluster.nodes.values()),
            hint="See `kubectl describe node`; take the node down in a Scenario to see what its clients get.",
        )


def _what(selected: Selection, port: ServicePort) -> str | None:
    named = next((name for name in _DASHBOARDS if name in selected.service.name), None)
    if named:
        return f"what looks like the dashboard {named}"
    # The pod's port says what listens; the service's often keeps the usual number when the pod's is another.
    numbers = (port.target_port, port.port) if port.protocol == "TCP" else ()
    known = next((n for n in numbers if isinstance(n, int) and n in SENSITIVE), None)
    return f"what looks like {SENSITIVE[known]} (port {known})" if known else None
