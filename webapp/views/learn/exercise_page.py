"""What the page of one exercise shows: before the cause is known only what a client and kubectl see."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from markupsafe import Markup

from webapp.cluster.edits import edited
from webapp.exercises import (
    KINDS,
    Attempt,
    CauseChoice,
    Curl,
    Exercise,
    ExerciseState,
    Printed,
    attempt,
    changed_lines,
    curl,
    editable,
    kubectl,
)
from webapp.exercises.fix import MOST_LETTERS
from webapp.failure import words
from webapp.findings.explanation import Explanation
from webapp.views.learn.exercise_picture import exercise_picture
from webapp.views.page import query
from webapp.views.page.query import QueryForm, address
from webapp.views.page.state import PageState
from webapp.views.page.topologies import Topology, topologies

HINTS = 3
_MARKS_FROM = 2
"""The hint from which on the faulty lines are marked."""
_ASKED = 4
"""Nodes that are asked with curl."""
_LETTERS = "ABCD"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What somebody has done on the page, beside choosing a cause."""

    text: str | None = None
    """The manifests as changed; None while they are as they were."""
    hints: int = 0
    probe: str = ""
    checks: bool = False
    """Whether the fix is to be judged, and not only followed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceLine:
    """One of the causes to choose from."""

    letter: str
    choice: CauseChoice
    chosen: bool
    why: str
    """Why it is not this; empty for the right one, and before anything was chosen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """What follows the editor."""

    asked: tuple[Curl, ...]
    probed: Curl | None
    printed: tuple[Printed, ...]
    picture: Markup | None
    """None where no Service is left to be drawn."""
    trouble: str
    """Why nothing follows: what can't be read of the text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExercisePage:
    """What the page shows."""

    number: int
    key: str
    address: str
    heading: str
    detail: str
    form: QueryForm
    answers: tuple[ChoiceLine, ...]
    followed: Followed
    hints: tuple[str, ...]
    """Those that are shown."""
    more_hints: bool
    """Whether there is one that isn't shown yet."""
    lines: tuple[int, ...]
    """Of the text: those that are faulty, once a hint marks them."""
    keys: tuple[str, ...]
    urls: tuple[str, ...]
    """Of all exercises, in order."""
    list_url: str
    qr_url: str
    start_url: str
    """This exercise from its beginning."""
    next_url: str
    """The next one; after the last the list."""
    chosen: bool
    right: bool
    """The right cause was chosen."""
    claim: str
    told: Explanation
    map_url: str
    map_note: str
    remedy: str
    """What heals it where no manifest does."""
    fix_url: str
    """Where the text is sent."""
    follow_url: str
    text: str
    """What can be changed, as it was sent last."""
    attempt: Attempt | None
    """What comes of it, where it was checked."""
    probe: str

    @property
    def solved(self) -> bool:
        """Whether the cause is known: something was chosen, or the fix is right."""
        return self.chosen or self.fixed

    @property
    def fixed(self) -> bool:
        """Whether the text that was checked is right."""
        return self.attempt is not None and self.attempt.right

    @property
    def result(self) -> str:
        """What the browser remembers: ``solved``, ``hinted``, ``missed``; empty while it is open."""
        if self.right or (self.fixed and not self.chosen):
            return "hinted" if self.hints else "solved"
        return "missed" if self.chosen else ""


