"""kubectl drain of one or more nodes: rounds, budgets, and how it ends."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.failure.workloads import budget, cluster, node, nodes, pod
from webapp.cluster.model import Cluster, Pod
from webapp.failure.drain import DrainResult, cordoned, drain
from webapp.failure.scenario import Moment
from webapp.failure.state import PodFate
from webapp.manifests.objects import Container, EmptyDir, PodSpec, Resources, Volume

BIG = PodSpec(containers=(Container(name="c", resources=Resources(requests={"cpu": "3"})),))


def web(count: int, on: str = "n1", **changes: Any) -> list[Pod]:
    """Return so many pods of the Deployment web on one node."""
    return [pod(f"web-{i}", on, **changes) for i in range(1, count + 1)]


def of_one_node(pods: list[Pod], **changes: Any) -> Cluster:
    """Return the pods in a cluster of three nodes."""
    return cluster(nodes("n1", "n2", "n3"), pods, **changes)


def test_without_budgets_all_pods_go_at_once_and_others_take_their_place() -> None:
    """One round; the old pods are gone, the new ones run elsewhere."""
    done = drain(of_one_node(web(2)), ("n1",))
    assert done.nodes[0].result is DrainResult.DRAINED
    assert done.nodes[0].rounds == (("default/web-1", "default/web-2"),)
    assert done.drained.gone == {"default/web-1", "default/web-2"}
    moved = [s.pod for s in done.drained.pods.values() if s.fate is PodFate.MOVED]
    assert [p.node in ("n2", "n3") and p.ready for p in moved] == [True, True]


def test_a_budget_makes_rounds_of_it() -> None:
    """One pod at a time: the next goes when the last one's successor is ready."""
    done = drain(of_one_node(web(3), budgets=[budget(max_unavailable=1)]), ("n1",))
    assert done.nodes[0].result is DrainResult.DRAINED
    assert done.nodes[0].rounds == (("default/web-1",), ("default/web-2",), ("default/web-3",))


def test_a_budget_that_allows_nothing_holds_for_ever() -> None:
    """The pod stays, ready, and the note has the API's own cause."""
    done = drain(of_one_node(web(1), budgets=[budget(min_available=1)]), ("n1",))
    assert done.nodes[0].result is DrainResult.ENDLESS
    assert done.drained.pods == {}
    assert done.notes == (
        (
            "The drain of n1 never ends: kubectl tries again every 5 s. The disruption budget pdb needs 1 healthy pods "
            "and has 1 currently. Blocked: default/web-1."
        ),
    )


def test_a_budget_that_cannot_be_computed_holds_and_says_why() -> None:
    """A Job has no scale, so its pods can't be budgeted by maxUnavailable."""
    here = of_one_node(
        [pod(f"job-{i}", "n1", "Job/job") for i in range(5)], budgets=[budget(app="job", max_unavailable=1)]
    )
    assert drain(here, ("n1",)).notes == (
        (
            "The drain of n1 never ends: kubectl tries again every 5 s. The disruption budget pdb is still being "
            "processed by the server (its controller fails: jobs.batch does not implement the scale subresource). "
            "Blocked: default/job-0, default/job-1, default/job-2 and 2 more."
        ),
    )


def test_a_successor_that_fits_nowhere_keeps_the_budget_shut() -> None:
    """The first goes, its successor is Pending, so the second is held."""
    full = cluster(nodes("n1", "n2"), [*web(1, spec=BIG), pod("web-2", "n2", spec=BIG)], {"Deployment/web": 2})
    here = cluster(
        nodes("n1", "n2"),
        [*full.pods.values(), pod("web-3", "n1", spec=PodSpec())],
        {"Deployment/web": 3},
        [budget(max_unavailable=1)],
    )
    done = drain(here, ("n1",))
    assert done.nodes[0].result is DrainResult.ENDLESS
    assert done.nodes[0].held.keys() == {"default/web-3"}
    assert "default/web-1-new is not running: 0/2 nodes are available" in done.notes[-1]


