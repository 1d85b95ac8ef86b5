"""JSON text -> documents, with the same limits and lines as YAML.

The YAML reader doesn't take all of JSON (surrogate pairs, keys of over a thousand characters, values one after another
without a separator) and is slower; the json module has neither limits nor lines.
"""

import json
import math
import re
from collections.abc import Iterator
from json.decoder import scanstring  # type: ignore[attr-defined] # the stubs lack it

from webapp.manifests.quick_json import NotQuick, read_quickly
from webapp.manifests.tree import Document, Tree, Unreadable, Usage

# One entry at a time: a key if there is one, a value or a bracket, and a comma if there is one. Groups are repeated
# greedily: before 3.11.5, Python matched possessive groups wrongly (python/cpython#106052). They can't run away, since
# nothing that a group could give back fits what follows it.
_ENTRY = re.compile(
    r"""[ \t\n]*+
    (?: (?P<key>"[^"\\\x00-\x1f]*+(?:\\.[^"\\\x00-\x1f]*+){0,10000}")[ \t\n]*+:[ \t\n]*+ )?
    (?:
        "(?P<text>[^"\\\x00-\x1f]*+)"
      | (?P<open>[{\[])
      | (?P<close>[}\]])
      | (?P<number>-?(?:0|[1-9][0-9]*+)(?P<fraction>(?:\.[0-9]++)?(?:[eE][+-]?[0-9]++)?))
      | (?P<word>true|false|null)
      | (?P<escaped>"[^"\\\x00-\x1f]*+\\)
      | (?P<end>\Z)
    )
    [ \t\n]*+,?+""",
    re.VERBOSE,
)
_COMMA = re.compile(r"[ \t\n]*+,?+")
_WORDS = {"true": True, "false": False, "null": None}
# Python refuses to convert more than 4,300 digits and takes quadratic time for fewer; Go's integers end at 20.
_LONGEST_INTEGER = 64


def is_json(text: str) -> bool:
    """Return whether the text may be JSON: it begins with a bracket that isn't a template's."""
    head = text[:200].lstrip()
    return head[:1] in {"{", "["} and not head.startswith("{{")


def read_json(text: str, usage: Usage) -> Iterator[Document]:
    """Yield the values of `text`, which may stand one after another.

    Raises:
        Unreadable: it is not JSON, or goes beyond a limit.

    """
    documents = read_ordinary_json(text, usage)
    yield from read_with_care(text, usage) if documents is None else documents


def read_ordinary_json(text: str, usage: Usage) -> list[Document] | None:
    """Return the values of `text`; None if it may be no JSON, or goes beyond a limit, or is merely rare."""
    try:
        return read_quickly(text, usage, lambda part: next(read_with_care(part, Usage(usage.limits))))
    except NotQuick:
        return None


def read_with_care(text: str, usage: Usage) -> Iterator[Document]:
    """Yield the values of `text` as `read_json` does, with all their lines."""
    reader = _JsonLoader(text, usage)
    while (document := reader.document()) is not None:
        yield document


_CLOSING = {"{": "}", "[": "]"}
_Match = re.Match[str]


