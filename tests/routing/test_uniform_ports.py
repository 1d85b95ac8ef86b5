"""Service ports that one evaluation stands for: each gets what it gets when it is worked out by itself."""

from dataclasses import replace
from unittest.mock import patch

from hypothesis import given, settings

from tests.failure.clusters import cluster, node, pod
from tests.resilience.drawing import KEY, clusters
from webapp.cluster.model import Cluster
from webapp.failure import state_at, words
from webapp.failure.state import State
from webapp.routing import outcome
from webapp.routing.equal_entry_points import EntryPoints
from webapp.routing.outcome import Outcomes


@settings(max_examples=200, deadline=None)
@given(clusters())
def test_a_port_gets_what_it_gets_alone_whichever_ports_were_asked_about_before(of: Cluster) -> None:
    """With services of every length of the drawn list of endpoints, under both policies."""
    many = _with_many_services(of)
    for down, at in (("", "before"), ("n1", "failed"), ("n1", "detected")):
        scenario = words.decode([("at", at), *([("down", f"node/{down}")] if down else [])], many)
        state = state_at(many, scenario)
        _compare(state)
        _compare(replace(state, changed_endpoints={("default/cluster-1", 0): ()}))


def _with_many_services(of: Cluster) -> Cluster:
    web = of.services[KEY]
    (port,) = web.ports
    services = [
        replace(
            web,
            name=f"{policy.lower()}-{count}",
            external_traffic_policy=policy,
            ports=(replace(port, endpoints=port.endpoints[:count]),),
        )
        for policy in ("Cluster", "Local")
        for count in range(len(port.endpoints) + 1)
    ]
    return replace(of, services={service.key: service for service in services})


def _compare(state: State) -> None:
    shared = Outcomes(state)
    for service in state.cluster.services.values():
        alone = outcome(state, service.key)
        for via in ("dns", "lb", *(f"node/{name}" for name in state.cluster.nodes)):
            seen = shared.seen(service, 0, via)
            assert (seen.answered, seen.refused) == (alone.answered(via), alone.refused(via)), (service, via)


def test_ports_that_a_failure_leaves_alone_are_evaluated_once() -> None:
    """A hundred of them, none with an endpoint on the node that is down."""
    small = cluster([node("n1"), node("n2")], [pod("web-1", "n2")])
    web = small.services["default/web"]
    many = replace(small, services={f"default/web-{n}": replace(web, name=f"web-{n}") for n in range(100)})
    outcomes = Outcomes(state_at(many, words.decode([("down", "node/n1"), ("at", "failed")], many)))
    with patch.object(EntryPoints, "groups", autospec=True, side_effect=EntryPoints.groups) as evaluated:
        shares = {outcomes.seen(service, 0, "dns").answered for service in many.services.values()}
    assert (shares, evaluated.call_count) == ({0.5}, 1)