def test_two_budgets_on_a_pod_fail_the_drain_but_not_the_other_pods() -> None:
    """500 is not tried again; kubectl goes on with the rest."""
    two = [budget("a", max_unavailable=1), budget("b", max_unavailable=1)]
    here = of_one_node([*web(1), pod("api-1", "n1", "Deployment/api")], budgets=two)
    done = drain(here, ("n1",)).nodes[0]
    assert (done.result, done.rounds) == (DrainResult.FAILED, (("default/api-1",),))
    assert done.held["default/web-1"].code == 500


def test_a_bare_pod_stops_the_drain_before_it_begins() -> None:
    """Nothing is evicted, not even what could be, and the next node is drained all the same."""
    here = of_one_node([*web(1), pod("lonely", "n1", None), pod("api-1", "n2", "Deployment/api")])
    done = drain(here, ("n1", "n2"))
    assert [it.result for it in done.nodes] == [DrainResult.REFUSED, DrainResult.DRAINED]
    assert done.notes == (
        (
            "n1 stays cordoned and nothing is evicted: cannot delete Pods that declare no controller (use --force to "
            "override): default/lonely."
        ),
    )
    assert "default/web-1" not in done.drained.pods


def test_a_finished_pod_is_simply_deleted() -> None:
    """Without asking, and its Job makes no other."""
    done = drain(of_one_node([pod("job-1", "n1", "Job/job", phase="Succeeded")]), ("n1",)).drained
    assert (done.pods["default/job-1"].fate, len(done.pods)) == (PodFate.GONE, 1)


def test_an_empty_dir_needs_its_flag() -> None:
    """Without it the drain is refused."""
    scratch = PodSpec(volumes=(Volume(name="scratch", empty_dir=EmptyDir()),))
    here = of_one_node(web(1, spec=scratch))
    assert drain(here, ("n1",)).nodes[0].result is DrainResult.REFUSED


def test_a_daemonset_s_pod_runs_on() -> None:
    """It is ignored, and said so."""
    done = drain(of_one_node([pod("agent-n1", "n1", "DaemonSet/agent")]), ("n1",))
    assert (done.nodes[0].result, done.drained.pods) == (DrainResult.DRAINED, {})
    assert done.notes == ("n1: ignoring DaemonSet-managed Pods: default/agent-n1.",)


def test_a_statefulset_s_pod_comes_back_elsewhere_under_its_name() -> None:
    """Once the old one has ended, so it's not gone."""
    done = drain(of_one_node([pod("db-0", "n1", "StatefulSet/db")]), ("n1",)).drained
    assert (done.pods["default/db-0"].fate, done.gone) == (PodFate.MOVED, frozenset())
    assert done.pods["default/db-0"].pod.node != "n1"


def test_a_statefulset_s_pod_still_terminates_while_evicting() -> None:
    """Two pods of one name never exist."""
    state = drain(of_one_node([pod("db-0", "n1", "StatefulSet/db")]), ("n1",)).evicting.pods["default/db-0"]
    assert (state.fate, state.pod.terminating, state.pod.node) == (PodFate.EVICTED, True, "n1")


def test_while_evicting_old_pods_serve_on_and_new_ones_are_not_ready() -> None:
    """The first round: what was granted terminates in order, what was refused stays."""
    view = drain(of_one_node(web(2), budgets=[budget(max_unavailable=1)]), ("n1",)).at(Moment.EVICTING)
    old, new = view.pods["default/web-1"].pod, view.pods["default/web-1-new"].pod
    assert (old.terminating, old.ready, view.gone) == (True, True, frozenset())
    assert (new.ready, new.phase) == (False, "Pending")
    assert "default/web-2" not in view.pods