def exercise_page(page: PageState, found: Sequence[Exercise], number: int, word: str, sent: Sent) -> ExercisePage:
    """Return the page of an exercise by its number; `word` is the cause that was chosen, or no cause."""
    topology, number = page.topology, min(number, len(found))
    exercise, kind = found[number - 1], KINDS[found[number - 1].kind]
    chosen = next((choice for choice in exercise.choices if choice.kind == word), None)
    on_map = _broken(topology, exercise)
    its = ExerciseState(edited(topology.manifests, on_map.options.edits), on_map.cluster, on_map.scenario)
    given = editable(its.manifests, exercise)
    text = given if sent.text is None else sent.text[:MOST_LETTERS]
    tried = None if sent.text is None else attempt(its, exercise, sent.text)
    fixed = sent.checks and tried is not None and tried.right
    hints = min(sent.hints, HINTS)

    def at(number: int) -> str:
        return address("exercises.show", topology_id=topology.id, number=number)

    def here(endpoint: str, **values: Any) -> str:
        return address(endpoint, topology_id=topology.id, number=number, **values)

    known = chosen.kind if chosen else ""
    every = range(1, len(found) + 1)
    healed = _healed(tried) if fixed and tried else None
    return ExercisePage(
        number=number,
        key=exercise.key,
        address=exercise.address,
        heading="Every address answers" if fixed else f"{exercise.address} does not answer. Why?",
        detail=_detail(exercise),
        form=query.form("exercise", (), topology_id=topology.id, number=number, hint=str(hints or "")),
        answers=tuple(_answers(exercise, chosen, told=chosen is not None or fixed)),
        followed=_followed(its, exercise, tried, sent.probe, covered=chosen is None and not fixed),
        hints=exercise.hints[:hints],
        more_hints=hints < HINTS,
        lines=_faulty(text, given, editable(topology.manifests, exercise)) if hints >= _MARKS_FROM else (),
        keys=tuple(each.key for each in found),
        urls=tuple(map(at, every)),
        list_url=address("exercises.show", topology_id=topology.id, list="all"),
        qr_url=here("exercises.qr"),
        start_url=at(number),
        next_url=at(number + 1)
        if number < len(found)
        else address("exercises.show", topology_id=topology.id, list="all"),
        chosen=chosen is not None,
        right=chosen is not None and chosen.right,
        claim=exercise.claim,
        told=healed or exercise.explanation,
        map_url=on_map.url(),
        map_note=kind.on_the_map,
        remedy=kind.remedy,
        fix_url=here("exercises.mend", chosen=known),
        follow_url=here("exercises.follow", chosen=known),
        text=text,
        attempt=tried if sent.checks else None,
        probe=sent.probe,
    )


def _healed(tried: Attempt) -> Explanation | None:
    return next(iter(tried.told), None)


def _detail(exercise: Exercise) -> str:
    others = [node for node in exercise.answering if node != exercise.node]
    before = "It did before, as did the other nodes" if others else "It did before"
    return f"{before}. One thing in the manifests or in the cluster was changed."


def _broken(topology: Topology, exercise: Exercise) -> PageState:
    """Return the state of the exercise, with its service in focus where it is still called so."""
    pairs = list(exercise.pairs)
    options = words.decode_options(pairs, topology.manifests, words.PAGE)
    cluster = topologies().cluster(topology, options)
    scenario = words.decode([*pairs, ("via", f"node/{exercise.node}")], cluster)
    focus = exercise.service if exercise.service in cluster.services else None
    return PageState(topology=topology, cluster=cluster, options=options, scenario=replace(scenario, service=focus))


def _answers(exercise: Exercise, chosen: CauseChoice | None, *, told: bool) -> Iterator[ChoiceLine]:
    for letter, choice in zip(_LETTERS, exercise.choices, strict=False):
        refuted = KINDS[choice.kind].otherwise if told and not choice.right else ""
        yield ChoiceLine(letter=letter, choice=choice, chosen=choice is chosen, why=refuted)


def _followed(its: ExerciseState, exercise: Exercise, tried: Attempt | None, probe: str, *, covered: bool) -> Followed:
    """Return what is seen of the text, and of what can't be read what was seen before."""
    shown = tried.state if tried and tried.state else its
    port = exercise.address.rpartition(":")[2]
    nodes = list(dict.fromkeys((exercise.node, *exercise.answering)))[:_ASKED]
    return Followed(
        asked=tuple(curl(shown, f"{node}:{port}", call) for call, node in enumerate(nodes)),
        probed=curl(shown, probe) if probe else None,
        printed=kubectl(shown, exercise.service),
        picture=exercise_picture(shown, exercise, covered=covered),
        trouble=tried.problems[0] if tried and tried.problems else "",
    )


def _faulty(text: str, broken: str, healthy: str) -> tuple[int, ...]:
    """Return the lines of the text that the exercise has changed and nobody has changed back."""
    lines, marked = text.splitlines(), changed_lines(broken, healthy)
    if text == broken:
        return marked
    faulty = {broken.splitlines()[line - 1] for line in marked}
    return tuple(line for line in changed_lines(text, healthy) if lines[line - 1] in faulty)
