"""Service ports that one evaluation stands for: each gets what it gets when it is worked out by itself."""

from collections.abc import Iterable
from dataclasses import replace
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.failure.clusters import cluster, node, pod
from tests.resilience.drawing import KEY, clusters
from webapp.cluster.model import Cluster, Service
from webapp.failure import state_at, words
from webapp.failure.state import State
from webapp.manifests.objects import PodSpec
from webapp.routing import outcome
from webapp.routing.equal_entry_points import EntryPoints
from webapp.routing.equal_ports import exposed_ports
from webapp.routing.outcome import Outcomes

SCENARIOS: tuple[tuple[str, ...], ...] = (
    (),
    ("node/n1",),
    ("zone/a",),
    ("node/n1", "node/n2"),
    ("pod/default/web-0",),
    ("deleted/default/web-1",),
    ("kube-proxy/n1",),
    ("partition/n1", "node/n2"),
)


@settings(max_examples=200, deadline=None)
@given(clusters(), st.sampled_from(SCENARIOS), st.sampled_from(["failed", "detected"]), st.booleans())
def test_a_port_gets_what_it_gets_alone_whichever_ports_were_asked_about_before(
    of: Cluster, down: tuple[str, ...], at: str, in_host_network: bool
) -> None:
    """With services of every length of the drawn list of endpoints, under both policies, checked or not."""
    many = _with_many_services(of)
    if in_host_network:
        many = replace(many, pods={key: replace(pod, spec=PodSpec(host_network=True)) for key, pod in of.pods.items()})
    asked = [("down", word) for word in down if _is_there(word, many)]
    state = state_at(many, words.decode([("at", at), *asked], many))
    _compare(state)
    _compare(replace(state, changed_endpoints={**state.changed_endpoints, ("default/cluster-1-given", 0): ()}))


def _is_there(word: str, of: Cluster) -> bool:
    kind, _, name = word.partition("/")
    return (
        name in of.pods or name in of.nodes or any(kind == "zone" and node.zone == name for node in of.nodes.values())
    )


def _with_many_services(of: Cluster) -> Cluster:
    web = of.services[KEY]
    (port,) = web.ports
    hinted = tuple(replace(e, node_hints=frozenset({e.node}) if e.node else frozenset()) for e in port.endpoints)
    services = [
        replace(
            web,
            name=f"{policy.lower()}-{count}-{kind}",
            external_traffic_policy=policy,
            health_check_node_port=30000 + count if count % 2 else None,
            ports=(replace(port, endpoints=endpoints[:count]), replace(port, port=81, endpoints=endpoints[-count:])),
        )
        for policy in ("Cluster", "Local")
        for kind, endpoints in (("given", port.endpoints), ("hinted", hinted))
        for count in range(len(endpoints) + 1)
    ]
    return replace(of, services={service.key: service for service in services})


def _compare(state: State) -> None:
    shared, ports = Outcomes(state), exposed_ports(state.cluster)
    singly = [outcome(state, service.key, index) for service, index in ports]
    for via in ("dns", "lb", *(f"node/{name}" for name in state.cluster.nodes)):
        by_all = Outcomes(state).seen_by_all(via)
        for port, alone, together in zip(ports, singly, by_all, strict=True):
            expected = alone.answered(via), alone.refused(via)
            for seen in (together, shared.seen(*port, via)):
                assert (seen.answered, seen.refused) == expected, (port, via)


@pytest.mark.parametrize("policy", ["Cluster", "Local"])
@pytest.mark.parametrize("hints", [frozenset(), frozenset({"a"})], ids=["without hints", "hinted for a zone"])
def test_ports_that_a_failure_leaves_alone_are_evaluated_once(policy: str, hints: frozenset[str]) -> None:
    """A hundred of two ports each, none with an endpoint on the node that is down."""
    small = cluster([node("n1"), node("n2", "a")], [pod("web-1", "n2")])
    web = small.services["default/web"]
    ports = tuple(
        replace(port, endpoints=tuple(replace(e, zone_hints=hints) for e in port.endpoints))
        for port in (*web.ports, replace(web.ports[0], port=81))
    )
    many = _named(replace(web, external_traffic_policy=policy, ports=ports), small, range(100))
    assert _asked(many, ("down", "node/n1"), ("at", "failed")) == ({0.5}, 1)


@pytest.mark.parametrize(("policy", "answered"), [("Cluster", 0.5), ("Local", 1.0)])
def test_ports_that_lose_as_many_endpoints_are_evaluated_once(policy: str, answered: float) -> None:
    """A hundred of two endpoints, one of them on the node that is down, which a load balancer leaves out."""
    small = cluster([node(f"n{i}") for i in (1, 2, 3)], [pod("web-1", "n1"), pod("web-2", "n2")])
    many = _named(replace(small.services["default/web"], external_traffic_policy=policy), small, range(100))
    assert _asked(many, ("down", "node/n1"), ("at", "failed"), via="lb") == ({answered}, 1)


def test_a_dead_kube_proxy_takes_its_node_from_a_load_balancer_that_checks_it_and_no_other() -> None:
    """Under policy Local, of two services that differ in the node of their pod only, in either order."""
    small = cluster([node("n1"), node("n2")], [pod("web-1", "n1"), pod("web-2", "n2")])
    (port,) = small.services["default/web"].ports
    checked = replace(small.services["default/web"], external_traffic_policy="Local", health_check_node_port=32000)
    web = [replace(checked, name=f"web-{i}", ports=(replace(port, endpoints=(port.endpoints[i],)),)) for i in (0, 1)]
    for services in (web, web[::-1]):
        of = replace(small, services={service.key: service for service in services})
        outcomes = Outcomes(state_at(of, words.decode([("down", "kube-proxy/n1"), ("at", "failed")], of)))
        seen = {service.name: outcomes.seen(service, 0, "lb").answered for service in services}
        assert seen == {"web-0": 0.0, "web-1": 1.0}


def _named(service: Service, of: Cluster, numbers: Iterable[int]) -> Cluster:
    return replace(of, services={f"default/web-{n}": replace(service, name=f"web-{n}") for n in numbers})


def _asked(of: Cluster, *asked: tuple[str, str], via: str = "dns") -> tuple[set[float | None], int]:
    """Return what all ports answer by an access path, and how many evaluations that takes."""
    outcomes = Outcomes(state_at(of, words.decode(asked, of)))
    with patch.object(EntryPoints, "groups", autospec=True, side_effect=EntryPoints.groups) as evaluated:
        shares = {seen.answered for seen in outcomes.seen_by_all(via)}
    return shares, evaluated.call_count
