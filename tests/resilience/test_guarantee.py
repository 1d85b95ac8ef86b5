"""What is promised, against every placement that the scheduler's filters allow step by step."""

from collections.abc import Iterator
from dataclasses import replace
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.cluster.scheduling.asking import AskedScheduler
from tests.resilience.asking import only
from tests.resilience.workloads import HOST, ZONE, anti, built, clusters, node, service, spread, workload
from webapp.cluster.endpoints import from_pods
from webapp.cluster.model import Cluster, Pod
from webapp.cluster.replicas import PlacedReplicas
from webapp.failure import Moment
from webapp.resilience.guarantee import Guarantor, Promise
from webapp.resilience.losses import What

WHATS = st.sampled_from(["node", "zone"])


def _placements(
    of: Cluster, left: list[Pod], schedule: AskedScheduler, placed: tuple[Pod, ...]
) -> Iterator[tuple[Pod, ...]]:
    """Yield every placement of the pods that nothing more can be added to."""
    further = False
    for pod in {(p.owner, id(p.spec)): p for p in reversed(left)}.values():
        for name, reasons in schedule.feasible(pod).items():
            if not reasons:
                further = True
                there = replace(pod, node=name, phase="Running", ready=True)
                schedule.add(there)
                yield from _placements(of, [p for p in left if p.key != pod.key], schedule, (*placed, there))
                schedule.remove(there)
    if not further:
        yield placed


def _survives(of: Cluster, what: What) -> bool:
    """Return whether the cluster as it is survives any one loss, asked of every node or zone."""
    reach = only(of)
    domains = reach.nodes.zones.values() if what == "zone" else [frozenset({name}) for name in of.nodes]
    answers = [reach.answer(nodes, Moment.DETECTED).lb for nodes in (frozenset[str](), *domains)]
    return min(answers) == 1


def _with(of: Cluster, pods: tuple[Pod, ...]) -> Cluster:
    """Return the cluster with these pods behind its service."""
    (web,) = of.services.values()
    port = replace(web.ports[0], endpoints=from_pods(web, web.ports[0], pods, of.nodes))
    known = {**of.pods, **{pod.key: pod for pod in pods}}
    return replace(of, pods=known, services={web.key: replace(web, ports=(port,))})


def _in_every_placement(of: Cluster, what: What) -> bool:
    """Return whether it survives as placed, and in all placements of the pods that aren't a DaemonSet's."""
    behind = [pod for pod in of.pods.values() if pod.labels.get("app") == "web"]
    moving = [p for p in behind if p.owner and p.owner.kind != "DaemonSet"]
    staying = [p for p in behind if p not in moving and p.node]
    rest = [p for p in of.pods.values() if p not in moving and p.node]
    schedule = AskedScheduler(of.nodes.values(), rest, of.namespaces, of.services.values())
    unplaced = [replace(pod, node=None, ready=False, phase="Pending") for pod in moving]
    found = {
        frozenset((pod.owner, pod.node, pod.name) for pod in placed): placed
        for placed in _placements(of, unplaced, schedule, ())
    }
    return _survives(of, what) and all(_survives(_with(of, (*staying, *placed)), what) for placed in found.values())


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(clusters(), WHATS)
def test_a_promise_holds_in_every_placement_that_may_come_about(of: Cluster, what: What) -> None:
    """And one that isn't made is broken by some placement."""
    promise = Guarantor(of).promise(only(of), what)
    assert promise.exact
    assert promise.holds is _in_every_placement(of, what)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(clusters(), WHATS)
def test_the_short_cut_answers_as_the_search_does(of: Cluster, what: What) -> None:
    """With the same node or zone as the culprit."""
    searching = Guarantor(of)
    searching._plainly_within = lambda *_: False
    assert Guarantor(of).promise(only(of), what) == searching.promise(only(of), what)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(clusters(), WHATS)
def test_replicas_that_were_never_objects_promise_what_single_pods_do(of: Cluster, what: What) -> None:
    """However many of them are endpoints."""
    singly = replace(of, pods=dict(of.pods.items()))
    assert Guarantor(of).promise(only(of), what) == Guarantor(singly).promise(only(singly), what)


def test_replicas_of_a_large_workload_are_made_into_no_objects() -> None:
    """Where they run is all that is asked."""
    of = built(*NODES, workload("web", 30), service())
    with patch.object(PlacedReplicas, "made", autospec=True, side_effect=PlacedReplicas.made) as made:
        assert not Guarantor(of).promise(only(of), "node").holds
    assert not made.called


NODES = [node("n1", "a"), node("n2", "b"), node("n3", "c")]
CONTROL_PLANE = node("cp-1", "a", role="control-plane")


def _promise(what: What, *documents: dict[str, object]) -> Promise:
    of = built(*documents)
    return Guarantor(of).promise(only(of), what)


