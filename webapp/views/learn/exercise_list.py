"""The list of a set's exercises, from simple to hard: without causes, or with them for teachers."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from webapp.exercises import KINDS, Exercise, Level
from webapp.routing import Result
from webapp.views.page.query import address
from webapp.views.page.topologies import Topology


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedExercise:
    """One line."""

    number: int
    key: str
    url: str
    address: str
    service: str
    sees: str
    """What curl prints, in a word."""
    claim: str
    """The cause; empty while it is covered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExerciseList:
    """All of them."""

    levels: tuple[tuple[Level, tuple[ListedExercise, ...]], ...]
    count: int
    causes: bool
    other_url: str
    """The same list with causes, or without."""


def exercise_list(topology: Topology, found: Sequence[Exercise], *, causes: bool) -> ExerciseList:
    """Return the list."""
    numbered = list(enumerate(found, start=1))
    levels = groupby(numbered, key=lambda each: KINDS[each[1].kind].level)
    return ExerciseList(
        levels=tuple(
            (level, tuple(_listed(topology, number, its, causes=causes) for number, its in each))
            for level, each in levels
        ),
        count=len(numbered),
        causes=causes,
        other_url=address("exercises.show", topology_id=topology.id, list="all" if causes else "causes"),
    )


def _listed(topology: Topology, number: int, its: Exercise, *, causes: bool) -> ListedExercise:
    told = its.explanation
    silent = told.unknown is not None or told.outcome is Result.TIMEOUT
    return ListedExercise(
        number=number,
        key=its.key,
        url=address("exercises.show", topology_id=topology.id, number=number),
        address=its.address,
        service=its.service,
        sees="times out" if silent else "refused",
        claim=its.claim if causes else "",
    )
