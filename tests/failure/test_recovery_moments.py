"""Rescheduled, drained, deleted, returned: what the later moments come to for traffic."""

from dataclasses import replace
from typing import Any

import pytest

from tests.failure.clusters import cluster, explorer, node, pod
from webapp.cluster.model import Cluster, WorkloadRef
from webapp.failure import Moment, PodFate, Scenario, State, Target, state_at
from webapp.failure.kinds import FailureKind
from webapp.manifests.objects import (
    LabelSelector,
    ObjectMeta,
    PodDisruptionBudgetObject,
    PodDisruptionBudgetSpec,
    Source,
)
from webapp.routing import PortOutcome, outcome

KEY = "default/web"


def _owned(kind: str = "Deployment") -> dict[str, Any]:
    return {"owner": WorkloadRef(kind=kind, namespace="default", name="web"), "controlled": True}


def _cluster(kind: str = "Deployment", **service: Any) -> Cluster:
    """Return three nodes with a pod on each of the first two."""
    nodes = [replace(node(f"n{i}"), assumed=True) for i in (1, 2, 3)]
    of = cluster(nodes, [pod(f"web-{i}", f"n{i}", **_owned(kind)) for i in (1, 2)], **service)
    return replace(of, workload_replicas={WorkloadRef(kind=kind, namespace="default", name="web"): 2})


def _at(of: Cluster, moment: Moment, *targets: Target) -> tuple[State, PortOutcome]:
    state = state_at(of, Scenario(down=frozenset(targets), at=moment))
    return state, outcome(state, KEY)


N1 = Target(kind=FailureKind.NODE, name="n1")


def test_a_deployments_pod_is_made_anew_elsewhere() -> None:
    """The old one stays Terminating in the slices, neither ready nor serving; the new one answers."""
    state, found = _at(_cluster(), Moment.RESCHEDULED, N1)
    (new,) = (s for s in state.pods.values() if s.fate is PodFate.MOVED)
    assert (new.replaces, new.from_node) == ("default/web-1", "n1")
    assert new.pod.node in ("n2", "n3")
    listed = {e.pod: (e.ready, e.serving, e.terminating) for e in found.endpoints}
    assert listed == {
        "default/web-1": (False, False, True),
        "default/web-2": (True, True, False),
        new.pod.key: (True, True, False),
    }
    assert found.lb == 1.0


def test_policy_local_answers_again_on_the_node_that_got_the_pod() -> None:
    """Detected: only n2. Rescheduled: also where the scheduler put the replacement, which spreads."""
    of = _cluster(external_traffic_policy="Local")
    for moment, expected in ((Moment.DETECTED, [0.0, 1.0, 0.0]), (Moment.RESCHEDULED, [0.0, 1.0, 1.0])):
        assert [entry.answered for entry in _at(of, moment, N1)[1].entries] == expected


@pytest.mark.parametrize(
    ("kind", "fate"),
    [
        pytest.param("StatefulSet", PodFate.STUCK, id="a StatefulSet waits for the old pod to be gone"),
        pytest.param("DaemonSet", PodFate.LOST, id="a DaemonSet's pod stays bound to its node"),
    ],
)
def test_no_replacement_comes_for_what_belongs_where_it_was(kind: str, fate: PodFate) -> None:
    """One endpoint is all that is left."""
    state, found = _at(_cluster(kind), Moment.RESCHEDULED, N1)
    assert [s.fate for s in state.pods.values()] == [fate]
    assert sum(e.ready for e in found.endpoints) == 1


def test_a_bare_pod_is_gone_for_good() -> None:
    """Nothing creates another."""
    nodes = [node("n1"), node("n2")]
    state, found = _at(cluster(nodes, [pod("web-1", "n1"), pod("web-2", "n2")]), Moment.RESCHEDULED, N1)
    assert state.pods["default/web-1"].fate is PodFate.GONE
    assert found.lb == 1.0


def test_a_returned_node_gets_no_pod_back() -> None:
    """It answers again itself; its pods were moved and running pods are never moved back."""
    returned = Target(kind=FailureKind.RETURNED, name="n1")
    assert _at(_cluster(), Moment.DETECTED, returned)[1].dns == pytest.approx(2 / 3)
    state, found = _at(_cluster(), Moment.RESCHEDULED, returned)
    assert found.dns == 1.0
    assert "n1" not in {e.node for e in found.endpoints if e.ready}
    assert "no running pod moves back" in " ".join(state.notes)


