"""Names that are longer than their place: where a line may break, which part stays, what tells nodes apart."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import accumulate, takewhile
from unicodedata import east_asian_width

from markupsafe import Markup, escape

_BREAK = re.compile(r"(?<=[./:_=@,])(?=[^\W\d_])|(?<=[^\W\d]:)(?=\d)")
"""Browsers break lines after hyphens only; an IP address or a share stays whole."""
_WORD = re.compile(r"\S+")
_LINE = 24
"""Letters that fit in a line of the panel, and in one of a phone."""
_WHOLE = 12
"""A name this short fits wherever names stand."""
_TAIL = 8
"""What tells apart the pods of a ReplicaSet, the nodes of a pool and the hosts of a network is at the end, in up to so
many characters."""


@dataclass(frozen=True, slots=True)
class CutName:
    """A name in three parts: where there is no room the domain is cut first, then the head, and the tail never."""

    head: str
    tail: str
    domain: str


def cut_name(name: str) -> CutName:
    """Return the parts of a name, which together are the name."""
    host, dot, domain = name.partition(".")
    # What follows the first dot is the same for all nodes of a cloud, but not in an IP address.
    if not domain[:1].isalpha():
        host, dot, domain = name, "", ""
    at = _tail_start(host) if len(host) > _WHOLE else 0
    return CutName(host[:at], host[at:], dot + domain)


def _tail_start(host: str) -> int:
    # Letters of Chinese, Japanese and Korean are twice as wide.
    widths = accumulate(2 if east_asian_width(letter) in "WF" else 1 for letter in reversed(host))
    return len(host) - sum(1 for _ in takewhile(lambda wide: wide <= _TAIL, widths))


def breakable(text: str, most: int = _LINE) -> Markup:
    """Return text in whose words of more than `most` letters a line may also end after a dot, slash, colon and such."""
    broken = _WORD.sub(lambda word: _BREAK.sub("<wbr>", word[0]) if len(word[0]) > most else word[0], str(escape(text)))
    return Markup(broken)  # noqa: S704 - escaped


def telling(names: Iterable[str], most: int) -> dict[str, str]:
    """Return for each name its last parts that no other ends with, and what fits before them in `most` characters."""
    parts = {name: re.findall(r"[^-]+", _host(name)) for name in names}
    endings = Counter("-".join(its[at:]) for its in parts.values() for at in range(len(its)))
    return {name: _telling(its, endings, most) for name, its in parts.items()}


def _host(name: str) -> str:
    parts = cut_name(name)
    return parts.head + parts.tail


def _telling(parts: list[str], endings: Counter[str], most: int) -> str:
    ends = ["-".join(parts[at:]) for at in range(len(parts))] or [""]
    return next((end for end in ends if len(end) <= most and endings[end] == 1), None) or next(
        (end for end in reversed(ends) if endings[end] == 1), ends[0]
    )
