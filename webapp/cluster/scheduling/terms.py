"""What a pod says about other pods: inter-pod affinity terms and topology spread constraints, compiled."""

from collections.abc import Iterator

from webapp.cluster.model import REPLICATED, Pod, WorkloadRef
from webapp.cluster.scheduling.selectors import Requirement, Selector, selector_of
from webapp.manifests.objects import (
    Labels,
    PodAffinity,
    PodAffinityTerm,
    TopologySpreadConstraint,
)
from webapp.manifests.well_known_labels import HOSTNAME, ZONE
from webapp.records import dataclass

# hardPodAffinityWeight's default: what another pod's required affinity counts when scoring.
_HARD_AFFINITY_WEIGHT = 1
_REVISION = "pod-template-hash"


@dataclass(frozen=True, slots=True)
class AffinityTerm:
    """Pods that are selected, in certain namespaces, within one domain of a topology key."""

    key: str
    selector: Selector
    namespaces: frozenset[str]
    namespace_selector: Selector

    def in_namespace(self, namespace: str, labels: Labels) -> bool:
        """Return whether the term looks into the namespace, which has these labels."""
        return namespace in self.namespaces or self.namespace_selector.matches(labels)


@dataclass(frozen=True, slots=True)
class PodTerms:
    """All affinity terms of one pod."""

    affinity: tuple[AffinityTerm, ...] = ()
    anti: tuple[AffinityTerm, ...] = ()
    preferred: tuple[tuple[int, AffinityTerm], ...] = ()
    """With their weights, those of anti-affinity negative."""

    @property
    def any(self) -> bool:
        """Whether there is one."""
        return bool(self.affinity or self.anti or self.preferred)

    @property
    def weighted(self) -> Iterator[tuple[int, AffinityTerm]]:
        """Yield what the terms count when another pod is scored that they match."""
        yield from ((_HARD_AFFINITY_WEIGHT, term) for term in self.affinity)
        yield from self.preferred

    @property
    def keys(self) -> Iterator[str]:
        """Yield the topology keys of all terms."""
        for term in (*self.affinity, *self.anti, *(term for _, term in self.preferred)):
            yield term.key


NO_TERMS = PodTerms()


def pod_terms(pod: Pod) -> PodTerms:
    """Return the pod's inter-pod affinity terms."""
    if pod.spec.affinity is None:
        return NO_TERMS
    affinity = pod.spec.affinity
    towards, against = affinity.pod_affinity or PodAffinity(), affinity.pod_anti_affinity or PodAffinity()
    likes = ((w.weight, _term(pod, w.pod_affinity_term)) for w in towards.preferred)
    dislikes = ((-w.weight, _term(pod, w.pod_affinity_term)) for w in against.preferred)
    return PodTerms(
        tuple(_term(pod, term) for term in towards.required),
        tuple(_term(pod, term) for term in against.required),
        (*likes, *dislikes),
    )


def _term(pod: Pod, given: PodAffinityTerm) -> AffinityTerm:
    """Return the compiled term."""
    # GetNamespacesFromPodAffinityTerm (pkg/scheduler/framework/types.go): the pod's own namespace only where the term
    # has neither a list nor a selector. (mis)matchLabelKeys are merged into the selector when a pod is created
    # (KEP-3633); keys that the pod has no label for are ignored.
    own = not given.namespaces and given.namespace_selector is None
    same = {key: pod.labels[key] for key in given.match_label_keys if key in pod.labels}
    other = (key for key in given.mismatch_label_keys if key in pod.labels)
    unlike = tuple(Requirement(key, "NotIn", frozenset((pod.labels[key],))) for key in other)
    selector = selector_of(given.label_selector).also(same)
    return AffinityTerm(
        given.topology_key,
        Selector((*selector.requirements, *unlike), selector.nothing),
        frozenset((pod.namespace,)) if own else frozenset(given.namespaces),
        selector_of(given.namespace_selector),
    )


@dataclass(frozen=True, slots=True)
class SpreadConstraint:
    """One topologySpreadConstraint, of the pod itself or a default one."""

    key: str
    max_skew: int
    selector: Selector
    owner: WorkloadRef | None = None
    """Where given, only this workload's pods count: stands for its ReplicaSet's or StatefulSet's selector."""
    min_domains: int = 1
    honor_affinity: bool = True
    honor_taints: bool = False

    @property
    def blind(self) -> bool:
        """Whether it counts no pods at all."""
        # countPodsMatchSelector (plugins/podtopologyspread/common.go): so it is not only with a missing selector but
        # also with an empty one, although that one matches the pod to be placed.
        return self.selector.nothing or (not self.selector.requirements and self.owner is None)

    def matches(self, pod: Pod) -> bool:
        """Return whether the selector matches the pod, which is of the same namespace."""
        return self.selector.matches(pod.labels) and self.owner in (None, pod.owner)


def hard_constraints(pod: Pod) -> tuple[SpreadConstraint, ...]:
    """Return the constraints that filter: DoNotSchedule, which is also what a missing whenUnsatisfiable means."""
    given = pod.spec.topology_spread_constraints
    return tuple(_constraint(pod, c) for c in given if c.when_unsatisfiable in (None, "", "DoNotSchedule"))


def soft_constraints(pod: Pod, service_labels: Labels) -> tuple[SpreadConstraint, ...]:
    """Return the constraints that only score: the pod's own, or without any the system's defaults."""
    # "Cluster-level default constraints" (Kubernetes' "Pod Topology Spread Constraints"): hostname with maxSkew 3 and
    # zone with 5, for pods that belong to a Service, ReplicaSet, StatefulSet or ReplicationController. They count what
    # the selectors of all these select together (DefaultSelector, plugins/helper/spread.go). `service_labels` are the
    # merged selectors of the Services that select the pod.
    given = pod.spec.topology_spread_constraints
    if given:
        return tuple(_constraint(pod, c) for c in given if c.when_unsatisfiable == "ScheduleAnyway")
    owner = pod.owner if has_default_spread(pod) else None
    if owner is None and not service_labels:
        return ()
    selector = Selector().also(service_labels)
    if owner is not None and _REVISION in pod.labels:
        selector = selector.also({_REVISION: pod.labels[_REVISION]})
    return SpreadConstraint(HOSTNAME, 3, selector, owner), SpreadConstraint(ZONE, 5, selector, owner)


def has_default_spread(pod: Pod) -> bool:
    """Return whether the system's default constraints count the pods of the pod's workload."""
    return pod.owner is not None and pod.owner.kind in REPLICATED


DEFAULT_SPREAD_KEYS = frozenset((HOSTNAME, ZONE))


def _constraint(pod: Pod, given: TopologySpreadConstraint) -> SpreadConstraint:
    """Return the compiled constraint; matchLabelKeys are merged into the selector (KEP-3243)."""
    same = {key: pod.labels[key] for key in given.match_label_keys if key in pod.labels}
    return SpreadConstraint(
        given.topology_key,
        given.max_skew or 1,
        selector_of(given.label_selector).also(same),
        min_domains=given.min_domains or 1,
        honor_affinity=given.node_affinity_policy != "Ignore",
        honor_taints=given.node_taints_policy == "Honor",
    )
