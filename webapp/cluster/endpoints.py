"""Endpoints: which addresses stand behind a service port, as the EndpointSlice controller would list them."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from webapp.cluster.hints import with_hints
from webapp.cluster.model import FINISHED, Endpoint, Node, Pod, PodKey, Service, ServiceKey, ServicePort
from webapp.cluster.pod_map import Run, first_of, pods_in, runs_of
from webapp.cluster.quick import pod_endpoint
from webapp.cluster.replicas import PlacedReplicas
from webapp.limits import CLUSTER, TooLargeError
from webapp.manifests.manifests import Manifests
from webapp.manifests.objects import (
    EndpointAddress,
    EndpointSliceObject,
    EndpointsObject,
    IntOrString,
    Labels,
    ObjectReference,
    PodSpec,
    SliceEndpoint,
)
from webapp.manifests.well_known_labels import ZONE
from webapp.records import dataclass

SERVICE_NAME_LABEL = "kubernetes.io/service-name"
MANAGED_BY_LABEL = "endpointslice.kubernetes.io/managed-by"
CONTROLLER = "endpointslice-controller.k8s.io"
_MIRROR = "endpointslicemirroring-controller.k8s.io"
_HEADLESS_LABEL = "service.kubernetes.io/headless"
_SKIP_MIRROR_LABEL = "endpointslice.kubernetes.io/skip-mirror"


@dataclass(frozen=True, slots=True)
class PodIndex:
    """Finds the pods that a selector matches without looking at all of them."""

    pods: Mapping[PodKey, Pod]
    by_label: Mapping[tuple[str, str, str], Sequence[Run]]
    """By namespace, label key and value."""
    by_ip: Mapping[str, Sequence[PodKey]]
    """Of pods that have not finished: a finished one has given its address back."""
    nodes_by_ip: Mapping[str, str]
    """At which node an address is: a node's own, or that of a pod there."""

    def selected(self, service: Service) -> Iterator[Pod]:
        """Return the pods of the service's namespace that carry every pair of its selector."""
        return pods_in(self.runs(service), self.pods)

    def runs(self, service: Service) -> Iterator[Run]:
        """Yield the same, replicas together."""
        return self.carrying(service.namespace, service.selector)

    def carrying(self, namespace: str, labels: Labels) -> Iterator[Run]:
        """Yield the pods of a namespace that carry all these labels, at least one."""
        pairs = labels.items()
        candidates = (self.by_label.get((namespace, key, value), ()) for key, value in pairs)
        smallest = min(candidates, key=len, default=())
        return (run for run in smallest if len(pairs) == 1 or pairs <= first_of(run).labels.items())


def index_pods(pods: Mapping[PodKey, Pod], nodes: Iterable[Node] = ()) -> PodIndex:
    """Return the index of all pods, in their own order, and of the addresses of the nodes."""
    by_label: dict[tuple[str, str, str], list[Run]] = defaultdict(list)
    by_ip: dict[str, list[PodKey]] = defaultdict(list)
    nodes_by_ip = {address: node.name for node in nodes for address in node.addresses}
    for run in runs_of(pods):
        pod = first_of(run)
        for label, value in pod.labels.items():
            by_label[pod.namespace, label, value].append(run)
        # nodefall does not know the addresses of the pods that it makes, replicas among them.
        for ip in pod.ips if pod.phase not in FINISHED else ():
            by_ip[ip].append(pod.key)
            if pod.node is not None:
                nodes_by_ip.setdefault(ip, pod.node)
    return PodIndex(pods, by_label, by_ip, nodes_by_ip)


@dataclass(frozen=True, slots=True)
class GivenEndpoints:
    """The EndpointSlices and Endpoints that were uploaded, by ``NAMESPACE/SERVICE``."""

    slices: Mapping[str, Sequence[EndpointSliceObject]]
    endpoints: Mapping[str, EndpointsObject]
    unseen: Mapping[str, str]
    """Why kube-proxy sees nothing of others that were uploaded."""


