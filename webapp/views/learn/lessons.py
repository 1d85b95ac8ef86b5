"""The lessons: their list, and a page for each step with its picture, its sentences and what is to be predicted."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast
from urllib.parse import parse_qsl, urlsplit

from flask import Blueprint, Flask, abort, current_app
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from webapp.diagram import svg
from webapp.diagram.arrange import arrange
from webapp.diagram.columns import ON_SCREEN
from webapp.diagram.links import Links
from webapp.documents.lesson_page import lesson_page
from webapp.failure import Moment, words
from webapp.lessons import Figures, Lesson, LessonChoice, LessonFolder, LessonStep
from webapp.samples import Sample
from webapp.views.page.picture import drawn_contents, focused
from webapp.views.page.qr import qr_svg
from webapp.views.page.query import CHOSEN, PRESENT, STEP, QueryForm, address, form
from webapp.views.page.rendering import file_response, render
from webapp.views.page.simulation import PortSimulation, seconds_of
from webapp.views.page.state import PageState
from webapp.views.page.topologies import SAMPLE_PREFIX, open_or_404, topologies
from webapp.views.page.wording import failed, moment_words

blueprint = Blueprint("lessons", __name__)

_LETTERS = "ABCD"
_NO_LESSON = "There is no such lesson."
_OWN = "lesson-"
"""Leads the names of sets that lie beside a lesson, so that they never hide a sample."""


@dataclass(frozen=True, slots=True)
class LessonLink:
    """One lesson in the list."""

    slug: str
    lesson: Lesson
    url: str


@dataclass(frozen=True, slots=True)
class SourceLink:
    """A page that says so."""

    url: str
    place: str
    """``kubernetes.io: service``"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """One answer to choose."""

    letter: str
    number: int
    answer: str
    because: str
    """Empty as long as nothing is chosen, but for what the page must not tell."""
    right: bool
    chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LessonPage:
    """One step."""

    slug: str
    lesson: Lesson
    number: int
    title: str
    paragraphs: tuple[str, ...]
    """Empty as long as its question waits."""
    question: str
    choices: tuple[Prediction, ...]
    answered: bool
    right: bool
    form: QueryForm
    picture: Markup | None
    """None where it would tell the answer."""
    caption: str
    map_url: str
    sources: tuple[SourceLink, ...]
    step_urls: tuple[str, ...]
    previous_url: str
    next_url: str
    following: LessonLink | None
    """The next lesson, at the last step."""
    link: str
    """This step, for the class."""
    qr: Markup | None
    present: bool
    present_url: str


def sets_beside(lessons: LessonFolder) -> tuple[Sample, ...]:
    """Return the sets that lie beside lessons, as samples that are in no gallery."""
    paths = {lessons.beside(slug) for slug in lessons.lessons}
    return tuple(
        Sample(slug=_OWN + path.stem, title=path.name, subtitle="", try_label="", try_query="", elsewhere=path)
        for path in sorted(filter(None, paths))
    )


def init_app(app: Flask, lessons: LessonFolder) -> None:
    """Have the app show these lessons."""
    app.extensions["nodefall-lessons"] = lessons


def _lessons() -> LessonFolder:
    return cast("LessonFolder", current_app.extensions["nodefall-lessons"])


@blueprint.get("/lessons")
def index() -> ResponseReturnValue:
    """Show the list of lessons."""
    shown = tuple(map(_link, _lessons().lessons))
    return render("lessons.html", lessons=shown, minutes=sum(each.lesson.minutes for each in shown))


@blueprint.get("/lessons/<slug>")
def show(slug: str) -> ResponseReturnValue:
    """Show one step of a lesson."""
    return render("lesson.html", view=_page(slug))


@blueprint.get("/lessons/<slug>.html")
def download(slug: str) -> ResponseReturnValue:
    """Return a lesson as one file."""
    lessons = _lessons()
    if slug not in lessons.lessons:
        abort(404, _NO_LESSON)
    return file_response(
        f"{slug}.html", "text/html", lesson_page(lessons.lessons[slug], lessons.figures(slug)).encode()
    )


def _link(slug: str) -> LessonLink:
    return LessonLink(slug, _lessons().lessons[slug], address("lessons.show", slug=slug))


def _page(slug: str) -> LessonPage:
    lessons = _lessons()
    lesson = lessons.lessons.get(slug)
    if lesson is None:
        abort(404, _NO_LESSON)
    number = min(STEP.asked(), len(lesson.steps))
    step = lesson.steps[number - 1]
    page, figures = _state(lessons, slug, step)
    chosen = _chosen(step)
    waits = step.ask is not None and chosen is None
    present = PRESENT.asked()
    shown = _before(page) if waits else page

    def at(other: int, *, big: str = present) -> str:
        return address("lessons.show", slug=slug, step=other, present=big)

    slugs = list(lessons.lessons)
    last = number == len(lesson.steps)
    after = slugs[slugs.index(slug) + 1 :][:1] if last else []
    link = address("lessons.show", slug=slug, step=number, external=True)
    return LessonPage(
        slug=slug,
        lesson=lesson,
        number=number,
        title=figures.filled(step.title, step),
        paragraphs=() if waits else tuple(figures.filled(step.text, step).strip().split("\n\n")),
        question=figures.filled(step.ask.question, step) if step.ask else "",
        choices=tuple(_choices(figures, step, chosen)),
        answered=step.ask is not None and not waits,
        right=chosen is not None and chosen.right,
        form=form("lesson", (), slug=slug, step=number, present=present),
        picture=_picture(shown) if shown else None,
        caption=_caption(shown) if shown else "",
        map_url="" if waits else page.url(),
        sources=() if waits else tuple(map(_source, step.sources)),
        step_urls=tuple(at(each) for each in range(1, len(lesson.steps) + 1)),
        previous_url=at(number - 1) if number > 1 else "",
        next_url="" if last else at(number + 1),
        following=_link(after[0]) if after else None,
        link=link,
        qr=qr_svg(link),
        present=bool(present),
        present_url=at(number, big="" if present else "1"),
    )


def _state(lessons: LessonFolder, slug: str, step: LessonStep) -> tuple[PageState, Figures]:
    """Return the state of a step, and the figures of its set."""
    beside = lessons.beside(slug)
    topology = open_or_404(SAMPLE_PREFIX + (_OWN + beside.stem if beside else lessons.lessons[slug].manifests))
    pairs = parse_qsl(step.show, keep_blank_values=True)
    options = words.decode_options(pairs, topology.manifests, words.PAGE)
    cluster = topologies().cluster(topology, options)
    page = PageState(topology=topology, cluster=cluster, options=options, scenario=words.decode(pairs, cluster))
    return page, Figures(topology.manifests, lambda its: topologies().cluster(topology, its))


def _before(page: PageState) -> PageState | None:
    """Return the state before its failure; None where nothing fails, so that any picture would tell the answer."""
    return page.at(Moment.BEFORE) if page.has_failure else None


def _chosen(step: LessonStep) -> LessonChoice | None:
    """Return the choice of the address; anything else is none."""
    word = CHOSEN.asked()
    choices = step.ask.choices if step.ask else ()
    return choices[int(word) - 1] if word.isascii() and word.isdigit() and 0 < int(word) <= len(choices) else None


def _choices(figures: Figures, step: LessonStep, chosen: LessonChoice | None) -> Iterator[Prediction]:
    for number, (letter, its) in enumerate(zip(_LETTERS, step.ask.choices if step.ask else (), strict=False), start=1):
        told = chosen is not None
        yield Prediction(
            letter=letter,
            number=number,
            answer=figures.filled(its.answer, step),
            because=figures.filled(its.because, step) if told else "",
            right=told and its.right,
            chosen=its is chosen,
        )


def _picture(page: PageState) -> Markup | None:
    """Return the map of a state; a click on it opens the map with that done."""
    if page.service is None or not page.service.ports:
        return None
    simulation = PortSimulation(page)
    map_links = Links(
        toggle=lambda target: page.toggled(target).url(),
        unfold=lambda fold: page.unfolding(fold).url(),
        focus=lambda service, port: focused(page, service, port),
    )
    drawn = svg.draw(arrange(drawn_contents(simulation), ON_SCREEN), map_links)
    return Markup(drawn)  # noqa: S704 - the drawing escapes every name in it


def _caption(page: PageState) -> str:
    """Return what is down and when it is seen: ``node-2 down, just failed``."""
    if not page.has_failure:
        return "Nothing is down."
    names = [*page.scenario.drain, *sorted(target.name for target in page.scenario.down)]
    if page.scenario.at is Moment.BEFORE:
        return f"Before {' and '.join(names)} fails."
    return f"{' and '.join(names)} {failed(page)}: {moment_words(page.scenario.at, seconds_of(page)).title.lower()}."


def _source(url: str) -> SourceLink:
    parts = urlsplit(url)
    last = parts.path.rstrip("/").rpartition("/")[2].replace("-", " ")
    return SourceLink(url, f"{parts.hostname}: {last}" if last else str(parts.hostname))
