"""Values of a Scenario's words: read, or refused with what could have been said."""

from collections.abc import Iterable

from webapp.cluster.order import natural
from webapp.numbers import some

_SHOWN = 8


class ScenarioError(ValueError):
    """A word that can't be understood, or names what isn't there; the message says what exists."""

    def __init__(self, word: str, message: str) -> None:
        super().__init__(message)
        self.word = word


def must_exist(word: str, what: str, name: str, names: Iterable[str]) -> None:
    """Refuse a name that isn't among those that there are."""
    # The views of a mapping are asked as they are: a copy of 150,000 pod names would cost more than the click.
    known = names if hasattr(names, "__contains__") else set(names)
    if name in known:
        return
    listed = sorted(known, key=natural)
    raise ScenarioError(word, f"There is no {what} {quoted(name)} here. There is: {some(listed, _SHOWN) or 'none'}.")


def number(word: str, text: str, least: int, most: int) -> int:
    """Return the number of a word within its bounds."""
    # int() also takes underscores, spaces, signs and the digits of other scripts.
    if not text.isascii() or not text.isdecimal() or len(text) > 9 or not least <= int(text) <= most:
        raise ScenarioError(f"{word}={text}", f"{word} is a number from {least} to {most}, not {quoted(text)}.")
    return int(text)


def quoted(text: str) -> str:
    """Return what somebody wrote in quotes, cut to a readable length."""
    # What is quoted came from a URL, and may be as long as that.
    short = text if len(text) <= 80 else text[:77] + "..."
    return f'"{short}"'
