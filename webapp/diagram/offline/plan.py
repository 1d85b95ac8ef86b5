"""A cluster and some of its service ports as plain data: all that routing asks for, and the names to show.

Fields have short names and those that hold the common value are left out, so that thousands of nodes and endpoints
stay small; ``static/offline/plan.js`` reads them and puts the common values back.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import ceil
from typing import Any

from webapp.cluster.hints import is_worker
from webapp.cluster.model import Cluster, Endpoint, Node, NoEndpoints
from webapp.cluster.network_policies import policy_note
from webapp.cluster.order import natural
from webapp.cluster.scheduling.quantity import parse_quantity
from webapp.diagram import wording
from webapp.diagram.cluster_columns import places
from webapp.failure import Moment, Scenario, State, state_at
from webapp.manifests.well_known_labels import ZONE
from webapp.routing import PortOutcome, has_entries, outcome
from webapp.routing.entry_points import entry_point
from webapp.routing.health_check import is_checked
from webapp.routing.plans import plan_of
from webapp.topology.vertices import pending_vertex, pods_not_running, port_at_moment, service_vertex

Data = dict[str, Any]
"""What JSON can hold: the one place past manifests/ where records become dicts."""
_PLAIN_ENDPOINT: Data = {
    **dict.fromkeys("kane"),
    **dict.fromkeys("rsmd", True),
    **dict.fromkeys("xhu", False),
    "zh": [],
    "nh": [],
}
"""A ready endpoint of a known pod on a known node."""
PortKey = tuple[str, int]
"""A service's key, and the index of its port."""


class PlanWriter:
    """Writes down one cluster and the service ports that a file can show."""

    def __init__(self, cluster: Cluster, ports: Sequence[PortKey]) -> None:
        """Find what the short forms refer to: nodes by number."""
        self.cluster = cluster
        self.ports = tuple(ports)
        self._number = {name: i for i, name in enumerate(cluster.nodes)}
        self._before = state_at(cluster, Scenario(at=Moment.BEFORE))

    def data(self) -> Data:
        """Return nodes, zones, entry points and service ports as they are before any failure."""
        cluster = self.cluster
        zones = {node.zone for node in cluster.nodes.values() if node.zone is not None}
        families = {cluster.services[key].ip_families for key, _ in self.ports}
        place = places(cluster)
        # Only the topology annotation asks for the CPU of nodes.
        by_cpu = any(cluster.services[key].topology_mode for key, _ in self.ports)
        return {
            "iptables": cluster.options.proxy_mode == "iptables",
            "assumptions": list(cluster.assumptions),
            "zones": sorted(zones, key=natural),
            "nodes": [{**_node(node), **(_cpu(node) if by_cpu else {})} for node in cluster.nodes.values()],
            "points": {" ".join(its): self._points(its) for its in sorted(families)},
            "ports": [{**self._port(*port), "place": place[port[0]]} for port in self.ports],
        }

    # --- entry points -------------------------------------------------------------------------------------------------

    def _points(self, families: tuple[str, ...]) -> dict[str, Data]:
        """Return the nodes whose entry point is not the common one, by number."""
        made = (self._point(node, families) for node in self.cluster.nodes.values())
        return {str(i): point for i, point in enumerate(made) if point}

    def _point(self, node: Node, families: tuple[str, ...]) -> Data:
        chosen, point = entry_point(node, families, self.cluster.options)
        return _uncommon(
            {"f": chosen, "z": point.zone, "l": point.lacks, "o": point.listens, "b": point.lb_target},
            {"f": families[0], "z": node.zone, "l": "", "o": True, "b": True},
        )

    # --- service ports ------------------------------------------------------------------------------------------------

    def _port(self, key: str, index: int) -> Data:
        its = outcome(self._before, key, index)
        service, port = its.service, its.port
        facts = service_vertex(port_at_moment(self._before, its, its))
        return {
            "service": service.key,
            "index": index,
            "port": port.port,
            "protocol": port.protocol,
            "nodePort": port.node_port,
            "local": service.external_traffic_policy == "Local",
            "accepted": service.accepted,
            "entries": has_entries(service, port),
            "proxied": service.proxied,
            "checked": is_checked(service),
            "sticky": service.session_affinity == "ClientIP",
            "publish": service.publish_not_ready_addresses,
            "byCpu": service.topology_mode is not None,
            "distribution": service.traffic_distribution,
            "families": list(service.ip_families),
            # Without entry points this never changes.
            "line": wording.service_line(facts, ()) if not its.groups else "",
            # With nothing selected the line is the port's alone.
            "head": wording.header_line({**facts, "picked": 0}, "").removesuffix(" · "),
            "note": policy_note(self.cluster, service, port) if its.groups else "",
            "none": _none(port.no_endpoints),
            "endpoints": self._endpoints(self._before, its, port.endpoints),
            "waiting": self._waiting(self._before, its),
        }

    def _endpoints(self, state: State, its: PortOutcome, listed: Iterable[Endpoint]) -> list[Data]:
        found = tuple(listed)
        plans = (plan_of(state, its.service, its.port, found, of) for of in its.service.ip_families)
        host = frozenset(key for plan in plans for key in plan.host_network)
        return [self._endpoint(state, endpoint, host=endpoint.key in host) for endpoint in found]

    def _endpoint(self, state: State, endpoint: Endpoint, *, host: bool) -> Data:
        changed = state.pods.get(endpoint.key)
        node = self.cluster.nodes.get(endpoint.node or "")
        values = {
            "k": endpoint.pod,
            "a": endpoint.address,
            "t": endpoint.port,
            "n": self._node_number(endpoint.node),
            "e": self._node_number(endpoint.elsewhere),
            "r": endpoint.ready,
            "s": endpoint.serving,
            "x": endpoint.terminating,
            "z": endpoint.zone,
            "zh": sorted(endpoint.zone_hints),
            "nh": sorted(endpoint.node_hints),
            "m": endpoint.managed,
            "h": host,
            # A pod that is known can be taken down.
            "d": changed is not None or endpoint.key in self.cluster.pods,
            "u": state.is_assumed(endpoint.pod),
        }
        zone = node.zone if node else None
        common = {**_PLAIN_ENDPOINT, "z": zone}
        return _uncommon(values, common)

    def _node_number(self, name: str | None) -> int | str | None:
        """Return the number of a node; the name of one that nobody uploaded."""
        return name if name is None else self._number.get(name, name)

    def _waiting(self, state: State, its: PortOutcome) -> list[Data]:
        """Return the pods of the service that don't run."""
        port = port_at_moment(state, its, its)
        vertices = [pending_vertex(port, pod) for pod in pods_not_running(port)]
        return [
            _uncommon(
                {
                    "k": vertex["key"],
                    "w": vertex["from_node"],
                    "j": vertex["rejected_by"],
                    "o": vertex["replaces"],
                    "c": vertex["reason"],
                    "u": vertex["assumed"],
                },
                {"w": None, "j": None, "o": "", "u": False},
            )
            for vertex in vertices
        ]

    # --- states that are worked out beforehand ------------------------------------------------------------------------

    def state(self, state: State) -> Data:
        """Return a State: what is up, what Kubernetes has detected, and the endpoints where they have changed."""
        sets = {
            "downNodes": state.down_nodes,
            "deadPods": state.dead_pods,
            "unreadyNodes": state.unready_nodes,
            "cordonedNodes": state.cordoned_nodes,
            "staleNodes": state.stale_nodes,
            "deadProxies": state.dead_kube_proxies,
            "unseenNodes": state.unseen_nodes,
            "blockedPods": state.blocked_pods,
        }
        made: Data = {name: sorted(its, key=natural) for name, its in sets.items() if its}
        if state.notes:
            made["notes"] = list(state.notes)
        ports = {str(i): change for i, port in enumerate(self.ports) if (change := self._change(state, port))}
        if ports:
            made["ports"] = ports
        return made

    def _change(self, state: State, port: PortKey) -> Data:
        """Return what differs at a service port from before: endpoints, their pods, pods that don't run."""
        now, was = outcome(state, *port), outcome(self._before, *port)
        made: Data = {}
        if now.endpoints != was.endpoints:
            made["endpoints"] = self._listed(state, now, was)
            made["none"] = _none(now.no_endpoints)
        elif now.no_endpoints != was.no_endpoints:
            made["none"] = _none(now.no_endpoints)
        waiting = self._waiting(state, now)
        if waiting != self._waiting(self._before, was):
            made["waiting"] = waiting
        keys = dict.fromkeys(endpoint.key for endpoint in (*was.endpoints, *now.endpoints))
        pods = {key: _pod(state, key) for key in keys if key in state.pods}
        if pods:
            made["pods"] = pods
        return made

    def _listed(self, state: State, now: PortOutcome, was: PortOutcome) -> list[Data | int]:
        """Return the endpoints; one that is as before by its number."""
        known = {id(endpoint): i for i, endpoint in enumerate(was.endpoints)}
        written = self._endpoints(state, now, now.endpoints)
        return [known.get(id(each), data) for each, data in zip(now.endpoints, written, strict=True)]


