"""Weighing by kinds of nodes gives the same as working out each entry point."""

from functools import cache

import pytest

from webapp.cluster.build import build
from webapp.cluster.model import Cluster
from webapp.cluster.options import ClusterOptions
from webapp.failure import Moment, Scenario, state_at, words
from webapp.manifests import Upload, read
from webapp.routing import Result, outcome
from webapp.routing.weighing import Scales
from webapp.samples import SAMPLES
from webapp.topology.shares import weight_at


@pytest.mark.parametrize("mode", ["iptables", "nftables"])
@pytest.mark.parametrize("slug", [sample.slug for sample in SAMPLES])
def test_every_sample_weighs_the_same(slug: str, mode: str) -> None:
    """For every service port, moment and way in, with the first and the last node down."""
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
    scales, via = Scales(state), scenario.via
    for service in cluster.services.values():
        for index in range(len(service.ports)):
            exact, weighed = outcome(state, service.key, index), scales.weigh(service, index)
            assert weighed.answered(via) == pytest.approx(exact.answered(via)), (service.key, scenario)
            assert sum(crowd.count for crowd in weighed.crowds) == len(exact.entries)
            chosen = {
                e.result for e in exact.entries if weight_at(exact, via, e.node) and e.node not in state.down_nodes
            }
            assert weighed.refused(via) is (chosen == {Result.REFUSED})