def given_endpoints(manifests: Manifests) -> GivenEndpoints:
    """Return the uploaded slices and Endpoints that reach kube-proxy, by the service they belong to."""
    # It asks for slices without the headless label only (cmd/kube-proxy/app/server.go) and can't use those of type
    # FQDN. Endpoints with the skip-mirror label get no slice (pkg/controller/endpointslicemirroring).
    slices: dict[str, list[EndpointSliceObject]] = defaultdict(list)
    legacy: dict[str, EndpointsObject] = {}
    unseen: dict[str, str] = {}
    for part in manifests.endpoint_slices:
        key = f"{part.metadata.effective_namespace}/{part.metadata.labels.get(SERVICE_NAME_LABEL, '')}"
        if _HEADLESS_LABEL in part.metadata.labels:
            unseen[key] = f"its EndpointSlice has the label {_HEADLESS_LABEL}"
        elif part.address_type == "FQDN":
            unseen[key] = "its EndpointSlice is of addressType FQDN"
        elif SERVICE_NAME_LABEL in part.metadata.labels:
            slices[key].append(part)
    for endpoints in manifests.endpoints:
        key = endpoints.metadata.key
        if endpoints.metadata.labels.get(_SKIP_MIRROR_LABEL) == "true":
            unseen[key] = f"its Endpoints have the label {_SKIP_MIRROR_LABEL}"
        else:
            legacy[key] = endpoints
    return GivenEndpoints(slices, legacy, unseen)


def listed_endpoints(given: GivenEndpoints) -> Mapping[ServiceKey, int]:
    """Return how many endpoints slices and Endpoints list for each Service, each address counted for each port."""
    listed: Counter[ServiceKey] = Counter()
    for key, parts in given.slices.items():
        listed[key] += sum(len(part.endpoints) * len(part.ports) for part in parts)
    for key, legacy in given.endpoints.items():
        for subset in legacy.subsets:
            listed[key] += (len(subset.addresses) + len(subset.not_ready_addresses)) * len(subset.ports)
    return listed


def check_endpoints(services: Iterable[Service], index: PodIndex, given: GivenEndpoints) -> None:
    """Count the endpoints that all Services have together, before any is listed.

    Raises:
        TooLargeError: there are more than a cluster may have.

    """
    proxied = [service for service in services if service.accepted and service.type != "ExternalName"]
    listed = listed_endpoints(given)
    # Nearly all clusters stay below however the selectors are, and are not looked at any further.
    most = len(index.pods) * sum(len(service.ports) for service in proxied) + sum(listed.values())
    if most <= CLUSTER.endpoints:
        return
    left = CLUSTER.endpoints
    for service in proxied:
        runs = index.runs(service) if service.selector else ()
        selected = sum(1 if isinstance(run, Pod) else len(run) for run in runs)
        left -= selected * len(service.ports) + listed.get(service.key, 0)
        if left < 0:
            raise TooLargeError(
                f"More than {CLUSTER.endpoints:,} endpoints, each Pod counted for each port of each Service: nodefall "
                f"doesn't draw such a cluster. Service {service.key} has {len(service.ports):,} ports and selects "
                f"{selected:,} pods."
            )


def endpoints_of(
    service: Service, port: ServicePort, index: PodIndex, given: GivenEndpoints, nodes: Mapping[str, Node]
) -> tuple[Endpoint, ...]:
    """Return the endpoints of one service port.

    Uploaded slices of the controller are what kube-proxy sees, so they win over what would be computed from pods;
    slices written by hand come on top. Legacy Endpoints of a service without selector are mirrored (Kubernetes,
    "EndpointSlices"); those of one with a selector are the controller's and count only in a dump without its slices
    and pods: what somebody wrote there is overwritten.
    """
    slices, legacy = given.slices.get(service.key, ()), given.endpoints.get(service.key)
    managed = [s for s in slices if service.selector and s.metadata.labels.get(MANAGED_BY_LABEL) == CONTROLLER]
    manual = [s for s in slices if s not in managed]
    listed = tuple(_from_slices(manual, port, index, nodes, managed=False))
    if managed:
        return (*_from_slices(managed, port, index, nodes, managed=True), *listed)
    if service.selector:
        listed = (*from_pods(service, port, index.runs(service), nodes), *listed)
        stands_in = legacy is not None and not listed and not slices and _is_dumped(legacy)
    else:
        stands_in = not any(part.metadata.labels.get(MANAGED_BY_LABEL) == _MIRROR for part in slices)
    if legacy is not None and stands_in:
        return (*_from_legacy(legacy, port, index, nodes, managed=bool(service.selector)), *listed)
    return listed