def test_a_partitioned_nodes_pods_run_on_while_others_take_their_place() -> None:
    """The node itself still sends to what it knew."""
    found = _at(_cluster(), Moment.RESCHEDULED, Target(kind=FailureKind.PARTITION, name="n1"))[1]
    assert found.dns == 1.0
    by_node = {entry.node: set(entry.shares) for entry in found.entries}
    assert by_node["n1"] == {"default/web-1", "default/web-2"}
    assert "default/web-1" not in by_node["n2"]


def test_a_deleted_pod_ends_in_order_and_another_comes() -> None:
    """It never loses a connection: terminating pods serve if nothing else is ready."""
    nodes = [replace(node("n1"), assumed=True)]
    of = replace(
        cluster(nodes, [pod("web-1", "n1", **_owned())]),
        workload_replicas={WorkloadRef(kind="Deployment", namespace="default", name="web"): 1},
    )
    deleted = Target(kind=FailureKind.DELETED, name="default/web-1")
    answered = [_at(of, m, deleted)[1].lb for m in (Moment.FAILED, Moment.DETECTED, Moment.RESCHEDULED)]
    assert answered == [1.0, 0.0, 1.0]


def test_a_hanging_pod_stays_out_and_is_not_replaced() -> None:
    """A readiness probe restarts nothing."""
    hanging = Target(kind=FailureKind.UNREADY, name="default/web-1")
    answered = [_at(_cluster(), m, hanging)[1].lb for m in (Moment.FAILED, Moment.DETECTED, Moment.RESCHEDULED)]
    assert answered == [0.5, 1.0, 1.0]
    assert _at(_cluster(), Moment.RESCHEDULED, hanging)[0].pods == {}


def _drained(of: Cluster, moment: Moment) -> tuple[State, PortOutcome]:
    state = state_at(of, Scenario(drain=("n1",), at=moment))
    return state, outcome(state, KEY)


def test_a_drain_loses_no_connection_and_moves_the_pod() -> None:
    """Under policy Cluster even the drained node goes on answering: its kube-proxy stays."""
    for moment in (Moment.BEFORE, Moment.CORDONED, Moment.EVICTING, Moment.DRAINED):
        assert _drained(_cluster(), moment)[1].dns == 1.0
    state, found = _drained(_cluster(), Moment.DRAINED)
    assert state.cordoned_nodes == {"n1"}
    assert {e.node for e in found.endpoints} == {"n2", "n3"}


def test_under_policy_local_a_drained_node_falls_silent() -> None:
    """While its pod terminates it still serves; the balancer has left already."""
    of = _cluster(external_traffic_policy="Local")
    evicting = _drained(of, Moment.EVICTING)[1]
    assert evicting.entries[0].answered == 1.0
    assert "n1" not in evicting.lb_targets
    assert _drained(of, Moment.DRAINED)[1].entries[0].answered == 0.0


def test_a_budget_that_allows_nothing_holds_the_drain_for_ever() -> None:
    """The pod stays where it is, and the note says which budget."""
    budget = PodDisruptionBudgetObject(
        metadata=ObjectMeta(name="all", namespace="default"),
        spec=PodDisruptionBudgetSpec(min_available=2, selector=LabelSelector(match_labels={"app": "web"})),
        source=Source(file="pdb.yaml", line=1),
    )
    state, found = _drained(replace(_cluster(), pod_disruption_budgets=(budget,)), Moment.DRAINED)
    assert {e.node for e in found.endpoints} == {"n1", "n2"}
    assert "never ends" in " ".join(state.notes)


def test_without_a_workload_uploaded_the_explorer_keeps_its_numbers() -> None:
    """Bare pods: two are gone for good, and DNS still gives out the dead address."""
    state = state_at(
        explorer(), Scenario(down=frozenset({Target(kind=FailureKind.NODE, name="worker-2")}), at=Moment.RESCHEDULED)
    )
    assert outcome(state, KEY).dns == 0.75
