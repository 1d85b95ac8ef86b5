"""Node ports: bands, claims, automatic numbers."""

from typing import Any

import pytest

from tests.cluster.given import admitted, admitted_one, load, node_port, service
from webapp.cluster.allocation import ALREADY_ALLOCATED, FULL, NodePortAllocator, bands
from webapp.cluster.model import Service

CASES = load("conformance/allocation_cases.json")
NOT_APPLICABLE = {
    case["id"]: "an update of a stored Service: nodefall creates every Service once" for case in CASES["updateCases"]
}
TINY = (30000, 30003)


def numbers(given: Service) -> list[int | None]:
    """Return a Service's node ports."""
    return [port.node_port for port in given.ports]


def spec_of(case: dict[str, Any]) -> dict[str, Any]:
    """Return a case's Service; an ExternalName needs a name to be one."""
    spec: dict[str, Any] = case["service"]
    return spec | ({"externalName": "example.com"} if spec["type"] == "ExternalName" else {})


def others(case: dict[str, Any]) -> list[Any]:
    """Return Services that hold the numbers which the case says are taken."""
    return [
        service(
            {
                "type": "LoadBalancer",
                "ports": [{"port": 80, "nodePort": taken.get("nodePort")}],
                "externalTrafficPolicy": "Local" if "healthCheckNodePort" in taken else "Cluster",
                "healthCheckNodePort": taken.get("healthCheckNodePort"),
            },
            name=taken["service"],
        )
        for taken in case.get("alreadyAllocated", ())
    ]


@pytest.mark.parametrize("case", [pytest.param(c, id=c["range"]) for c in CASES["bandCases"]])
def test_a_range_is_cut_into_a_static_and_a_dynamic_band(case: dict[str, Any]) -> None:
    """The static band holds a 32nd, at least 16 and at most 128; tiny ranges have none."""
    first, last = map(int, case["range"].split("-"))
    static, dynamic = bands((first, last))
    assert static == tuple(case["staticBand"] or (first, first - 1))
    assert dynamic == tuple(case["dynamicBand"])


WORDS = {
    "range is full": FULL,
    "not in range": "not in the valid range",
    "provided port is already allocated": ALREADY_ALLOCATED,
}
"""The allocator's errors in the table, and how nodefall says them."""


@pytest.mark.parametrize("case", [pytest.param(c, id=c["name"]) for c in CASES["allocatorSequences"]])
def test_the_allocator_behaves_as_upstream_tests_say(case: dict[str, Any]) -> None:
    """Step by step: fill, exhaust, release, out of range."""
    first, last = map(int, case["range"].split("-"))
    allocator = NodePortAllocator((first, last))
    for step in case["steps"]:
        took, fault = _step(allocator, step)
        assert WORDS.get(step.get("error", ""), "") in fault
        assert bool(fault) == ("error" in step)
        assert step.get("result", took) == took
        assert step.get("free", allocator.free) == allocator.free
        assert step.get("used", len(allocator.taken)) == len(allocator.taken)


def _step(allocator: NodePortAllocator, step: dict[str, Any]) -> tuple[int | None, str]:
    """Return the number that a step takes, if any, and the error."""
    operation, _, times = step["op"].partition(" x")
    if operation == "allocateNext":
        drawn = [allocator.draw(f"default/web/{i}") for i in range(int(times or 1))]
        assert len(set(drawn)) == len(drawn)
        return drawn[-1], "" if drawn[-1] else FULL
    if operation == "allocate":
        return step["port"], allocator.claim(step["port"])
    if operation == "release":
        allocator.release(step["port"])
    return None, ""


@pytest.mark.parametrize("case", [pytest.param(c, id=c["name"]) for c in CASES["createCases"]])
def test_a_created_service_has_the_node_ports_of_the_table(case: dict[str, Any]) -> None:
    """Numbers that are asked for, shared, automatic, or refused with the API server's words."""
    created = admitted(*others(case), service(spec_of(case))).services[-1]
    if "error" in case:
        assert [(r.path, r.detail.split(": ", 2)[2]) for r in created.refusals] == [
            (case["error"]["field"], case["error"]["message"])
        ]
        return
    assert created.accepted
    static, dynamic = bands((30000, 32767))
    for port, expected in zip(created.ports, case["expectNodePorts"] or [0], strict=True):
        if expected == "auto":
            assert port.node_port_assigned
            assert static[1] < (port.node_port or 0) <= dynamic[1]
        else:
            assert (port.node_port or 0) == expected


def test_update_cases_are_left_out_for_a_reason() -> None:
    """No case of the table is dropped silently."""
    assert set(NOT_APPLICABLE) == {case["id"] for case in CASES["updateCases"]}


def test_ports_with_one_number_and_two_protocols_share_an_automatic_node_port() -> None:
    """DNS over UDP and TCP answers at one number."""
    ports = [{"name": "a", "port": 53}, {"name": "b", "port": 53, "protocol": "UDP"}, {"name": "c", "port": 54}]
    dns = admitted_one(service({"type": "NodePort", "ports": ports}))
    udp, tcp, other = numbers(dns)
    assert udp == tcp != other
    assert all(port.node_port_assigned for port in dns.ports)


