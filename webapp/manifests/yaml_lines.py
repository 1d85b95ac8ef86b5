"""One line of everyday YAML: its column, its key and what it says; most lines occur again and again."""

import json
import re
from typing import Any, NamedTuple

from webapp.manifests.scalars import HINTS, SHORT, Scalar, resolve, resolve_short


class Doubt(Exception):  # noqa: N818 (a way out, not an error)
    """A text that libyaml has to read."""


SLOT = "\0"
"""Stands for a scalar in the skeleton of a text; no text has this character."""
# Plain numbers, the common one 0: `if sort` is asked for every line of an upload.
WHOLE, OPEN, SLOTTED, FLOW, MORE, BLANK, DOUBTFUL = range(7)
"""What a line has after its key: a scalar, nothing, a slot, a map or list in brackets, the first line of a scalar; or
what it is instead of an entry."""


class Slot(NamedTuple):
    """The place of a scalar in a skeleton, counted from 0."""

    number: int


class SlotText(NamedTuple):
    """A block text of a skeleton, with slots in it."""

    text: str
    first: int
    """The number of the first slot."""


class Line(NamedTuple):
    """One line, whatever its number."""

    column: int
    """Of the key or value, behind the hyphen of a list item."""
    hyphen: int
    """The column of the hyphen that begins a list item, -1 without."""
    key: str | None
    value: Any
    sort: int = WHOLE


PLAIN_FIRST = r"(?:[\w./(+$~<=^;\\]|[-:](?=[^\s]))"
# A colon before a space ends a plain scalar, a # after one begins a comment (YAML 1.1, section 9.1.3).
# Patterns remember each of them; what has thousands is for libyaml.
PLAIN_REST = r"[^\0\t\n:#]*+(?:(?:(?<![\s])\#|:(?=[^\s]))[^\0\t\n:#]*+){0,2000}"
ENTRY = re.compile(
    rf"""(?P<indent>\ *)(?P<hyphen>-\ +)?
    (?:(?P<key>{PLAIN_FIRST}[^\0\s:\#]*+(?:(?:\#|:(?=[^\s]))[^\0\s:\#]*+){{0,100}}|"[^\0"\\\t]{{1,120}}"|'[^\0'\t]{{1,120}}')
      :(?:\ +|$))?
    (?P<rest>.*)""",
    re.VERBOSE,
)
PLAIN = re.compile(rf"({PLAIN_FIRST}{PLAIN_REST})(?:(?<=\ )\#.*)?")
COMMENT = r"\ *(?:\ \#.*)?"
_QUOTED = re.compile(rf"""(?:"([^\0"\\]*)"|'([^\0']*(?:''[^\0']*)*)'){COMMENT}""")
_ESCAPED = re.compile(rf"""("[^\0"\\\t]*+(?:\\(?:["\\bfnrt]|u00[2-7][0-9a-f])[^\0"\\\t]*+)*"){COMMENT}""")
_UNCLOSED = re.compile(r"""["][^\0"\\\t]*+(?:\\[^\0\t][^\0"\\\t]*+)*\\?|['][^\0'\t]*+(?:''[^\0'\t]*+)*""")
_BLOCK = re.compile(rf"([|>])([-+]?){COMMENT}")
_ATOM = r"""[\w./+][\w./+@-]*|"[^\0"\\\t]*"|'[^\0'\t]*'|\0"""
_FLOW_ENTRY = re.compile(rf"(?:([A-Za-z_][\w./-]*): )?({_ATOM})")
_FLOW_MAP = re.compile(rf"\{{\ *((?:[A-Za-z_][\w./-]*:\ (?:{_ATOM})(?:,\ +(?=[\w\"'])|\ *(?=\}})))*)\}}{COMMENT}")
_FLOW_LIST = re.compile(rf"\[\ *((?:(?:{_ATOM})(?:,\ +(?=[\w\"'./+\0])|\ *(?=\])))*)\]{COMMENT}")
_LONGEST_LINE = 1 << 20
# libyaml looks for a key's colon in 1,024 bytes; 128 characters take 512 at most.
_LONGEST_KEY = 128

