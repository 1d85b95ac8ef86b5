"""Exercises from any manifests: one thing is broken, "node-1:30080 does not answer. Why?", and the learner finds it.

An exercise is a state that an address names, edits and failures of the set that is open: whatever draws, explains or
lists a state does so for an exercise too.
"""

from webapp.exercises.curl import Curl, curl
from webapp.exercises.exercise import CauseChoice, Exercise, broken_state, exercises
from webapp.exercises.fix import Attempt, attempt, changed_lines, editable
from webapp.exercises.kinds import KINDS, ExerciseKind, Level
from webapp.exercises.kubectl import Printed, kubectl
from webapp.exercises.state import ExerciseState

__all__ = [
    "KINDS",
    "Attempt",
    "CauseChoice",
    "Curl",
    "Exercise",
    "ExerciseKind",
    "ExerciseState",
    "Level",
    "Printed",
    "attempt",
    "broken_state",
    "changed_lines",
    "curl",
    "editable",
    "exercises",
    "kubectl",
]
