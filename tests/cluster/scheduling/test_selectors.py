"""Label selectors and node selectors."""

import pytest

from webapp.cluster.scheduling.selectors import NOTHING, labels_selector, preferred_nodes, required_nodes, selector_of
from webapp.manifests.objects import (
    Affinity,
    LabelSelector,
    LabelSelectorRequirement,
    NodeAffinity,
    NodeSelector,
    NodeSelectorTerm,
    PodSpec,
    PreferredSchedulingTerm,
)

LABELS = {"app": "web", "tier": "", "gen": "10"}


def requirement(key: str, operator: str, *values: str) -> LabelSelectorRequirement:
    """Return a requirement."""
    return LabelSelectorRequirement(key=key, operator=operator, values=values)


def spec(*terms: NodeSelectorTerm, **node_selector: str) -> PodSpec:
    """Return a spec with required node affinity and a node selector."""
    affinity = NodeAffinity(required=NodeSelector(node_selector_terms=terms))
    return PodSpec(affinity=Affinity(node_affinity=affinity), node_selector=node_selector)


def expressions(*given: LabelSelectorRequirement) -> NodeSelectorTerm:
    """Return a term of match expressions."""
    return NodeSelectorTerm(match_expressions=given)


def names(*given: LabelSelectorRequirement) -> NodeSelectorTerm:
    """Return a term of match fields."""
    return NodeSelectorTerm(match_fields=given)


@pytest.mark.parametrize(
    ("given", "matches"),
    [
        pytest.param(requirement("app", "In", "web", "api"), True, id="In a list"),
        pytest.param(requirement("app", "In", "api"), False, id="not in the list"),
        pytest.param(requirement("none", "In", "web"), False, id="In needs the key"),
        pytest.param(requirement("app", "NotIn", "api"), True, id="NotIn another"),
        pytest.param(requirement("app", "NotIn", "web"), False, id="NotIn its own"),
        pytest.param(requirement("none", "NotIn", "web"), True, id="NotIn holds without the key"),
        pytest.param(requirement("tier", "Exists"), True, id="an empty value exists"),
        pytest.param(requirement("none", "Exists"), False, id="a missing key does not"),
        pytest.param(requirement("none", "DoesNotExist"), True, id="DoesNotExist"),
        pytest.param(requirement("app", "DoesNotExist"), False, id="it does exist"),
        pytest.param(requirement("gen", "Gt", "9"), False, id="Gt is for nodes only"),
        pytest.param(requirement("app", "In"), False, id="In without values is invalid"),
        pytest.param(requirement("app", "Exists", "web"), False, id="Exists with values is invalid"),
        pytest.param(requirement("app", "Is", "web"), False, id="an unknown operator is invalid"),
    ],
)
def test_expressions_match_labels(given: LabelSelectorRequirement, matches: bool) -> None:
    """Each operator by the rules of label selectors; an invalid selector matches nothing."""
    assert selector_of(LabelSelector(match_expressions=(given,))).matches(LABELS) is matches


def test_a_missing_selector_matches_nothing_and_an_empty_one_everything() -> None:
    """The difference that affinity and spread constraints rest on."""
    assert not selector_of(None).matches(LABELS)
    assert selector_of(LabelSelector()).matches(LABELS)
    assert selector_of(LabelSelector()).matches({})


def test_labels_and_expressions_must_all_hold() -> None:
    """They are ANDed."""
    both = LabelSelector(match_labels={"app": "web"}, match_expressions=(requirement("gen", "Exists"),))
    assert selector_of(both).matches(LABELS)
    assert not selector_of(both).matches({"app": "web"})
    assert not labels_selector({"app": "web", "gen": "9"}).matches(LABELS)


def test_adding_labels_to_nothing_still_selects_nothing() -> None:
    """Merged matchLabelKeys don't make a missing selector select."""
    assert not NOTHING.also({"app": "web"}).matches(LABELS)


@pytest.mark.parametrize(
    ("term", "matches"),
    [
        pytest.param(expressions(requirement("gen", "Gt", "9")), True, id="Gt compares integers, not texts"),
        pytest.param(expressions(requirement("gen", "Lt", "10")), False, id="Lt is strict"),
        pytest.param(expressions(requirement("app", "Gt", "1")), False, id="a label that is no integer"),
        pytest.param(expressions(requirement("gen", "Gt", "x")), False, id="a bound that is no integer is invalid"),
        pytest.param(
            expressions(requirement("gen", "Gt", "-4")), False, id="a bound that is no label value is invalid"
        ),
        pytest.param(expressions(requirement("gen", "Gt", "1", "2")), False, id="two bounds are invalid"),
        pytest.param(expressions(requirement("app", "In", "a b")), False, id="a value that no label can have"),
        pytest.param(expressions(), False, id="an empty term matches no node"),
        pytest.param(names(requirement("metadata.name", "In", "n1")), True, id="a node by its name"),
        pytest.param(names(requirement("metadata.name", "NotIn", "n1")), False, id="any node but one"),
        pytest.param(names(requirement("metadata.name", "In", "n1", "n2")), False, id="two names are invalid"),
        pytest.param(names(requirement("metadata.labels", "In", "n1")), False, id="no other field is known"),
    ],
)
def test_node_terms_match_nodes(term: NodeSelectorTerm, matches: bool) -> None:
    """Each term by the rules of node affinity, for the node n1."""
    assert required_nodes(spec(term)).matches("n1", LABELS) is matches


def test_one_term_is_enough_but_the_node_selector_must_hold_too() -> None:
    """Terms are ORed, and ANDed with nodeSelector."""
    bad, good = expressions(requirement("app", "In", "api")), expressions(requirement("app", "Exists"))
    assert required_nodes(spec(bad, good)).matches("n1", LABELS)
    assert not required_nodes(spec(bad, good, gen="9")).matches("n1", LABELS)
    assert not required_nodes(spec()).matches("n1", LABELS)


def test_names_within_a_term_are_intersected_and_united_across_terms() -> None:
    """What NodeAffinity's PreFilter makes of metadata.name."""
    one, two = (names(requirement("metadata.name", "In", name)) for name in ("n1", "n2"))
    both = names(requirement("metadata.name", "In", "n1"), requirement("metadata.name", "In", "n2"))
    assert required_nodes(spec(one, two)).named == {"n1", "n2"}
    assert required_nodes(spec(both)).named == frozenset()
    assert required_nodes(spec(one, expressions(requirement("app", "Exists")))).named is None


def test_preferences_keep_their_weights() -> None:
    """Those without weight or without a valid term are left out."""
    term = expressions(requirement("app", "Exists"))
    preferred = tuple(
        PreferredSchedulingTerm(weight=w, preference=p) for w, p in ((5, term), (0, term), (7, expressions()))
    )
    affinity = Affinity(node_affinity=NodeAffinity(preferred=preferred))
    assert [weight for weight, _ in preferred_nodes(PodSpec(affinity=affinity))] == [5]
    assert preferred_nodes(PodSpec()) == ()