_BLANK_LINE = Line(-2, -1, None, None, BLANK)
_DOUBTFUL_LINE = Line(-2, -1, None, None, DOUBTFUL)


class Lines(dict[str, Line]):
    """Each different line of an upload, analysed."""

    _MOST = 100_000
    # Longer lines, such as Secrets and embedded JSON, hardly ever repeat and would fill the memory.
    _LONGEST = 500

    def __missing__(self, line: str) -> Line:
        """Analyse a line that was not seen before."""
        made = _analysed(line)
        if len(line) < self._LONGEST:
            if len(self) > self._MOST:
                # All at once: lines that repeat are soon back, and no look-up has to keep a record of its use.
                self.clear()
            self[line] = made
        return made


def _analysed(line: str) -> Line:
    # Patterns remember each escape and each colon that they pass.
    found = ENTRY.fullmatch(line) if len(line) < _LONGEST_LINE else None
    if found is None:
        return _DOUBTFUL_LINE
    indent, dash, key, rest = found.groups()
    hyphen = -1 if dash is None else len(indent)
    column = len(indent) + len(dash or "")
    if key is None and dash is None:
        return _DOUBTFUL_LINE if rest and rest[0] != "#" else _BLANK_LINE
    if key is None and (not rest or rest[0] == "#"):
        return _DOUBTFUL_LINE
    if key is not None:
        key = key[1:-1] if key[0] in "\"'" else key if is_text(key) else None
        if key is None or key == "<<" or len(key) > _LONGEST_KEY:
            return _DOUBTFUL_LINE
        if not rest or rest[0] == "#":
            return Line(column, hyphen, key, None, OPEN)
    value, sort = value_of(rest)
    return Line(column, hyphen, key, value, sort) if sort != DOUBTFUL else _DOUBTFUL_LINE


def is_text(plain: str) -> bool:
    """Return whether a plain scalar is text, and nothing else such as a number."""
    return plain[0] not in HINTS or resolve(plain) is plain


def value_of(rest: str) -> tuple[Any, int]:
    """Return what follows a key on its line, and what sort of value it is."""
    if rest == SLOT:
        return None, SLOTTED
    if (value := scalar(rest)) is not ABSENT:
        return value, WHOLE
    if found := _BLOCK.fullmatch(rest):
        return (found[1], found[2]), MORE
    if _UNCLOSED.fullmatch(rest):
        return (rest[0], rest[1:]), MORE
    return _flow(rest)


ABSENT: Any = object()
"""In place of the value of what is not a scalar that ends on its line."""


def scalar(rest: str) -> Any:
    """Return the value of what follows a key on its line, if that is a whole scalar, ABSENT otherwise."""
    if found := PLAIN.fullmatch(rest):
        return resolved(found[1].rstrip(" "))
    if found := _QUOTED.fullmatch(rest):
        return found[1] if found[2] is None else found[2].replace("''", "'")
    found = _ESCAPED.fullmatch(rest)
    return json.loads(found[1]) if found else ABSENT


def _flow(rest: str) -> tuple[Any, int]:
    if found := _FLOW_LIST.fullmatch(rest):
        return tuple(_atom(value) for _, value in _FLOW_ENTRY.findall(found[1])), FLOW
    found = _FLOW_MAP.fullmatch(rest)
    pairs = _FLOW_ENTRY.findall(found[1]) if found else ()
    is_right = found is not None and all(is_text(key) for key, _ in pairs)
    return [(key, _atom(value)) for key, value in pairs], FLOW if is_right else DOUBTFUL


def resolved(plain: str) -> Scalar:
    """Return the value of a plain scalar."""
    if plain[0] not in HINTS:
        return plain
    return resolve_short(plain) if len(plain) <= SHORT else resolve(plain)


def _atom(text: str) -> Any:
    if text == SLOT:
        return ABSENT
    return text[1:-1] if text[0] in "\"'" else resolved(text)
