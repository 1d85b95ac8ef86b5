"""Inter-pod affinity and anti-affinity: what filters, what scores."""

from dataclasses import replace

from tests.cluster.scheduling.asking import AskedScheduler
from webapp.cluster.model import Node, Pod
from webapp.manifests.objects import (
    Affinity,
    LabelSelector,
    PodAffinity,
    PodAffinityTerm,
    PodSpec,
    WeightedPodAffinityTerm,
)

HOST, ZONE = "kubernetes.io/hostname", "topology.kubernetes.io/zone"
AFFINITY = ("node(s) didn't match pod affinity rules",)
ANTI = ("node(s) didn't match pod anti-affinity rules",)
EXISTING = ("node(s) didn't satisfy existing pods anti-affinity rules",)


def node(name: str, **labels: str) -> Node:
    """Return a node."""
    return Node(name=name, labels={HOST: name, **labels}, allocatable={"pods": "110"})


NODES = [
    node("a1", **{ZONE: "a"}),
    node("a2", **{ZONE: "a"}),
    node("b1", **{ZONE: "b"}),
    Node(name="x", allocatable={"pods": "9"}),
]


def term(app: str, key: str = ZONE) -> PodAffinityTerm:
    """Return a term for the pods of an app."""
    return PodAffinityTerm(label_selector=LabelSelector(match_labels={"app": app}), topology_key=key)


def pod(app: str, on: str | None = None, **affinity: PodAffinity) -> Pod:
    """Return a pod of an app."""
    return Pod(
        namespace="default",
        name=f"{app}-{on}",
        labels={"app": app},
        spec=PodSpec(affinity=Affinity(**affinity)),
        node=on,
    )


def near(*terms: PodAffinityTerm) -> dict[str, PodAffinity]:
    """Return required affinity."""
    return {"pod_affinity": PodAffinity(required=terms)}


def far(*terms: PodAffinityTerm) -> dict[str, PodAffinity]:
    """Return required anti-affinity."""
    return {"pod_anti_affinity": PodAffinity(required=terms)}


def refused(placed: list[Pod], new: Pod) -> dict[str, tuple[str, ...]]:
    """Return what the plugin alone says against each node."""
    found = AskedScheduler(NODES, placed).reasons_by_plugin(new)
    return {name: plugins["InterPodAffinity"] for name, plugins in found.items() if plugins}


def test_affinity_wants_a_matching_pod_in_the_domain() -> None:
    """On any node of the zone; a node without the key is in no domain."""
    assert refused([pod("db", "a1")], pod("web", **near(term("db")))) == {"b1": AFFINITY, "x": AFFINITY}


def test_all_affinity_terms_must_be_met_by_the_same_pods() -> None:
    """A pod counts only if it matches every term."""
    found = refused([pod("db", "a1"), pod("cache", "a1")], pod("web", **near(term("db"), term("cache"))))
    assert found == dict.fromkeys(("a1", "a2", "b1", "x"), AFFINITY)


def test_the_first_of_a_group_that_matches_itself_is_let_through() -> None:
    """But only where the topology key is, and not once there is another."""
    new = pod("web", **near(term("web")))
    assert refused([], new) == {"x": AFFINITY}
    assert refused([pod("web", "b1")], new) == dict.fromkeys(("a1", "a2", "x"), AFFINITY)
    assert refused([], pod("web", **near(term("db")))) == dict.fromkeys(("a1", "a2", "b1", "x"), AFFINITY)


def test_anti_affinity_rules_out_domains_with_a_matching_pod() -> None:
    """Pods that are being deleted still count; a node without the key is never ruled out."""
    leaving = replace(pod("db", "a1"), terminating=True)
    assert refused([leaving], pod("web", **far(term("db")))) == {"a1": ANTI, "a2": ANTI}
    assert refused([leaving], pod("web", **far(term("db", HOST)))) == {"a1": ANTI}


def test_the_anti_affinity_of_placed_pods_holds_against_newcomers() -> None:
    """Whatever the newcomer says itself."""
    assert refused([pod("db", "b1", **far(term("web")))], pod("web")) == {"b1": EXISTING}
    assert refused([pod("db", "b1", **far(term("web")))], pod("api")) == {}


def test_preferences_of_both_sides_are_stretched_to_a_hundred() -> None:
    """And weigh twice in the total: the zone that is liked gets 200 more than the one that is not."""
    liked = {"pod_affinity": PodAffinity(preferred=(WeightedPodAffinityTerm(weight=1, pod_affinity_term=term("db")),))}
    disliked = {
        "pod_anti_affinity": PodAffinity(preferred=(WeightedPodAffinityTerm(weight=9, pod_affinity_term=term("web")),))
    }
    own = AskedScheduler(NODES[:3], [pod("db", "a1")]).scores(pod("web", **liked))
    theirs = AskedScheduler(NODES[:3], [pod("db", "b1", **disliked)]).scores(pod("web"))
    assert own["a1"] - own["b1"] == theirs["a1"] - theirs["b1"] == 200


def test_required_affinity_of_placed_pods_attracts() -> None:
    """With weight 1, the default of hardPodAffinityWeight."""
    scores = AskedScheduler(NODES[:3], [pod("web", "a1"), pod("db", "a1", **near(term("web")))]).scores(pod("web"))
    assert scores["a2"] - scores["b1"] == 200
