"""What the API server would have made of the manifests: which objects it takes, and with which defaults and numbers."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields, replace
from itertools import chain
from operator import attrgetter
from types import MappingProxyType

from webapp.cluster.allocation import (
    NodePortAllocator,
    claim_written,
    draw_missing,
    rank,
    release_all,
    written_numbers,
)
from webapp.cluster.defaulting import default_service, is_virtual
from webapp.cluster.model import Refusal, Service, ServicePort
from webapp.cluster.options import ClusterOptions
from webapp.cluster.quick import changed
from webapp.cluster.validation.advice import TAKEN, advice_for
from webapp.cluster.validation.errors import DECODE, decode_error, invalid
from webapp.cluster.validation.ip_families import (
    FAMILIES,
    cluster_ip_faults,
    families,
    is_headless,
    single_stack_faults,
)
from webapp.cluster.validation.objects import KeptObject, all_objects, checked_objects
from webapp.cluster.validation.service import DEPRECATED_HINTS, TOPOLOGY_MODE, service_faults, spec_faults
from webapp.cluster.validation.versions import REMOVED, Removal
from webapp.manifests.manifests import Manifests
from webapp.manifests.objects import Labels, ObjectMeta, PodObject, ServiceObject, ServicePortSpec, ServiceSpec
from webapp.manifests.problems import Problem, Severity
from webapp.records import dataclass

# Whatever its value: kube-proxy asks the API server for Services without it only (cmd/kube-proxy/app/server.go).
PROXY_NAME_LABEL = "service.kubernetes.io/service-proxy-name"
# Gate ServiceTrafficDistribution, on by default (KEP-4444); older API servers drop the field.
TRAFFIC_DISTRIBUTION_SINCE = 31


@dataclass(frozen=True, slots=True, kw_only=True)
class AdmittedServices:
    """The Services as stored, the refused ones included, and why those were refused."""

    services: tuple[Service, ...]
    problems: tuple[Problem, ...]


@dataclass(slots=True)
class _Draft:
    """A Service on its way through the API server."""

    given: ServiceObject
    key: str
    spec: ServiceSpec
    shape: "_Shape"
    refusals: tuple[Refusal, ...] = ()


@dataclass(frozen=True, slots=True)
class _Shape:
    """What Services share that differ in names and selectors only, as most of a cluster's do."""

    spec: ServiceSpec
    """With the defaults and the selector of one of them."""
    is_right: bool
    """No rule about the spec has anything against it, but that the selector's own is not asked."""


@dataclass(slots=True)
class _Allocators:
    """What Services of one cluster compete for."""

    node_ports: NodePortAllocator
    cluster_ips: set[str]


def admit_services(
    services: Sequence[ServiceObject],
    undecodable: Mapping[str, str],
    options: ClusterOptions,
    cluster_families: Sequence[str] = FAMILIES,
) -> AdmittedServices:
    """Return the Services as the API server would store them if all were created in one empty cluster."""
    # Those that ask for a number come first, in the order given: of two that ask for the same one the first has it. All
    # others get theirs afterwards, so that no automatic number takes one that is written somewhere (KEP-3668 keeps a
    # static band for the same reason). Allocation comes before validation and hides its errors, as in the server.
    shapes: dict[tuple[object, ...], _Shape] = {}
    drafts = [_draft(given, options.minor_version, shapes) for given in services]
    allocators = _Allocators(NodePortAllocator(options.node_port_range), set())
    for draft in sorted(drafts, key=lambda d: not written_numbers(d.spec)):
        draft.spec, draft.refusals = _created(draft, undecodable, allocators, options.minor_version)
    for draft in sorted(drafts, key=lambda d: rank(d.key)):
        if not draft.refusals:
            draft.spec, draft.refusals = _numbered(draft, allocators)
    holders = {number: d.key for d in drafts if not d.refusals for number in written_numbers(d.spec)}
    return AdmittedServices(
        services=tuple(_service(draft, cluster_families) for draft in drafts),
        problems=tuple(problem for draft in drafts for problem in _service_problems(draft, holders)),
    )


def admit_others(manifests: Manifests, options: ClusterOptions) -> tuple[Problem, ...]:
    """Return why the API server would refuse objects other than Services, as far as the kept fields show.

    An object of an apiVersion that is gone is a warning: older clusters still serve it, so it is drawn all the same.
    A pod with a status was accepted by a cluster: what it lacks was trimmed from its dump.
    """
    return tuple(chain.from_iterable(problems_by_object(manifests, options).values()))


