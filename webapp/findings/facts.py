"""What the rules look at: the manifests, the cluster made of them, and who selects whom, worked out once."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import field, replace
from typing import TYPE_CHECKING

from webapp.cluster.autoscaling import ReplicaBounds, replica_bounds
from webapp.cluster.endpoints import PodIndex, index_pods
from webapp.cluster.model import REPLICATED, Cluster, Endpoint, Pod, PodKey, Service, ServicePort, WorkloadRef
from webapp.cluster.pod_map import Run, first_of, pods_in, runs_of
from webapp.cluster.pods import controller_of, ref_of
from webapp.findings.trial import Trial
from webapp.lazy import lazy
from webapp.manifests.manifests import Manifests
from webapp.manifests.objects import (
    ContainerPort,
    IntOrString,
    Labels,
    PodObject,
    PodSpec,
    ServiceObject,
    WorkloadObject,
)
from webapp.records import dataclass

if TYPE_CHECKING:
    from webapp.failure.recovery import Replacements

_EXPOSING = ("NodePort", "LoadBalancer")


@dataclass(frozen=True, eq=False)
class Carrier:
    """What carries the labels that a selector looks for: a workload by its template, or a pod of its own."""

    subject: WorkloadObject | PodObject
    labels: Labels
    spec: PodSpec

    @property
    def namespace(self) -> str:
        """The pods' namespace."""
        return self.subject.metadata.effective_namespace

    @property
    def name(self) -> str:
        """``Deployment default/web``."""
        return f"{self.subject.kind} {self.namespace}/{self.subject.metadata.name}"

    @property
    def spec_path(self) -> str:
        """Where the pod's spec stands in the object."""
        return "spec" if self.subject.kind == "Pod" else "spec.template.spec"

    @lazy
    def container_ports(self) -> tuple[ContainerPort, ...]:
        """The ports that the containers declare."""
        return tuple(port for container in self.spec.running_containers for port in container.ports)

    @lazy
    def declared(self) -> Mapping[IntOrString | None, frozenset[str]]:
        """The protocols of the ports that the containers declare, by number."""
        return _gathered((port.container_port, port.protocol or "TCP") for port in self.container_ports)

    def patch(self, spec: Mapping[str, object]) -> dict[str, object]:
        """Return what changes the pods' spec, as a patch without its head."""
        return {"spec": spec} if self.subject.kind == "Pod" else {"spec": {"template": {"spec": spec}}}

    @property
    def is_written(self) -> bool:
        """Whether the namespace stands in the manifest, rather than being left to kubectl."""
        return "metadata.namespace" in self.subject.source.lines


def _gathered(pairs: Iterable[tuple[IntOrString | None, str]]) -> Mapping[IntOrString | None, frozenset[str]]:
    found: dict[IntOrString | None, set[str]] = defaultdict(set)
    for number, protocol in pairs:
        found[number].add(protocol)
    return {number: frozenset(protocols) for number, protocols in found.items()}


@dataclass(frozen=True, eq=False)
class Selection:
    """A service with what it selects."""

    service: Service
    given: ServiceObject
    pods_by_key: Mapping[PodKey, Pod]
    """All pods of the cluster."""
    runs: tuple[Run, ...]
    """The pods, replicas together."""
    carriers: tuple[Carrier, ...]
    assumed_pods: tuple[Pod, ...] = ()
    """Those that nodefall made up, apart from `pods`: a rule speaks of what its reader wrote."""

    @lazy
    def pods(self) -> tuple[Pod, ...]:
        """The pods, one by one: of 10,000 services hardly any rule looks at those."""
        return tuple(pods_in(self.runs, self.pods_by_key))

    @lazy
    def declared_numbers(self) -> list[int]:
        """The numbers of the ports that the selected pods declare, rising."""
        return sorted({port.container_port for c in self.carriers for port in c.container_ports if port.container_port})

    @lazy
    def declared(self) -> Mapping[IntOrString | None, frozenset[str]]:
        """The protocols of the ports that the selected pods declare, by number."""
        return _gathered((number, each) for c in self.carriers for number, its in c.declared.items() for each in its)

    @lazy
    def leading_to(self) -> Mapping[IntOrString | None, frozenset[str]]:
        """The protocols of the service's ports by their targetPort."""
        return _gathered((port.target_port, port.protocol) for port in self.service.ports)

    @lazy
    def protocols(self) -> Mapping[IntOrString | None, frozenset[str]]:
        """The protocols of the service's ports by their own number."""
        return _gathered((port.port, port.protocol) for port in self.service.ports)

    @property
    def exposed(self) -> bool:
        """Whether clients connect through it: an accepted NodePort or LoadBalancer."""
        return self.service.accepted and self.service.type in _EXPOSING and not self.service.headless

    @property
    def node_ports(self) -> Iterator[tuple[int, ServicePort]]:
        """The ports with a nodePort, with their index."""
        return ((i, p) for i, p in enumerate(self.service.ports) if self.exposed and p.node_port)

    def brief(self, port: ServicePort, number: IntOrString | None) -> str:
        """Return what a number of a port is called in a list: ``default/web 8080``, ``default/dns 53/UDP``."""
        return f"{self.service.key} {number}" + ("" if port.protocol == "TCP" else f"/{port.protocol}")

    @lazy
    def endpoints(self) -> Mapping[str, Endpoint]:
        """What stands behind its ports, each once."""
        return {endpoint.key: endpoint for port in self.service.ports for endpoint in port.endpoints}

    @property
    def has_endpoints(self) -> bool:
        """Whether anything at all, ready or not, stands behind one of its ports."""
        return any(port.endpoints for port in self.service.ports)