def _node(node: Node) -> Data:
    return _uncommon(
        {
            "n": node.name,
            "a": node.addresses[0] if node.addresses else "",
            "z": node.zone,
            "r": node.ready,
            "s": node.unschedulable,
            "u": node.assumed,
            "c": node.control_plane,
        },
        {"a": "", "z": None, "r": True, "s": False, "u": False, "c": False},
    )


def _cpu(node: Node) -> Data:
    """Return what the EndpointSlice controller counts of a worker, in thousandths, and the zone of its label."""
    if not is_worker(node):
        return {}
    amount = ceil(parse_quantity(node.allocatable.get("cpu", "0")) * 1000)
    return {"p": amount, "l": node.labels.get(ZONE, "")}


def _pod(state: State, key: str) -> Data:
    changed = state.pods[key]
    return _uncommon(
        {"f": str(changed.fate), "w": changed.from_node, "o": changed.replaces or "", "c": changed.reason},
        {"w": None, "o": "", "c": ""},
    )


def _none(none: NoEndpoints | None) -> list[str] | None:
    """Return why a port has no usable endpoint: the short form, and the whole."""
    return [none.short, str(none)] if none else None


def _uncommon(values: Data, common: Mapping[str, object]) -> Data:
    """Return the values without those that are what the reader takes for granted."""
    return {name: value for name, value in values.items() if name not in common or value != common[name]}


def port_keys(cluster: Cluster) -> Iterator[PortKey]:
    """Yield the service ports with entry points, in the cluster's order."""
    for service in cluster.services.values():
        yield from ((service.key, i) for i, port in enumerate(service.ports) if has_entries(service, port))