def problems_by_object(
    manifests: Manifests,
    options: ClusterOptions,
    known: Manifests | None = None,
    problems: Mapping[int, tuple[Problem, ...]] = MappingProxyType({}),
) -> dict[int, tuple[Problem, ...]]:
    """Return the same by the ``id`` of the object, for those with problems; of `known` objects they are given."""
    seen = {id(item) for item in all_objects(known)} if known is not None else frozenset()
    found: dict[int, tuple[Problem, ...]] = {}
    for item, faults in checked_objects(manifests, options.minor_version):
        if id(item) in seen:
            its = problems.get(id(item), ())
        elif isinstance(item, PodObject) and is_dumped(item):
            continue
        else:
            its = tuple(_object_problems(item, faults, manifests.undecodable, options))
        if its:
            found[id(item)] = its
    return found


def is_dumped(pod: PodObject) -> bool:
    """Return whether a cluster wrote the pod, since it has a status, and not somebody who has yet to apply it."""
    return pod.status is not None and bool(pod.status.phase)


def refused_objects(problems: Iterable[Problem]) -> frozenset[str]:
    """Return which objects these problems of admission refuse, ``Deployment default/web``."""
    return frozenset(p.object for p in problems if p.object and p.severity is Severity.ERROR)


# --- one Service at a time --------------------------------------------------------------------------------------------


def _draft(given: ServiceObject, minor: int, shapes: dict[tuple[object, ...], _Shape]) -> _Draft:
    key = (*_OF_SHAPE(given.spec), bool(given.spec.selector))
    shape = shapes.get(key)
    if shape is None:
        spec = default_service(given.spec)
        if minor < TRAFFIC_DISTRIBUTION_SINCE:
            spec = replace(spec, traffic_distribution=None)
        faults = chain(cluster_ip_faults(spec, minor), single_stack_faults(spec), spec_faults(spec, minor))
        shape = shapes[key] = _Shape(spec, not any(True for _ in faults))
    return _Draft(given, given.metadata.key, changed(shape.spec, selector=given.spec.selector), shape)


# Of a selector other rules ask no more than whether there is one.
_OF_SHAPE = attrgetter(*(field.name for field in fields(ServiceSpec) if field.name != "selector"))


def _created(
    draft: _Draft, broken: Mapping[str, str], allocators: _Allocators, minor: int
) -> tuple[ServiceSpec, tuple[Refusal, ...]]:
    """Return the spec with the numbers it asked for, or the refusals of the first stage that has any."""
    spec = draft.spec
    if (text := broken.get(f"Service {draft.key}")) is not None:
        return spec, (decode_error("", text),)
    known: tuple[Iterator[Refusal], ...] = (cluster_ip_faults(spec, minor), single_stack_faults(spec))
    for stage in (*(() if draft.shape.is_right else known), _address_clash(spec, allocators)):
        if refusals := tuple(stage):
            return spec, refusals
    numbered, refusal = claim_written(spec, allocators.node_ports)
    if refusal:
        return spec, (refusal,)
    # A node port that ports share is written into those that lack it.
    is_right = draft.shape.is_right and numbered is spec
    if refusals := tuple(service_faults(draft.given.metadata, numbered, minor, is_right=is_right)):
        release_all(written_numbers(spec), allocators.node_ports)
        return spec, refusals
    allocators.cluster_ips.update(_addresses(spec))
    return numbered, ()


def _address_clash(spec: ServiceSpec, allocators: _Allocators) -> Iterator[Refusal]:
    for ip in _addresses(spec):
        if ip in allocators.cluster_ips:
            yield invalid(
                "spec.clusterIPs", spec.cluster_ips, f"failed to allocate IP {ip}: provided IP is already allocated"
            )


def _addresses(spec: ServiceSpec) -> tuple[str, ...]:
    return () if spec.type == "ExternalName" or is_headless(spec) else spec.cluster_ips


def _numbered(draft: _Draft, allocators: _Allocators) -> tuple[ServiceSpec, tuple[Refusal, ...]]:
    spec, refusal = draw_missing(draft.spec, draft.key, allocators.node_ports)
    if refusal is None:
        return spec, ()
    release_all(written_numbers(draft.spec), allocators.node_ports)
    return draft.spec, (refusal,)


def _service(draft: _Draft, cluster_families: Sequence[str]) -> Service:
    spec, given = draft.spec, draft.given
    namespace, _, name = draft.key.partition("/")
    ingress = given.status.load_balancer.ingress if spec.type == "LoadBalancer" else ()
    timeout = spec.session_affinity_config.client_ip if spec.session_affinity_config else None
    return Service(
        namespace=namespace,
        name=name,
        type=spec.type or "ClusterIP",
        selector=spec.selector,
        ports=tuple(_port(spec, port, as_given) for port, as_given in zip(spec.ports, given.spec.ports, strict=True)),
        external_traffic_policy=spec.external_traffic_policy,
        internal_traffic_policy=spec.internal_traffic_policy,
        external_ips=spec.external_ips,
        load_balancer_ips=tuple(i.ip for i in ingress if i.ip and is_virtual(i)),
        load_balancer_addresses=tuple(address for i in ingress if (address := i.ip or i.hostname)),
        load_balancer_source_ranges=tuple(cidr.strip() for cidr in spec.load_balancer_source_ranges),
        health_check_node_port=spec.health_check_node_port or None,
        session_affinity=spec.session_affinity or "None",
        session_affinity_seconds=timeout.timeout_seconds if timeout else None,
        publish_not_ready_addresses=bool(spec.publish_not_ready_addresses),
        traffic_distribution=spec.traffic_distribution,
        topology_mode=topology_mode(given.metadata.annotations),
        ip_families=families(spec, cluster_families),
        headless=is_headless(spec),
        proxied=PROXY_NAME_LABEL not in given.metadata.labels,
        refusals=draft.refusals,
    )


