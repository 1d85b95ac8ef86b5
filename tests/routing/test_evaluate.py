"""Entry points: who answers, who refuses, who stays silent, and whose address the pod sees."""

from dataclasses import replace
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.routing.naive import naive_entry
from webapp.cluster.model import Endpoint
from webapp.routing import Cause, Plan, PlanNode, Result, balancer_targets, evaluate

READY: dict[str, Any] = {}
UNREADY = {"ready": False, "serving": False}
SERVING_LAST = {"ready": False, "serving": True, "terminating": True}
GONE = {"ready": False, "serving": False, "terminating": True}


def _pod(name: str, node: str | None, **fields: Any) -> Endpoint:
    return Endpoint(pod=f"default/{name}", port=8080, node=node, **fields)


def _plan(*endpoints: Endpoint, nodes: str = "ab", **fields: Any) -> Plan:
    return Plan(service="default/web", endpoints=endpoints, nodes=tuple(PlanNode(name=n) for n in nodes), **fields)


CASES = [
    pytest.param(
        _plan(_pod("1", "a"), _pod("2", "b")),
        [(1.0, Result.ANSWERED, Cause.ANSWERED)] * 2,
        id="all endpoints live: every node answers, pod there or not",
    ),
    pytest.param(
        _plan(),
        [(0.0, Result.REFUSED, Cause.NO_ENDPOINT)] * 2,
        id="nothing anywhere: refused at once",
    ),
    pytest.param(
        _plan(local=True),
        [(0.0, Result.REFUSED, Cause.NO_ENDPOINT)] * 2,
        id="nothing anywhere under policy Local: refused too, not dropped",
    ),
    pytest.param(
        _plan(_pod("1", "a"), local=True),
        [(1.0, Result.ANSWERED, Cause.ANSWERED), (0.0, Result.TIMEOUT, Cause.NO_LOCAL_ENDPOINT)],
        id="policy Local: a node without a local endpoint stays silent",
    ),
    pytest.param(
        _plan(_pod("1", "a"), _pod("2", "b"), dead=frozenset({"default/2"})),
        [(0.5, Result.DEGRADED, Cause.DEAD_ENDPOINTS)] * 2,
        id="one of two endpoints is dead: half is lost on every node",
    ),
    pytest.param(
        _plan(_pod("1", "a"), dead=frozenset({"default/1"})),
        [(0.0, Result.TIMEOUT, Cause.DEAD_ENDPOINTS)] * 2,
        id="all endpoints are dead but listed: timeout, not refused",
    ),
    pytest.param(
        _plan(_pod("1", "a", **UNREADY)),
        [(0.0, Result.REFUSED, Cause.NO_ENDPOINT)] * 2,
        id="an endpoint that isn't ready is none",
    ),
    pytest.param(
        _plan(_pod("1", "a", **SERVING_LAST)),
        [(1.0, Result.ANSWERED, Cause.ANSWERED)] * 2,
        id="a terminating pod that serves stands in when none is ready",
    ),
    pytest.param(
        _plan(_pod("1", "a", **GONE)),
        [(0.0, Result.REFUSED, Cause.NO_ENDPOINT)] * 2,
        id="a terminating pod that no longer serves doesn't",
    ),
    pytest.param(
        _plan(_pod("1", "a", **SERVING_LAST), _pod("2", "b"), local=True),
        [(1.0, Result.ANSWERED, Cause.ANSWERED)] * 2,
        id="policy Local uses a local terminating pod though another node has a ready one",
    ),
]


@pytest.mark.parametrize(("plan", "expected"), CASES)
def test_an_entry_point_answers_as_kube_proxy_would(plan: Plan, expected: list[tuple[float, Result, Cause]]) -> None:
    """Share answered, what the client sees, and the rule that decided."""
    assert [(e.answered, e.result, e.cause) for e in evaluate(plan)] == expected


