"""What a failure does: a Cluster and a Scenario become the State at one moment.

``Scenario`` says what is down, at which time one looks and how the client connects; :mod:`words` is its one codec.
``State`` keeps what is up apart from what Kubernetes has detected, and :func:`state_at` makes it;
:mod:`endpoint_slices` answers for one service port what its EndpointSlices say and which endpoints really answer.
"""

from webapp.failure.endpoint_slices import endpoints_at, is_live
from webapp.failure.kinds import FAILURE_MODES, FailureKind, TargetType
from webapp.failure.moments import state_at
from webapp.failure.scenario import CRASH_MOMENTS, DRAIN_MOMENTS, Moment, Scenario, Target
from webapp.failure.state import PodFate, PodState, State
from webapp.failure.word_values import ScenarioError

__all__ = [
    "CRASH_MOMENTS",
    "DRAIN_MOMENTS",
    "FAILURE_MODES",
    "FailureKind",
    "Moment",
    "PodFate",
    "PodState",
    "Scenario",
    "ScenarioError",
    "State",
    "Target",
    "TargetType",
    "endpoints_at",
    "is_live",
    "state_at",
]
