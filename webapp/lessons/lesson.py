"""What a lesson is: the fields of its file, which docs/lessons.md explains."""

from collections.abc import Sequence

import msgspec


class LessonChoice(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One answer to choose."""

    answer: str
    because: str
    """Why it is right, or wrong."""
    right: bool = False


class LessonQuestion(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is to be predicted before the picture shows it."""

    question: str
    choices: tuple[LessonChoice, ...]
    """Two to four of them, one of which is right."""


class LessonStep(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One state, and what there is to say about it."""

    title: str
    text: str
    """Paragraphs; one with a question is shown once it is answered."""
    show: str = ""
    """The state, in the words of an address: ``down=node/node-2&at=failed``."""
    ask: LessonQuestion | None = None
    sources: tuple[str, ...] = ()
    """Addresses of pages that say so."""


class Lesson(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A few steps about one set of manifests."""

    title: str
    about: str
    """What it teaches, in a sentence."""
    minutes: int
    manifests: str
    """A sample's name, or a file beside the lesson's own."""
    steps: tuple[LessonStep, ...]


def texts(step: LessonStep) -> Sequence[str]:
    """Return all sentences of a step: figures may stand in each."""
    asked = step.ask
    said = (
        ()
        if asked is None
        else (asked.question, *(text for its in asked.choices for text in (its.answer, its.because)))
    )
    return (step.title, step.text, *said)
