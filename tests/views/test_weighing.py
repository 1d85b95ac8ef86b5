"""Weighing by kinds of nodes gives the same as working out each entry point."""

import pytest
from flask import Flask

from webapp.cluster.model import Cluster
from webapp.cluster.options import ClusterOptions
from webapp.failure import Moment, Scenario, state_at, words
from webapp.routing import Result, outcome
from webapp.samples import SAMPLES
from webapp.topology.shares import entry_weights
from webapp.views.opened import SAMPLE_PREFIX, library
from webapp.views.weighing import Scales


@pytest.mark.parametrize("mode", ["iptables", "nftables"])
@pytest.mark.parametrize("slug", [sample.slug for sample in SAMPLES])
def test_every_sample_weighs_the_same(app: Flask, slug: str, mode: str) -> None:
    """For every service port, moment and way in, with the first and the last node down."""
    cluster = _cluster(app, slug, ClusterOptions(proxy_mode=mode))
    first, last = next(iter(cluster.nodes)), list(cluster.nodes)[-1]
    for at in (Moment.BEFORE, Moment.FAILED, Moment.DETECTED):
        for via in ("dns", "lb", f"node/{first}"):
            pairs = [("down", f"node/{first}"), ("down", f"node/{last}"), ("at", at.value), ("via", via)]
            _compare(cluster, words.decode(pairs, cluster))


def _cluster(app: Flask, slug: str, options: ClusterOptions) -> Cluster:
    with app.app_context():
        topology = library().open(SAMPLE_PREFIX + slug)
        assert topology is not None
        return library().cluster(topology, options)


def _compare(cluster: Cluster, scenario: Scenario) -> None:
    state = state_at(cluster, scenario)
    scales, via = Scales(state), scenario.via
    for service in cluster.services.values():
        for index in range(len(service.ports)):
            exact, weighed = outcome(state, service.key, index), scales.weigh(service, index)
            assert weighed.answered(via) == pytest.approx(exact.answered(via)), (service.key, scenario)
            assert sum(group.count for group in weighed.groups) == len(exact.entries)
            chosen = {
                e.result for e in exact.entries if entry_weights(exact, via)[e.node] and e.node not in state.down_nodes
            }
            assert weighed.refused(via) is (chosen == {Result.REFUSED})
