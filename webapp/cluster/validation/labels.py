"""Labels, label selectors and object metadata.

Rules: ``k8s.io/apimachinery/pkg/api/validation/objectmeta.go`` and ``apis/meta/v1/validation/validation.go``.
"""

from collections.abc import Callable, Iterator

from webapp.cluster.model import Refusal
from webapp.cluster.validation.errors import forbidden, invalid, invalid_each, required
from webapp.cluster.validation.memo import remembered
from webapp.cluster.validation.names import (
    Faults,
    dns_label_faults,
    generated,
    label_value_faults,
    qualified_name_faults,
)
from webapp.manifests.objects import Labels, LabelSelector, LabelSelectorRequirement, ObjectMeta, OwnerReference

NameRule = Callable[[str], Faults]


def metadata_faults(meta: ObjectMeta, name_rule: NameRule, *, namespaced: bool = True) -> Iterator[Refusal]:
    """Yield what is wrong with ``metadata``; `name_rule` is the kind's own rule for names."""
    if meta.generate_name:
        yield from invalid_each("metadata.generateName", meta.generate_name, name_rule(generated(meta.generate_name)))
    yield from _name_faults(meta, name_rule)
    if namespaced:
        yield from _namespace_faults(meta.namespace)
    yield from label_faults(meta.labels, "metadata.labels")
    for key in meta.annotations:
        yield from invalid_each("metadata.annotations", key, qualified_name_faults(key.lower()))
    for owner in meta.owner_references:
        yield from _owner_faults(owner)


def label_faults(labels: Labels, path: str) -> Iterator[Refusal]:
    """Yield what is wrong with keys and values of a label map."""
    for key, value in labels.items():
        for wrong, fault in _pair_faults(key, value):
            yield invalid(path, wrong, fault)


@remembered
def _pair_faults(key: str, value: str) -> tuple[tuple[str, str], ...]:
    """Return what is wrong, each with the key or value that is."""
    of_key = ((key, fault) for fault in qualified_name_faults(key))
    return (*of_key, *((value, fault) for fault in label_value_faults(value)))


def label_name_faults(name: str, path: str) -> Iterator[Refusal]:
    """Yield what is wrong with a label's key that stands in a field of its own."""
    yield from invalid_each(path, name, qualified_name_faults(name))


def selector_faults(selector: LabelSelector | None, path: str) -> Iterator[Refusal]:
    """Yield what is wrong with a metav1.LabelSelector."""
    if selector is None:
        return
    yield from label_faults(selector.match_labels, f"{path}.matchLabels")
    for i, requirement in enumerate(selector.match_expressions):
        yield from _requirement_faults(requirement, f"{path}.matchExpressions[{i}]")


def values_faults(requirement: LabelSelectorRequirement, path: str) -> Iterator[Refusal]:
    """Yield what is wrong with operator and number of values of a requirement on labels."""
    values = f"{path}.values"
    match requirement.operator:
        case "In" | "NotIn":
            if not requirement.values:
                yield required(values, "must be specified when `operator` is 'In' or 'NotIn'")
        case "Exists" | "DoesNotExist":
            if requirement.values:
                yield forbidden(values, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'")
        case _:
            yield invalid(f"{path}.operator", requirement.operator, "not a valid selector operator")


def _requirement_faults(requirement: LabelSelectorRequirement, path: str) -> Iterator[Refusal]:
    yield from values_faults(requirement, path)
    yield from label_name_faults(requirement.key, f"{path}.key")
    for i, value in enumerate(requirement.values):
        yield from invalid_each(f"{path}.values[{i}]", value, label_value_faults(value))


def _name_faults(meta: ObjectMeta, name_rule: NameRule) -> Iterator[Refusal]:
    if meta.name:
        yield from invalid_each("metadata.name", meta.name, name_rule(meta.name))
    elif not meta.generate_name:
        yield required("metadata.name", "name or generateName is required")


def _namespace_faults(namespace: str | None) -> Iterator[Refusal]:
    if not namespace:
        yield required("metadata.namespace")
    else:
        yield from invalid_each("metadata.namespace", namespace, dns_label_faults(namespace))


def _owner_faults(owner: OwnerReference) -> Iterator[Refusal]:
    parts = (("apiVersion", owner.api_version), ("kind", owner.kind), ("name", owner.name), ("uid", owner.uid))
    for part, value in parts:
        if not value:
            yield invalid(f"metadata.ownerReferences.{part}", "", "must not be empty")
