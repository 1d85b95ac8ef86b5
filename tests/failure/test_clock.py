"""When moments are expected: by node, by pod, by version, and by who is left to notice."""

from collections.abc import Iterable

import pytest

from tests.failure.clusters import cluster, explorer, node, pod
from webapp.cluster.model import Cluster
from webapp.cluster.options import ClusterOptions
from webapp.failure import Moment, Scenario, Target
from webapp.failure.clock import Clock, clock, readiness_window
from webapp.failure.kinds import FailureKind
from webapp.failure.words import decode
from webapp.manifests.objects import Container, PodSpec, Probe

FAILED, DETECTED, RESCHEDULED = Moment.FAILED, Moment.DETECTED, Moment.RESCHEDULED


def _clock(*down: str, of: Cluster | None = None) -> Clock:
    found = of or explorer()
    return clock(found, decode([("down", word) for word in down], found))


@pytest.mark.parametrize(
    ("down", "seconds"),
    [
        pytest.param(["node/worker-2"], {FAILED: 0, DETECTED: 50, RESCHEDULED: 350}, id="a node"),
        pytest.param(["zone/a"], {FAILED: 0, DETECTED: 50, RESCHEDULED: 360}, id="two nodes of a zone, one by one"),
        pytest.param(["partition/worker-2"], {FAILED: 0, DETECTED: 50, RESCHEDULED: 350}, id="a node cut off"),
        pytest.param(["returned/worker-2"], {FAILED: 0, DETECTED: 50, RESCHEDULED: 350}, id="a node that returns"),
        pytest.param(["node/worker-4"], {FAILED: 0, DETECTED: 50}, id="a node without pods: nothing is evicted"),
        pytest.param(["control-plane"], {FAILED: 0}, id="nobody is left to notice"),
        pytest.param(["control-plane", "node/worker-2"], {FAILED: 0}, id="nor that a node is down"),
        pytest.param(["kube-proxy/worker-2"], {FAILED: 0}, id="a kube-proxy: there is nothing to wait for"),
        pytest.param(["unready/default/web-1"], {FAILED: 0, DETECTED: 25}, id="a pod that hangs is not replaced"),
        pytest.param(["pod/default/web-1"], {FAILED: 0, DETECTED: 25, RESCHEDULED: 25}, id="a pod that vanished is"),
        pytest.param(["deleted/default/web-1"], {FAILED: 0, DETECTED: 30, RESCHEDULED: 30}, id="a pod's grace period"),
        pytest.param(["node/worker-2", "pod/default/web-1"], {FAILED: 0, DETECTED: 50, RESCHEDULED: 350}, id="both"),
    ],
)
def test_when_each_moment_is_expected(down: list[str], seconds: dict[Moment, float]) -> None:
    """One that never comes is missing."""
    assert _clock(*down).seconds_at == seconds


@pytest.mark.parametrize(("minor", "detected"), [(31, 40), (32, 50)])
def test_the_version_decides_when_a_node_is_noticed(minor: int, detected: int) -> None:
    """--node-monitor-grace-period has been 50 s since 1.32."""
    of = explorer()
    old = Cluster(**{f: getattr(of, f) for f in Cluster.__dataclass_fields__} | {"options": _version(minor)})
    assert _clock("node/worker-2", of=old).seconds_at[DETECTED] == detected


def _version(minor: int) -> ClusterOptions:
    return ClusterOptions(minor_version=minor)


def test_a_drain_has_no_clock() -> None:
    """It takes as long as pods take to end and to start."""
    assert clock(explorer(), Scenario(drain=("worker-2",), at=Moment.DRAINED)) == Clock()


@pytest.mark.parametrize(
    ("probes", "window"),
    [
        pytest.param([None], (20, 30), id="none given: the defaults are assumed"),
        pytest.param([Probe(period_seconds=5, failure_threshold=1)], (0, 5), id="one failure is enough"),
        pytest.param([Probe(period_seconds=60), Probe(period_seconds=2)], (4, 6), id="the quickest of two containers"),
    ],
)
def test_the_readiness_probe_decides_when_a_pod_is_noticed(
    probes: Iterable[Probe | None], window: tuple[int, int]
) -> None:
    """Its periodSeconds by its failureThreshold."""
    spec = PodSpec(containers=tuple(Container(readiness_probe=probe) for probe in probes))
    assert readiness_window(pod("web-1", "n1", spec=spec)) == window


def test_a_grace_period_of_its_own() -> None:
    """terminationGracePeriodSeconds, zero included."""
    quick = pod("web-1", "n1", spec=PodSpec(termination_grace_period_seconds=0))
    assert _clock("deleted/default/web-1", of=cluster([node("n1")], [quick])).seconds_at[DETECTED] == 0


@pytest.mark.parametrize(
    ("down", "event"),
    [
        pytest.param("node/worker-2", "The nodes are gone", id="a node"),
        pytest.param("partition/worker-2", "The nodes keep running", id="a node cut off"),
        pytest.param("control-plane", "The control plane is gone", id="the control plane"),
        pytest.param("unready/default/web-1", "The pod no longer answers", id="a pod that hangs"),
        pytest.param("deleted/default/web-1", "The pod is marked for deletion", id="a pod that is deleted"),
        pytest.param("kube-proxy/worker-2", "kube-proxy on worker-2 is gone", id="a kube-proxy"),
    ],
)
def test_the_first_step_says_what_failed(down: str, event: str) -> None:
    """At second 0."""
    first = _clock(down).steps[0]
    assert first.event.startswith(event)
    assert first.seconds_from == 0


def test_what_returns_is_the_last_step() -> None:
    """Pods don't move back by themselves; and it comes after they were moved."""
    last = _clock("returned/worker-2").steps[-1]
    assert "no running pod moves back" in last.event
    assert last.seconds_from == 350


def test_steps_carry_their_flags_and_sources() -> None:
    """What a reader can set, and where it stands."""
    flags = " ".join(step.flag for step in _clock("node/worker-2").steps)
    assert "--node-monitor-grace-period=50s" in flags
    assert "--default-unreachable-toleration-seconds=300" in flags


def test_a_pod_that_only_a_slice_knows_is_noticed_by_default() -> None:
    """Its probe is unknown."""
    silent = Scenario(down=frozenset({Target(kind=FailureKind.POD, name="default/elsewhere")}))
    assert clock(explorer(), silent).seconds_at[DETECTED] == 25
