"""`why` never contradicts `simulate`: over samples, random clusters and every kind of failure."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.dump import dump
from tests.findings.given import facts, healthy, service
from tests.routing.test_invariants import clusters
from webapp.cluster.address import Address
from webapp.cluster.build import build
from webapp.cluster.model import Cluster
from webapp.cluster.options import ClusterOptions
from webapp.failure import CRASH_MOMENTS, DRAIN_MOMENTS, Moment, Scenario, State, Target, state_at
from webapp.failure.kinds import FailureKind, TargetType, kinds_of
from webapp.findings import Facts
from webapp.findings.why import why
from webapp.manifests import Upload, read
from webapp.numbers import everything, nothing
from webapp.routing import has_entries, outcome
from webapp.samples import SAMPLES

KINDS = sorted(kinds_of(TargetType.NODE) | kinds_of(TargetType.POD))
OPTIONS = [
    ClusterOptions(),
    ClusterOptions(proxy_mode="nftables"),
    ClusterOptions(nodeport_addresses=("10.0.0.0/30",)),
    ClusterOptions(nodeport_addresses=("localhost",)),
]


def agrees(of: Facts, state: State, nodes: int = 4) -> None:
    """Hold `why` of node:nodePort against the simulation, for some nodes of each service port."""
    for key, its in state.cluster.services.items():
        for index, port in enumerate(its.ports):
            if has_entries(its, port):
                for address in its.load_balancer_addresses:
                    told = why(of, state, Address(address, port.port), port.protocol)
                    assert told.answered == pytest.approx(outcome(state, key, index).lb), (str(state.scenario), told)
                for entry in islice(outcome(state, key, index).entries, nodes):
                    told = why(of, state, Address(entry.node, port.node_port), port.protocol)
                    where = (str(state.scenario), entry, told.steps)
                    assert (told.service, told.node, told.outcome) == (key, entry.node, entry.result), where
                    assert told.answered == pytest.approx(entry.answered), where
                    assert (told.broken is not None) == nothing(entry.answered), where
                    partial = not nothing(entry.answered) and not everything(entry.answered)
                    assert (told.losing is not None) == partial, where


def scenarios(cluster: Cluster, node: str, pod: str) -> Iterator[Scenario]:
    """Yield every kind of failure of one node or pod, and drains, at all their moments."""
    targets = [Target(kind=kind, name=node if kind in kinds_of(TargetType.NODE) else pod) for kind in KINDS]
    for target in (*targets, Target(kind=FailureKind.CONTROL_PLANE)):
        if (
            target.kind in kinds_of(TargetType.NODE)
            or target.name in cluster.pods
            or target.kind is FailureKind.CONTROL_PLANE
        ):
            yield from (Scenario(down=frozenset({target}), at=at) for at in CRASH_MOMENTS)
    yield from (Scenario(drain=(node,), at=at) for at in DRAIN_MOMENTS)


@pytest.mark.parametrize("sample", [s for s in SAMPLES if s.slug != "fifty-nodes"], ids=lambda sample: sample.slug)
@pytest.mark.parametrize("options", OPTIONS[:2], ids=("iptables", "nftables"))
def test_in_every_state_of_a_sample(sample: Any, options: ClusterOptions) -> None:
    """Each way to fail, at each moment."""
    manifests = read([Upload(name=sample.file, data=sample.path.read_bytes())])
    cluster = build(manifests, options)
    of, node = Facts(manifests, cluster), next(iter(cluster.nodes))
    for scenario in scenarios(cluster, node, next(iter(cluster.pods), "")):
        agrees(of, state_at(cluster, scenario))


@pytest.mark.parametrize("policy", ["Cluster", "Local"])
def test_at_the_address_of_a_load_balancer(policy: str) -> None:
    """What it answers is the simulation's share of the access path lb."""
    balanced = service(type="LoadBalancer", externalTrafficPolicy=policy)
    status = {"loadBalancer": {"ingress": [{"ip": "203.0.113.7"}, {"hostname": "lb.example.com"}]}}
    given = facts(*healthy({**balanced, "status": status}, without="NetworkPolicy"))
    for scenario in scenarios(given.cluster, "node-1", next(iter(given.cluster.pods))):
        agrees(given, state_at(given.cluster, scenario))


@settings(max_examples=40, deadline=None)
@given(clusters(), st.sampled_from(OPTIONS), st.data())
def test_in_random_clusters_and_failures(of: Cluster, options: ClusterOptions, data: st.DataObject) -> None:
    """Up to three things fail at once, each in its own way."""
    manifests = read([Upload(name="dump.json", data=dump(of))])
    cluster = build(manifests, options)
    nodes, pods = sorted(cluster.nodes), sorted(cluster.pods)
    kinds = st.sampled_from([kind for kind in KINDS if pods or kind in kinds_of(TargetType.NODE)])
    drawn = data.draw(st.lists(kinds, max_size=3))
    named = {data.draw(st.sampled_from(nodes if kind in kinds_of(TargetType.NODE) else pods)): kind for kind in drawn}
    down = frozenset(Target(kind=kind, name=name) for name, kind in named.items())
    at = data.draw(st.sampled_from(CRASH_MOMENTS)) if down else Moment.BEFORE
    agrees(Facts(manifests, cluster), state_at(cluster, Scenario(down=down, at=at)))