@dataclass(frozen=True, slots=True, eq=False)
class Backend:
    """Pods of one origin behind at least one entry point."""

    carrier: Carrier
    pods: tuple[Pod, ...]
    services: tuple[Selection, ...]

    @property
    def names(self) -> str:
        """The services before it."""
        return ", ".join(s.service.key for s in self.services)


@dataclass(frozen=True)
class Facts:
    """The manifests, the cluster, and what follows from both. Rules only read it."""

    manifests: Manifests
    cluster: Cluster
    _index: PodIndex = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_index", index_pods(self.cluster.pods))

    @lazy
    def carriers(self) -> tuple[Carrier, ...]:
        """Workloads that nobody owns, then pods that belong to none of them."""
        return (*self._workload_carriers.values(), *self._pod_carriers.values())

    @lazy
    def services(self) -> tuple[Selection, ...]:
        """All services but ExternalName, in natural order."""
        given = {s.metadata.key: s for s in self.manifests.services}
        chosen = ((s, given.get(key)) for key, s in self.cluster.services.items() if s.type != "ExternalName")
        return tuple(self._selected(service, source) for service, source in chosen if source is not None)

    @lazy
    def exposed(self) -> tuple[Selection, ...]:
        """The services that clients connect through: with node ports, which kube-proxy opens."""
        return tuple(selected for selected in self.numbered if selected.service.proxied)

    @lazy
    def numbered(self) -> tuple[Selection, ...]:
        """The services with node ports, those left to another proxy included: they have their numbers all the same."""
        return tuple(s for s in self.services if any(True for _ in s.node_ports))

    @lazy
    def backends(self) -> tuple[Backend, ...]:
        """What stands behind the exposed services, each origin once; not what has no pod, or was rejected."""
        before: dict[Carrier, list[Selection]] = defaultdict(list)
        for selected in self.exposed:
            for carrier in selected.carriers:
                before[carrier].append(selected)
        return tuple(Backend(c, pods, tuple(services)) for c, services in before.items() if (pods := self.pods_of(c)))

    @property
    def replicated(self) -> Iterator[tuple[Backend, WorkloadObject]]:
        """The backends that are workloads with a number of replicas."""
        for backend in self.backends:
            if isinstance(backend.carrier.subject, WorkloadObject) and backend.carrier.subject.kind in REPLICATED:
                yield backend, backend.carrier.subject

    @lazy
    def is_live(self) -> bool:
        """Whether these are objects of a running cluster, not manifests yet to be applied."""
        return any(pod.status and pod.status.phase for pod in self.manifests.pods)

    @lazy
    def is_dump(self) -> bool:
        """Whether these are objects of a cluster: pods that run, or any object that the API server has stored."""
        kept = (self.manifests.services, self.manifests.workloads, self.manifests.nodes)
        return self.is_live or any(each.metadata.uid for objects in kept for each in objects)

    @lazy
    def replica_bounds(self) -> Mapping[WorkloadRef, ReplicaBounds]:
        """Between how many replicas autoscalers keep workloads."""
        return replica_bounds(self.manifests)

    @lazy
    def replacements(self) -> "Replacements":
        """When controllers replace pods of lost nodes."""
        from webapp.failure.recovery import Replacements  # noqa: PLC0415 - most checks start faster without it

        return Replacements(self.cluster)

    @lazy
    def trial(self) -> Trial:
        """kube-scheduler, to be asked about what remedies would make."""
        return Trial(self.cluster)

    def pods_of(self, carrier: Carrier) -> tuple[Pod, ...]:
        """Return the pods that come from a carrier."""
        return tuple(pods_in(self._by_carrier.get(carrier, ()), self.cluster.pods))

    def pods_carrying(self, namespace: str, labels: Labels) -> Iterator[Run]:
        """Yield the pods of a namespace that carry all these labels, at least one."""
        return self._index.carrying(namespace, labels)

    def has_pods(self, carrier: Carrier) -> bool:
        """Return whether any pod comes from a carrier."""
        return carrier in self._by_carrier

    def selecting(self, carrier: Carrier) -> Iterator[Service]:
        """Yield the services that select a carrier."""
        return iter(self._selecting.get(carrier, ()))

    @lazy
    def _selecting(self) -> Mapping[Carrier, Sequence[Service]]:
        """By carrier, the services that select it; of focused facts also those out of focus."""
        found: dict[Carrier, list[Service]] = defaultdict(list)
        for selected in self.services:
            for carrier in selected.carriers:
                found[carrier].append(selected.service)
        return found

    def focused(self, selected: Selection, index: int) -> "Facts":
        """Return the same with one port of one service alone to look at; others still count as selecting pods."""
        service, given = selected.service, selected.given
        ports = given.spec.ports[index : index + 1]
        narrow = replace(
            selected,
            service=replace(service, ports=service.ports[index : index + 1]),
            given=replace(given, spec=replace(given.spec, ports=ports)),
        )
        focused = copy(self)
        for name in ("numbered", "exposed", "backends"):
            vars(focused).pop(name, None)
        vars(focused).update(services=(narrow,), _selecting=self._selecting)
        return focused

    @lazy
    def _workload_carriers(self) -> Mapping[WorkloadRef, Carrier]:
        return {
            ref_of(w): Carrier(w, w.spec.template.metadata.labels, w.spec.template.spec)
            for w in self.manifests.workloads
            if w.spec.template is not None and controller_of(w.metadata) is None
        }

    @lazy
    def _pod_carriers(self) -> Mapping[object, Carrier]:
        """By owner, or by key for those without: one for all pods of an owner that wasn't given."""
        found: dict[object, Carrier] = {}
        for pod in self.manifests.pods:
            known = self.cluster.pods.get(pod.metadata.key)
            if known is not None and known.owner not in self._workload_carriers:
                found.setdefault(known.owner or known.key, Carrier(pod, pod.metadata.labels, pod.spec))
        return found

    @lazy
    def _by_carrier(self) -> Mapping[Carrier, Sequence[Run]]:
        found: dict[Carrier, list[Run]] = defaultdict(list)
        for run in runs_of(self.cluster.pods):
            if carrier := self.carrier_of(first_of(run)):
                found[carrier].append(run)
        return found

    @lazy
    def _by_label(self) -> Mapping[tuple[str, str, str], Sequence[Carrier]]:
        found: dict[tuple[str, str, str], list[Carrier]] = defaultdict(list)
        for carrier in self.carriers:
            for key, value in carrier.labels.items():
                found[carrier.namespace, key, value].append(carrier)
        return found

    def carrier_of(self, pod: Pod) -> Carrier | None:
        """Return what the pod comes from, if that was given."""
        known = self._workload_carriers.get(pod.owner) if pod.owner else None
        return known or self._pod_carriers.get(pod.owner or pod.key)

    def _selected(self, service: Service, given: ServiceObject) -> Selection:
        matching = tuple(self._index.runs(service)) if service.selector else ()
        assumed = [run for run in matching if self.cluster.is_assumed(first_of(run))]
        runs = tuple(run for run in matching if run not in assumed) if assumed else matching
        # A workload scaled to 0 has no pod, but is still what the selector means.
        by_template = self.carrying(service.namespace, service.selector)
        carriers = dict.fromkeys((*filter(None, map(self.carrier_of, map(first_of, runs))), *by_template))
        pods = self.cluster.pods
        return Selection(service, given, pods, runs, tuple(carriers), tuple(pods_in(assumed, pods)))

    def carrying(self, namespace: str, labels: Labels) -> Iterable[Carrier]:
        """Return carriers that have all these labels, also those that have no pod at the moment."""
        pairs = labels.items()
        candidates = (self._by_label.get((namespace, key, value), ()) for key, value in pairs)
        smallest = min(candidates, key=len, default=())
        return (carrier for carrier in smallest if pairs <= carrier.labels.items())