def _is_dumped(given: EndpointsObject) -> bool:
    """Return whether a cluster wrote the Endpoints: they have a uid, or name the pods of their addresses."""
    every = (a for subset in given.subsets for a in (*subset.addresses, *subset.not_ready_addresses))
    return given.metadata.uid is not None or any(address.target_ref is not None for address in every)


def from_pods(
    service: Service, port: ServicePort, pods: Iterable[Run], nodes: Mapping[str, Node]
) -> tuple[Endpoint, ...]:
    """Return the endpoints that the controller makes of the selected pods, hints included.

    A pod that has finished, has no address, or whose Node object is missing is none (the last one is, with
    publishNotReadyAddresses); neither is one without the named target port (endpointslice reconciler).
    """
    made: list[Endpoint] = []
    for run in pods:
        if isinstance(run, PlacedReplicas):
            made += _replica_endpoints(service, port, run, nodes)
        elif _may_be_endpoint(run, service, nodes):
            made += _pod_endpoints(service, port, run, nodes.get(run.node or ""))
    return with_hints(tuple(made), service, nodes)


def _replica_endpoints(
    service: Service, port: ServicePort, replicas: PlacedReplicas, nodes: Mapping[str, Node]
) -> Iterator[Endpoint]:
    """Yield what :func:`_pod_endpoints` would for each of the replicas; all have a node that is there, or none."""
    spec = replicas.pod.spec
    number = target_port(spec, port.target_port, port.protocol)
    if number is None:
        return
    for key, name in replicas.bound:
        node, ready = nodes[name], name not in replicas.not_ready
        address = node.internal_ips[0] if spec.host_network and node.internal_ips else None
        listed = ready or service.publish_not_ready_addresses
        yield pod_endpoint(key, address, number, name, node.labels.get(ZONE), ready=listed, serving=ready)


def _may_be_endpoint(pod: Pod, service: Service, nodes: Mapping[str, Node]) -> bool:
    if pod.phase in FINISHED or not (pod.ips or (pod.assumed and pod.node)):
        return False
    return pod.node in nodes or service.publish_not_ready_addresses or pod.node is None


def _pod_endpoints(service: Service, port: ServicePort, pod: Pod, node: Node | None) -> Iterator[Endpoint]:
    number = target_port(pod.spec, port.target_port, port.protocol)
    if number is None:
        return
    addresses: tuple[str | None, ...] = tuple(ip for ip in pod.ips if family(ip) in service.ip_families)
    if not pod.ips:
        # Made by nodefall: the address is unknown, but a hostNetwork pod has its node's.
        addresses = ((node.internal_ips[0] if node and node.internal_ips and pod.spec.host_network else None),)
    seen: set[str | None] = set()
    for address in addresses:
        kind = family(address) if address else None
        if kind in seen:  # only the first address of a family is used
            continue
        seen.add(kind)
        yield Endpoint(
            pod=pod.key,
            address=address,
            port=number,
            node=pod.node,
            ready=service.publish_not_ready_addresses or (pod.ready and not pod.terminating),
            serving=pod.ready,
            terminating=pod.terminating,
            zone=node.labels.get(ZONE) if node else None,
        )


def target_port(spec: PodSpec, target: IntOrString, protocol: str) -> int | None:
    """Return the port number that a targetPort means in this pod, or None if the pod has no such port.

    A number needs no declaration. A name is looked up with its protocol in the app containers, then in the sidecars
    (init containers that restart always), never in ordinary init containers (endpointslice ``FindPort``).
    """
    if isinstance(target, int):
        return target
    for container in spec.running_containers:
        for port in container.ports:
            if port.name == target and (port.protocol or "TCP") == protocol:
                return port.container_port
    return None


