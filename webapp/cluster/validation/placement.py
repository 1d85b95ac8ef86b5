"""Where a pod may run: node selectors, affinity, tolerations, topology spread.

Rules: ``validateAffinity``, ``ValidateTolerations`` and ``validateTopologySpreadConstraints`` in
``pkg/apis/core/validation/validation.go``.
"""

from collections.abc import Iterator, Sequence

from webapp.cluster.model import Refusal
from webapp.cluster.validation.errors import duplicate, forbidden, invalid, invalid_each, not_supported, required
from webapp.cluster.validation.labels import label_name_faults, selector_faults, values_faults
from webapp.cluster.validation.names import dns_label_faults, dns_subdomain_faults, label_value_faults
from webapp.manifests.objects import (
    Affinity,
    LabelSelector,
    LabelSelectorRequirement,
    NodeAffinity,
    NodeSelectorTerm,
    PodAffinity,
    PodAffinityTerm,
    Taint,
    Toleration,
    TopologySpreadConstraint,
)

EFFECTS = ("NoSchedule", "PreferNoSchedule", "NoExecute")
ACTIONS = ("DoNotSchedule", "ScheduleAnyway")
INCLUSION = ("Honor", "Ignore")
OPERATORS = ("Equal", "Exists")

_REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
_PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution"


def affinity_faults(affinity: Affinity, path: str) -> Iterator[Refusal]:
    """Yield what is wrong with ``spec.affinity``."""
    if affinity.node_affinity is not None:
        yield from _node_affinity_faults(affinity.node_affinity, f"{path}.nodeAffinity")
    if affinity.pod_affinity is not None:
        yield from _pod_affinity_faults(affinity.pod_affinity, f"{path}.podAffinity")
    if affinity.pod_anti_affinity is not None:
        yield from _pod_affinity_faults(affinity.pod_anti_affinity, f"{path}.podAntiAffinity")


def toleration_faults(tolerations: Sequence[Toleration], path: str) -> Iterator[Refusal]:
    """Yield what is wrong with ``spec.tolerations``."""
    for i, toleration in enumerate(tolerations):
        yield from _toleration_faults(toleration, f"{path}[{i}]")


def taint_faults(taints: Sequence[Taint], path: str) -> Iterator[Refusal]:
    """Yield what is wrong with a node's taints; one effect per key only."""
    seen: set[tuple[str, str]] = set()
    for i, taint in enumerate(taints):
        yield from label_name_faults(taint.key, f"{path}[{i}].key")
        yield from invalid_each(f"{path}[{i}].value", taint.value or "", label_value_faults(taint.value or ""))
        yield from _effect_faults(taint.effect, f"{path}[{i}].effect")
        # The same key may stand once for each effect: NoSchedule and NoExecute are two taints.
        if (taint.key, taint.effect) in seen:
            yield duplicate(f"{path}[{i}]", {"key": taint.key, "effect": taint.effect})
        seen.add((taint.key, taint.effect))


def spread_faults(constraints: Sequence[TopologySpreadConstraint], path: str) -> Iterator[Refusal]:
    """Yield what is wrong with ``spec.topologySpreadConstraints``; one constraint per key and action only."""
    seen: set[tuple[str, str | None]] = set()
    for i, constraint in enumerate(constraints):
        yield from _constraint_faults(constraint, f"{path}[{i}]")
        key = (constraint.topology_key, constraint.when_unsatisfiable)
        if key in seen:
            yield duplicate(f"{path}[{i}].{{topologyKey, whenUnsatisfiable}}", "{{{}, {}}}".format(*key))
        seen.add(key)


def _node_affinity_faults(affinity: NodeAffinity, path: str) -> Iterator[Refusal]:
    if affinity.required is not None:
        terms = f"{path}.{_REQUIRED}.nodeSelectorTerms"
        if not affinity.required.node_selector_terms:
            yield required(terms, "must have at least one node selector term")
        for i, term in enumerate(affinity.required.node_selector_terms):
            yield from _node_term_faults(term, f"{terms}[{i}]", strict=True)
    for i, preferred in enumerate(affinity.preferred):
        yield from _weight_faults(preferred.weight, f"{path}.{_PREFERRED}[{i}].weight")
        yield from _node_term_faults(preferred.preference, f"{path}.{_PREFERRED}[{i}].preference", strict=False)


def _node_term_faults(term: NodeSelectorTerm, path: str, *, strict: bool) -> Iterator[Refusal]:
    for i, requirement in enumerate(term.match_expressions):
        yield from _node_expression_faults(requirement, f"{path}.matchExpressions[{i}]", strict=strict)
    for i, requirement in enumerate(term.match_fields):
        yield from _node_field_faults(requirement, f"{path}.matchFields[{i}]")


def _node_expression_faults(requirement: LabelSelectorRequirement, path: str, *, strict: bool) -> Iterator[Refusal]:
    """Yield what is wrong with a requirement on node labels; only hard ones need values that a label could have."""
    if requirement.operator in ("Gt", "Lt"):
        if len(requirement.values) != 1:
            yield required(f"{path}.values", "must be specified single value when `operator` is 'Lt' or 'Gt'")
    else:
        yield from values_faults(requirement, path)
    yield from label_name_faults(requirement.key, f"{path}.key")
    # Preferences were never checked for that, and old objects must stay valid.
    for i, value in enumerate(requirement.values if strict else ()):
        yield from invalid_each(f"{path}.values[{i}]", value, label_value_faults(value))


