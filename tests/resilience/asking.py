"""The one service of a small cluster: its reach, and its answers by way of the whole state."""

from tests.resilience.drawing import KEY
from webapp.cluster.model import Cluster
from webapp.failure import Moment, Scenario, Target, state_at
from webapp.failure.kinds import FailureKind
from webapp.resilience import Answered, Reach, reaches
from webapp.routing import outcome


def direct(of: Cluster, lost: frozenset[str], at: Moment) -> Answered:
    """Return the answer by way of the whole state."""
    down = frozenset(Target(kind=FailureKind.NODE, name=name) for name in lost)
    found = outcome(state_at(of, Scenario(down=down, at=at)), KEY)
    assert found.dns is not None
    assert found.lb is not None
    return Answered(found.dns, found.lb)


def only(of: Cluster) -> Reach:
    """Return the reach of the only service port."""
    (reach,) = reaches(of)
    return reach
