"""A path in the graph is a path of a packet: on every sample, and on clusters that nobody would think of."""

from collections import defaultdict
from functools import cache
from math import fsum
from pathlib import Path

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from webapp.cluster.build import build
from webapp.cluster.model import Cluster, Endpoint, Node, Pod, Service, ServicePort
from webapp.cluster.options import ClusterOptions
from webapp.failure import CRASH_MOMENTS, DRAIN_MOMENTS, Moment, Scenario, Target, state_at
from webapp.failure.kinds import FailureKind
from webapp.files import uploads
from webapp.manifests import read
from webapp.manifests.objects import PodSpec
from webapp.paths import resource_directory
from webapp.routing import PortOutcome, outcome
from webapp.topology import CLIENT, cluster_graph, graph, port_name
from webapp.topology.attributes import Graph

SAMPLES = sorted(resource_directory("samples").glob("*.yaml"))


def assert_paths_are_packets(cluster: Cluster, scenario: Scenario) -> None:
    """Compare the graphs of every service port, and that of all together, with what the simulation says."""
    state, before = state_at(cluster, scenario), state_at(cluster, Scenario())
    pairs = [
        (outcome(state, service.key, i), outcome(before, service.key, i))
        for service in cluster.services.values()
        for i in range(len(service.ports))
    ]
    whole = cluster_graph(state, pairs)
    for found, healthy in pairs:
        assert_same(graph(state, found, healthy), found, scenario.via)
        assert_same(whole, found, scenario.via, f"{port_name(found)}/")


def assert_same(made: Graph, found: PortOutcome, via: str, within: str = "") -> None:
    """Compare a graph with an outcome, entry point by entry point: reach, shares, and what nothing touches."""
    prefix = f"endpoint/{within}"
    for entry in found.entries:
        vertex = f"entry/{within}{entry.node}"
        led_to = {each.removeprefix(prefix) for each in nx.descendants(made, vertex) if each.startswith(prefix)}
        assert led_to == entry.shares.keys()
        assert reached(made, vertex, within) == pytest.approx(entry.shares)
        assert answered(made, vertex, within) == pytest.approx(entry.answered)
        assert bool(made.out_degree(vertex)) is bool(entry.shares)
        assert reached(made, f"node/{entry.node}", within) == pytest.approx(entry.shares)
    assert answered(made, CLIENT, within) == pytest.approx(found.answered(via) or 0.0)
    used = [entry for entry in found.entries if made.has_edge(CLIENT, f"entry/{within}{entry.node}")]
    assert reached(made, CLIENT, within).keys() == {key for entry in used for key in entry.shares}
    selected = {f"endpoint/{within}{key}" for entry in found.entries for key in entry.shares}
    assert selected == {each for each in made if each.startswith(prefix) and not nx.is_isolate(made, each)}


def reached(made: Graph, source: str, within: str) -> dict[str, float]:
    """Return the endpoints of a port that paths lead to, with the sums of the products of the weights along them."""
    # Layer by layer, which sums over all paths at once: the graph has no cycles.
    layer, found = {source: 1.0}, dict[str, float]()
    while layer:
        further: defaultdict[str, float] = defaultdict(float)
        for tail, product in layer.items():
            for head, flow in made.adj[tail].items():
                further[head] += product * flow["weight"]
        found |= {
            key.removeprefix(f"endpoint/{within}"): its
            for key, its in further.items()
            if key.startswith(f"endpoint/{within}")
        }
        layer = further
    return found


def answered(made: Graph, source: str, within: str) -> float:
    """Return the part of what leaves a vertex that reaches a live endpoint."""
    shares = reached(made, source, within)
    return fsum(share for key, share in shares.items() if made.nodes[f"endpoint/{within}{key}"]["live"])


@cache
def sample(path: Path) -> Cluster:
    """Return the cluster of a sample."""
    return build(read(uploads([str(path)], render=False)), ClusterOptions())


@pytest.mark.parametrize("via", ["dns", "lb", "node"])
@pytest.mark.parametrize("at", [*CRASH_MOMENTS, *DRAIN_MOMENTS[1:]], ids=str)
@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_every_path_of_a_sample_is_a_path_of_a_packet(path: Path, at: Moment, via: str) -> None:
    """With its first node down or drained, at every moment, through every access path."""
    cluster = sample(path)
    first, *_, last = cluster.nodes
    hit = (
        {"drain": (first,)}
        if at in DRAIN_MOMENTS[1:]
        else {"down": frozenset({Target(kind=FailureKind.NODE, name=first)})}
    )
    assert_paths_are_packets(cluster, Scenario(at=at, via=f"node/{last}" if via == "node" else via, **hit))


# --- clusters that nobody would think of ------------------------------------------------------------------------------

NAMES = [f"node-{i}" for i in range(1, 7)]
ZONES = ["a", "b", None]


@st.composite
def nodes(draw: st.DrawFn) -> dict[str, Node]:
    """Return some nodes; a few of them are in no zone, not ready or no target of a load balancer."""
    made = {}
    for i, name in enumerate(NAMES[: draw(st.integers(1, len(NAMES)))], 1):
        zone = draw(st.sampled_from(ZONES))
        labels = {"topology.kubernetes.io/zone": zone} if zone else {}
        if draw(st.integers(0, 5)) == 0:
            labels["node.kubernetes.io/exclude-from-external-load-balancers"] = ""
        made[name] = Node(name=name, labels=labels, zone=zone, internal_ips=(f"10.0.0.{i}",))
    return made


