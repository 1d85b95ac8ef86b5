"""Entry points: who answers, who refuses, who stays silent, and whose address the pod sees."""

from dataclasses import replace
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.routing.naive import naive_entry
from webapp.cluster.model import Endpoint
from webapp.routing import Cause, Plan, PlanNode, Result, evaluate, load_balancer_targets

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
    assert list(load_balancer_targets(_plan(*endpoints, nodes="abc", local=True))) == ["a"]
    assert list(load_balancer_targets(_plan(*endpoints, nodes="abc"))) == ["a", "b", "c"]


def test_nobody_sees_a_client_where_nothing_is_live() -> None:
    """No packet arrives, under either policy, in the node's network or not; one live endpoint of two is enough."""
    both, one = frozenset({"default/1", "default/2"}), frozenset({"default/1"})
    for local, host in product((False, True), (frozenset[str](), both)):
        plan = _plan(_pod("1", "a"), _pod("2", "a"), nodes="a", local=local, host_network=host, dead=both)
        (nothing,), (half,) = evaluate(plan), evaluate(replace(plan, dead=one))
        assert (nothing.client_ip, half.client_ip) == (None, "preserved" if local or host else "node")


def test_a_stale_kube_proxy_answers_the_health_check_with_what_it_knew() -> None:
    """Under policy Local it says ready where it was, and not where an endpoint came later; others know better."""
    nodes = tuple(PlanNode(name=name, stale=name in "cd") for name in "abcd")
    old, new = (_pod("1", "a"), _pod("3", "c")), (_pod("2", "b"), _pod("4", "d"))
    plan = Plan(service="s", local=True, endpoints=new, stale_endpoints=old, nodes=nodes)
    assert list(load_balancer_targets(plan)) == ["b", "c"]
    assert list(load_balancer_targets(replace(plan, local=False))) == ["a", "b", "c", "d"]


@pytest.mark.parametrize("local", [False, True])
@pytest.mark.parametrize("lacking", [{"up": False}, {"lb_target": False}])
def test_the_balancer_sends_to_no_node_that_is_down_or_excluded(local: bool, lacking: dict[str, bool]) -> None:
    """Whatever runs there."""
    nodes = (PlanNode(name="a", **lacking), PlanNode(name="b"))
    plan = replace(_plan(_pod("1", "a"), _pod("2", "b"), local=local), nodes=nodes)
    assert list(load_balancer_targets(plan)) == ["b"]


def test_a_service_of_another_proxy_is_refused_and_fails_its_health_check() -> None:
    """Nothing listens at the nodePort, nor at the healthCheckNodePort."""
    plan = _plan(_pod("1", "a"), _pod("2", "b"), local=True, proxied=False)
    assert {(entry.result, entry.cause) for entry in evaluate(plan)} == {(Result.REFUSED, Cause.NOT_PROXIED)}
    assert list(load_balancer_targets(plan)) == []


def test_nodes_with_the_same_endpoints_share_one_record_of_them() -> None:
    """What 5,000 nodes have in common is worked out once, and told alike by its identity."""
    nodes = tuple(PlanNode(name=name, stale=name > "b") for name in "abcd")
    plan = Plan(service="s", endpoints=(_pod("1", "a"),), stale_endpoints=(_pod("2", "a"),), nodes=nodes)
    a, b, c, d = (entry.shares for entry in evaluate(plan))
    assert (a is b, c is d, a is c) == (True, True, False)


HINTED = {"zone_hints": frozenset({"z1"})}
ONE, TWO, THREE = (tuple(_pod(str(number), "a") for number in range(1, count + 1)) for count in (1, 2, 3))
REASONS = [
    pytest.param(_plan(*ONE), ["ends everything", "endpoint."], id="one endpoint"),
    pytest.param(_plan(*TWO), ["one of 2 endpoints at random."], id="several"),
    pytest.param(
        _plan(*TWO, local=True), ["one of 2 endpoints on a (policy Local) at random."], id="several local ones"
    ),
    pytest.param(
        _plan(*ONE, dead=frozenset({"default/1"})), ["endpoint is dead", "try another"], id="the only one dead"
    ),
    pytest.param(
        _plan(*TWO, dead=frozenset({"default/1", "default/2"})),
        [" 2 endpoints ", "try another"],
        id="all of several dead",
    ),
    pytest.param(
        _plan(*THREE, dead=frozenset({"default/1"})),
        ["1 of 3 endpoints is dead", "at random"],
        id="one of several dead",
    ),
    pytest.param(
        _plan(*THREE, dead=frozenset({"default/1", "default/2"})), ["2 of 3 endpoints are dead"], id="most of them dead"
    ),
    pytest.param(
        _plan(_pod("1", "a", **HINTED), _pod("2", "b", **HINTED), _pod("3", "b", zone_hints=frozenset({"z2"}))),
        ["2 endpoints hinted for zone z1 at random"],
        id="hinted for the zone",
    ),
    pytest.param(
        _plan(*(_pod(str(i), "b", node_hints=frozenset("a"), **HINTED) for i in "12")),
        ["2 endpoints hinted for a at random"],
        id="hinted for the node",
    ),
    pytest.param(
        _plan(_pod("1", "a", **SERVING_LAST)),
        ["endpoint that terminates but still serves (none is ready)."],
        id="a terminating one",
    ),
    pytest.param(
        _plan(*(_pod(i, "a", **SERVING_LAST) for i in "12"), local=True),
        ["2 endpoints on a that terminate but still serve (none is ready there) at random."],
        id="terminating ones on the node",
    ),
]


@pytest.mark.parametrize(("plan", "told"), REASONS)
def test_the_reason_tells_which_endpoints_and_how_many(plan: Plan, told: list[str]) -> None:
    """Singular and plural, dead and alive, and the rule that chose them."""
    (entry,) = evaluate(replace(plan, nodes=(PlanNode(name="a", zone="z1"),)))
    assert [part for part in told if part not in entry.reason] == [], entry.reason


@pytest.mark.parametrize(
    ("lacks", "told"),
    [
        pytest.param("IPv6", "a has no IPv6 address, and default/web is IPv6 only", id="a family that it lacks"),
        pytest.param("", "--nodeport-addresses", id="a setting of kube-proxy"),
    ],
)
def test_the_reason_tells_why_nothing_listens(lacks: str, told: str) -> None:
    """Two causes of the same refusal."""
    plan = replace(_plan(*ONE), nodes=(PlanNode(name="a", listens=False, lacks=lacks),))
    (entry,) = evaluate(plan)
    assert (entry.cause, told in entry.reason) == (Cause.ADDRESS_EXCLUDED, True), entry.reason


def test_why_there_is_no_endpoint_is_told_of_those_that_know() -> None:
    """A stale kube-proxy has none for another reason than those that follow the API server."""
    nodes = (PlanNode(name="a"), PlanNode(name="b", stale=True))
    fresh, stale = evaluate(Plan(service="s", nodes=nodes, no_endpoints="its pod is Pending"))
    assert ("its pod is Pending" in fresh.reason, "its pod is Pending" in stale.reason) == (True, False)


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
def test_a_plan_has_one_entry_for_each_node_and_the_same_ones_each_time(plan: Plan) -> None:
    """In its own order."""
    entries = evaluate(plan)
    assert [entry.node for entry in entries] == [node.name for node in plan.nodes]
    assert entries == evaluate(plan)


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
        "kube-proxy selects one of 2 endpoints at random for each new client, which then stays with it "
        "(ClientIP affinity)."
    )
