"""Affinity terms and topology spread constraints."""

from dataclasses import replace

import pytest

from webapp.cluster.model import Pod, WorkloadRef
from webapp.cluster.scheduling.terms import hard_constraints, pod_terms, soft_constraints
from webapp.manifests.objects import (
    Affinity,
    LabelSelector,
    PodAffinity,
    PodAffinityTerm,
    PodSpec,
    TopologySpreadConstraint,
    WeightedPodAffinityTerm,
)
from webapp.manifests.well_known_labels import HOSTNAME, ZONE

WEB = LabelSelector(match_labels={"app": "web"})
POD = Pod(namespace="shop", name="web-1", labels={"app": "web", "rev": "2"}, spec=PodSpec())


def with_term(term: PodAffinityTerm) -> Pod:
    """Return the pod with one required affinity term."""
    affinity = PodAffinity(required=(term,))
    return replace(POD, spec=PodSpec(affinity=Affinity(pod_affinity=affinity)))


@pytest.mark.parametrize(
    ("term", "namespaces"),
    [
        pytest.param(PodAffinityTerm(), {"shop"}, id="its own namespace by default"),
        pytest.param(PodAffinityTerm(namespaces=("bank",)), {"bank"}, id="a list replaces it"),
        pytest.param(
            PodAffinityTerm(namespace_selector=LabelSelector()), {"shop", "bank"}, id="an empty selector is all"
        ),
        pytest.param(
            PodAffinityTerm(namespaces=("shop",), namespace_selector=LabelSelector(match_labels={"team": "b"})),
            {"shop", "bank"},
            id="a selector adds to a list",
        ),
        pytest.param(
            PodAffinityTerm(namespace_selector=LabelSelector(match_labels={"team": "b"})),
            {"bank"},
            id="a selector alone",
        ),
    ],
)
def test_a_term_looks_into_namespaces(term: PodAffinityTerm, namespaces: set[str]) -> None:
    """By list, by selector, or the pod's own; bank has the label team=b."""
    (compiled,) = pod_terms(with_term(term)).affinity
    labels: dict[str, dict[str, str]] = {"shop": {}, "bank": {"team": "b"}}
    assert {name for name in labels if compiled.in_namespace(name, labels[name])} == namespaces


def test_label_keys_are_merged_into_a_terms_selector() -> None:
    """MatchLabelKeys ask for the pod's own value, mismatchLabelKeys for any other; missing labels are ignored."""
    given = PodAffinityTerm(label_selector=WEB, match_label_keys=("rev", "none"))
    (same,) = pod_terms(with_term(given)).affinity
    (other,) = pod_terms(with_term(PodAffinityTerm(label_selector=WEB, mismatch_label_keys=("rev", "none")))).affinity
    new, old = {"app": "web", "rev": "2"}, {"app": "web", "rev": "1"}
    assert (same.selector.matches(new), same.selector.matches(old)) == (True, False)
    assert (other.selector.matches(new), other.selector.matches(old)) == (False, True)


def test_preferences_against_weigh_negative() -> None:
    """And required affinity counts 1 when others are scored."""
    weighted = (WeightedPodAffinityTerm(weight=30, pod_affinity_term=PodAffinityTerm(topology_key="rack")),)
    affinity = Affinity(
        pod_affinity=PodAffinity(required=(PodAffinityTerm(topology_key=ZONE),), preferred=weighted),
        pod_anti_affinity=PodAffinity(preferred=weighted),
    )
    terms = pod_terms(replace(POD, spec=PodSpec(affinity=affinity)))
    assert [weight for weight, _ in terms.weighted] == [1, 30, -30]
    assert list(terms.keys) == [ZONE, "rack", "rack"]


def test_constraints_filter_unless_they_say_otherwise() -> None:
    """DoNotSchedule is the default; the inclusion policies are Honor for affinity, Ignore for taints."""
    given = TopologySpreadConstraint(topology_key=ZONE, label_selector=WEB)
    soft = replace(
        given, when_unsatisfiable="ScheduleAnyway", node_affinity_policy="Ignore", node_taints_policy="Honor"
    )
    pod = replace(POD, spec=PodSpec(topology_spread_constraints=(given, soft)))
    (hard,) = hard_constraints(pod)
    (other,) = soft_constraints(pod, {"app": "web"})
    assert (hard.max_skew, hard.min_domains, hard.honor_affinity, hard.honor_taints) == (1, 1, True, False)
    assert (other.honor_affinity, other.honor_taints) == (False, True)


@pytest.mark.parametrize(
    ("labels", "blind", "matches"),
    [
        pytest.param(None, True, False, id="a missing selector"),
        pytest.param(LabelSelector(), True, True, id="an empty one counts none but matches the pod"),
        pytest.param(WEB, False, True, id="labels"),
        pytest.param(LabelSelector(match_labels={"app": "db"}), False, False, id="labels of others"),
    ],
)
def test_what_a_constraint_counts(labels: LabelSelector | None, blind: bool, matches: bool) -> None:
    """Whether it counts anything, and whether it matches the pod that is being placed."""
    spec = PodSpec(topology_spread_constraints=(TopologySpreadConstraint(topology_key=ZONE, label_selector=labels),))
    (constraint,) = hard_constraints(replace(POD, spec=spec))
    assert (constraint.blind, constraint.matches(POD)) == (blind, matches)


@pytest.mark.parametrize(
    ("kind", "services", "spread"),
    [
        pytest.param(None, {}, False, id="a bare pod"),
        pytest.param(None, {"app": "web"}, True, id="a bare pod of a Service"),
        pytest.param("Deployment", {}, True, id="a Deployment's pod"),
        pytest.param("StatefulSet", {}, True, id="a StatefulSet's pod"),
        pytest.param("Job", {}, False, id="a Job's pod"),
        pytest.param("DaemonSet", {"app": "web"}, True, id="a DaemonSet's pod of a Service"),
    ],
)
def test_default_constraints_are_for_pods_of_services_and_replicas(
    kind: str | None, services: dict[str, str], spread: bool
) -> None:
    """The system's defaults: hostname with maxSkew 3, zone with maxSkew 5."""
    owner = WorkloadRef(kind=kind, namespace="shop", name="web") if kind else None
    found = soft_constraints(replace(POD, owner=owner), services)
    assert [(c.key, c.max_skew) for c in found] == ([(HOSTNAME, 3), (ZONE, 5)] if spread else [])


def test_default_constraints_tell_revisions_apart() -> None:
    """As ReplicaSets do, whose selectors name the pod-template-hash."""
    owner = WorkloadRef(kind="Deployment", namespace="shop", name="web")
    new, old = (replace(POD, owner=owner, labels={"pod-template-hash": value}) for value in ("new", "old"))
    constraint = soft_constraints(new, {})[0]
    assert constraint.matches(new)
    assert not constraint.matches(old)
    assert not constraint.matches(replace(new, owner=None))
