"""The entry point of a node at one of its addresses, which need not be the one that the simulation enters it by."""

from dataclasses import replace

from webapp.cluster.endpoints import family
from webapp.cluster.model import Node
from webapp.failure.endpoint_slices import endpoints_at
from webapp.failure.no_endpoints import no_endpoints
from webapp.failure.state import State
from webapp.routing.entry import Cause, Entry, Result
from webapp.routing.entry_points import listens_at
from webapp.routing.equal_entry_points import EntryPoints
from webapp.routing.evaluate import evaluate
from webapp.routing.plans import plan_of


def entry_at(state: State, service_key: str, index: int, node: Node, address: str | None = None) -> Entry:
    """Return what new connections to the nodePort get at this address of the node; None is its primary one.

    kube-proxy opens nodePorts in the service's IP families only, and where ``--nodeport-addresses`` says. An
    ExternalIP counts as translated (NAT) to the node's primary address of that family.
    """
    service = state.cluster.services[service_key]
    port = service.ports[index]
    chosen, entered = EntryPoints(state, service.ip_families).at(node.name)
    if address is not None and entered.up:
        chosen = family(address)
        if chosen not in service.ip_families:
            only = " and ".join(service.ip_families)
            reason = (
                f"{service_key} is {only} only (spec.ipFamilies): kube-proxy doesn't open its nodePort for {chosen}."
            )
            return Entry(node.name, address, 0.0, Result.REFUSED, Cause.ADDRESS_EXCLUDED, reason, None)
        # An ExternalIP is not on the node: the cloud translates it to the primary address, where kube-proxy listens or
        # not.
        primary = next((ip for ip in node.internal_ips if family(ip) == chosen), address)
        at = address if address in node.internal_ips else primary
        entered = replace(
            entered, address=at, lacks="", listens=listens_at(at, state.cluster.options, primary=at == primary)
        )
    listed = endpoints_at(state, service, index)
    plan = plan_of(state, service, port, listed, chosen, no_endpoints(state, service, index, listed))
    (entry,) = evaluate(replace(plan, nodes=(entered,)))
    return entry
