"""Open connections: which survive, which hang, which are closed."""

import pytest

from webapp.failure.connections import Fortune, open_connections
from webapp.failure.scenario import Kind, Moment

BOTH = "TCP and UDP"


@pytest.mark.parametrize(
    ("at", "kind", "path", "protocol", "fortune"),
    [
        pytest.param(Moment.FAILED, Kind.NODE, "through a dead", BOTH, Fortune.HANGS, id="an address that is gone"),
        pytest.param(
            Moment.FAILED, Kind.ZONE, "on a dead one", "UDP", Fortune.HANGS, id="UDP sticks while it is listed"
        ),
        pytest.param(Moment.DETECTED, Kind.NODE, "on a dead one", "TCP", Fortune.HANGS, id="TCP is never cleaned up"),
        pytest.param(Moment.DETECTED, Kind.NODE, "on a dead one", "UDP", Fortune.MOVES, id="UDP moves once it is not"),
        pytest.param(Moment.RESCHEDULED, Kind.NODE, "on a living one", BOTH, Fortune.KEPT, id="living to living"),
        pytest.param(Moment.FAILED, Kind.POD, "not answer", "TCP", Fortune.HANGS, id="a pod that vanished"),
        pytest.param(Moment.DETECTED, Kind.UNREADY, "not answer", "UDP", Fortune.MOVES, id="a pod known to be unready"),
        pytest.param(Moment.FAILED, Kind.DELETED, "being deleted", "TCP", Fortune.KEPT, id="a pod in its grace period"),
        pytest.param(Moment.DETECTED, Kind.DELETED, "was deleted", "TCP", Fortune.CLOSED, id="a deleted pod has ended"),
        pytest.param(
            Moment.DETECTED, Kind.PARTITION, "partitioned", BOTH, Fortune.KEPT, id="a partitioned node works on"
        ),
        pytest.param(
            Moment.DETECTED, Kind.KUBE_PROXY, "without", "TCP", Fortune.KEPT, id="rules live without kube-proxy"
        ),
        pytest.param(Moment.CORDONED, Kind.NODE, "through any node", BOTH, Fortune.KEPT, id="a cordon touches nothing"),
        pytest.param(
            Moment.EVICTING, Kind.NODE, "being evicted", "TCP", Fortune.KEPT, id="an evicted pod still serves"
        ),
        pytest.param(Moment.DRAINED, Kind.NODE, "was evicted", "TCP", Fortune.CLOSED, id="an evicted pod has ended"),
        pytest.param(Moment.DRAINED, Kind.NODE, "a drained node", BOTH, Fortune.KEPT, id="a drained node forwards"),
    ],
)
def test_what_becomes_of_open_connections(at: Moment, kind: Kind, path: str, protocol: str, fortune: Fortune) -> None:
    """One row for each path that the moment tells apart."""
    found = [row.fortune for row in open_connections(at, {kind}) if path in row.path and row.protocol == protocol]
    assert found == [fortune]


def test_a_failure_of_pods_alone_has_no_dead_node() -> None:
    """Nothing is said of what did not happen."""
    assert not any("dead" in row.path for row in open_connections(Moment.FAILED, {Kind.POD}))


def test_nothing_happens_before_a_failure() -> None:
    """No rows."""
    assert open_connections(Moment.BEFORE) == ()
