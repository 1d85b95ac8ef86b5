"""The page of an exercise: an address that does not answer, what kubectl and curl print, and causes to choose from."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import yaml
from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from webapp.cluster.address import Address
from webapp.cluster.edits import edited
from webapp.cluster.model import Cluster
from webapp.exercises import KINDS, Attempt, CauseChoice, Exercise, Printed, attempt, editable, exercises, kubectl
from webapp.exercises.fix import MOST_LETTERS
from webapp.failure import words
from webapp.failure.moments import state_at
from webapp.findings.explanation import Explanation
from webapp.findings.facts import Facts
from webapp.findings.why import why
from webapp.manifests.manifests import Manifests
from webapp.manifests.writing import written
from webapp.routing.entry import Result
from webapp.views.page import query
from webapp.views.page.cache import keep_latest
from webapp.views.page.query import CHOSEN, HINT, NUMBER, QueryForm, address
from webapp.views.page.rendering import render_page
from webapp.views.page.state import PageState, open_page
from webapp.views.page.topologies import Topology, topologies

blueprint = Blueprint("exercises", __name__)

MOST_OBJECTS = 2000
"""Nodes, pods and Services together: a set is built once for each kind of exercise, and nobody learns from more."""
_ASKED = 4
"""Nodes that are asked with curl."""
_LETTERS = "ABCD"


@dataclass(frozen=True, slots=True)
class CurlLine:
    """curl, and what it prints."""

    command: str
    line: str
    answers: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceLine:
    """One of the causes to choose from."""

    letter: str
    choice: CauseChoice
    chosen: bool
    why: str
    """Why it is not this; empty for the right one, and before anything was chosen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExercisePage:
    """What the page shows."""

    number: int
    heading: str
    detail: str
    form: QueryForm
    answers: tuple[ChoiceLine, ...]
    asked: tuple[CurlLine, ...]
    printed: tuple[Printed, ...]
    manifests: str
    """What was applied, as YAML."""
    hint: str
    hint_url: str
    """Empty once it is shown."""
    urls: tuple[str, ...]
    """Of all exercises, in order."""
    solved: bool
    """Something was chosen: the reason is shown."""
    right: bool
    claim: str
    told: Explanation
    picture_url: str
    map_url: str
    map_note: str
    mend_url: str
    """Where a fix is sent; empty before the cause is known, and where no manifest mends it."""
    text: str
    """What can be changed, as it was sent last."""
    attempt: Attempt | None
    """What came of it."""


@blueprint.get("/t/<topology_id>/exercises")
def show(topology_id: str) -> ResponseReturnValue:
    """Show one exercise of a set, or that there is none."""
    return _shown(topology_id, None)


@blueprint.post("/t/<topology_id>/exercises")
def mend(topology_id: str) -> ResponseReturnValue:
    """Show what comes of a fix: the manifests as the learner has changed them. Nothing is stored."""
    return _shown(topology_id, request.form.get("text", ""))


def _shown(topology_id: str, text: str | None) -> ResponseReturnValue:
    page = open_page(topology_id)
    too_large = _size(page.cluster) > MOST_OBJECTS
    found = () if too_large else _exercises(page.topology, page.cluster)
    view = _page(page.topology, found, text) if found else None
    return render_page("exercise.html", page, view=view, too_large=too_large, most=MOST_OBJECTS)


def _size(cluster: Cluster) -> int:
    return len(cluster.nodes) + len(cluster.pods) + len(cluster.services)


@keep_latest(16, key=lambda topology, cluster: topology.id)  # noqa: ARG005 - it is that of the topology
def _exercises(topology: Topology, cluster: Cluster) -> tuple[Exercise, ...]:
    return tuple(exercises(topology.manifests, cluster))


def _page(topology: Topology, found: Sequence[Exercise], text: str | None) -> ExercisePage:
    number = min(NUMBER.asked(), len(found))
    exercise = found[number - 1]
    chosen = next((choice for choice in exercise.choices if choice.kind == CHOSEN.asked()), None)
    hint = bool(HINT.asked()) or chosen is not None
    broken = _broken(topology, exercise)
    given = edited(topology.manifests, broken.options.edits)

    mendable = chosen is not None and KINDS[exercise.kind].in_manifests

    def at(number: int, hint: str = "", chosen: str = "") -> str:
        return address("exercises.show", topology_id=topology.id, number=number, hint=hint, chosen=chosen)

    return ExercisePage(
        number=number,
        heading=f"{exercise.address} does not answer. Why?",
        detail=_detail(exercise),
        form=query.form("exercise", (), topology_id=topology.id, number=number, hint=HINT.asked()),
        answers=tuple(_answers(exercise, chosen)),
        asked=tuple(_curls(given, broken, exercise)),
        printed=kubectl(state_at(broken.cluster, broken.scenario), exercise.service),
        manifests=_yaml(given),
        hint=exercise.hint if hint else "",
        hint_url="" if hint else at(number, hint="shown"),
        urls=tuple(at(each) for each in range(1, len(found) + 1)),
        solved=chosen is not None,
        right=chosen is not None and chosen.right,
        claim=exercise.claim,
        told=exercise.explanation,
        picture_url=broken.url("downloads.diagram", extension="svg"),
        map_url=broken.url(),
        map_note=KINDS[exercise.kind].on_the_map,
        mend_url=at(number, chosen=CHOSEN.asked()) if mendable else "",
        text=editable(given, exercise) if text is None else text[:MOST_LETTERS],
        attempt=None if text is None else attempt(given, exercise, broken.options, broken.scenario, text),
    )


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


def _answers(exercise: Exercise, chosen: CauseChoice | None) -> Iterator[ChoiceLine]:
    for letter, choice in zip(_LETTERS, exercise.choices, strict=False):
        refuted = "" if choice.right or chosen is None else KINDS[choice.kind].otherwise
        yield ChoiceLine(letter=letter, choice=choice, chosen=choice is chosen, why=refuted)


def _curls(manifests: Manifests, broken: PageState, exercise: Exercise) -> Iterator[CurlLine]:
    """Yield what curl prints for the node in question, and for some others."""
    facts = Facts(manifests, broken.cluster)
    state = state_at(broken.cluster, broken.scenario)
    _, _, port = exercise.address.rpartition(":")
    for node in [exercise.node, *(name for name in exercise.answering if name != exercise.node)][:_ASKED]:
        told = why(facts, state, Address(node, int(port)), "TCP")
        command = f"curl -m 5 http://{node}:{port}"
        # What a NetworkPolicy drops, or a node that is away, is told by nobody.
        dropped = told.unknown is not None or told.outcome is Result.TIMEOUT
        if told.broken is None and not dropped:
            yield CurlLine(command, "200 OK", answers=True)
        elif dropped:
            yield CurlLine(command, "curl: (28) Connection timed out after 5001 milliseconds", answers=False)
        else:
            yield CurlLine(
                command, f"curl: (7) Failed to connect to {node} port {port}: Connection refused", answers=False
            )


def _yaml(manifests: Manifests) -> str:
    return yaml.dump_all(written(manifests), Dumper=yaml.CSafeDumper, sort_keys=False, allow_unicode=True)
