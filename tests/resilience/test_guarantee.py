"""What is promised, against every placement that the scheduler's filters allow step by step."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.resilience.test_reach import only
from tests.resilience.workloads import HOST, ZONE, anti, built, clusters, node, service, spread, workload
from webapp.cluster.endpoints import from_pods
from webapp.cluster.model import Cluster, Pod
from webapp.cluster.scheduling import Schedule
from webapp.failure import Moment
from webapp.resilience.guarantee import Guarantor, Promise
from webapp.resilience.losses import What

WHATS = st.sampled_from(["node", "zone"])


def _placements(of: Cluster, left: list[Pod], schedule: Schedule, placed: tuple[Pod, ...]) -> Iterator[tuple[Pod, ...]]:
    """Yield every placement of the pods that nothing more can be added to."""
    further = False
    for pod in {(p.owner, id(p.spec)): p for p in reversed(left)}.values():
        for name, reasons in schedule.feasible(pod).items():
            if not reasons:
                further = True
                there = replace(pod, node=name, phase="Running", ready=True)
                schedule.add(there)
                yield from _placements(of, [p for p in left if p.key != pod.key], schedule, (*placed, there))
                schedule.remove(there)
    if not further:
        yield placed


def _survives(of: Cluster, what: What) -> bool:
    """Return whether the cluster as it is survives any one loss, asked of every node or zone."""
    reach = only(of)
    domains = reach.entrances.zones.values() if what == "zone" else [frozenset({name}) for name in of.nodes]
    answers = [reach.answer(nodes, Moment.DETECTED).lb for nodes in (frozenset[str](), *domains)]
    return min(answers) == 1


def _with(of: Cluster, pods: tuple[Pod, ...]) -> Cluster:
    """Return the cluster with these pods behind its service."""
    (web,) = of.services.values()
    port = replace(web.ports[0], endpoints=from_pods(web, web.ports[0], pods, of.nodes))
    known = {**of.pods, **{pod.key: pod for pod in pods}}
    return replace(of, pods=known, services={web.key: replace(web, ports=(port,))})


def _in_every_placement(of: Cluster, what: What) -> bool:
    """Return whether it survives as placed, and in all placements of the pods that aren't a DaemonSet's."""
    behind = [pod for pod in of.pods.values() if pod.labels.get("app") == "web"]
    moving = [p for p in behind if p.owner and p.owner.kind != "DaemonSet"]
    staying = [p for p in behind if p not in moving and p.node]
    rest = [p for p in of.pods.values() if p not in moving and p.node]
    schedule = Schedule(of.nodes.values(), rest, of.namespaces, of.services.values())
    unplaced = [replace(pod, node=None, ready=False, phase="Pending") for pod in moving]
    found = {
        frozenset((pod.owner, pod.node, pod.name) for pod in placed): placed
        for placed in _placements(of, unplaced, schedule, ())
    }
    return _survives(of, what) and all(_survives(_with(of, (*staying, *placed)), what) for placed in found.values())


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(clusters(), WHATS)
def test_a_promise_holds_in_every_placement_that_may_come_about(of: Cluster, what: What) -> None:
    """And one that isn't made is broken by some placement."""
    promise = Guarantor(of).promise(only(of), what)
    assert promise.exact
    assert promise.holds is _in_every_placement(of, what)
