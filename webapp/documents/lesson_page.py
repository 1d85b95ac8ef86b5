"""A lesson as one HTML file: for a classroom without a network, a phone, or paper."""

import re
from base64 import b64encode
from collections.abc import Iterator
from urllib.parse import parse_qsl

from webapp.diagram import draw
from webapp.diagram.markup import element, written
from webapp.diagram.palette import page_tokens
from webapp.failure import Moment, words
from webapp.failure.words import PAGE
from webapp.lessons import Figures, Lesson, LessonQuestion, LessonStep

_CODE = re.compile("`([^`]+)`")
_STYLE = (
    ":root{color-scheme:light dark;" + page_tokens() + "}"
    "*{box-sizing:border-box}"
    'body{margin:0;font:18px/26px Inter,system-ui,"Segoe UI",Roboto,"Noto Sans","DejaVu Sans",sans-serif;'
    "background:var(--bg);color:var(--text);overflow-wrap:break-word}"
    "main{max-width:1120px;margin:0 auto;padding:16px}"
    "h1{margin:0;font-size:32px;line-height:40px}h2{margin:0;font-size:26px;line-height:32px}p{margin:12px 0}"
    "section{min-height:100vh;padding:32px 0;border-top:1px solid var(--line)}"
    ".scroll{overflow-x:auto;margin:12px 0}img{display:block;max-width:100%;height:auto}.quiet{color:var(--quiet)}"
    "code{font-size:16px}a{color:var(--accent)}.ok{color:var(--ok)}.bad{color:var(--bad)}"
    "details{margin:8px 0;border:1px solid var(--edge);border-radius:8px;background:var(--surface)}"
    "summary{padding:10px 16px;cursor:pointer}details>:not(summary){margin:0;padding:0 16px 12px}"
    ".go{display:inline-block;padding:10px 20px;border:1px solid var(--edge);border-radius:8px;text-decoration:none}"
    ":focus-visible{outline:3px solid var(--accent);outline-offset:2px}"
    # On a phone a picture in its own size is scrolled: made to fit it could not be read.
    "@media(max-width:719px){img{max-width:none}}"
    "@media print{:root{color-scheme:light}section{min-height:0;break-inside:avoid}.go{display:none}}"
)
# Keys of a clicker; without them the links do.
_SCRIPT = (
    'addEventListener("keydown",e=>{const by={ArrowRight:1,PageDown:1,ArrowLeft:-1,PageUp:-1}[e.key];'
    "if(!by||e.ctrlKey||e.metaKey||e.altKey)return;const all=[...document.querySelectorAll('section')];"
    "const at=all.findLastIndex(s=>s.getBoundingClientRect().top<innerHeight/3);const to=all[at+by];"
    "if(to){e.preventDefault();to.scrollIntoView()}})"
)


def lesson_page(lesson: Lesson, figures: Figures) -> str:
    """Return the file: all steps with their pictures, what is to be predicted folded until it is opened.

    Raises:
        FigureError: a figure is none of its manifests'.
        DiagramError: a state can't be drawn.

    """
    steps = [
        element("section", *_step(lesson, number, figures), id=f"step-{number}")
        for number in range(1, len(lesson.steps) + 1)
    ]
    head = (
        '<meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width">',
        '<meta name="referrer" content="no-referrer">',
        f"<title>{written(lesson.title)} · nodefall</title><style>{_STYLE}</style>",
    )
    top = element("h1", written(lesson.title)) + element("p", _said(lesson.about), class_="quiet")
    body = element("main", top, *steps) + f"<script>{_SCRIPT}</script>"
    return f'<!doctype html>\n<html lang="en">{element("head", *head)}{element("body", body)}</html>\n'


def _step(lesson: Lesson, number: int, figures: Figures) -> Iterator[str]:
    step = lesson.steps[number - 1]
    yield element("p", f"Step {number} of {len(lesson.steps)}", class_="quiet")
    yield element("h2", _filled(figures, step.title, step))
    told = "".join(_told(figures, step))
    if step.ask is None:
        yield told
    else:
        yield _picture(figures, step, before=True)
        yield from _asked(figures, step, step.ask)
        yield element("details", element("summary", element("strong", "Then see what happens")), element("div", told))
    if number < len(lesson.steps):
        yield element("p", element("a", "Next step", href=f"#step-{number + 1}", class_="go"))


def _asked(figures: Figures, step: LessonStep, asked: LessonQuestion) -> Iterator[str]:
    yield element("p", element("strong", _filled(figures, asked.question, step)))
    for choice in asked.choices:
        verdict = (
            element("strong", "✓ Right.", class_="ok") if choice.right else element("strong", "✕ No.", class_="bad")
        )
        because = element("p", f"{verdict} {_filled(figures, choice.because, step)}")
        yield element("details", element("summary", _filled(figures, choice.answer, step)), because)


def _told(figures: Figures, step: LessonStep) -> Iterator[str]:
    yield _picture(figures, step)
    for paragraph in step.text.strip().split("\n\n"):
        yield element("p", _filled(figures, paragraph, step))
    for source in step.sources:
        yield element("p", "Source: " + element("a", written(source), href=source, rel="noreferrer"), class_="quiet")


def _picture(figures: Figures, step: LessonStep, *, before: bool = False) -> str:
    """Return the map of a step's state; `before` its failure, and none where nothing fails: that would tell all."""
    pairs = parse_qsl(step.show, keep_blank_values=True)
    cluster = figures.cluster(words.decode_options(pairs, figures.manifests, PAGE))
    scenario = words.decode(pairs, cluster)
    if before and not (scenario.down or scenario.drain):
        return ""
    if before:
        scenario = words.decode([*(pair for pair in pairs if pair[0] != "at"), ("at", Moment.BEFORE)], cluster)
    svg = b64encode(draw(cluster, scenario, "svg")).decode()
    when = "Before the failure" if before else "The map of this step"
    return element("div", element("img", alt=when, src=f"data:image/svg+xml;base64,{svg}"), class_="scroll")


def _filled(figures: Figures, text: str, step: LessonStep) -> str:
    return _said(figures.filled(text, step))


def _said(text: str) -> str:
    return _CODE.sub(lambda code: element("code", code[1]), written(text))
