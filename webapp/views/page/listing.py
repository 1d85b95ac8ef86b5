"""What the pages of lists share: pages of a list, choices with counts, signs of severities, places in files."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Generic, TypeVar

from webapp.cluster.order import natural
from webapp.manifests.problems import Severity
from webapp.views.page.wording import Standing

Item = TypeVar("Item")
Other = TypeVar("Other")


@dataclass(frozen=True, slots=True)
class Sign:
    """What tells something apart: a shape, a colour and a word, never a colour alone."""

    sign: str
    """Name of the icon."""
    tone: str
    """``ok``, ``warn``, ``bad`` or ``quiet``."""
    word: str


SEVERITIES: Mapping[Severity, Sign] = MappingProxyType(
    {
        Severity.ERROR: Sign("lost", "bad", "Error"),
        Severity.WARNING: Sign("warning", "warn", "Warning"),
        Severity.INFO: Sign("info", "quiet", "Note"),
    }
)


@dataclass(frozen=True, slots=True)
class Choice:
    """Something to choose: a link that leads there, or an option of a form."""

    label: str
    value: str
    """Its address; in a form, what is sent."""
    current: bool
    count: int | None = None
    """How many there are."""
    sign: Sign | Standing | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Paging(Generic[Item]):
    """One page of a list, and the way to those beside it."""

    items: tuple[Item, ...]
    number: int
    pages: int
    previous_url: str
    """Empty on the first page."""
    next_url: str
    """Empty on the last."""

    def each(self, make: Callable[[Item], Other]) -> "Paging[Other]":
        """Return the same page with what is made of each item: of the other pages nothing is."""
        return Paging(tuple(map(make, self.items)), self.number, self.pages, self.previous_url, self.next_url)


def paged(items: Sequence[Item], size: int, number: int, url: Callable[[int], str]) -> Paging[Item]:
    """Return the page of that number, the last if there are fewer.

    >>> paged("abcde", 2, 9, "?page={}".format)
    Paging(items=('e',), number=3, pages=3, previous_url='?page=2', next_url='')
    """
    pages = max(-(-len(items) // size), 1)
    # A bookmark of page 9 outlives the fix that made the list shorter.
    number = min(number, pages)
    return Paging(
        tuple(items[(number - 1) * size : number * size]),
        number,
        pages,
        url(number - 1) if number > 1 else "",
        url(number + 1) if number < pages else "",
    )


def severity_choices(counts: Mapping[Severity, int], current: str, url: Callable[[str], str]) -> Iterator[Choice]:
    """Yield all severities together, then each alone."""
    yield Choice("All", url(""), not current, sum(counts.values()))
    for severity, sign in SEVERITIES.items():
        yield Choice(sign.word, url(severity), severity == current, counts.get(severity, 0), sign)


def namespace_choices(namespaces: Iterable[str], current: str) -> tuple[Choice, ...]:
    """Return the options of a form for the namespace; none where there is only one."""
    names = sorted(set(namespaces), key=natural)
    each = (Choice(name, name, name == current) for name in names)
    return (Choice("All namespaces", "", not current), *each) if len(names) > 1 else ()


def place(file: str | None, line: int | None) -> str:
    """Return ``web.yaml:3``; nothing for what is of no file."""
    return f"{file}:{line}" if file and line else file or ""


def enumerated(parts: Sequence[str]) -> str:
    """Return ``a``, ``a and b``, ``a, b and c``.

    >>> enumerated(["2 errors", "1 warning", "3 notes"])
    '2 errors, 1 warning and 3 notes'
    """
    return f"{', '.join(parts[:-1])} and {parts[-1]}" if len(parts) > 1 else "".join(parts)