class _JsonLoader:
    """Reads entry by entry; `_open` holds the brackets that are open."""

    def __init__(self, text: str, usage: Usage) -> None:
        self._text = text
        self._usage = usage
        self._tree = Tree(usage)
        self._open: list[str] = []
        self._position = 0
        self._line = 0
        self._counted = 0
        self._entries = 0
        self._string = ""
        """The last one that had escapes."""

    def document(self) -> Document | None:
        """Return the next value, None at the end of the text.

        Raises:
            Unreadable: it is not JSON, or beyond the limits.

        """
        self._tree.start()
        self._entries = 0
        entry, kind = self._next()
        started = self._line
        if kind == "end" and entry["key"] is None and not self._comma():
            return None
        self._value(entry, kind)
        return self._tree.document(started)

    def _next(self) -> tuple[_Match, str]:
        entry = _ENTRY.match(self._text, self._position)
        if entry is None:
            raise self._wrong()
        kind = str(entry.lastgroup)
        begin = entry.start(kind)
        self._line += self._text.count("\n", self._counted, begin)
        self._counted, self._position = begin, entry.end()
        self._entries += 1
        if kind == "escaped":
            self._scan_string(begin)
        return entry, kind

    def _scan_string(self, begin: int) -> None:
        """Read the string with escapes that begins here. A pattern would need 100 bytes for each of them."""
        try:
            decoded, end = scanstring(self._text, begin + 1, True)
        except ValueError:
            raise self._wrong() from None
        if end - begin > self._usage.limits.scalar_length:
            raise self._too_long()
        found = _COMMA.match(self._text, end)
        self._position = found.end() if found else end
        self._string = _whole_characters(decoded)

    def _too_long(self) -> Unreadable:
        return Unreadable(self._line + 1, "A string is too long.", id_="NP002")

    def _comma(self) -> bool:
        """Return whether the entry read last ends in a comma; no value does."""
        return self._text[self._position - 1 : self._position] == ","

    def _wrong(self) -> Unreadable:
        return Unreadable(self._line + 1, "This is not valid JSON.")

    def _value(self, entry: _Match, kind: str) -> None:
        """Read one value that begins with `entry`, which no comma may follow.

        `wanted` says whether an entry has to come next (True, after a comma), can't (False, without one), or may (None,
        after an opening bracket).
        """
        wanted: bool | None = True
        # As for YAML, the limit has to hold inside of a value.
        for _ in range(self._usage.limits.nodes - self._usage.nodes + 2):
            if (kind == "close") is (wanted is True) and wanted is not None:
                raise self._wrong()
            wanted = self._one(entry, kind)
            if not self._open:
                break
            entry, kind = self._next()
        self._usage.count_nodes(self._entries, self._line + 1)
        if wanted is not False:
            raise self._wrong()

    def _one(self, entry: _Match, kind: str) -> bool | None:
        """Add one entry to the tree; return what may follow it."""
        comma = self._comma()
        if kind == "close":
            self._close(entry)
            return comma
        self._key(entry)
        if kind == "open":
            bracket = entry["open"]
            self._tree.open(self._line, None, bracket == "{")
            self._open.append(bracket)
            if comma:
                raise self._wrong()
            return None
        self._tree.append(self._read(entry, kind))
        self._tree.mark(self._line)
        return comma

    def _close(self, entry: _Match) -> None:
        if not self._open or entry["close"] != _CLOSING[self._open.pop()] or entry["key"] is not None:
            raise self._wrong()
        self._tree.close()

    def _key(self, entry: _Match) -> None:
        key = entry["key"]
        if (key is not None) is not (self._open[-1:] == ["{"]):
            raise self._wrong()
        if key is not None:
            self._tree.append(self._escaped_key(key) if "\\" in key else key[1:-1])
            self._tree.mark(self._line)

    def _read(self, entry: _Match, kind: str) -> str | int | float | bool | None:
        if kind == "end":
            raise self._wrong()
        text: str = entry[kind]
        if len(text) > self._usage.limits.scalar_length:
            raise self._too_long()
        if kind == "text":
            return text
        if kind == "word":
            return _WORDS[text]
        return self._string if kind == "escaped" else _number(text, entry["fraction"])

    def _escaped_key(self, text: str) -> str:
        try:
            return _whole_characters(str(json.loads(text)))
        except ValueError:
            raise self._wrong() from None


def _whole_characters(text: str) -> str:
    """Return the text with U+FFFD, as Go has it, for each lone half of a surrogate pair: that is not a character."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _number(text: str, fraction: str) -> int | float:
    if fraction:
        return float(text)
    # An integer that Go has no type for is refused wherever it stands: infinity stands for all of them.
    return int(text) if len(text) <= _LONGEST_INTEGER else math.inf
