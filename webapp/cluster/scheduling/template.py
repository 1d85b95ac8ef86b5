"""Templates: all that placement needs to know of pods that are alike, worked out once."""

from dataclasses import dataclass, replace

from webapp.cluster.model import Pod
from webapp.cluster.scheduling.nodes import NAME_KEY
from webapp.cluster.scheduling.ports import HostPort, host_ports
from webapp.cluster.scheduling.resources import Requests, pod_requests
from webapp.cluster.scheduling.selectors import (
    ANY_NODE,
    NodeTerm,
    RequiredNodes,
    Requirement,
    preferred_nodes,
    required_nodes,
)
from webapp.cluster.scheduling.services import ServiceSelectors
from webapp.cluster.scheduling.taints import DEFAULT_TOLERATIONS, pod_tolerations
from webapp.cluster.scheduling.terms import (
    DEFAULT_SPREAD_KEYS,
    PodTerms,
    SpreadConstraint,
    hard_constraints,
    has_default_spread,
    pod_terms,
    soft_constraints,
)
from webapp.lazy import lazy
from webapp.manifests.objects import Container, PodSpec, Resources, Toleration
from webapp.manifests.well_known_labels import HOSTNAME


@dataclass(frozen=True, slots=True, eq=False)
class PodResources:
    """What a pod takes on its node."""

    requests: Requests
    ports: tuple[HostPort, ...]

    @property
    def key(self) -> tuple[object, ...]:
        """The same for equal loads, and sortable."""
        asked = self.requests
        return tuple(asked.amounts.items()), asked.scored_cpu, asked.scored_memory, asked.pods, self.ports


@dataclass(frozen=True, eq=False)
class Template:
    """Pods with the same spec, labels, namespace and owner."""

    pod: Pod
    """One of them."""
    pod_resources: PodResources
    tolerations: tuple[Toleration, ...]
    required: RequiredNodes
    preferred: tuple[tuple[int, NodeTerm], ...]
    hard: tuple[SpreadConstraint, ...]
    services: ServiceSelectors
    """The Services, some of which may select the pod."""
    terms: PodTerms
    asked: frozenset[str]
    """The label keys that the pod asks nodes for, by name or as such."""

    @lazy
    def soft(self) -> tuple[SpreadConstraint, ...]:
        """The constraints that only score."""
        return soft_constraints(self.pod, self.services.labels_for(self.pod))

    @property
    def soft_needs_all_keys(self) -> bool:
        """Nodes without one of the soft constraints' keys score 0; not so with the system's default constraints."""
        return bool(self.pod.spec.topology_spread_constraints)

    @lazy
    def is_ordinary(self) -> bool:
        """Whether it asks for nothing but resources, and is spread as workloads are by default."""
        asks = self.pod.spec.topology_spread_constraints or self.terms.any
        return self.goes_anywhere and not asks and has_default_spread(self.pod)

    def keys(self, related: frozenset[str], *, hosts_unique: bool) -> frozenset[str]:
        """Return the label keys by which nodes differ for these pods; `related` are those of affinity terms.

        The host name is left out where every node has its own and it is used as a topology key only: pods per host are
        counted by node then, and 5,000 nodes stay a handful of classes.
        """
        # NodeClasses are made for each set of keys: a key nobody needs would only split them.
        spread = DEFAULT_SPREAD_KEYS if self.is_ordinary else {c.key for c in (*self.hard, *self.soft)}
        topology = related | spread
        return topology - ({HOSTNAME} if hosts_unique else set()) | self.asked

    @property
    def goes_anywhere(self) -> bool:
        """Whether it asks nothing of a node, and tolerates what all pods do: so are most."""
        anywhere = self.required is ANY_NODE and not self.preferred and not self.pod.spec.node_name
        return anywhere and self.tolerations is DEFAULT_TOLERATIONS


def _asked(pod: Pod, required: RequiredNodes, preferred: tuple[tuple[int, NodeTerm], ...]) -> frozenset[str]:
    requirements: list[Requirement] = list(required.requirements)
    for _, term in preferred:
        requirements += term.labels
    # A node's name is none of its labels: matchFields and spec.nodeName go by `metadata.name`.
    by_name = required.asks_names or required.named is not None or pod.spec.node_name
    names = [NAME_KEY] if by_name or any(term.names for _, term in preferred) else []
    return frozenset((*(r.key for r in requirements), *names))


def template_of(pod: Pod, pod_resources: PodResources, services: ServiceSelectors) -> Template:
    """Return the pod's template."""
    required, preferred = required_nodes(pod.spec), preferred_nodes(pod.spec)
    return Template(
        pod,
        pod_resources,
        pod_tolerations(pod.spec),
        required,
        preferred,
        hard_constraints(pod),
        services,
        pod_terms(pod),
        _asked(pod, required, preferred),
    )


def pod_resources_of(pod: Pod) -> PodResources:
    """Return what the pod takes on its node."""
    requests = pod_requests(pod.spec)
    return PodResources(replace(requests, pods=0) if pod.stand_in else requests, host_ports(pod.spec))


def pod_resources_key(spec: PodSpec) -> tuple[object, ...]:
    """Return a key that specs share that take the same on their nodes."""
    return (
        tuple(map(_container_key, spec.containers)),
        tuple(map(_container_key, spec.init_containers)),
        tuple(spec.overhead.items()),
        _resources_key(spec.resources),
        spec.host_network,
    )


def _container_key(container: Container) -> tuple[object, ...]:
    return _resources_key(container.resources), container.ports, container.restart_policy


def _resources_key(resources: Resources) -> tuple[object, ...]:
    return tuple(resources.requests.items()), tuple(resources.limits.items())
