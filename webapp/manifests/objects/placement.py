"""Where a pod may run: affinity, tolerations, spread constraints."""

from dataclasses import field

from webapp.manifests.objects.metadata import LabelSelector, LabelSelectorRequirement, named
from webapp.records import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Taint:
    """A node's taint."""

    key: str = ""
    value: str | None = None
    effect: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Toleration:
    """A pod's toleration of taints."""

    key: str | None = None
    operator: str | None = None
    value: str | None = None
    effect: str | None = None
    toleration_seconds: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeSelectorTerm:
    """Requirements that must all hold."""

    match_expressions: tuple[LabelSelectorRequirement, ...] = ()
    match_fields: tuple[LabelSelectorRequirement, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeSelector:
    """Terms of which one must hold."""

    node_selector_terms: tuple[NodeSelectorTerm, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PreferredSchedulingTerm:
    """A weighted node preference."""

    weight: int = 0
    preference: NodeSelectorTerm = field(default_factory=NodeSelectorTerm)


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeAffinity:
    """``affinity.nodeAffinity``."""

    required: NodeSelector | None = named("requiredDuringSchedulingIgnoredDuringExecution")
    preferred: tuple[PreferredSchedulingTerm, ...] = named("preferredDuringSchedulingIgnoredDuringExecution", ())


@dataclass(frozen=True, slots=True, kw_only=True)
class PodAffinityTerm:
    """Pods, in which namespaces, in the same domain of which topology key."""

    label_selector: LabelSelector | None = None
    namespaces: tuple[str, ...] = ()
    namespace_selector: LabelSelector | None = None
    topology_key: str = ""
    match_label_keys: tuple[str, ...] = ()
    mismatch_label_keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightedPodAffinityTerm:
    """A weighted pod (anti-)affinity preference."""

    weight: int = 0
    pod_affinity_term: PodAffinityTerm = field(default_factory=PodAffinityTerm)


@dataclass(frozen=True, slots=True, kw_only=True)
class PodAffinity:
    """``affinity.podAffinity`` and, the same shape, ``affinity.podAntiAffinity``."""

    required: tuple[PodAffinityTerm, ...] = named("requiredDuringSchedulingIgnoredDuringExecution", ())
    preferred: tuple[WeightedPodAffinityTerm, ...] = named("preferredDuringSchedulingIgnoredDuringExecution", ())


@dataclass(frozen=True, slots=True, kw_only=True)
class Affinity:
    """``spec.affinity``."""

    node_affinity: NodeAffinity | None = None
    pod_affinity: PodAffinity | None = None
    pod_anti_affinity: PodAffinity | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TopologySpreadConstraint:
    """``spec.topologySpreadConstraints[]``."""

    max_skew: int | None = None
    topology_key: str = ""
    when_unsatisfiable: str | None = None
    label_selector: LabelSelector | None = None
    min_domains: int | None = None
    node_affinity_policy: str | None = None
    node_taints_policy: str | None = None
    match_label_keys: tuple[str, ...] = ()
