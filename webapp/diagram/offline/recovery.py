"""The states that take kube-scheduler, worked out beforehand: recovery from the loss of each node and zone, and drains.

A script cannot place pods; what it offers at these times is what stands here, and the page says so.
"""

from collections.abc import Iterator

from webapp.cluster.model import Cluster
from webapp.failure import CRASH_MOMENTS, DRAIN_MOMENTS, FailureKind, Moment, Scenario, Target

MOST_WORK = 400_000
"""Nodes times what each of their states looks at: beyond this only the failure that was saved has its recovery."""
_PORTS_OF_A_POD = 10
"""To place a Pod takes as long as to look at a node for so many service ports."""
_SIMPLE = frozenset({FailureKind.NODE, FailureKind.ZONE, FailureKind.POD})


def recoveries(cluster: Cluster, saved: Scenario) -> Iterator[Scenario]:
    """Yield the scenarios whose states a file has to bring along, each once, that it is saved in among them."""
    found = dict.fromkeys(_words(scenario) for scenario in (*_of_saved(saved), *_of_all(cluster)))
    for down, drain, at in found:
        yield Scenario(down=down, drain=drain, at=at)


def _words(scenario: Scenario) -> tuple[frozenset[Target], tuple[str, ...], Moment]:
    # How clients connect changes no state.
    return scenario.down, scenario.drain, scenario.at


def _of_saved(saved: Scenario) -> Iterator[Scenario]:
    if not (saved.down or saved.drain):
        return
    # What the script works out itself needs no state: cordoning moves nothing yet.
    simple = all(target.kind in _SIMPLE for target in saved.down)
    moments = DRAIN_MOMENTS[2:] if saved.drain else CRASH_MOMENTS[3:] if simple else CRASH_MOMENTS[1:]
    for at in moments:
        yield Scenario(down=saved.down, drain=saved.drain, at=at)


def is_complete(cluster: Cluster) -> bool:
    """Return whether a file has the recovery of every single node and zone."""
    nodes, ports = len(cluster.nodes), sum(len(service.ports) for service in cluster.services.values())
    return nodes * (len(cluster.pods) + nodes * (1 + ports // _PORTS_OF_A_POD)) <= MOST_WORK


def _of_all(cluster: Cluster) -> Iterator[Scenario]:
    if not is_complete(cluster):
        return
    zones = dict.fromkeys(node.zone for node in cluster.nodes.values() if node.zone is not None)
    targets = [Target(kind=FailureKind.NODE, name=name) for name in cluster.nodes]
    targets += [Target(kind=FailureKind.ZONE, name=zone) for zone in zones]
    for target in targets:
        yield Scenario(down=frozenset({target}), at=Moment.RESCHEDULED)
    for name in cluster.nodes:
        for at in DRAIN_MOMENTS[2:]:
            yield Scenario(drain=(name,), at=at)