def endpoints(names: list[str], number: int) -> st.SearchStrategy[Endpoint]:
    """Return an endpoint in some state, on a node or on none, with or without hints."""
    on = st.sampled_from([*names, *names, None, "gone"])
    some = st.frozensets(st.sampled_from(names), max_size=2)
    hints = {"zone_hints": st.sampled_from([frozenset(), frozenset("a"), frozenset("ab")]), "node_hints": some}
    state = st.sampled_from([(True, True, False), (True, True, False), (False, True, True), (False, False, False)])
    return st.tuples(on, state, st.booleans(), st.fixed_dictionaries(hints)).map(
        lambda its: Endpoint(
            pod=f"default/web-{number}" if its[2] or number % 3 else None,
            address=f"10.1.0.{number}",
            port=8080,
            node=its[0],
            ready=its[1][0],
            serving=its[1][1],
            terminating=its[1][2],
            managed=its[2],
            **its[3],
        )
    )


@st.composite
def services(draw: st.DrawFn, names: list[str], number: int) -> Service:
    """Return a service with some endpoints; either all of them have hints or none, mostly."""
    made = [draw(endpoints(names, i)) for i in range(draw(st.integers(0, 6)))]
    if not draw(st.booleans()):
        made = [Endpoint(pod=e.pod, address=e.address, port=e.port, node=e.node, ready=e.ready) for e in made]
    return Service(
        namespace="default",
        name=f"web-{number}",
        type="NodePort",
        selector={"app": "web"},
        ports=(ServicePort(port=80, target_port=8080, node_port=30080 + number, endpoints=tuple(made)),),
        external_traffic_policy=draw(st.sampled_from(["Cluster", "Local"])),
        session_affinity=draw(st.sampled_from(["None", "ClientIP"])),
        ip_families=draw(st.sampled_from([("IPv4",), ("IPv4", "IPv6")])),
    )


@st.composite
def clusters(draw: st.DrawFn) -> Cluster:
    """Return a cluster of a few nodes and two services."""
    its = draw(nodes())
    made = [draw(services(list(its), number)) for number in (1, 2)]
    keys = {(e.pod, e.node) for service in made for e in service.ports[0].endpoints if e.pod and e.node in its}
    pods = {
        key: Pod(namespace="default", name=key.partition("/")[2], labels={"app": "web"}, spec=PodSpec(), node=on)
        for key, on in sorted(keys)
    }
    options = ClusterOptions(proxy_mode=draw(st.sampled_from(["iptables", "nftables"])))
    return Cluster(nodes=its, pods=pods, services={service.key: service for service in made}, options=options)


@st.composite
def failures(draw: st.DrawFn) -> tuple[Cluster, Scenario]:
    """Return a cluster, what is down in it, when one looks and through which access path."""
    cluster = draw(clusters())
    names = list(cluster.nodes)
    via = draw(st.sampled_from(["dns", "lb", *(f"node/{name}" for name in names)]))
    if draw(st.integers(0, 3)) == 0:
        drained = draw(st.lists(st.sampled_from(names), min_size=1, max_size=2, unique=True))
        return cluster, Scenario(drain=tuple(drained), at=draw(st.sampled_from(DRAIN_MOMENTS)), via=via)
    kinds = st.sampled_from([FailureKind.NODE, FailureKind.NODE, FailureKind.KUBE_PROXY, FailureKind.PARTITION])
    targets = [st.builds(Target, kind=kinds, name=st.sampled_from(names))]
    if cluster.pods:
        targets.append(st.builds(Target, kind=st.just(FailureKind.POD), name=st.sampled_from(list(cluster.pods))))
    down = draw(st.frozensets(st.one_of(targets), max_size=3))
    return cluster, Scenario(down=down, at=draw(st.sampled_from(CRASH_MOMENTS)), via=via)


@settings(deadline=None, max_examples=150)
@given(failures())
def test_every_path_is_a_path_of_a_packet(asked: tuple[Cluster, Scenario]) -> None:
    """Policies, hints, terminating and stray endpoints, stale rules, several failures, every moment."""
    assert_paths_are_packets(*asked)


def test_policy_local_leads_nowhere_else() -> None:
    """node-1 hands nothing to the tracker on node-2."""
    cluster = sample(resource_directory("samples") / "policy-local.yaml")
    state = state_at(cluster, Scenario())
    key = next(key for key, service in cluster.services.items() if service.external_traffic_policy == "Local")
    found = outcome(state, key)
    made = graph(state, found, found)
    homes = {f"endpoint/{endpoint.key}": endpoint.home for endpoint in found.endpoints}
    pairs = {(entry.node, vertex) for entry in found.entries for vertex in homes}
    assert {pair for pair in pairs if nx.has_path(made, f"entry/{pair[0]}", pair[1])} == {
        pair for pair in pairs if homes[pair[1]] == pair[0]
    }
