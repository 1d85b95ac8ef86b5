"""What any failure does: single nodes, zones, smallest outages, drains, and what the manifests promise.

:func:`survival` answers for pipelines, :func:`matrix` for people; both ask a :class:`Reach`, which knows what one
service port answers after any loss of nodes, and a :class:`Guarantor`, which searches the worst placement.
"""

from webapp.resilience.entry_nodes import Answered
from webapp.resilience.guarantee import Guarantor, Promise
from webapp.resilience.losses import What
from webapp.resilience.matrix import Critical, Matrix, MatrixColumn, MatrixRow, matrix, tally, title
from webapp.resilience.outages import Outages, outages
from webapp.resilience.reach import Reach, reach_of, reaches
from webapp.resilience.survival import Survival, survival
from webapp.resilience.verdict import RULES, Grade, PortVerdict, verdict, verdicts
from webapp.resilience.voluntary import Obstacle, Undrainable, Voluntary, voluntary_loss

__all__ = [
    "RULES",
    "Answered",
    "Critical",
    "Grade",
    "Guarantor",
    "Matrix",
    "MatrixColumn",
    "MatrixRow",
    "Obstacle",
    "Outages",
    "PortVerdict",
    "Promise",
    "Reach",
    "Survival",
    "Undrainable",
    "Voluntary",
    "What",
    "matrix",
    "outages",
    "reach_of",
    "reaches",
    "survival",
    "tally",
    "title",
    "verdict",
    "verdicts",
    "voluntary_loss",
]