def test_a_dead_node_answers_nothing_and_sends_nothing_on() -> None:
    """Its address is gone with it, whatever its pods do."""
    plan = Plan(service="default/web", endpoints=(_pod("1", "a"),), nodes=(PlanNode(name="a", up=False),))
    (entry,) = evaluate(plan)
    assert (entry.result, entry.cause, dict(entry.shares)) == (Result.TIMEOUT, Cause.NODE_DOWN, {})


@pytest.mark.parametrize(
    ("iptables", "expected"),
    [
        pytest.param(True, Result.TIMEOUT, id="iptables drops on every address"),
        pytest.param(False, Result.REFUSED, id="nftables leaves the address to the host"),
    ],
)
def test_an_excluded_address_of_a_local_service_without_local_pod(iptables: bool, expected: Result) -> None:
    """The iptables filter chain doesn't look at --nodeport-addresses (seen with a real kube-proxy)."""
    node = PlanNode(name="b", listens=False)
    plan = Plan(service="default/web", endpoints=(_pod("1", "a"),), local=True, nodes=(node,), iptables=iptables)
    assert [entry.result for entry in evaluate(plan)] == [expected]


def test_a_stale_kube_proxy_goes_on_with_what_it_knew() -> None:
    """It still picks the endpoint that everybody else has dropped."""
    old, new = (_pod("1", "a"), _pod("2", "b")), (_pod("2", "b"),)
    nodes = (PlanNode(name="b"), PlanNode(name="c", stale=True))
    plan = Plan(service="s", endpoints=new, stale_endpoints=old, dead=frozenset({"default/1"}), nodes=nodes)
    assert [entry.answered for entry in evaluate(plan)] == [1.0, 0.5]


@pytest.mark.parametrize(
    ("local", "host", "expected"),
    [
        pytest.param(False, [], ["node", "node"], id="policy Cluster rewrites the source, even to a local pod"),
        pytest.param(True, [], ["preserved", "preserved"], id="policy Local keeps it"),
        pytest.param(False, ["1"], ["mixed", "node"], id="a pod in its node's network sees the client at that node"),
        pytest.param(False, ["1", "2"], ["mixed", "mixed"], id="but not when entered elsewhere"),
    ],
)
def test_the_pod_sees_the_client_or_the_node(local: bool, host: list[str], expected: list[str]) -> None:
    """Policy Cluster masquerades always, policy Local never."""
    keys = frozenset(f"default/{name}" for name in host)
    plan = _plan(_pod("1", "a"), _pod("2", "b"), local=local, host_network=keys)
    assert [entry.client_ip for entry in evaluate(plan)] == expected


def test_the_balancer_leaves_out_nodes_whose_health_check_fails() -> None:
    """Policy Local: only a local ready endpoint passes; a terminating one serves on, but fails the check."""
    endpoints = (_pod("1", "a"), _pod("2", "b", **SERVING_LAST))
    assert list(balancer_targets(_plan(*endpoints, nodes="abc", local=True))) == ["a"]
    assert list(balancer_targets(_plan(*endpoints, nodes="abc"))) == ["a", "b", "c"]


CONDITIONS = [
    (True, True, False),
    (False, True, True),
    (False, False, False),
    (False, False, True),
    (True, False, True),
]
HINTS: list[tuple[frozenset[str], frozenset[str]]] = [
    (frozenset(), frozenset()),
    (frozenset({"z1"}), frozenset()),
    (frozenset({"z2"}), frozenset({"a"})),
]


def _endpoint(number: int, node: str | None, conditions: tuple[bool, bool, bool], hint: int) -> Endpoint:
    ready, serving, terminating = conditions
    zones, nodes = HINTS[hint]
    return Endpoint(
        pod=f"default/{number}",
        port=80,
        node=node,
        ready=ready,
        serving=serving,
        terminating=terminating,
        zone_hints=zones,
        node_hints=nodes,
    )


