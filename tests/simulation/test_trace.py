"""One connection, hop by hop: addresses before and after, and where it ends."""

from dataclasses import replace
from typing import Any

import pytest

from tests.failure.clusters import cluster, explorer, node, pod
from webapp.cluster.model import Cluster
from webapp.cluster.options import ClusterOptions
from webapp.failure.moments import state_at
from webapp.failure.words import decode
from webapp.manifests.objects import PodSpec
from webapp.routing.entry import Result
from webapp.simulation.trace import Hop, HopStep, Trace, silent_nodes, trace

CLIENT = "203.0.113.9:51644"
ENTRY = "192.168.0.1:30080"


def _traced(given: Cluster, words: str = "", *, at: str = "worker-1", pick: str | None = None) -> Trace:
    pairs = [(key, value) for key, _, value in (word.partition("=") for word in words.split("&") if word)]
    return trace(state_at(given, decode(pairs, given)), "default/web", 0, at, pick)


def _step(found: Trace, hop: Hop) -> HopStep:
    return next(step for step in found.steps if step.hop is hop)


def _told(found: Trace, hop: Hop) -> tuple[str, str, str, str]:
    """Return source and target, before and after."""
    step = _step(found, hop)
    assert step.before is not None
    assert step.after is not None
    before, after = step.before, step.after
    return str(before.source), str(before.target), str(after.source), str(after.target)


def test_policy_cluster_rewrites_target_and_source() -> None:
    """DNAT to the pod, then SNAT to the entry node, both undone on the reply."""
    found = _traced(explorer(), pick="default/web-4")
    assert _told(found, Hop.PICK) == (CLIENT, ENTRY, CLIENT, "web-4:8080")
    assert _told(found, Hop.SOURCE) == (CLIENT, "web-4:8080", "192.168.0.1:23817", "web-4:8080")
    assert _told(found, Hop.ANSWER) == ("web-4:8080", "192.168.0.1:23817", ENTRY, CLIENT)
    assert (found.result, found.sees) == (Result.ANSWERED, "192.168.0.1")


def test_policy_cluster_rewrites_the_source_even_for_a_pod_of_the_entry_node() -> None:
    """kube-proxy masquerades always; only the crossing is spared."""
    found = _traced(explorer(), pick="default/web-1")
    assert found.sees == "192.168.0.1"
    assert _step(found, Hop.CROSS).title == "The packet stays on worker-1"


def test_policy_local_keeps_the_client() -> None:
    """Only pods of the entry node are picked, and they see who calls."""
    found = _traced(explorer(external_traffic_policy="Local"))
    assert [odds.endpoint.key for odds in found.odds] == ["default/web-1"]
    assert found.sees == "203.0.113.9"
    assert next((p.endpoint.key, p.reason) for p in found.passed_over) == ("default/web-2", "not on worker-1")


def test_a_pod_in_the_network_of_the_entry_node_sees_the_client() -> None:
    """The packet never leaves the node, so nothing masquerades it; on another node it does."""
    shared = {"spec": PodSpec(host_network=True)}
    given = cluster([node("a1"), node("b2")], [pod("x", "a1", **shared), pod("y", "b2", **shared)])
    assert _traced(given, at="a1", pick="default/x").sees == "203.0.113.9"
    assert _traced(given, at="a1", pick="default/y").sees == "192.168.0.1"


def test_the_odds_hold_dead_endpoints_that_are_still_listed() -> None:
    """Nobody has noticed yet, so each of four has its quarter."""
    found = _traced(explorer(), "down=node/worker-2&at=failed")
    assert [(odds.endpoint.key, odds.chance, odds.live) for odds in found.odds] == [
        ("default/web-1", 0.25, True),
        ("default/web-2", 0.25, False),
        ("default/web-3", 0.25, False),
        ("default/web-4", 0.25, True),
    ]


@pytest.mark.parametrize(
    ("service", "words", "picked", "ends", "result"),
    [
        pytest.param({}, "", None, Hop.ANSWER, Result.ANSWERED, id="nothing is down"),
        pytest.param(
            {}, "down=node/worker-1&at=failed", None, Hop.CONNECT, Result.TIMEOUT, id="the entry node is down"
        ),
        pytest.param(
            {}, "down=node/worker-2&at=failed", "default/web-2", Hop.CROSS, Result.TIMEOUT, id="a dead pod is picked"
        ),
        pytest.param(
            {}, "down=pod/default/web-1&at=failed", "default/web-1", Hop.CROSS, Result.TIMEOUT, id="a pod vanished"
        ),
        pytest.param(
            {}, "down=node/worker-2&at=detected", "default/web-2", Hop.ANSWER, Result.ANSWERED, id="no longer picked"
        ),
    ],
)
def test_a_connection_ends_where_it_fails(
    service: dict[str, Any], words: str, picked: str | None, ends: Hop, result: Result
) -> None:
    """The steps after the end are there, but not reached."""
    found = _traced(explorer(**service), words, pick=picked)
    reached = [step for step in found.steps if step.reached]
    assert (reached[-1].hop, reached[-1].ends, found.result) == (ends, result, result)
    assert [step.hop for step in found.steps] == list(Hop)


def test_policy_local_drops_where_the_node_has_no_pod() -> None:
    """The packet arrives, the port is known, and nothing comes back."""
    found = _traced(explorer(external_traffic_policy="Local"), at="worker-4")
    assert (_step(found, Hop.PICK).ends, found.result, found.odds) == (Result.TIMEOUT, Result.TIMEOUT, ())


