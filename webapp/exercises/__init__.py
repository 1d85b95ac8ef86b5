"""Exercises from any manifests: one thing is broken, "node-1:30080 does not answer. Why?", and the learner finds it.

An exercise is a state that an address names, edits and failures of the set that is open: whatever draws, explains or
lists a state does so for an exercise too.
"""

from webapp.exercises.exercise import CauseChoice, Exercise, exercises
from webapp.exercises.fix import Attempt, attempt, editable
from webapp.exercises.kinds import KINDS, ExerciseKind
from webapp.exercises.kubectl import Printed, kubectl

__all__ = [
    "KINDS",
    "Attempt",
    "CauseChoice",
    "Exercise",
    "ExerciseKind",
    "Printed",
    "attempt",
    "editable",
    "exercises",
    "kubectl",
]