def test_endpoints_on_no_known_node_are_no_stumbling_block() -> None:
    """Their pods may still be placed on one node together."""
    of = built(*NODES, workload("web", 2), service())
    service_of = of.services["default/web"]
    (port,) = service_of.ports
    away = replace(port, endpoints=tuple(replace(e, node="elsewhere") for e in port.endpoints))
    of = replace(of, services={service_of.key: replace(service_of, ports=(away,))})
    assert Guarantor(of).promise(only(of), "node") == Promise(holds=False, culprit="n1")


@pytest.mark.parametrize(
    ("rules", "node_holds", "zone_holds"),
    [
        pytest.param({}, False, False, id="no rule: all may share a node"),
        pytest.param(anti(), True, True, id="anti-affinity per node; here each zone has one"),
        pytest.param(spread(ZONE), True, True, id="hard spread over zones"),
        pytest.param(spread(HOST), True, True, id="hard spread over nodes"),
        pytest.param(spread(ZONE, 3), False, False, id="maxSkew as large as the number of pods"),
        pytest.param(spread(ZONE, 1, whenUnsatisfiable="ScheduleAnyway"), False, False, id="a soft spread only scores"),
        pytest.param(anti() | {"nodeSelector": {ZONE: "a"}}, False, False, id="only one node matches"),
    ],
)
def test_what_the_rules_of_three_pods_promise(rules: dict[str, object], node_holds: bool, zone_holds: bool) -> None:
    """On three nodes in three zones."""
    documents = [*NODES, workload("web", 3, **rules), service()]
    assert _promise("node", *documents).holds is node_holds
    assert _promise("zone", *documents).holds is zone_holds


def test_two_nodes_of_a_zone_may_take_what_keeps_apart_per_node() -> None:
    """Guaranteed against a node, not against a zone."""
    documents = [*NODES, node("n4", "a"), workload("web", 2, **anti()), service()]
    assert _promise("node", *documents).holds
    assert _promise("zone", *documents) == Promise(holds=False, culprit="a")


def test_room_keeps_pods_apart() -> None:
    """Requests against allocatable: a node takes two of three."""
    documents = [node("n1", cpu="1"), node("n2", cpu="1"), workload("web", 3, cpu="500m"), service()]
    assert _promise("node", *documents).holds


def test_a_daemonset_stays_where_it_is() -> None:
    """One pod on each node."""
    assert _promise("node", *NODES, workload("web", 0, kind="DaemonSet"), service()).holds


def test_pods_that_move_may_join_those_that_stay() -> None:
    """The only pod of a DaemonSet is on n2; nothing keeps the Deployment's away from there."""
    nodes = [node("n1"), node("n2")]
    daemons = workload("z-daemons", 0, kind="DaemonSet", nodeSelector={HOST: "n2"})
    assert _promise("node", *nodes, daemons, workload("web", 1), service()) == Promise(holds=False, culprit="n2")


def test_the_only_control_plane_node_guards_detection() -> None:
    """Pods that may land on it would stay listed for ever; those that may not are safe."""
    tolerant = anti() | {"tolerations": [{"operator": "Exists"}]}
    assert _promise("node", *NODES, CONTROL_PLANE, workload("web", 2, **anti()), service()).holds
    assert _promise("node", *NODES, CONTROL_PLANE, workload("web", 2, **tolerant), service()).culprit == "cp-1"


def test_what_does_not_survive_as_placed_is_not_promised() -> None:
    """Whatever the rules say."""
    promise = _promise("node", *NODES, workload("web", 1), service())
    assert promise.as_placed
    assert not promise.holds


def test_endpoints_of_unknown_pods_promise_nothing() -> None:
    """A dump of slices without pods does not say who places them."""
    of = built(*NODES, workload("web", 3, **spread()), service())
    unknown = replace(of, pods={})
    assert Guarantor(unknown).promise(only(unknown), "node") == Promise(holds=False, exact=False)


def test_a_search_that_is_given_up_promises_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """It says so."""
    monkeypatch.setattr("webapp.resilience.guarantee.QUESTIONS_EACH", (1, 1))
    of = built(*NODES, workload("web", 3, **spread(ZONE)), service())
    assert Guarantor(of).promise(only(of), "node") == Promise(holds=False, exact=False)


def test_asking_leaves_the_scheduler_as_it_was() -> None:
    """The second answer is the first one."""
    of = built(*NODES, workload("web", 3, **spread(ZONE)), workload("other", 3, app="other"), service())
    guarantor = Guarantor(of)
    assert guarantor.promise(only(of), "node") == guarantor.promise(only(of), "node")


@pytest.mark.parametrize("budget", range(1, 12))
def test_a_search_that_is_given_up_leaves_the_scheduler_as_it_was(budget: int) -> None:
    """Wherever it stops."""
    of = built(*NODES, workload("web", 3, **spread(ZONE)), service())
    guarantor = Guarantor(of)
    guarantor._budget = budget
    guarantor.promise(only(of), "node")
    guarantor._budget = 1000
    assert guarantor.promise(only(of), "node") == Promise(holds=True)
    assert guarantor._scheduler is not None
    assert {key: bound.node_info.name for key, bound in guarantor._scheduler._bound.as_dict().items()} == {
        pod.key: pod.node for pod in of.pods.values()
    }