def _agree(plan: Plan) -> None:
    for node, entry in zip(plan.nodes, evaluate(plan), strict=True):
        assert (entry.result.value, pytest.approx(entry.answered), dict(entry.shares)) == naive_entry(plan, node)


def test_routing_agrees_with_a_naive_second_implementation_on_every_small_cluster() -> None:
    """Two endpoints on two nodes (or none), each in every condition, with every hint, dead or alive, both policies."""
    nodes = (PlanNode(name="a", zone="z1"), PlanNode(name="b", zone="z2"), PlanNode(name="c", zone=None, up=False))
    one = list(product(("a", "b", None), CONDITIONS, range(len(HINTS))))
    for (first, second), local in product(product(one, one[::2]), (False, True)):
        endpoints = (_endpoint(1, *first), _endpoint(2, *second))
        for dead in (frozenset[str](), frozenset({"default/1"}), frozenset({"default/1", "default/2"})):
            _agree(Plan(service="s", local=local, endpoints=endpoints, dead=dead, nodes=nodes))


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    """Draw a plan of up to six endpoints on up to four nodes."""
    names = "abcd"[: draw(st.integers(1, 4))]
    zones = st.sampled_from([None, "z1", "z2"])
    nodes = tuple(
        PlanNode(name=n, zone=draw(zones), up=draw(st.booleans()), listens=draw(st.integers(0, 9)) > 0) for n in names
    )
    count = draw(st.integers(0, 6))
    where = st.sampled_from([*names, None])
    endpoints = tuple(
        _endpoint(i, draw(where), draw(st.sampled_from(CONDITIONS)), draw(st.integers(0, 2))) for i in range(count)
    )
    dead = draw(st.frozensets(st.sampled_from([e.key for e in endpoints]))) if endpoints else frozenset[str]()
    local, iptables = draw(st.booleans()), draw(st.booleans())
    return Plan(service="s", local=local, endpoints=endpoints, dead=dead, nodes=nodes, iptables=iptables)


@given(plans())
def test_the_shares_of_an_entry_sum_to_one_or_there_are_none(plan: Plan) -> None:
    """And what is answered is the share that goes to live endpoints."""
    for entry in evaluate(plan):
        assert sum(entry.shares.values()) == pytest.approx(1 if entry.shares else 0)
        live = sum(share for key, share in entry.shares.items() if key not in plan.dead)
        assert entry.answered == pytest.approx(live)


@given(plans())
def test_routing_agrees_with_the_naive_implementation(plan: Plan) -> None:
    """On clusters larger than the exhaustive check can afford."""
    _agree(plan)


@given(plans(), st.randoms(use_true_random=False))
def test_the_order_of_endpoints_does_not_matter(plan: Plan, random: Any) -> None:
    """Random choice knows no order."""
    shuffled = list(plan.endpoints)
    random.shuffle(shuffled)
    other = Plan(
        service="s",
        local=plan.local,
        endpoints=tuple(shuffled),
        dead=plan.dead,
        nodes=plan.nodes,
        iptables=plan.iptables,
    )
    for entry, again in zip(evaluate(plan), evaluate(other), strict=True):
        assert (entry.result, entry.cause, dict(entry.shares)) == (again.result, again.cause, dict(again.shares))


def test_a_client_with_affinity_stays_with_its_endpoint() -> None:
    """The choice is made once for each client, so the sentence says so; the shares of new clients are the same."""
    endpoints = (Endpoint(pod="default/a", port=80, node="n1"), Endpoint(pod="default/b", port=80, node="n1"))
    plan = Plan(service="default/web", endpoints=endpoints, nodes=(PlanNode(name="n1"),))
    (plain,), (sticky,) = evaluate(plan), evaluate(replace(plan, sticky=True))
    assert plain.shares == sticky.shares
    assert sticky.reason == (
        "Picks one of 2 endpoints at random for each new client, who then stays with it (ClientIP affinity)."
    )
