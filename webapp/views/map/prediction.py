"""A failure whose result is covered until a class has predicted it: questions first, then the picture and why.

Before each question has a choice nothing of the result is worked into the page: neither its title nor a hidden part.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from webapp.cluster.model import Service
from webapp.diagram import svg
from webapp.diagram.arrange import arrange
from webapp.diagram.cluster_columns import PortChange
from webapp.diagram.cluster_svg import draw_map
from webapp.diagram.columns import ON_SCREEN
from webapp.diagram.links import Links
from webapp.failure import CRASH_MOMENTS, DRAIN_MOMENTS, Moment, words
from webapp.prediction import (
    ClusterPrediction,
    PortPrediction,
    PredictionQuestion,
    ServiceLoss,
    cluster_questions,
    port_questions,
)
from webapp.prediction.losses import Losses
from webapp.routing.equal_ports import ports_on, touched_ports
from webapp.views.map.cluster import changes_at, known_changes
from webapp.views.map.presentation import narrow_map
from webapp.views.map.summary import Summary, summary
from webapp.views.page.cluster_headline import cause
from webapp.views.page.links import base
from webapp.views.page.picture import drawn_contents, focused
from webapp.views.page.qr import qr_svg
from webapp.views.page.query import PREDICT, PREDICTED, QueryForm
from webapp.views.page.simulation import PortSimulation, clock_of, one_address, seconds_of, state_of
from webapp.views.page.state import PageState, port_word
from webapp.views.page.wording import moment_words

_LETTERS = "ABCD"


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferedChoice:
    """One answer to choose."""

    letter: str
    number: int
    answer: str
    because: str
    """Empty as long as it is covered."""
    right: bool
    chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedQuestion:
    """One question."""

    field: str
    text: str
    choices: tuple[OfferedChoice, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PredictionPage:
    """What the page shows."""

    cause: str
    """``worker-2 is down``"""
    given: str
    """Since when, and how clients connect."""
    questions: tuple[AskedQuestion, ...]
    form: QueryForm
    answered: bool
    missing: bool
    """Some questions have a choice, but not all."""
    right: int
    """How many choices are right; 0 as long as it is covered."""
    said: Summary | None
    """The result; None as long as it is covered."""
    picture: Markup
    map_url: str
    next_url: str
    """The next time of this failure, covered; empty at the last one."""
    next_title: str
    link: str
    """This page, for the class."""
    qr: Markup | None
    present_url: str


def prediction(page: PageState) -> PredictionPage | None:
    """Return the page of one state; None where there is nothing to predict."""
    page = _failing(page)
    asked = _questions(page) if page.has_failure else ()
    if not asked:
        return None
    chosen = {question.word: _chosen(question) for question in asked}
    answered = all(chosen.values())
    questions = tuple(
        AskedQuestion(
            field=question.word,
            text=question.text,
            choices=tuple(_choices(question, chosen[question.word], answered=answered)),
        )
        for question in asked
    )
    after = _next(page)
    link = base() + page.presenting(False).url(predict="1")
    return PredictionPage(
        cause=cause(page),
        given=_given(page),
        questions=questions,
        form=page.form("prediction", predict="1"),
        answered=answered,
        missing=any(chosen.values()) and not answered,
        right=sum(choice.right and choice.chosen for its in questions for choice in its.choices),
        said=summary(page) if answered else None,
        picture=_picture(page, covered=not answered),
        map_url=page.presenting(False).url(),
        next_url=after.url(predict="1") if after else "",
        next_title=moment_words(after.scenario.at, seconds_of(after)).title.lower() if after else "",
        link=link,
        qr=qr_svg(link),
        present_url=page.presenting(not page.presented).url("explorer.show", **_words(chosen)),
    )


def _failing(page: PageState) -> PageState:
    """Return the state at the first time at which something is down, if it is seen before."""
    return page.at(_moments(page)[1]) if page.scenario.at is Moment.BEFORE else page


def _moments(page: PageState) -> Sequence[Moment]:
    return DRAIN_MOMENTS if page.scenario.drain else CRASH_MOMENTS


def _next(page: PageState) -> PageState | None:
    moments = [moment for moment, _ in _comes_at(page)]
    later = moments[moments.index(page.scenario.at) + 1 :] if page.scenario.at in moments else ()
    return page.at(later[0]) if later else None


def _given(page: PageState) -> str:
    via = page.scenario.via
    when = moment_words(page.scenario.at, seconds_of(page))
    return f"{when.title} ({when.detail}). Clients connect {_path_name(via)}."


# --- choices ----------------------------------------------------------------------------------------------------------


def _chosen(question: PredictionQuestion) -> int:
    """Return the number of the choice that the address names, from 1; 0 for anything else."""
    word = next(its.asked() for its in PREDICTED if its.name == question.word)
    number = int(word or 0)
    return number if number <= len(question.choices) else 0


def _words(chosen: Mapping[str, int]) -> dict[str, Any]:
    """Return the words of the page with these choices."""
    return {PREDICT.name: "1"} | {word: str(number) for word, number in chosen.items() if number}


def _choices(question: PredictionQuestion, chosen: int, *, answered: bool) -> Iterator[OfferedChoice]:
    for number, (letter, its) in enumerate(zip(_LETTERS, question.choices, strict=False), start=1):
        yield OfferedChoice(
            letter=letter,
            number=number,
            answer=its.answer,
            because=its.because if answered else "",
            right=answered and its.right,
            chosen=number == chosen,
        )


# --- questions --------------------------------------------------------------------------------------------------------


def _questions(page: PageState) -> tuple[PredictionQuestion, ...]:
    if page.whole:
        return _of_cluster(page)
    service = page.service
    return _of_port(page) if service is not None and service.ports else ()


def _seed(page: PageState) -> str:
    return f"{page.topology.id} {words.encode(page.scenario)}"


def _comes_at(page: PageState) -> tuple[tuple[Moment, float], ...]:
    if page.scenario.drain:
        return tuple((moment, float(place)) for place, moment in enumerate(DRAIN_MOMENTS[1:]))
    seconds = clock_of(page).seconds_at
    return tuple((moment, seconds[moment]) for moment in CRASH_MOMENTS[1:] if moment in seconds)


def _when(page: PageState) -> dict[Moment, str]:
    if page.scenario.drain:
        return {}
    seconds = seconds_of(page)
    return {moment: moment_words(moment, seconds).when for moment, _ in _comes_at(page)[1:]}


def _paths(page: PageState) -> dict[str, str]:
    """Return the access paths that clients do not take, each with its name."""
    return {via: _path_name(via) for via in (one_address(page), "dns", "lb") if via != page.scenario.via}


def _path_name(via: str) -> str:
    names = {"dns": "via DNS", "lb": "via a load balancer"}
    return names.get(via) or f"via {via.removeprefix('node/')}’s IP"


def _of_port(page: PageState) -> tuple[PredictionQuestion, ...]:
    simulation = PortSimulation(page)
    if not simulation.now.entries:
        return ()
    return port_questions(
        PortPrediction(
            state=simulation.state_now,
            outcomes={moment: simulation.at(moment) for moment in simulation.moments if simulation.known(moment)},
            when=_when(page),
            comes_at=_comes_at(page),
            via=page.scenario.via,
            paths=_paths(page),
            seed=_seed(page),
        )
    )


def _of_cluster(page: PageState) -> tuple[PredictionQuestion, ...]:
    at = page.scenario.at
    changes = changes_at(page, at)
    names = _names([(change.service, change.index) for change in changes])
    state = state_of(page, at)
    placed = touched_ports(state).union(*(ports_on(page.cluster, node) for node in page.scenario.drain))
    found = {moment: known_changes(changes, page, moment) for moment in _moments(page)}
    paths = {name: known_changes(None, page.via(via), at) for via, name in _paths(page).items()}

    def losses(its: Sequence[PortChange]) -> tuple[ServiceLoss, ...]:
        return tuple(
            ServiceLoss(name=names[each.service.key, each.index], share=each.share, affected=each.affected)
            for each in its
        )

    by_name = {name: port for port, name in names.items()}

    def losses_of(name: str) -> Losses:
        key, index = by_name[name]
        its = PortSimulation(page.focused(key, port_word(page.cluster.services[key].ports[index])))
        return Losses(its.state_now, its.before, its.now, page.scenario.via)

    return cluster_questions(
        ClusterPrediction(
            at=at,
            moments={moment: losses(its) for moment, its in found.items() if its is not None},
            paths={name: losses(its) for name, its in paths.items() if its is not None},
            placed=frozenset(names[port] for port in placed if port in names),
            why=lambda name: losses_of(name).why_lost(),
            why_this_share=lambda name: losses_of(name).why_this_share(),
            when=_when(page),
            comes_at=_comes_at(page),
            drain=bool(page.scenario.drain),
            seed=_seed(page),
        )
    )


def _names(ports: Sequence[tuple[Service, int]]) -> dict[tuple[str, int], str]:
    """Return what each service port is called: by the service's name, and by as much more as tells it from others."""
    same = Counter(service.name for service in {service.key: service for service, _ in ports}.values())
    of = Counter(service.key for service, _ in ports)

    def name(service: Service, index: int) -> str:
        called = service.name if same[service.name] == 1 else service.key
        return called if of[service.key] == 1 else f"{called}:{port_word(service.ports[index])}"

    return {(service.key, index): name(service, index) for service, index in ports}


# --- the picture ------------------------------------------------------------------------------------------------------


def _picture(page: PageState, *, covered: bool) -> Markup:
    """Return the picture of the state, or of that before it; a click on the covered one asks about another failure."""
    shown = page.at(Moment.BEFORE) if covered else page
    asks: dict[str, Any] = {PREDICT.name: "1"} if covered else {}
    its_links = Links(
        toggle=lambda target: page.toggled(target).url(**asks),
        unfold=lambda fold: page.unfolding(fold).url(**asks),
        focus=None if covered else lambda service, port: focused(page, service, port),
    )
    drawn = (
        draw_map(narrow_map(shown)[1], its_links)
        if page.whole
        else svg.draw(arrange(drawn_contents(PortSimulation(shown)), ON_SCREEN), its_links)
    )
    return Markup(drawn)  # noqa: S704 - the drawing escapes every name in it
