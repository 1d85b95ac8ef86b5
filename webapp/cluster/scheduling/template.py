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

# By whether each node has its own host name.
_ORDINARY_KEYS = {False: DEFAULT_SPREAD_KEYS, True: DEFAULT_SPREAD_KEYS - {HOSTNAME}}


@dataclass(frozen=True, eq=False)
class PodResources:
    """What a pod takes on its node."""

    requests: Requests
    ports: tuple[HostPort, ...]

    @lazy
    def largest_first(self) -> list[int]:
        """A sort key."""
        return [-self.requests.amounts.get(name, 0) for name in ("cpu", "memory")]

    @lazy
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
    services: ServiceSelectors
    """The Services, some of which may select the pod."""

    @lazy
    def tolerations(self) -> tuple[Toleration, ...]:
        """Those of the pod, and those that it gets when it is created."""
        return pod_tolerations(self.pod.spec)

    @lazy
    def required(self) -> RequiredNodes:
        """What the pod demands of a node's labels and name."""
        return required_nodes(self.pod.spec)

    @lazy
    def preferred(self) -> tuple[tuple[int, NodeTerm], ...]:
        """What it would like of them, with weights."""
        return preferred_nodes(self.pod.spec)

    @lazy
    def terms(self) -> PodTerms:
        """What it says about other pods."""
        return pod_terms(self.pod)

    @lazy
    def asked(self) -> frozenset[str]:
        """The label keys that the pod asks nodes for, by name or as such."""
        return _asked(self.pod, self.required, self.preferred)

    @lazy
    def hard(self) -> tuple[SpreadConstraint, ...]:
        """The constraints that filter."""
        return hard_constraints(self.pod)

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
        spec = self.pod.spec
        asks = spec.affinity or spec.node_selector or spec.tolerations or spec.topology_spread_constraints
        return not asks and not spec.node_name and has_default_spread(self.pod)

    def keys(self, related: frozenset[str], *, hosts_unique: bool) -> frozenset[str]:
        """Return the label keys by which nodes differ for these pods; `related` are those of affinity terms.

        The host name is left out where every node has its own and it is used as a topology key only: pods per host are
        counted by node then, and 5,000 nodes stay a handful of classes.
        """
        if self.is_ordinary and not related:
            return _ORDINARY_KEYS[hosts_unique]
        # NodeClasses are made for each set of keys: a key nobody needs would only split them.
        topology = related | {c.key for c in (*self.hard, *self.soft)}
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
