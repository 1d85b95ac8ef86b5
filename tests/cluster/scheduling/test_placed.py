"""The index of placed pods."""

from dataclasses import replace

from webapp.cluster.model import Pod, WorkloadRef
from webapp.cluster.scheduling.placed import PlacedPods
from webapp.cluster.scheduling.selectors import labels_selector, selector_of
from webapp.cluster.scheduling.terms import pod_terms
from webapp.manifests.objects import (
    Affinity,
    LabelSelector,
    LabelSelectorRequirement,
    PodAffinity,
    PodAffinityTerm,
    PodSpec,
)

OWNER = WorkloadRef(kind="Deployment", namespace="shop", name="web")
WEB = Pod(namespace="shop", name="web-1", labels={"app": "web", "tier": "front"}, spec=PodSpec(), owner=OWNER)
OTHER = Pod(namespace="bank", name="web-1", labels={"app": "web"}, spec=PodSpec())


def avoiding(selector: LabelSelector, *namespaces: str) -> Pod:
    """Return a pod whose required anti-affinity selects others."""
    term = PodAffinityTerm(label_selector=selector, topology_key="rack", namespaces=namespaces)
    spec = PodSpec(affinity=Affinity(pod_anti_affinity=PodAffinity(required=(term,))))
    return Pod(namespace="shop", name="shy", labels={"app": "shy"}, spec=spec)


def index(*pods: Pod) -> PlacedPods:
    """Return the index with one pod of each kind on node n."""
    placed = PlacedPods({"bank": {"team": "b"}})
    for pod in pods:
        placed.class_of(pod).add("n", 1, terminating=pod.terminating)
    return placed


def test_pods_alike_share_a_group() -> None:
    """Same namespace, labels, owner and affinity, whatever the name."""
    placed = index(WEB)
    assert placed.class_of(replace(WEB, name="web-2", labels=dict(WEB.labels))) is placed.class_of(WEB)
    assert placed.class_of(replace(WEB, owner=None)) is not placed.class_of(WEB)
    assert placed.class_of(replace(WEB, spec=avoiding(LabelSelector()).spec)) is not placed.class_of(WEB)


def test_pods_that_are_being_deleted_count_apart() -> None:
    """They hold resources and repel others, but don't count for topology spread."""
    placed = index(WEB, replace(WEB, terminating=True))
    pod_class = placed.class_of(WEB)
    assert (pod_class.nodes, pod_class.staying) == ({"n": 2}, {"n": 1})
    pod_class.add("n", -1, terminating=False)
    assert (pod_class.nodes, pod_class.staying) == ({"n": 1}, {})


def test_pods_of_one_workload_with_labels_of_their_own_are_counted_together() -> None:
    """Each pod of a StatefulSet is a class by itself; what is counted before and after the second came is the same."""
    placed = PlacedPods({})
    first, second = (placed.class_of(replace(WEB, labels={"app": "web", "pod": name})) for name in "ab")
    assert first.total is second.total is not None
    total = first.total
    first.add_all(["n", "m"])
    second.add("n", 1, terminating=False)
    third = placed.class_of(replace(WEB, labels={"app": "web", "pod": "c"}))
    third.add("m", 1, terminating=False)
    first.add("m", -1, terminating=False)
    assert total.nodes == {"n": 2, "m": 1}
    classes = placed.same_workload(WEB)
    assert total.selects_all(labels_selector({"app": "web"}), classes)
    assert not total.selects_all(labels_selector({"pod": "a"}), classes)
    assert not total.has_leaving
    third.let_go(["m"])
    assert total.has_leaving


def test_selectors_find_groups_in_their_namespace() -> None:
    """By any of their labels, by none, and by owner."""
    placed = index(WEB, OTHER)
    web, other = placed.class_of(WEB), placed.class_of(OTHER)
    assert list(placed.selected("shop", labels_selector({"app": "web", "tier": "front"}))) == [web]
    assert list(placed.selected("bank", labels_selector({"app": "web", "tier": "front"}))) == []
    assert list(placed.selected("bank", labels_selector({}))) == [other]
    assert list(placed.selected("shop", labels_selector({}), OWNER)) == [web]
    assert list(placed.same_workload(WEB)) == [web]


def test_a_term_finds_groups_in_all_its_namespaces() -> None:
    """By list and by selector; a namespace that was not uploaded is known by its name."""
    placed = index(WEB, OTHER)
    by_name = LabelSelector(match_labels={"kubernetes.io/metadata.name": "shop"})
    given = PodAffinityTerm(label_selector=LabelSelector(), namespaces=("bank",), namespace_selector=by_name)
    pod = replace(WEB, spec=PodSpec(affinity=Affinity(pod_affinity=PodAffinity(required=(given,)))))
    (term,) = pod_terms(pod).affinity
    assert {pod_class.namespace for pod_class in placed.matching(term)} == {"shop", "bank"}


def test_a_pod_finds_the_terms_of_others_that_match_it() -> None:
    """By label, and terms that ask for no label in particular."""
    exists = LabelSelector(match_expressions=(LabelSelectorRequirement(key="app", operator="Exists"),))
    by_label, by_expression = avoiding(LabelSelector(match_labels={"app": "web"})), avoiding(exists, "shop", "bank")
    placed = index(by_label, by_expression)
    assert [pod_class for _, _, pod_class in placed.existing_anti_affinity(WEB)] == [
        placed.class_of(p) for p in (by_expression, by_label)
    ]
    assert [pod_class for _, _, pod_class in placed.existing_anti_affinity(OTHER)] == [placed.class_of(by_expression)]
    assert list(placed.existing_weighted_terms(WEB)) == []
    assert selector_of(exists).matches(WEB.labels)
