"""The usual causes that no manifest shows, in the order in which they are worth checking."""

from collections.abc import Iterator

from webapp.cluster.address import Address
from webapp.cluster.endpoints import family
from webapp.cluster.model import Node, Service
from webapp.failure.state import State
from webapp.findings.elsewhere import Destination, is_own_machine
from webapp.findings.explanation import Outside


def outside(state: State, typed: Address, found: Destination) -> Iterator[Outside]:
    """Yield what else may keep an answer away, whatever the manifests say."""
    node, service = found.node, found.selected.service if found.selected else None
    if node is not None:
        yield from _of_node(typed, node, service)
    if is_own_machine(typed):
        yield Outside(
            cause="The client runs on a node itself: kube-proxy answers nodePorts at 127.0.0.1 in iptables mode only.",
            check="Call the node's own address instead.",
        )
    else:
        yield Outside(
            cause="A firewall or security group between client and node blocks the nodePort.",
            check="curl from another node: if that answers and the client times out, it is the firewall.",
        )
    yield Outside(
        cause="The node's address isn't routable from the client (a virtual machine, kind, Docker Desktop, minikube).",
        check="ping the node; on kind map the port with extraPortMappings, on minikube use `minikube service --url`.",
    )
    port = service.ports[0].target_port if service and service.ports else "the port"
    yield Outside(
        cause=f"The application in the pod listens on another port than {port}, or on 127.0.0.1 only.",
        check="kubectl port-forward reaches 127.0.0.1, a curl of the pod's IP doesn't: then it is bound to localhost.",
    )
    if len(state.cluster.nodes) > 1 and (found.entry is None or found.entry.client_ip != "preserved"):
        yield Outside(
            cause="Nodes can't reach pods of other nodes (overlay, MTU, iptables FORWARD policy DROP).",
            check="If only the nodes with a pod answer, look at the network between the nodes.",
        )
    yield Outside(
        cause="A NetworkPolicy that isn't in the uploaded manifests blocks the client.",
        check="kubectl get networkpolicies -A lists those of the cluster; network plugins may have their own kinds.",
    )
    yield Outside(
        cause="kube-proxy doesn't run there, runs under another node name, or another data plane has its own rules.",
        check="kubectl -n kube-system get pods -o wide | grep kube-proxy; its log says which node name it uses.",
    )


def _of_node(typed: Address, node: Node, service: Service | None) -> Iterator[Outside]:
    """Yield what the node's other addresses may explain."""
    if typed.host in node.internal_ips and node.external_ips:
        yield Outside(
            cause=f"{typed.host} is an internal address; from outside the node is {node.external_ips[0]}.",
            check="Try the external address.",
        )
    families = {family(address) for address in node.addresses}
    if service is not None and typed.ip is None and families - set(service.ip_families):
        only = " and ".join(service.ip_families)
        yield Outside(
            cause=f"The service is {only} only, and the node has {' and '.join(sorted(families))} addresses.",
            check=f"The name must resolve to an {only} address, or make the service dual stack (ipFamilyPolicy).",
        )
