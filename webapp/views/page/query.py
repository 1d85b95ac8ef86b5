"""The words that an address may have in its query, and what is said of others.

A program gets an error with status 400: a word that is silently skipped would answer another question. A page is
shown all the same, as other sites add words to links (``utm_source``); but a typo is pointed out.
"""

from collections.abc import Mapping
from difflib import get_close_matches
from itertools import islice
from types import MappingProxyType

from flask import Flask, request

from webapp.failure.words import OPTION_WORDS, SCENARIO_WORDS, ScenarioError
from webapp.views.page.look import PAGE_WORDS

_STATE = SCENARIO_WORDS | OPTION_WORDS
_PROGRAMS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "api.simulate": _STATE | {"entries"},
        "api.why": _STATE | {"address", "protocol", "topology"},
        "downloads.diagram": _STATE | PAGE_WORDS,
        "downloads.simulation": _STATE | PAGE_WORDS | {"entries"},
        "compare.download": frozenset(),
    }
)
"""By endpoint: all words that it takes."""
_PAGES: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "explorer.show": _STATE | PAGE_WORDS,
        "services.show": _STATE | PAGE_WORDS | {"q", "state", "namespace", "order", "page"},
        "resilience.show": _STATE | PAGE_WORDS | {"moment", "through", "namespace", "order", "page"},
        "findings.show": _STATE | PAGE_WORDS | {"severity", "rule", "page", "address", "protocol"},
        "problems.show": _STATE | PAGE_WORDS | {"severity"},
        "hop.show": _STATE | PAGE_WORDS | {"entry", "pick", "step"},
        "find.show": _STATE | PAGE_WORDS | {"q"},
        "compare.show": _STATE | {"page"},
    }
)
_ANY = frozenset({"dropped"}).union(*_PAGES.values())
"""Words that mean something on some page mean no typo on another."""
_SLIP = 0.75
"""Similarity from which a word counts as another one with a typo: ``dwon`` and ``down`` have just that."""
_MAX_SLIPS = 10


def init_app(app: Flask) -> None:
    """Refuse programs' unknown words before each request; let pages point out typos."""
    app.before_request(refuse_unknown_words)
    app.add_template_global(slips)


def refuse_unknown_words() -> None:
    """Refuse a word that the program's address doesn't take.

    Raises:
        ScenarioError: for the first such word, with those that there are.

    """
    known = _PROGRAMS.get(request.endpoint or "")
    unknown = next((word for word in request.args if known is not None and word not in known), None)
    if known is not None and unknown is not None:
        meant = get_close_matches(unknown.lower()[:80], known, n=1)
        asked = f" Did you mean {meant[0]}?" if meant else ""
        listed = ", ".join(sorted(known)) or "none"
        raise ScenarioError(unknown, f"This URL has no parameter {_quoted(unknown)}.{asked} There is: {listed}.")


def folds_entries() -> bool:
    """Return whether ``entries=summary`` is asked for.

    Raises:
        ScenarioError: for anything but that and ``full``.

    """
    word = request.args.get("entries") or "full"
    if word not in ("full", "summary"):
        raise ScenarioError(f"entries={word}", f"entries is full or summary, not {_quoted(word)}.")
    return word == "summary"


def slips() -> tuple[tuple[str, str], ...]:
    """Return the words of this page's address that mean nothing, each with the one that it is a typo of."""
    known = _PAGES.get(request.endpoint or "", frozenset())
    unknown = islice((word for word in request.args if word not in _ANY), _MAX_SLIPS)
    meant = ((word, get_close_matches(word.lower()[:80], known, n=1, cutoff=_SLIP)) for word in unknown)
    return tuple((word, near[0]) for word, near in meant if near)


def _quoted(text: str) -> str:
    return f'"{text}"' if len(text) <= 80 else f'"{text[:77]}..."'
