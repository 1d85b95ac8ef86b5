"""Documents of kinds that nodefall does not use: seen to be right, and not read.

One pattern takes the text apart into entries; what is left to do in Python is to see that their columns fit. Whatever
the pattern does not know, such as anchors, is read like any other document.
"""

import re
from collections.abc import Iterable
from functools import cache, lru_cache
from typing import Any, NamedTuple

from webapp.manifests.kind_spelling import OTHER_KINDS
from webapp.manifests.yaml_lines import is_text

_FIRST = r"(?:[\w./(+$~<=^;\\]|[-:](?=\S))"
_REST = r"[^\n:\#\t]*+(?:(?:(?<!\ )\#|:(?=\S))[^\n:\#\t]*+){0,2000}"
# Behind a key, its column counts; behind a hyphen alone, that of the hyphen; a value below its key has only its own.
_DEEPER = r"\1(?(3)(?(2)\ \ \ |\ )|(?(2)\ ))"
_PLAIN = rf"{_FIRST}{_REST}(?:\n++{_DEEPER}\ *+(?![\#:\s]){_REST})*"
_DOUBLE = r""""[^"\\\n]*+(?:(?:\\(?:["\\bfnrt\ ]|u00[2-7][0-9a-f])|\\?\n++(?=\ ))[^"\\\n]*+)*" """.strip()
_SINGLE = r"""'[^'\n]*+(?:(?:''|\n++(?=\ ))[^'\n]*+)*'"""
_ATOM = r"""(?:[\w./+][\w./+@-]*+|"[^"\\\n\t]*+"|'[^'\n\t]*+')"""
_PAIR = rf"(?!null\b|Null\b|NULL\b)[A-Za-z_][\w./-]*+:\ {_ATOM}"
_FLOW = rf"""\{{\ *+(?:{_PAIR}(?:,\ +(?=\w)|\ *(?=\}})))*\}}|\[\ *+(?:{_ATOM}(?:,\ +(?=[\w./+"'])|\ *(?=\])))*\]"""
_BLOCK = rf"[|>][-+]?\ *+\n({_DEEPER}\ *+)(?=[^\s])[^\n]*+\n(?:\n++|\GROUP[^\n]*+\n)*"
_KEY = rf"({_FIRST}[^\s:\#]*+(?:(?:\#|:(?=\S))[^\s:\#]*+)*):"
_VALUE = rf"(?:(?:{_PLAIN}|{_DOUBLE}|{_SINGLE}|{_FLOW})\ *+(?:(?<=\ )\#[^\n]*+)?\n|{_BLOCK})"
_BEHIND, _ALONE = _VALUE.replace("GROUP", "5"), _VALUE.replace("GROUP", "6")
# No group is repeated possessively: before 3.11.5, Python matched that wrongly (python/cpython#106052).
_PATTERN = rf"(?:(\ *+)(-\ )?(?:{_KEY}(?:\ *+(\n)|\ ++{_BEHIND})|{_ALONE})|\ *+(?:\#[^\n]*+)?\n)"
_FIELDS = 7
"""Groups, and what is between two entries."""


@cache
def _entry() -> re.Pattern[str]:
    """Return the pattern of an entry, which takes 2 ms to compile."""
    return re.compile(_PATTERN)


# What follows them at the first column cannot be more of them.
_KIND = re.compile(r"(?:\A|\n)kind: ([A-Z]\w+)\n(?=[^\s#]|\Z)")
_VERSION = re.compile(r"(?:\A|\n)apiVersion: ([a-z][\w./-]*)\n(?=[^\s#]|\Z)")
# Patterns remember some of what they passed; a larger text is read.
_LONGEST = 1 << 21
# libyaml looks for a key's colon in 1,024 bytes; 128 characters take 512 at most.
_LONGEST_KEY = 128


class Skimmed(NamedTuple):
    """A document that was not read."""

    data: dict[str, Any]
    """Its apiVersion and kind, and None for its other keys."""
    line: int
    """Of its first entry, from 0."""
    events: int
    """How many libyaml would have counted."""


def skim(text: str, deepest: int, longest: int) -> Skimmed | None:
    """Return what is known of a document that nobody needs, and nothing is wrong with; None if it has to be read.

    `deepest` and `longest` are the limits of its nesting and of its scalars.
    """
    kind, version = _KIND.search(text), _VERSION.search(text)
    # A List is among the other kinds, but what it holds may be used.
    if kind is None or version is None or kind[1] not in OTHER_KINDS or kind[1] == "List" or len(text) > _LONGEST:
        return None
    # What lies between two entries is something that the pattern does not know.
    parts = _entry().split(text)
    if any(parts[::_FIELDS]) or (len(text) > longest and max(len(one[0]) for one in _entry().finditer(text)) > longest):
        return None
    columns, hyphens, keys, opens = (parts[group::_FIELDS] for group in range(1, 5))
    names = {key for key in keys if key}
    top = [key for column, hyphen, key in zip(columns, hyphens, keys, strict=True) if column == "" and not hyphen]
    if not all(map(_is_ordinary, names)) or len(set(top)) != len(top):
        return None
    events = _events(zip(columns, hyphens, keys, opens, strict=True), deepest)
    if events is None:
        return None
    data = dict.fromkeys(top) | {"apiVersion": version[1], "kind": kind[1]}
    first = next(one.start() for one in _entry().finditer(text) if one[1] is not None)
    return Skimmed(data, text.count("\n", 0, first), events)


@lru_cache(maxsize=4096)
def _is_ordinary(key: str) -> bool:
    return key != "<<" and len(key) <= _LONGEST_KEY and is_text(key)


_Entry = tuple[str | None, str | None, str | None, str | None]


def _events(entries: Iterable[_Entry], deepest: int) -> int | None:
    """Return how many events libyaml would count, those in brackets aside; None if an entry fits nowhere.

    The stack holds, for each map or list that is open, twice its column, and one more for a list.
    """
    stack = [-2]
    opened, count = True, 2
    for column, hyphen, key, open_ in entries:
        if column is None:
            continue
        edge = 2 * len(column) + (hyphen is not None)
        if key is None and hyphen is None:
            # A text below its key; without one it would be the whole document.
            if not opened or edge <= stack[-1] or len(stack) == 1:
                return None
            opened = False
            continue
        if edge != stack[-1]:
            known = len(stack)
            if not _place(stack, edge, opened=opened):
                return None
            count += len(stack) > known
        count += 1 + (hyphen is None)
        if hyphen is not None and key is not None:
            stack.append(edge + 3)
            count += 3
        if len(stack) > deepest:
            return None
        opened = open_ is not None
    return count


def _place(stack: list[int], edge: int, *, opened: bool) -> bool:
    """Open or close maps and lists until the innermost is that at `edge`; return False if there can be none."""
    if opened and edge > stack[-1]:
        # A list may begin at the column of its key, which is one less; what is in a list, only further to the right.
        stack.append(edge)
        return True
    while stack[-1] > edge:
        stack.pop()
    return stack[-1] == edge