def topology_mode(annotations: Labels) -> str | None:
    """Return ``Auto`` where the annotations say exactly ``Auto`` or ``auto``, the deprecated one first."""
    # ``hintsEnabled`` in ``k8s.io/endpointslice`` (KEP-2433).
    value = annotations.get(DEPRECATED_HINTS, annotations.get(TOPOLOGY_MODE))
    return "Auto" if value in ("Auto", "auto") else None


def _port(spec: ServiceSpec, port: ServicePortSpec, given: ServicePortSpec) -> ServicePort:
    """Return the port as stored; an ExternalName's node port is taken and never used."""
    node_port = None if spec.type == "ExternalName" else port.node_port or None
    return ServicePort(
        name=port.name or "",
        protocol=port.protocol or "TCP",
        port=port.port or 0,
        target_port=port.target_port or port.port or 0,
        node_port=node_port,
        node_port_assigned=node_port is not None and not given.node_port,
    )


# --- problems ---------------------------------------------------------------------------------------------------------


def _service_problems(draft: _Draft, holders: Mapping[int, str]) -> Iterator[Problem]:
    for refusal in draft.refusals:
        if not _said_by_reading(refusal):
            problem = _problem(draft.given, f"Service {draft.key}", refusal)
            yield problem if problem.id != TAKEN else replace(problem, hint=_who(draft, holders) + problem.hint)
    if draft.spec.type == "ExternalName" and not draft.refusals:
        for i, port in enumerate(draft.spec.ports):
            if port.node_port:
                yield _without_effect(draft, f"spec.ports[{i}].nodePort")


def _who(draft: _Draft, holders: Mapping[int, str]) -> str:
    """Return who has the number that this Service asks for; empty if the clash is inside the Service."""
    found = (f"Service {holders[n]} has {n}. " for n in written_numbers(draft.spec) if n in holders)
    return next(found, "")


def _said_by_reading(refusal: Refusal) -> bool:
    """Return whether reading has made a problem of it already: wrong types, quantities and missing names."""
    nameless = refusal.type == "FieldValueRequired" and refusal.path == "metadata.name"
    return refusal.type == DECODE or nameless


def _without_effect(draft: _Draft, path: str) -> Problem:
    return Problem(
        id="NP180",
        severity=Severity.WARNING,
        message=f"{path} has no effect: an ExternalName Service is a DNS name only, so nothing listens there.",
        hint="Remove nodePort, or set spec.type to NodePort.",
        file=draft.given.source.file,
        line=draft.given.source.line_of(path),
        object=f"Service {draft.key}",
    )


def _object_problems(
    item: KeptObject, faults: Iterable[Refusal], broken: Mapping[str, str], options: ClusterOptions
) -> Iterator[Problem]:
    name = _reference(item)
    removal = REMOVED.get((item.kind, item.api_version))
    if removal is not None and options.minor_version >= removal.since:
        yield _removed(item, name, removal)
    elif name not in broken:
        yield from (_problem(item, name, refusal) for refusal in faults if not _said_by_reading(refusal))


def _reference(item: KeptObject) -> str:
    meta: ObjectMeta = item.metadata
    return f"{item.kind} {meta.namespace}/{meta.name}" if meta.namespace else f"{item.kind} {meta.name}"


def _problem(item: KeptObject | ServiceObject, name: str, refusal: Refusal) -> Problem:
    advice = advice_for(refusal)
    where = f"{refusal.path}: " if refusal.path else ""
    return Problem(
        id=advice.id,
        severity=Severity.ERROR,
        message=f"Rejected by the API server: {where}{refusal.detail}",
        hint=advice.hint,
        file=item.source.file,
        line=item.source.line_of(refusal.path.replace("LoadBalancerSourceRanges", "loadBalancerSourceRanges")),
        object=name,
    )


def _removed(item: KeptObject, name: str, removal: Removal) -> Problem:
    return Problem(
        id="NP190",
        severity=Severity.WARNING,
        message=f"Kubernetes 1.{removal.since} and later have no {item.kind} in {item.api_version}; "
        "it is drawn as in an older cluster.",
        hint=f"Use apiVersion {removal.instead}." if removal.instead else "No other version has the same schema.",
        file=item.source.file,
        line=item.source.line_of("apiVersion"),
        object=name,
    )
