"""Why a service port has no endpoint: one reason, in a short form for pictures and with its detail for sentences.

The rules are those of :mod:`webapp.cluster.endpoints`, read the other way round.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import field
from enum import Enum

from webapp.cluster.endpoints import (
    CONTROLLER,
    MANAGED_BY_LABEL,
    GivenEndpoints,
    PodIndex,
    family,
    target_port,
)
from webapp.cluster.model import Node, NoEndpoints, Pod, Service, ServicePort
from webapp.cluster.pods import is_paused
from webapp.cluster.unmet import Unmet
from webapp.manifests.manifests import Manifests
from webapp.manifests.objects import PodObject, WorkloadObject
from webapp.manifests.problems import Problem, Severity
from webapp.numbers import counted
from webapp.records import dataclass

_MOST_PAIRS = 3


class _Why(Enum):
    """What keeps a selected pod from being an endpoint, in the order in which the controller would ask."""

    SUCCEEDED = ("has finished", "have finished")
    FAILED = ("has failed", "have failed")
    PENDING = ("is Pending", "are Pending")
    NO_ADDRESS = ("has no IP address yet", "have no IP address yet")
    NO_PORT = ("declares no port with the name of the targetPort", "declare no port with the name of the targetPort")
    NO_FAMILY = ("has no address of the service's IP family", "have no address of the service's IP family")
    OTHER = ("is not an endpoint", "are not endpoints")


@dataclass(frozen=True, slots=True)
class Origins:
    """All that could have become endpoints, the objects that the API server rejects included."""

    index: PodIndex
    given: GivenEndpoints
    nodes: Mapping[str, Node]
    unmet: Unmet
    rejected: Mapping[str, str]
    """``Deployment default/web`` -> where its fault stands."""
    by_label: Mapping[tuple[str, str, str], Sequence[WorkloadObject | PodObject]] = field(default_factory=dict)
    """Workloads, by the labels of their pods, and rejected pods."""


def origins(
    manifests: Manifests,
    problems: Iterable[Problem],
    index: PodIndex,
    given: GivenEndpoints,
    nodes: Mapping[str, Node],
) -> Origins:
    """Return what :func:`no_endpoints` looks at; `manifests` are all those given, `problems` those with them."""
    errors = (p for p in problems if p.severity is Severity.ERROR and p.object)
    rejected = {p.object or "": f"{p.id}, {p.file}:{p.line}" if p.file and p.line else p.id for p in errors}
    by_label: dict[tuple[str, str, str], list[WorkloadObject | PodObject]] = defaultdict(list)
    for workload in manifests.workloads:
        if workload.spec.template is not None:
            _add(by_label, workload, workload.spec.template.metadata.labels)
    for pod in manifests.pods:
        if _name(pod) in rejected:
            _add(by_label, pod, pod.metadata.labels)
    return Origins(index, given, nodes, Unmet(nodes), rejected, by_label)


def _add(
    by_label: dict[tuple[str, str, str], list[WorkloadObject | PodObject]],
    carrier: WorkloadObject | PodObject,
    labels: Mapping[str, str],
) -> None:
    for key, value in labels.items():
        by_label[carrier.metadata.effective_namespace, key, value].append(carrier)


def no_endpoints(service: Service, port: ServicePort, among: Origins) -> NoEndpoints:
    """Return why the port has no endpoint; it must have none."""
    slices = among.given.slices.get(service.key, ())
    if not service.selector:
        listed = bool(slices) or service.key in among.given.endpoints
        if not listed and (unseen := among.given.unseen.get(service.key)):
            return NoEndpoints("kube-proxy sees no endpoints of it", unseen)
        return (
            _not_listed(port)
            if listed
            else NoEndpoints("it has no selector", "and the uploaded manifests have no EndpointSlice for it")
        )
    if any(part.metadata.labels.get(MANAGED_BY_LABEL) == CONTROLLER for part in slices):
        return _not_listed(port)
    pods = list(among.index.selected(service))
    return _unlisted(service, port, pods, among.unmet) if pods else _no_pod(service, among)


def _not_listed(port: ServicePort) -> NoEndpoints:
    name = f'port "{port.name}"' if port.name else "port without a name"
    return NoEndpoints("its EndpointSlices list none", f"they have no address for a {port.protocol} {name}")


# --- pods are there ---------------------------------------------------------------------------------------------------


def _unlisted(service: Service, port: ServicePort, pods: Sequence[Pod], unmet: Unmet) -> NoEndpoints:
    by_reason: dict[_Why, list[Pod]] = defaultdict(list)
    for pod in pods:
        by_reason[_why(service, port, pod)].append(pod)
    # What keeps out most of the pods is named first.
    found = sorted(by_reason.items(), key=lambda item: -len(item[1]))
    why, first = found[0]
    short = _counted(why, len(first), only=len(found) == 1)
    others = "".join(f", {len(its)} {why.value[len(its) > 1]}" for why, its in found[1:])
    return NoEndpoints(f"{short}{others}", _detail(service, port, why, first[0], unmet))


def _why(service: Service, port: ServicePort, pod: Pod) -> _Why:
    """Return the first rule that keeps the pod out (endpointslice reconciler, ShouldPodBeInEndpoints and FindPort)."""
    kept_out = {
        _Why.SUCCEEDED: pod.phase == "Succeeded",
        _Why.FAILED: pod.phase == "Failed",
        _Why.PENDING: pod.node is None,
        _Why.NO_ADDRESS: not pod.ips and not pod.assumed,
        _Why.NO_PORT: target_port(pod.spec, port.target_port, port.protocol) is None,
        _Why.NO_FAMILY: bool(pod.ips) and not any(family(ip) in service.ip_families for ip in pod.ips),
    }
    return next((why for why, so in kept_out.items() if so), _Why.OTHER)


def _counted(why: _Why, count: int, *, only: bool) -> str:
    one, several = why.value
    if not only:
        return f"{count} of its pods {several if count > 1 else one}"
    return f"its pod {one}" if count == 1 else f"its {count:,} pods {several}"


def _detail(service: Service, port: ServicePort, why: _Why, pod: Pod, unmet: Unmet) -> str:
    if why is _Why.PENDING:
        return "; ".join(filter(None, (pod.pending.removesuffix("."), unmet.of(pod.spec))))
    if why is _Why.FAILED:
        return pod.rejected
    if why is _Why.NO_PORT:
        return f'no container declares a port named "{port.target_port}" for {port.protocol}'
    if why is _Why.NO_FAMILY:
        return f"it is {' and '.join(service.ip_families)} only"
    return ""


# --- no pod is there --------------------------------------------------------------------------------------------------


def _no_pod(service: Service, among: Origins) -> NoEndpoints:
    """Return why nothing has the labels: what would have them is rejected or makes no pod, or nothing would."""
    meant = list(_matching(service, among.by_label))
    for carrier in meant:
        if _name(carrier) in among.rejected:
            where = f"by the API server: {among.rejected[_name(carrier)]}"
            return NoEndpoints(f"{carrier.kind} {carrier.metadata.name} is rejected", where)
    for carrier in meant:
        if isinstance(carrier, WorkloadObject):
            return NoEndpoints(f"{carrier.kind} {carrier.metadata.name} {_makes_none(carrier)}")
    pairs = [f"{key}={value}" for key, value in service.selector.items()]
    more = f" and {counted(len(pairs) - _MOST_PAIRS, 'more label')}" if len(pairs) > _MOST_PAIRS else ""
    return NoEndpoints("no pod matches its selector", f"{','.join(pairs[:_MOST_PAIRS])}{more}")


def _makes_none(workload: WorkloadObject) -> str:
    if workload.kind in ("Job", "CronJob"):
        return "is suspended" if workload.spec.suspend else "is assumed to have finished"
    if is_paused(workload):
        return "is paused and creates no pods"
    return "has 0 replicas" if workload.spec.replicas == 0 else "has no pod"


def _matching(
    service: Service, by_label: Mapping[tuple[str, str, str], Sequence[WorkloadObject | PodObject]]
) -> Iterator[WorkloadObject | PodObject]:
    pairs = service.selector.items()
    candidates = (by_label.get((service.namespace, key, value), ()) for key, value in pairs)
    return (c for c in min(candidates, key=len, default=()) if pairs <= _labels(c).items())


def _labels(carrier: WorkloadObject | PodObject) -> Mapping[str, str]:
    if isinstance(carrier, PodObject):
        return carrier.metadata.labels
    return carrier.spec.template.metadata.labels if carrier.spec.template else {}


def _name(carrier: WorkloadObject | PodObject) -> str:
    return f"{carrier.kind} {carrier.metadata.key}"
