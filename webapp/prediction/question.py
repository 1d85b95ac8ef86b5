"""What a question is, and which of the choices that could be are offered in which order."""

from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256

from webapp.records import dataclass

MOST_CHOICES = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class PredictionChoice:
    """One answer to choose."""

    answer: str
    because: str
    """Why it is right, or wrong: a sentence or two."""
    right: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PredictionQuestion:
    """A question with two to four choices, one of which is right."""

    word: str
    """``which``, ``how-much`` or ``until``: what it is about."""
    text: str
    choices: tuple[PredictionChoice, ...]


def question(word: str, text: str, choices: Sequence[PredictionChoice]) -> PredictionQuestion | None:
    """Return the question; None where there is nothing to choose between."""
    return PredictionQuestion(word=word, text=text, choices=tuple(choices)) if len(choices) > 1 else None


def apart(right: PredictionChoice, others: Iterable[PredictionChoice]) -> list[PredictionChoice]:
    """Return the others that say something else than the right one and each other; the first to say it stays."""
    found = {right.answer: right}
    for other in others:
        found.setdefault(other.answer, other)
    return list(found.values())[1:]


def mixed(seed: str) -> Callable[[PredictionChoice], str]:
    """Return a sort key by which choices come in an order that says nothing, and that is the same each time."""
    return lambda choice: sha256(f"{seed} {choice.answer}".encode(errors="replace")).hexdigest()