def family(address: str) -> str:
    """Return ``IPv4`` or ``IPv6``; what is no address at all counts as IPv4.

    >>> family("fd00::1"), family("worker-1")
    ('IPv6', 'IPv4')
    """
    return "IPv6" if ":" in address else "IPv4"


def _from_slices(
    slices: Iterable[EndpointSliceObject],
    port: ServicePort,
    index: PodIndex,
    nodes: Mapping[str, Node],
    *,
    managed: bool,
) -> Iterator[Endpoint]:
    for part in slices:
        for listed in part.ports:
            if (listed.name or "") != port.name or (listed.protocol or "TCP") != port.protocol or listed.port is None:
                continue
            for endpoint in part.endpoints:
                if endpoint.addresses:
                    yield _slice_endpoint(part, endpoint, listed.port, index, nodes, managed=managed)


def _slice_endpoint(
    part: EndpointSliceObject,
    given: SliceEndpoint,
    port: int,
    index: PodIndex,
    nodes: Mapping[str, Node],
    *,
    managed: bool,
) -> Endpoint:
    conditions, hints, address = given.conditions, given.hints, given.addresses[0]
    node = nodes.get(given.node_name or "")
    pod = _pod_key(given.target_ref, address, part.metadata.effective_namespace, index)
    return Endpoint(
        pod=pod,
        address=address,
        port=port,
        node=given.node_name,
        elsewhere=_elsewhere(given.node_name, address, pod, index),
        # Missing conditions: ready, serving, not terminating (discovery/v1 EndpointConditions).
        ready=conditions.ready is not False,
        serving=conditions.serving is not False,
        terminating=bool(conditions.terminating),
        zone=given.zone or (node.labels.get(ZONE) if node else None),
        zone_hints=frozenset(z.name for z in hints.for_zones) if hints else frozenset(),
        node_hints=frozenset(n.name for n in hints.for_nodes) if hints else frozenset(),
        managed=managed,
    )


def _pod_key(ref: ObjectReference | None, address: str, namespace: str, index: PodIndex) -> PodKey | None:
    if ref is not None and ref.kind in (None, "Pod") and ref.name:
        return f"{ref.namespace or namespace}/{ref.name}"
    owners = index.by_ip.get(address, ())
    return owners[0] if len(owners) == 1 else None


def _elsewhere(node: str | None, address: str, pod: PodKey | None, index: PodIndex) -> str | None:
    """Return the node where the address is, by the pod or node that has it; None where that is `node`, or unknown."""
    known = index.pods.get(pod or "")
    home = index.nodes_by_ip.get(address) or (known.node if known else None)
    return home if home != node else None


def _from_legacy(
    given: EndpointsObject, port: ServicePort, index: PodIndex, nodes: Mapping[str, Node], *, managed: bool
) -> Iterator[Endpoint]:
    for subset in given.subsets:
        for listed in subset.ports:
            if (listed.name or "") != port.name or (listed.protocol or "TCP") != port.protocol or listed.port is None:
                continue
            for ready, addresses in ((True, subset.addresses), (False, subset.not_ready_addresses)):
                for address in addresses:
                    yield _legacy_endpoint(given, address, listed.port, index, nodes, ready=ready, managed=managed)


def _legacy_endpoint(
    given: EndpointsObject,
    address: EndpointAddress,
    port: int,
    index: PodIndex,
    nodes: Mapping[str, Node],
    *,
    ready: bool,
    managed: bool,
) -> Endpoint:
    pod = _pod_key(address.target_ref, address.ip, given.metadata.effective_namespace, index)
    known = index.pods.get(pod or "")
    node = address.node_name or (known.node if known and managed else None)
    return Endpoint(
        pod=pod,
        address=address.ip,
        port=port,
        node=node,
        elsewhere=_elsewhere(node, address.ip, pod, index),
        ready=ready,
        serving=ready,
        zone=nodes[node].labels.get(ZONE) if node in nodes and node else None,
        managed=managed,
    )
