"""Characters that don't belong into a manifest: what no text may hold, and what nobody sees."""

import re
import unicodedata
from functools import cache

from webapp.manifests.tree import Unreadable

# Stands for each byte that is not UTF-8: Unicode has no such character, and libyaml takes it in no text.
NOT_UTF8 = "\uffff"
# YAML 1.1, section 5.1: libyaml refuses a text for one of these, and the documents before it also.
_FORBIDDEN = "[^\t\n\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
_ORDINARY = bytes((9, 10, *range(0x20, 0x7F)))
# Soft hyphens, zero-width characters and marks of direction: they come with text copied from web pages.
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060-\u2064\ufeff]")


def odd_characters(text: str) -> str:
    """Return all characters of a text but those of plain ASCII: few as a rule, and soon looked through.

    A search in the text itself takes twenty times as long.
    """
    return text.encode().translate(None, _ORDINARY).decode()


def has_twice(text: str, character: str) -> bool:
    """Return whether a text has the character twice in a row: a pattern finds two three times as fast as `in` does.

    >>> has_twice("a: {{ b }}", "{"), has_twice("a: {b: {c: d}}", "{")
    (True, False)
    """
    return _twice(character).search(text) is not None


@cache
def _twice(character: str) -> re.Pattern[str]:
    return re.compile(re.escape(character) * 2)


def has_forbidden(odd: str) -> bool:
    """Return whether libyaml refuses one of these odd characters."""
    # The pattern, which takes 5 ms to compile, waits for a text that needs it.
    return bool(odd) and re.search(_FORBIDDEN, odd) is not None


def forbidden(character: str, line: int) -> Unreadable:
    """Return what is said of a document with such a character."""
    if character == NOT_UTF8:
        return _unreadable(line, "The line contains a byte that is not UTF-8.", "Save the manifest as UTF-8 text.")
    if character == "\x1b":
        hint = "It begins a colour of a terminal: use the program's option to print without colours."
        return _unreadable(line, "There is an escape character (U+001B) here.", hint)
    message = f"There is a control character (U+{ord(character):04X}) here; text files have none."
    return _unreadable(line, message, "Delete it, or save the file as UTF-8 text.")


def _unreadable(line: int, message: str, hint: str) -> Unreadable:
    return Unreadable(line, message, hint, id_="NP003")


def invisible(text: str) -> str:
    """Return the name of the first character that nobody sees; empty if there is none."""
    found = None if text.isascii() else _INVISIBLE.search(text)
    return f"{unicodedata.name(found[0]).casefold()} (U+{ord(found[0]):04X})" if found else ""
