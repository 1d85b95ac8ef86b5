"""JSON text -> documents, with the same limits and lines as YAML.

The YAML reader doesn't take all of JSON (surrogate pairs, keys of over a thousand characters, values one after another
without a separator) and is slower; the json module has neither limits nor lines.
"""

import json
import math
import re
from collections.abc import Iterator

from webapp.manifests.tree import Budget, Document, Tree, Unreadable

_TOKEN = re.compile(
    r"""[ \t\n]*+(?:
        (?P<sign>[{}\[\],:])
      | "(?P<text>[^"\\\x00-\x1f]*+)"
      | (?P<escaped>"[^"\\\x00-\x1f]*+(?:\\.[^"\\\x00-\x1f]*+)*+")
      | (?P<number>-?(?:0|[1-9][0-9]*+)(?P<fraction>(?:\.[0-9]++)?+(?:[eE][+-]?[0-9]++)?+))
      | (?P<word>true|false|null)
      | (?P<end>\Z)
    )""",
    re.VERBOSE,
)
_WORDS = {"true": True, "false": False, "null": None}
_LONGEST_INTEGER = 64


def is_json(text: str) -> bool:
    """Return whether the text may be JSON: it begins with a bracket that isn't a template's."""
    head = text[:200].lstrip()
    return head[:1] in {"{", "["} and not head.startswith("{{")


def read_json(text: str, budget: Budget) -> Iterator[Document]:
    """Yield the values of `text`, which may stand one after another.

    Raises:
        Unreadable: it is not JSON, or goes beyond a limit.

    """
    reader = _Reader(text, budget)
    while (document := reader.document()) is not None:
        yield document


_FIRST = {"{": "first key", "[": "first"}
_NEXT = {"{": "key", "[": "value"}
_CLOSING = {"{": "}", "[": "]"}
_VALUES = {"value", "first"}
_KEYS = {"key", "first key"}


class _Reader:
    """A state machine over tokens; `_open` holds the brackets that are open."""

    def __init__(self, text: str, budget: Budget) -> None:
        self._text = text
        self._budget = budget
        self._tree = Tree(budget)
        self._open: list[str] = []
        self._position = 0
        self._line = 0
        self._nodes = 0

    def document(self) -> Document | None:
        """Return the next value, None at the end of the text."""
        self._tree.start()
        token = self._next()
        started = self._line
        if token.lastgroup == "end":
            return None
        self._value(token)
        return self._tree.document(started)

    def _next(self) -> "re.Match[str]":
        token = _TOKEN.match(self._text, self._position)
        if token is None:
            raise self._wrong()
        self._line += self._text.count("\n", self._position, token.start(token.lastindex or 0))
        self._position = token.end()
        return token

    def _wrong(self) -> Unreadable:
        return Unreadable(self._line + 1, "This is not valid JSON.")

    def _value(self, token: "re.Match[str]") -> None:
        state, self._nodes = "value", 0
        # At most three signs stand between two values.
        for _ in range(4 * (self._budget.limits.nodes - self._budget.nodes) + 4):
            sign = token.lastgroup == "sign"
            state = self._sign(token["sign"], state) if sign else self._scalar(token, state)
            if not self._open:
                break
            token = self._next()
        self._budget.count_nodes(self._nodes, self._line + 1)

    def _sign(self, sign: str, state: str) -> str:
        around = self._open[-1] if self._open else ""
        if sign in _FIRST and state in _VALUES:
            self._tree.open(self._line, is_map=sign == "{")
            self._open.append(sign)
            self._nodes += 1
            return _FIRST[sign]
        if around and sign == _CLOSING[around] and state in {"after", _FIRST[around]}:
            self._open.pop()
            self._tree.close()
            return "after"
        if sign == "," and state == "after":
            return _NEXT[around]
        if sign == ":" and state == "colon":
            return "value"
        raise self._wrong()

    def _scalar(self, token: "re.Match[str]", state: str) -> str:
        kind = token.lastgroup
        is_key = state in _KEYS
        if not (is_key and kind in {"text", "escaped"}) and not (state in _VALUES and kind != "end"):
            raise self._wrong()
        self._tree.append(self._read(token, str(kind)))
        self._tree.mark(self._line)
        self._nodes += 1
        return "colon" if is_key else "after"

    def _read(self, token: "re.Match[str]", kind: str) -> str | int | float | bool | None:
        text = token[kind]
        if len(text) > self._budget.limits.scalar_length:
            raise Unreadable(self._line + 1, "One text is too long.", id_="NP002")
        if kind == "text":
            return text
        if kind == "word":
            return _WORDS[text]
        return self._escaped(text) if kind == "escaped" else _number(text, token["fraction"])

    def _escaped(self, text: str) -> str:
        try:
            decoded = str(json.loads(text))
        except ValueError:
            raise self._wrong() from None
        # A lone half of a surrogate pair is no character: Go reads it as U+FFFD.
        return decoded.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _number(text: str, fraction: str) -> int | float:
    if fraction:
        return float(text)
    return int(text) if len(text) <= _LONGEST_INTEGER else math.inf