def test_all_nodes_are_cordoned_before_the_first_is_drained() -> None:
    """So nothing moves onto a node that is next; what is left is Pending."""
    done = drain(cluster(nodes("n1", "n2"), [*web(1), pod("web-2", "n2")]), ("n1", "n2")).drained
    assert {s.fate for s in done.pods.values()} == {PodFate.EVICTED, PodFate.PENDING}
    assert "2 node(s) were unschedulable" in done.pods["default/web-1-new"].reason


def test_an_endless_drain_keeps_the_next_node_waiting() -> None:
    """The command never gets to it."""
    here = of_one_node([*web(1), pod("api-1", "n2", "Deployment/api")], budgets=[budget(min_available=1)])
    done = drain(here, ("n1", "n2"))
    assert [it.result for it in done.nodes] == [DrainResult.ENDLESS, DrainResult.NOT_REACHED]
    assert done.drained.pods == {}
    assert done.notes[-1] == "n2 is cordoned, but its drain never starts: the one before it doesn't end."


def test_while_the_second_node_is_evicted_the_first_is_done() -> None:
    """Evicting shows the last node that is reached."""
    here = of_one_node([*web(1), pod("api-1", "n2", "Deployment/api")])
    view = drain(here, ("n1", "n2")).evicting
    assert view.gone == {"default/web-1"}
    assert view.pods["default/web-1-new"].pod.ready
    assert view.pods["default/api-1"].pod.terminating


def test_evictions_start_in_the_order_in_which_the_api_lists_pods() -> None:
    """By namespace, then by name as text: web-10 before web-2."""
    pods = [pod("web-2", "n1"), pod("web-10", "n1"), pod("web-1", "n1", namespace="alpha")]
    assert drain(of_one_node(pods), ("n1",)).nodes[0].rounds == (("alpha/web-1", "default/web-10", "default/web-2"),)


@pytest.mark.parametrize(
    "daemonset_uploaded", [pytest.param(True, id="uploaded"), pytest.param(False, id="not uploaded")]
)
def test_a_dump_without_daemonsets_does_not_say_they_are_gone(*, daemonset_uploaded: bool) -> None:
    """Their pods are ignored either way."""
    here = of_one_node([pod("agent-n1", "n1", "DaemonSet/agent")])
    if not daemonset_uploaded:
        here = of_one_node(list(here.pods.values()), workload_replicas={})
    assert drain(here, ("n1",)).nodes[0].result is DrainResult.DRAINED


def test_the_cordon_is_a_flag_and_a_taint() -> None:
    """And no second taint on a node that was cordoned."""
    once = cordoned(node("n1"))
    assert once.unschedulable
    assert [taint.key for taint in once.taints] == ["node.kubernetes.io/unschedulable"]
    assert cordoned(once) == once


def test_cordoning_alone_changes_no_pod() -> None:
    """Nothing is evicted yet."""
    assert drain(of_one_node(web(1)), ("n1",)).at(Moment.CORDONED).pods == {}


@settings(max_examples=60, deadline=None)
@given(
    on=st.lists(st.sampled_from(("n1", "n2", "n3")), min_size=1, max_size=8),
    unready=st.sets(st.integers(0, 7)),
    spec=st.sampled_from(
        [{"max_unavailable": 1}, {"max_unavailable": "30%"}, {"min_available": 2}, {"min_available": "100%"}, None]
    ),
)
def test_a_drain_always_comes_to_an_end_of_its_own(
    on: list[str], unready: set[int], spec: dict[str, Any] | None
) -> None:
    """Each pod of the node is evicted once or held for ever, and those of other nodes are never touched."""
    pods = [pod(f"web-{i}", name, ready=i not in unready) for i, name in enumerate(on)]
    done = drain(of_one_node(pods, budgets=[budget(**spec)] if spec else []), ("n1",))
    evicted = [key for together in done.nodes[0].rounds for key in together]
    assert sorted([*evicted, *done.nodes[0].held]) == sorted(p.key for p in pods if p.node == "n1")
    assert done.drained.gone == set(evicted)
    assert (done.nodes[0].result is DrainResult.DRAINED) == (not done.nodes[0].held)
