"""Entry points that behave alike, in groups: the same as each of them worked out by itself."""

from functools import cache

import pytest
from hypothesis import given, settings

from tests.resilience.drawing import KEY, clusters
from tests.routing.naive import naive_entry
from webapp.cluster.build import build
from webapp.cluster.model import Cluster
from webapp.cluster.options import ClusterOptions
from webapp.failure import Moment, Scenario, State, state_at, words
from webapp.manifests import Upload, read
from webapp.routing import Result, outcome
from webapp.routing.equal_entry_points import split
from webapp.routing.outcome import Outcomes, PortOutcome
from webapp.routing.plans import plans
from webapp.samples import SAMPLES


@pytest.mark.parametrize("mode", ["iptables", "nftables"])
@pytest.mark.parametrize("slug", [sample.slug for sample in SAMPLES])
def test_in_every_sample_groups_behave_as_their_entry_points(slug: str, mode: str) -> None:
    """For every service port, time and access path, with the first and the last node down."""
    cluster = _cluster(slug, mode)
    first, last = next(iter(cluster.nodes)), list(cluster.nodes)[-1]
    for at in (Moment.BEFORE, Moment.FAILED, Moment.DETECTED):
        for via in ("dns", "lb", f"node/{first}"):
            pairs = [("down", f"node/{first}"), ("down", f"node/{last}"), ("at", at.value), ("via", via)]
            _compare(cluster, words.decode(pairs, cluster))


@cache
def _cluster(slug: str, mode: str) -> Cluster:
    sample = next(sample for sample in SAMPLES if sample.slug == slug)
    manifests = read([Upload(name=sample.file, data=sample.path.read_bytes())])
    return build(manifests, ClusterOptions(proxy_mode=mode))


def _compare(cluster: Cluster, scenario: Scenario) -> None:
    state = state_at(cluster, scenario)
    outcomes, via = Outcomes(state), scenario.via
    for service in cluster.services.values():
        for index in range(len(service.ports)):
            found = outcomes.of(service, index)
            assert outcomes.answered(service, index, via) == found.answered(via), (service.key, scenario)
            chosen = {"dns": frozenset(cluster.nodes), "lb": found.lb_targets}.get(via, {via.removeprefix("node/")})
            entries = [entry for entry in found.entries if entry.node in chosen]
            if found.entries:
                mean = sum(entry.answered for entry in entries) / len(entries) if entries else 0.0
                assert found.answered(via) == pytest.approx(mean), (service.key, scenario)
            assert sum(group.count for group in found.groups) == len(found.entries)
            up = {entry.result for entry in entries if entry.node not in state.down_nodes}
            assert found.refused(via) is (up == {Result.REFUSED})
            _as_the_rules_read(state, found, service.key, index)


@settings(max_examples=100, deadline=None)
@given(clusters())
def test_groups_behave_as_the_rules_read_node_by_node(of: Cluster) -> None:
    """Each node of each group gets what the naive reading of kube-proxy's rules gives it."""
    first = next(iter(of.nodes))
    for at in ("failed", "detected"):
        state = state_at(of, words.decode([("down", f"node/{first}"), ("at", at)], of))
        _as_the_rules_read(state, outcome(state, KEY), KEY, 0)


def _as_the_rules_read(state: State, found: PortOutcome, service: str, index: int) -> None:
    if not found.groups or not found.service.proxied:
        return
    for plan in plans(state, service, index):
        if len({endpoint.address or endpoint.key for endpoint in plan.endpoints}) < len(plan.endpoints):
            continue  # the naive reading knows nothing of addresses that are listed twice
        for node in plan.nodes:
            entry = found.group_of(node.name).entry  # type: ignore[union-attr]
            result, answered, shares = naive_entry(plan, node)
            assert (entry.result.value, entry.answered) == (result, pytest.approx(answered)), node.name
            if result in ("answered", "degraded"):
                assert dict(entry.shares) == pytest.approx(shares)


def test_the_entry_point_of_a_single_node_is_its_own() -> None:
    """Also where others behave the same: the reason names this node."""
    cluster = _cluster(SAMPLES[0].slug, "iptables")
    nodes = list(cluster.nodes)
    pairs = [("at", "failed"), ("via", f"node/{nodes[-1]}"), *(("down", f"node/{name}") for name in nodes)]
    state = state_at(cluster, words.decode(pairs, cluster))
    key = next(key for key, service in cluster.services.items() if outcome(state, key).groups)
    (group,) = outcome(state, key).chosen(f"node/{nodes[-1]}")
    assert (group.entry.node, group.nodes, group.count) == (nodes[-1], (nodes[-1],), 1)
    assert group.entry.reason.startswith(nodes[-1])


def test_equal_items_come_together_in_the_order_of_their_firsts() -> None:
    """Whatever counts as equal."""
    assert split("banana", lambda letter: letter) == [["b"], ["a", "a", "a"], ["n", "n"]]
