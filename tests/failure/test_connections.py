"""Open connections: which survive, which hang, which are closed."""

import pytest

from webapp.failure.connections import Fortune, open_connections
from webapp.failure.scenario import Moment


@pytest.mark.parametrize(
    ("at", "path", "protocol", "fortune"),
    [
        pytest.param(Moment.FAILED, "through a dead node", "TCP and UDP", Fortune.HANGS, id="an address that is gone"),
        pytest.param(Moment.DETECTED, "to a pod on a dead one", "TCP", Fortune.HANGS, id="TCP is never cleaned up"),
        pytest.param(Moment.FAILED, "to a pod on a dead one", "UDP", Fortune.HANGS, id="UDP sticks while it is listed"),
        pytest.param(Moment.DETECTED, "to a pod on a dead one", "UDP", Fortune.MOVES, id="UDP moves once it is not"),
        pytest.param(
            Moment.RESCHEDULED, "to a pod on a living one", "TCP and UDP", Fortune.KEPT, id="living to living"
        ),
        pytest.param(
            Moment.EVICTING, "being evicted", "TCP", Fortune.KEPT, id="a pod in its grace period still serves"
        ),
        pytest.param(
            Moment.DRAINED, "was evicted", "TCP", Fortune.CLOSED, id="the pod ends, and so do its connections"
        ),
        pytest.param(
            Moment.DRAINED, "through a drained node", "TCP and UDP", Fortune.KEPT, id="a drained node forwards"
        ),
        pytest.param(Moment.CORDONED, "through any node", "TCP and UDP", Fortune.KEPT, id="a cordon touches nothing"),
    ],
)
def test_what_becomes_of_open_connections(at: Moment, path: str, protocol: str, fortune: Fortune) -> None:
    """One row for each path that the moment tells apart."""
    found = [row.fortune for row in open_connections(at) if path in row.path and row.protocol == protocol]
    assert found == [fortune]


def test_nothing_happens_before_a_failure() -> None:
    """No rows."""
    assert open_connections(Moment.BEFORE) == ()