def _node_field_faults(requirement: LabelSelectorRequirement, path: str) -> Iterator[Refusal]:
    if requirement.operator not in ("In", "NotIn"):
        yield invalid(f"{path}.operator", requirement.operator, "not a valid selector operator")
    elif len(requirement.values) != 1:
        detail = "must be only one value when `operator` is 'In' or 'NotIn' for node field selector"
        yield required(f"{path}.values", detail)
    # The one field that the scheduler and the DaemonSet controller know; the latter ties its pods to nodes by it.
    if requirement.key != "metadata.name":
        yield invalid(f"{path}.key", requirement.key, "not a valid field selector key")
        return
    for i, value in enumerate(requirement.values):
        yield from invalid_each(f"{path}.values[{i}]", value, dns_subdomain_faults(value))


def _pod_affinity_faults(affinity: PodAffinity, path: str) -> Iterator[Refusal]:
    for i, term in enumerate(affinity.required):
        yield from _pod_term_faults(term, f"{path}.{_REQUIRED}[{i}]")
    for i, weighted in enumerate(affinity.preferred):
        yield from _weight_faults(weighted.weight, f"{path}.{_PREFERRED}[{i}].weight")
        yield from _pod_term_faults(weighted.pod_affinity_term, f"{path}.{_PREFERRED}[{i}].podAffinityTerm")


def _pod_term_faults(term: PodAffinityTerm, path: str) -> Iterator[Refusal]:
    yield from selector_faults(term.label_selector, f"{path}.labelSelector")
    yield from selector_faults(term.namespace_selector, f"{path}.namespaceSelector")
    for namespace in term.namespaces:
        yield from invalid_each(f"{path}.namespace", namespace, dns_label_faults(namespace))
    keys = (("matchLabelKeys", term.match_label_keys), ("mismatchLabelKeys", term.mismatch_label_keys))
    for name, given in keys:
        yield from _label_keys_faults(given, term.label_selector, f"{path}.{name}")
    if not term.topology_key:
        yield required(f"{path}.topologyKey", "can not be empty")
    else:
        yield from label_name_faults(term.topology_key, f"{path}.topologyKey")


def _label_keys_faults(keys: Sequence[str], selector: LabelSelector | None, path: str) -> Iterator[Refusal]:
    # Both lists are merged into the selector (KEP-3633), so there has to be one.
    if keys and selector is None:
        yield forbidden(path, "must not be specified when labelSelector is not set")
    for i, key in enumerate(keys):
        yield from label_name_faults(key, f"{path}[{i}]")
        if selector is not None and key in selector.match_labels:
            yield invalid(f"{path}[{i}]", key, "exists in both matchLabelKeys and labelSelector")


def _weight_faults(weight: int, path: str) -> Iterator[Refusal]:
    if not 1 <= weight <= 100:
        yield invalid(path, weight, "must be in the range 1-100")


def _toleration_faults(toleration: Toleration, path: str) -> Iterator[Refusal]:
    if toleration.key:
        yield from label_name_faults(toleration.key, f"{path}.key")
    elif toleration.operator != "Exists":
        detail = 'operator must be Exists when `key` is empty, which means "match all values and all keys"'
        yield invalid(f"{path}.operator", toleration.operator or "", detail)
    # Only eviction is a matter of time: NoSchedule is decided once.
    if toleration.toleration_seconds is not None and toleration.effect != "NoExecute":
        detail = "effect must be 'NoExecute' when `tolerationSeconds` is set"
        yield invalid(f"{path}.effect", toleration.effect or "", detail)
    yield from _toleration_operator_faults(toleration, f"{path}.operator")
    if toleration.effect:
        yield from _effect_faults(toleration.effect, f"{path}.effect")


def _toleration_operator_faults(toleration: Toleration, path: str) -> Iterator[Refusal]:
    operator, value = toleration.operator or "Equal", toleration.value or ""
    if operator not in OPERATORS:
        yield not_supported(path, operator, OPERATORS)
    elif operator == "Exists" and value:
        yield invalid(path, value, "value must be empty when `operator` is 'Exists'")
    elif operator == "Equal" and (faults := label_value_faults(value)):
        yield invalid(path, value, ";".join(faults))


def _effect_faults(effect: str, path: str) -> Iterator[Refusal]:
    if not effect:
        yield required(path)
    elif effect not in EFFECTS:
        yield not_supported(path, effect, EFFECTS)


def _constraint_faults(constraint: TopologySpreadConstraint, path: str) -> Iterator[Refusal]:
    if (constraint.max_skew or 0) <= 0:
        yield invalid(f"{path}.maxSkew", constraint.max_skew or 0, "must be greater than zero")
    if not constraint.topology_key:
        yield required(f"{path}.topologyKey", "can not be empty")
    enumerated = (
        ("whenUnsatisfiable", constraint.when_unsatisfiable or "", ACTIONS),
        ("nodeAffinityPolicy", constraint.node_affinity_policy, INCLUSION),
        ("nodeTaintsPolicy", constraint.node_taints_policy, INCLUSION),
    )
    for name, value, supported in enumerated:
        if value is not None and value not in supported:
            yield not_supported(f"{path}.{name}", value, supported)
    yield from _min_domains_faults(constraint, f"{path}.minDomains")
    yield from selector_faults(constraint.label_selector, f"{path}.labelSelector")
    yield from _label_keys_faults(constraint.match_label_keys, constraint.label_selector, f"{path}.matchLabelKeys")


def _min_domains_faults(constraint: TopologySpreadConstraint, path: str) -> Iterator[Refusal]:
    if (count := constraint.min_domains) is None:
        return
    if count <= 0:
        yield invalid(path, count, "must be greater than zero")
    if constraint.when_unsatisfiable != "DoNotSchedule":
        action = constraint.when_unsatisfiable or ""
        yield invalid(path, count, f"can only use minDomains if whenUnsatisfiable=DoNotSchedule, not {action}")
