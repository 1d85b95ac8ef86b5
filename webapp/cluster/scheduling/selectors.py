"""Label selectors and node selectors, compiled once and asked often."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping

from webapp.manifests.objects import (
    Affinity,
    Labels,
    LabelSelector,
    LabelSelectorRequirement,
    NodeSelectorTerm,
    PodSpec,
    PreferredSchedulingTerm,
)
from webapp.records import dataclass

# The only field that ``matchFields`` knows.
NODE_NAME = "metadata.name"
_LABEL_VALUE = re.compile(r"(([A-Za-z0-9][-A-Za-z0-9_.]{0,61})?[A-Za-z0-9])?")
_INTEGER = re.compile(r"[+-]?\d{1,18}")


@dataclass(frozen=True, slots=True)
class Requirement:
    """One ``key operator values``, known to be valid."""

    key: str
    operator: str
    values: frozenset[str] = frozenset()

    def matches(self, labels: Labels) -> bool:
        """Return whether the labels satisfy it."""
        # Requirement.Matches (apimachinery, pkg/labels/selector.go): NotIn and DoesNotExist are satisfied by a missing
        # key, all others are not.
        value = labels.get(self.key)
        match self.operator:
            case "In":
                return value in self.values
            case "NotIn":
                return value is None or value not in self.values
            case "Exists":
                return value is not None
            case "DoesNotExist":
                return value is None
        return value is not None and self._compares(value)

    def _compares(self, value: str) -> bool:
        if not _INTEGER.fullmatch(value):
            return False
        bound = int(next(iter(self.values)))
        return int(value) > bound if self.operator == "Gt" else int(value) < bound


@dataclass(frozen=True, slots=True)
class Selector:
    """Requirements that must all hold; without any it selects everything."""

    requirements: tuple[Requirement, ...] = ()
    nothing: bool = False

    def matches(self, labels: Labels) -> bool:
        """Return whether the labels are selected."""
        return not self.nothing and all(r.matches(labels) for r in self.requirements)

    def also(self, labels: Labels) -> "Selector":
        """Return the selector that asks for these labels, too."""
        return Selector((*self.requirements, *_equalities(labels)), self.nothing)

    @property
    def pair_lists(self) -> Iterator[tuple[tuple[str, str], ...]]:
        """Yield lists of label pairs; of each list, all that is selected has exactly one."""
        for requirement in self.requirements:
            if requirement.operator == "In":
                yield tuple((requirement.key, value) for value in requirement.values)


NOTHING = Selector(nothing=True)


def selector_of(given: LabelSelector | None) -> Selector:
    """Return the compiled selector: missing selects nothing, ``{}`` everything."""
    # LabelSelectorAsSelector (apimachinery, pkg/apis/meta/v1/helpers.go).
    if given is None:
        return NOTHING
    expressions = _requirements(given.match_expressions, _INVALID_IN_LABELS)
    return NOTHING if expressions is None else Selector((*_equalities(given.match_labels), *expressions))


def labels_selector(labels: Labels) -> Selector:
    """Return the selector of a plain map, as Services have it."""
    return Selector(tuple(_equalities(labels)))


def _equalities(labels: Labels) -> Iterable[Requirement]:
    return (Requirement(key, "In", frozenset((value,))) for key, value in labels.items())


_ARITY: Mapping[str, Callable[[int], bool]] = {
    "In": lambda n: n > 0,
    "NotIn": lambda n: n > 0,
    "Exists": lambda n: n == 0,
    "DoesNotExist": lambda n: n == 0,
    "Gt": lambda n: n == 1,
    "Lt": lambda n: n == 1,
}
_INVALID_IN_LABELS = frozenset({"Gt", "Lt"})


def _requirements(
    given: Iterable[LabelSelectorRequirement], forbidden: frozenset[str] = frozenset()
) -> tuple[Requirement, ...] | None:
    """Return the compiled requirements, None if one of them is invalid."""
    given = tuple(given)
    if any(r.operator in forbidden or not _valid(r) for r in given):
        return None
    return tuple(Requirement(r.key, r.operator, frozenset(r.values)) for r in given)


def _valid(given: LabelSelectorRequirement) -> bool:
    """Return whether labels.NewRequirement would accept it; the scheduler's selectors ignore what it refuses."""
    arity = _ARITY.get(given.operator)
    if arity is None or not arity(len(given.values)):
        return False
    if given.operator in ("Gt", "Lt") and not _INTEGER.fullmatch(given.values[0]):
        return False
    return all(len(value) <= 63 and _LABEL_VALUE.fullmatch(value) for value in given.values)


