"""Open connections: which survive, which hang, which are closed."""

import pytest

from webapp.failure.connections import Aftermath, open_connections
from webapp.failure.kinds import FailureKind as Kind
from webapp.failure.scenario import Moment

BOTH = "TCP and UDP"


@pytest.mark.parametrize(
    ("at", "kind", "path", "protocol", "effect"),
    [
        pytest.param(Moment.FAILED, Kind.NODE, "through a dead", BOTH, Aftermath.HANGS, id="an address that is gone"),
        pytest.param(
            Moment.FAILED,
            Kind.ZONE,
            "on a dead one",
            "UDP",
            Aftermath.HANGS,
            id="UDP sticks while it is listed",
        ),
        pytest.param(Moment.DETECTED, Kind.NODE, "on a dead one", "TCP", Aftermath.HANGS, id="TCP is never cleaned up"),
        pytest.param(
            Moment.DETECTED, Kind.NODE, "on a dead one", "UDP", Aftermath.MOVES, id="UDP moves once it is not"
        ),
        pytest.param(Moment.RESCHEDULED, Kind.NODE, "on a living one", BOTH, Aftermath.KEPT, id="living to living"),
        pytest.param(Moment.FAILED, Kind.POD, "not answer", "TCP", Aftermath.HANGS, id="a pod that vanished"),
        pytest.param(
            Moment.DETECTED, Kind.UNREADY, "not answer", "UDP", Aftermath.MOVES, id="a pod known to be unready"
        ),
        pytest.param(
            Moment.FAILED, Kind.DELETED, "being deleted", "TCP", Aftermath.KEPT, id="a pod in its grace period"
        ),
        pytest.param(
            Moment.DETECTED, Kind.DELETED, "was deleted", "TCP", Aftermath.CLOSED, id="a deleted pod has ended"
        ),
        pytest.param(
            Moment.DETECTED,
            Kind.PARTITION,
            "partitioned",
            BOTH,
            Aftermath.KEPT,
            id="a partitioned node works on",
        ),
        pytest.param(
            Moment.DETECTED,
            Kind.KUBE_PROXY,
            "without",
            "TCP",
            Aftermath.KEPT,
            id="rules live without kube-proxy",
        ),
        pytest.param(
            Moment.CORDONED, Kind.NODE, "through any node", BOTH, Aftermath.KEPT, id="a cordon touches nothing"
        ),
        pytest.param(
            Moment.EVICTING, Kind.NODE, "being evicted", "TCP", Aftermath.KEPT, id="an evicted pod still serves"
        ),
        pytest.param(Moment.DRAINED, Kind.NODE, "was evicted", "TCP", Aftermath.CLOSED, id="an evicted pod has ended"),
        pytest.param(Moment.DRAINED, Kind.NODE, "a drained node", BOTH, Aftermath.KEPT, id="a drained node forwards"),
    ],
)
def test_what_happens_to_open_connections(at: Moment, kind: Kind, path: str, protocol: str, effect: Aftermath) -> None:
    """One row for each path that the moment tells apart."""
    found = [row.effect for row in open_connections(at, {kind}) if path in row.path and row.protocol == protocol]
    assert found == [effect]


def test_a_failure_of_pods_alone_has_no_dead_node() -> None:
    """Nothing is said of what did not happen."""
    assert not any("dead" in row.path for row in open_connections(Moment.FAILED, {Kind.POD}))


def test_nothing_happens_before_a_failure() -> None:
    """No rows."""
    assert open_connections(Moment.BEFORE) == ()