def test_an_explicit_number_reaches_the_other_protocol() -> None:
    """The port that got its number from its sibling counts as assigned."""
    ports = [{"name": "a", "port": 53, "nodePort": 30053}, {"name": "b", "port": 53, "protocol": "UDP"}]
    dns = admitted_one(service({"type": "NodePort", "ports": ports}))
    assert numbers(dns) == [30053, 30053]
    assert [port.node_port_assigned for port in dns.ports] == [False, True]


def test_of_two_services_that_ask_for_a_number_the_first_has_it() -> None:
    """Numbers are unique across namespaces."""
    first, second = admitted(node_port(30080, name="a"), node_port(30080, name="b", namespace="other")).services
    assert first.accepted
    assert [r.detail for r in second.refusals] == [f"Invalid value: 30080: {ALREADY_ALLOCATED}"]


def test_a_written_number_is_never_drawn_for_another_service() -> None:
    """Whatever number a Service would have drawn, another one may write it, before or after."""
    drawn = numbers(admitted_one(node_port(name="auto")))[0]
    later = admitted(node_port(name="auto"), node_port(drawn, name="written"))
    assert numbers(later.services[1]) == [drawn]
    assert numbers(later.services[0]) != [drawn]
    assert not later.problems


def test_a_refused_service_takes_no_number() -> None:
    """What validation refuses gives its number back."""
    broken = service({"type": "NodePort", "ports": [{"port": 0, "nodePort": 30080}]}, name="broken")
    _, second = admitted(broken, node_port(30080, name="b")).services
    assert second.accepted


def test_automatic_numbers_do_not_depend_on_the_order_of_documents() -> None:
    """The same Services in any order get the same numbers."""
    given = [node_port(name=f"web-{i}") for i in range(300)]
    forth = {s.name: numbers(s) for s in admitted(*given).services}
    back = {s.name: numbers(s) for s in admitted(*reversed(given)).services}
    assert forth == back


def test_one_more_service_leaves_the_numbers_of_nearly_all_others() -> None:
    """At the usual few hundred Services a newcomer moves at most a handful."""
    given = [node_port(name=f"web-{i}") for i in range(300)]
    before = {s.name: numbers(s) for s in admitted(*given).services}
    after = {s.name: numbers(s) for s in admitted(*given, node_port(name="new")).services}
    assert sum(before[name] != after[name] for name in before) <= 3


def test_the_static_band_is_used_once_the_dynamic_one_is_full() -> None:
    """17 numbers: one dynamic, sixteen static."""
    services = admitted(*(node_port(name=f"web-{i}") for i in range(17)), node_port_range=(30000, 30016)).services
    assert {numbers(s)[0] for s in services} == set(range(30000, 30017))


def test_an_exhausted_range_refuses_what_is_left() -> None:
    """Five Services, four numbers."""
    services = admitted(*(node_port(name=f"web-{i}") for i in range(5)), node_port_range=TINY).services
    refused = [s for s in services if not s.accepted]
    assert [r.detail for s in refused for r in s.refusals] == [f"failed to allocate a nodePort: {FULL}"]


def test_a_service_that_does_not_fit_gives_back_what_it_drew() -> None:
    """A Service with five ports can't have four numbers, so another one may have them all."""
    ports = [{"name": f"p{i}", "port": 80 + i} for i in range(5)]
    greedy = service({"type": "NodePort", "ports": ports}, name="greedy")
    small = [node_port(name=f"web-{i}") for i in range(4)]
    accepted = {s.name for s in admitted(greedy, *small, node_port_range=TINY).services if s.accepted}
    assert accepted == {"web-0", "web-1", "web-2", "web-3"}


def test_a_health_check_port_comes_out_of_the_same_range() -> None:
    """LoadBalancer with policy Local: four numbers, two for each Service."""
    spec = {"type": "LoadBalancer", "externalTrafficPolicy": "Local", "ports": [{"port": 80}]}
    one, two = admitted(service(spec, name="a"), service(spec, name="b"), node_port_range=TINY).services
    taken = {one.health_check_node_port, two.health_check_node_port, *numbers(one), *numbers(two)}
    assert taken == set(range(30000, 30004))


def test_no_health_check_port_left_refuses_the_balancer() -> None:
    """The node port that was drawn before is given back."""
    spec = {"type": "LoadBalancer", "externalTrafficPolicy": "Local", "ports": [{"port": 80}]}
    balancer, web = admitted(service(spec, name="lb"), node_port(name="web"), node_port_range=(30000, 30000)).services
    assert [r.path for r in balancer.refusals] == ["spec.healthCheckNodePort"]
    assert numbers(web) == [30000]


def test_a_balancer_without_node_ports_still_gets_a_health_check_port() -> None:
    """The field allocateLoadBalancerNodePorts is about node ports only."""
    spec = {"type": "LoadBalancer", "externalTrafficPolicy": "Local", "allocateLoadBalancerNodePorts": False}
    given = admitted_one(service({**spec, "ports": [{"port": 80}]}))
    assert numbers(given) == [None]
    assert given.health_check_node_port is not None
