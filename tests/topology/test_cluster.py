"""The graph of a whole cluster: the same vertices as those of its service ports, behind the same nodes."""

from collections.abc import Sequence

import networkx as nx
import pytest
from hypothesis import given, settings

from tests.topology.test_paths import answered, failures, sample
from webapp.cluster.model import Cluster
from webapp.failure import Moment, Scenario, Target, state_at
from webapp.failure.kinds import FailureKind
from webapp.paths import resource_directory
from webapp.routing import has_entries, outcome
from webapp.topology import CLIENT, cluster_graph, port_name
from webapp.topology.attributes import Graph


def whole(cluster: Cluster, scenario: Scenario, lanes: Sequence[Sequence[str]] | None = None) -> Graph:
    """Return the graph of all exposed service ports."""
    state, before = state_at(cluster, scenario), state_at(cluster, Scenario())
    ports = [
        (outcome(state, service.key, i), outcome(before, service.key, i))
        for service in cluster.services.values()
        for i, port in enumerate(service.ports)
        if has_entries(service, port)
    ]
    return cluster_graph(state, ports, lanes)


SHOP = resource_directory("samples") / "shop.yaml"
WORKER_2 = Scenario(down=frozenset({Target(kind=FailureKind.NODE, name="worker-2")}), at=Moment.FAILED)


def test_service_ports_share_the_client_and_the_nodes() -> None:
    """The shop has three services behind four nodes."""
    made = whole(sample(SHOP), WORKER_2)
    kinds = [data["kind"] for _, data in made.nodes(data=True)]
    assert [kinds.count(kind) for kind in ("client", "node", "service", "entry")] == [1, 4, 3, 12]
    shares = {data["name"]: data["answered"] for _, data in made.nodes(data=True) if data["kind"] == "service"}
    assert shares == pytest.approx({"web": 0.375, "api": 0.5625, "admin": 0.75})


def test_each_service_port_is_a_component_of_its_own_behind_client_and_nodes() -> None:
    """No packet to one service reaches the pods of another, though the pods be the same."""
    made = whole(sample(SHOP), Scenario())
    made.remove_nodes_from([each for each, data in made.nodes(data=True) if data["kind"] in ("client", "node")])
    assert nx.number_weakly_connected_components(made) == 3


@settings(deadline=None, max_examples=100)
@given(failures())
def test_folded_lanes_answer_the_same(asked: tuple[Cluster, Scenario]) -> None:
    """Whichever nodes share a vertex: what comes in through all access paths is answered as before."""
    cluster, scenario = asked
    alone = scenario.via.removeprefix("node/")
    rest = [name for name in cluster.nodes if name != alone]
    lanes = [lane for lane in ([alone] if alone in cluster.nodes else [], rest[::2], rest[1::2]) if lane]
    state = state_at(cluster, scenario)
    made = whole(cluster, scenario, lanes)
    for service in cluster.services.values():
        found = outcome(state, service.key)
        within = f"{port_name(found)}/"
        assert answered(made, CLIENT, within) == pytest.approx(found.answered(scenario.via) or 0.0)
        for lane in lanes:
            mean = sum(found.entries.at(name).answered for name in lane) / len(lane)
            assert answered(made, f"node/{lane[0]}", within) == pytest.approx(mean)