# --- nodes ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class NodeTerm:
    """One nodeSelectorTerm."""

    labels: tuple[Requirement, ...]
    names: tuple[Requirement, ...]

    def matches(self, name: str, labels: Labels) -> bool:
        """Return whether the node satisfies all requirements."""
        return all(r.matches(labels) for r in self.labels) and all(r.matches({NODE_NAME: name}) for r in self.names)


@dataclass(frozen=True, slots=True)
class RequiredNodes:
    """nodeSelector and required node affinity together."""

    selector: Selector
    terms: tuple[NodeTerm, ...] | None
    """Of which one must hold; None where there is no required node affinity."""
    named: frozenset[str] | None
    """Where each term names its nodes by ``metadata.name``: those names."""

    def matches(self, name: str, labels: Labels) -> bool:
        """Return whether the node satisfies both."""
        # RequiredNodeAffinity.Match (component-helpers, scheduling/corev1/nodeaffinity).
        if not self.selector.matches(labels):
            return False
        return self.terms is None or any(term.matches(name, labels) for term in self.terms)

    @property
    def requirements(self) -> Iterable[Requirement]:
        """All that is asked of labels."""
        yield from self.selector.requirements
        for term in self.terms or ():
            yield from term.labels

    @property
    def asks_names(self) -> bool:
        """Whether a node's name decides."""
        return any(term.names for term in self.terms or ())


ANY_NODE = RequiredNodes(Selector(), None, None)


def required_nodes(spec: PodSpec) -> RequiredNodes:
    """Return what the pod demands of a node's labels and name; `ANY_NODE` if nothing."""
    if not spec.affinity and not spec.node_selector:
        return ANY_NODE
    affinity = (spec.affinity or Affinity()).node_affinity
    required = affinity.required if affinity else None
    given = required.node_selector_terms if required else ()
    terms = tuple(filter(None, map(_node_term, given))) if required else None
    return RequiredNodes(labels_selector(spec.node_selector), terms, _named(given) if given else None)


def preferred_nodes(spec: PodSpec) -> tuple[tuple[int, NodeTerm], ...]:
    """Return the pod's weighted preferences for nodes."""
    affinity = (spec.affinity or Affinity()).node_affinity
    given: tuple[PreferredSchedulingTerm, ...] = affinity.preferred if affinity else ()
    terms = ((term.weight, _node_term(term.preference)) for term in given if term.weight)
    return tuple((weight, term) for weight, term in terms if term is not None)


def _node_term(given: NodeSelectorTerm) -> NodeTerm | None:
    """Return the compiled term; None, which matches no node, if it is empty or invalid."""
    labels, names = _requirements(given.match_expressions), _requirements(given.match_fields)
    if not (labels or names) or labels is None or names is None:
        return None
    if any(r.key != NODE_NAME or r.operator not in ("In", "NotIn") or len(r.values) != 1 for r in names):
        return None
    return NodeTerm(labels, names)


def _named(terms: Iterable[NodeSelectorTerm]) -> frozenset[str] | None:
    """Return the node names to which the terms restrict the pod, None if one of them does not."""
    # NodeAffinity.PreFilter (pkg/scheduler/framework/plugins/nodeaffinity): names within a term are intersected, those
    # of several terms united.
    union: frozenset[str] = frozenset()
    for term in terms:
        lists = [frozenset(r.values) for r in term.match_fields if r.key == NODE_NAME and r.operator == "In"]
        if not lists:
            return None
        union |= frozenset.intersection(*lists)
    return union