def test_a_service_without_endpoints_refuses_at_once() -> None:
    """REJECT, which the client hears of."""
    found = _traced(cluster([node("worker-1")], []))
    assert (_step(found, Hop.PICK).ends, _step(found, Hop.PICK).title) == (Result.REFUSED, "Nothing to select: refused")


def test_an_address_that_is_left_out_refuses_before_the_service_is_known() -> None:
    """``--nodeport-addresses`` without this one."""
    given = replace(explorer(), options=ClusterOptions(nodeport_addresses=("10.0.0.0/8",)))
    found = _traced(given)
    assert (_step(found, Hop.PORT).ends, _step(found, Hop.PICK).reached) == (Result.REFUSED, False)
    assert found.passed_over == ()


@pytest.mark.parametrize(
    ("pods", "service", "says"),
    [
        pytest.param([{}], {}, "all ready endpoints", id="all ready ones"),
        pytest.param([{}], {"external_traffic_policy": "Local"}, "only endpoints on worker-1.", id="local ones"),
        pytest.param([{"terminating": True}], {}, "terminate but still serve are used", id="terminating ones"),
        pytest.param(
            [{"terminating": True}],
            {"external_traffic_policy": "Local"},
            "since none there is ready",
            id="local terminating ones",
        ),
    ],
)
def test_the_set_is_explained(pods: list[dict[str, Any]], service: dict[str, Any], says: str) -> None:
    """Which endpoints are picked from, by which rule."""
    made = [pod(f"web-{i}", "worker-1", **fields) for i, fields in enumerate(pods)]
    assert says in _traced(cluster([node("worker-1")], made, **service)).which


def test_hints_leave_other_zones_out() -> None:
    """With hints on every ready endpoint only those for the entry node's zone are picked."""
    given = explorer()
    web = given.services["default/web"]
    zones = {"worker-1": "a", "worker-2": "a", "worker-3": "b"}
    hinted = tuple(replace(e, zone_hints=frozenset({zones[e.node or ""]})) for e in web.ports[0].endpoints)
    web = replace(web, ports=(replace(web.ports[0], endpoints=hinted),))
    found = _traced(replace(given, services={web.key: web}))
    assert "only those hinted for zone a" in found.which
    assert [(each.endpoint.key, each.reason) for each in found.passed_over] == [
        ("default/web-4", "hinted for elsewhere")
    ]


def test_a_kube_proxy_that_died_picks_from_the_endpoints_of_before() -> None:
    """Its rules stay as they were, so what is dead is picked still."""
    found = _traced(explorer(), "down=kube-proxy/worker-1&down=node/worker-2", pick="default/web-2")
    assert "no longer follows" in found.which
    assert found.result is Result.TIMEOUT


def test_ipv6_is_told_in_brackets() -> None:
    """With a client of the same family."""
    given = cluster(
        [node("a1", internal_ips=("fd00::1",))], [pod("x", "a1", ips=("fd00:1::2",))], ip_families=("IPv6",)
    )
    found = _traced(given, at="a1")
    assert _told(found, Hop.PICK) == (
        "[2001:db8::9]:51644",
        "[fd00::1]:30080",
        "[2001:db8::9]:51644",
        "[fd00:1::2]:8080",
    )


def test_unknown_addresses_are_told_by_name() -> None:
    """Assumed nodes and pods have none."""
    given = cluster([node("node-1", internal_ips=())], [pod("x", "node-1")])
    step = _step(_traced(given, at="node-1"), Hop.PICK)
    assert step.after is not None
    assert (step.after.target.host, step.after.target.known) == ("x", False)
    assert _told(_traced(given, at="node-1"), Hop.SOURCE)[2] == "node-1:23817"


def test_another_policy_can_be_tried() -> None:
    """The same moment, with the other externalTrafficPolicy."""
    given = explorer()
    state = state_at(given, decode([], given))
    assert trace(state, "default/web", 0, "worker-4", policy="Local").result is Result.TIMEOUT
    assert trace(state, "default/web", 0, "worker-1", policy="Local").sees == "203.0.113.9"
    local = explorer(external_traffic_policy="Local")
    state = state_at(local, decode([], local))
    assert trace(state, "default/web", 0, "worker-4", policy="Cluster").result is Result.ANSWERED


@pytest.mark.parametrize("policy", ["Cluster", "Local"])
def test_silent_nodes_are_those_without_a_usable_endpoint(policy: str) -> None:
    """Whatever the policy is now: those that are down are silent for another reason."""
    given = explorer(external_traffic_policy=policy)
    assert silent_nodes(state_at(given, decode([], given)), "default/web", 0) == 1
    state = state_at(given, decode([("down", "node/worker-4")], given))
    assert silent_nodes(state, "default/web", 0) == 0


def test_without_a_node_port_there_is_nothing_to_trace() -> None:
    """Nobody outside can connect."""
    given = explorer(type="ExternalName")
    with pytest.raises(ValueError, match="has no nodePort"):
        _traced(given)


def test_a_dead_pod_on_a_live_node_is_blamed_itself() -> None:
    """Its node answers all the same."""
    given = cluster([node("worker-1")], [pod("web-1", "worker-1")])
    found = _traced(given, "down=pod/default/web-1&at=failed")
    assert _step(found, Hop.CROSS).detail.startswith("default/web-1 doesn't answer")
