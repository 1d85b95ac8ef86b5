"""A cluster and some of its service ports as plain data: all that routing asks for, and the names to show.

Fields have short names and those that hold the common value are left out, so that thousands of nodes and endpoints
stay small; ``static/offline/plan.js`` reads them and puts the common values back.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
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
from webapp.failure.state import PodFate
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
    **dict.fromkeys("rsmd", 1),
    **dict.fromkeys("xhu", 0),
    "zh": [],
    "nh": [],
}
"""A ready endpoint of a known pod on a known node."""
_PLAIN_PORT: Data = {
    **dict.fromkeys(("local", "checked", "sticky", "publish", "byCpu"), False),
    "distribution": None,
    "none": None,
    "line": "",
    "note": "",
    "waiting": [],
    "families": ["IPv4"],
    "accepted": True,
    "entries": True,
    "proxied": True,
    "protocol": "TCP",
}
"""What most service ports are."""
_WORD = re.compile(r"[^\s,;:()]*[^\s,;:().]")
"""What may be a name within a sentence; the stop at its end is none of it."""
_DETECTED = (Moment.DETECTED, Moment.RESCHEDULED)
_FATES = tuple(PodFate)
PortKey = tuple[str, int]
"""A service's key, and the index of its port."""


class PlanWriter:
    """Writes down one cluster and the service ports that a file can show."""

    def __init__(self, cluster: Cluster, ports: Sequence[PortKey]) -> None:
        """Find what the short forms refer to: nodes by number."""
        self.cluster = cluster
        self.ports = tuple(ports)
        self._number = {name: i for i, name in enumerate(cluster.nodes)}
        self._zones = [node.zone for node in cluster.nodes.values()]
        # Many states say the same of the same pod, and the same sentence of many: each is written once.
        self._texts: dict[str, int] = {}
        self._pods: dict[tuple[str, str], tuple[int, Data]] = {}
        self._pod_names = {name for key in cluster.pods for name in (key, key.partition("/")[2])}
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
            "ports": [{**self._port(*port), "place": place.get(port[0], 0)} for port in self.ports],
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
        values = {
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
            "endpoints": [_uncommon(each, self._plain(each)) for each in self._endpoints(self._before, its)],
            "waiting": self._waiting(self._before, its),
        }
        return _uncommon(values, _PLAIN_PORT)

    def _endpoints(self, state: State, its: PortOutcome) -> list[Data]:
        plans = (plan_of(state, its.service, its.port, its.endpoints, of) for of in its.service.ip_families)
        host = frozenset(key for plan in plans for key in plan.host_network)
        return [self._endpoint(state, endpoint, host=endpoint.key in host) for endpoint in its.endpoints]

    def _endpoint(self, state: State, endpoint: Endpoint, *, host: bool) -> Data:
        return {
            "k": endpoint.pod,
            "a": endpoint.address,
            "t": endpoint.port,
            "n": self._node_number(endpoint.node),
            "e": self._node_number(endpoint.elsewhere),
            # Numbers are shorter, and there are many of them.
            "r": int(endpoint.ready),
            "s": int(endpoint.serving),
            "x": int(endpoint.terminating),
            "z": endpoint.zone,
            "zh": sorted(endpoint.zone_hints),
            "nh": sorted(endpoint.node_hints),
            "m": int(endpoint.managed),
            "h": int(host),
            # A pod of the manifests can be taken down, one that the Scenario has recreated can't.
            "d": int(endpoint.key in self.cluster.pods),
            "u": int(state.is_assumed(endpoint.pod)),
        }

    def _plain(self, endpoint: Data) -> Data:
        """Return what the reader takes for granted of an endpoint: its zone is that of its node."""
        number = endpoint["n"]
        zone = self._zones[number] if isinstance(number, int) else None
        return {**_PLAIN_ENDPOINT, "z": zone}

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
            "cordonedNodes": state.cordoned_nodes,
            "staleNodes": state.stale_nodes,
            "deadProxies": state.dead_kube_proxies,
            "unseenNodes": state.unseen_nodes,
            "blockedPods": state.blocked_pods,
        }
        made: Data = {name: sorted(its, key=natural) for name, its in sets.items() if its}
        # Once a failure is detected, what is down is not ready: only otherwise that is said.
        expected = state.down_nodes if state.scenario.at in _DETECTED else frozenset()
        if state.unready_nodes != expected:
            made["unreadyNodes"] = sorted(state.unready_nodes, key=natural)
        if state.notes:
            made["notes"] = [self._text(note) for note in state.notes]
        pods: dict[str, Data] = {}
        ports = {str(i): change for i, port in enumerate(self.ports) if (change := self._change(state, port, pods))}
        if ports:
            made["ports"] = ports
        if pods:
            made["pods"] = [self._pod_number(key, pod) for key, pod in pods.items()]
        return made

    def texts(self) -> list[str]:
        """Return the sentences to which states refer by number, once all states are written."""
        return list(self._texts)

    def pods(self) -> list[Data]:
        """Return what happens to pods, to which states refer by number, once all states are written."""
        return [{"k": key, **pod} for (key, _), (_, pod) in self._pods.items()]

    def _pod_number(self, key: str, pod: Data) -> int:
        number, _ = self._pods.setdefault((key, repr(pod)), (len(self._pods), pod))
        return number

    def _change(self, state: State, port: PortKey, pods: dict[str, Data]) -> Data:
        """Return what differs at a service port from before: endpoints, pods that don't run; add to the `pods`."""
        now, was = outcome(state, *port), outcome(self._before, *port)
        made: Data = {}
        if now.endpoints != was.endpoints:
            made["e"] = self._listed(state, now, was)
        if now.no_endpoints != was.no_endpoints:
            made["n"] = _none(now.no_endpoints)
        waiting = self._waiting(state, now)
        if waiting != self._waiting(self._before, was):
            made["w"] = waiting
        keys = dict.fromkeys(endpoint.key for endpoint in (*was.endpoints, *now.endpoints))
        pods.update({key: self._pod(state, key) for key in keys if key in state.pods and key not in pods})
        return made

    def _listed(self, state: State, now: PortOutcome, was: PortOutcome) -> list[Data | list[int]]:
        """Return the endpoints: runs of those that are as before, by the first and the last number, else what differs.

        Where that is only whether it is ready, serving or terminating, those are a third number, as bits.
        """
        known = {_identity(endpoint): i for i, endpoint in enumerate(was.endpoints)}
        before = self._endpoints(self._before, was)
        usual = {"t": before[0]["t"]} if before else {}
        made: list[Data | list[int]] = []
        for each, values in zip(now.endpoints, self._endpoints(state, now), strict=True):
            number = known.get(_identity(each))
            if number is None:
                made.append(_uncommon(values, {**self._plain(values), **usual}))
            elif changed := _uncommon(values, before[number]):
                flags = values["r"] * 4 + values["s"] * 2 + values["x"]
                made.append([number, number, flags] if changed.keys() <= set("rsx") else {"i": number, **changed})
            elif made and isinstance(made[-1], list) and made[-1][1:] == [number - 1]:
                made[-1][1] = number
            else:
                made.append([number, number])
        return made

    def _text(self, sentence: str) -> int | list[int | str]:
        """Return the number of a sentence; where it names nodes or pods, that of the form and the names in it."""
        names: list[int | str] = []

        def place(found: re.Match[str]) -> str:
            name = found[0]
            if name not in self._number and name not in self._pod_names:
                return name
            names.append(self._number.get(name, name))
            return f"{{{len(names) - 1}}}"

        # A name may hold what looks like a place.
        form = sentence if "{" in sentence else _WORD.sub(place, sentence)
        number = self._texts.setdefault(form, len(self._texts))
        return [number, *names] if names else number

    def _pod(self, state: State, key: str) -> Data:
        changed = state.pods[key]
        written = _uncommon(
            {"f": _FATES.index(changed.fate), "w": self._node_number(changed.from_node), "o": changed.replaces or ""},
            # Where it came from is said of moved pods only.
            {"w": self._node_number(changed.from_node) if changed.fate is not PodFate.MOVED else None, "o": ""},
        )
        if changed.reason:
            written["c"] = self._text(changed.reason)
        return written


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


def _identity(endpoint: Endpoint) -> tuple[str, str | None, int]:
    """Return what makes an endpoint the same in another state: a pod of the same name may be another pod."""
    return endpoint.key, endpoint.address, endpoint.port


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
