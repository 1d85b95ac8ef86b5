"""Label selectors as kubectl takes them with ``-l``: text -> which labels they select."""

import re
from collections.abc import Callable, Mapping

Matches = Callable[[Mapping[str, str]], bool]

_KEY = r"[A-Za-z0-9](?:[-A-Za-z0-9_./]*[A-Za-z0-9])?"
_EXISTS = re.compile(rf"(?P<no>!?)\s*(?P<key>{_KEY})")
_EQUALS = re.compile(rf"(?P<key>{_KEY})\s*(?P<how>==|=|!=)\s*(?P<value>[-A-Za-z0-9_.]*)")
_SET = re.compile(rf"(?P<key>{_KEY})\s+(?P<how>in|notin)\s*\((?P<values>[-A-Za-z0-9_.,\s]*)\)")
# A comma that is not between parentheses.
_BETWEEN = re.compile(r",(?![^(]*\))")


def label_query(text: str) -> Matches | None:
    """Return what a selector such as ``zone in (a, b),!spare`` selects; None if it is none.

    >>> selects = label_query("zone in (a, b),!spare")
    >>> selects({"zone": "a"}), selects({"zone": "a", "spare": "yes"})
    (True, False)
    """
    # All requirements must hold; ``!=`` and ``notin`` also select where the label is absent (apimachinery
    # pkg/labels/selector.go).
    requirements = [_requirement(part.strip()) for part in _BETWEEN.split(text)]
    found = [its for its in requirements if its is not None]
    if len(found) != len(requirements):
        return None
    return lambda labels: all(holds(labels) for holds in found)


def _requirement(text: str) -> Matches | None:
    if match := _EXISTS.fullmatch(text):
        key, wanted = match["key"], not match["no"]
        return lambda labels: (key in labels) is wanted
    if match := _EQUALS.fullmatch(text):
        return _one_of(match["key"], frozenset({match["value"]}), wanted=match["how"] != "!=")
    if match := _SET.fullmatch(text):
        values = frozenset(value.strip() for value in match["values"].split(","))
        return _one_of(match["key"], values, wanted=match["how"] == "in")
    return None


def _one_of(key: str, values: frozenset[str], *, wanted: bool) -> Matches:
    return lambda labels: (labels.get(key) in values) is wanted
