"""Words that an address doesn't take: a program is refused, a page points out the typo.

A word that is silently skipped would answer a program another question, so it gets an error with status 400. A page is
shown all the same, as other sites add words to links (``utm_source``).
"""

from collections.abc import Iterable
from difflib import get_close_matches
from itertools import islice
from typing import Any

from flask import Flask, request

from webapp.failure.word_values import ScenarioError, quoted
from webapp.limits import WORDS
from webapp.views.page.query import PAGES, Word, asked_page, asked_pairs

# Words that mean something on some page mean no typo on another.
_ANY = frozenset[str]().union(*(page.known for page in PAGES.values() if not page.program))
# Similarity from which a word counts as another one with a typo: ``dwon`` and ``down`` have just that.
_SIMILAR = 0.75
_MAX_TYPOS = 10
# What the command line calls otherwise than an address does.
_OPTIONS = {"assume-nodes": "nodes", "assume-pods": "pods"}


def init_app(app: Flask) -> None:
    """Refuse programs' unknown words before each request; let pages point out typos."""
    app.before_request(refuse_unknown_words)
    app.add_template_global(typos)


def refuse_unknown_words() -> None:
    """Refuse a word that the program's address doesn't take, and too many of them.

    Raises:
        ScenarioError: for the first such word, with those that there are; for anybody, if there are too many words.

    """
    if len(said := asked_pairs()) > WORDS.words:
        raise ScenarioError("words", f"A URL can have at most {WORDS.words:,} words.")
    page = asked_page()
    if not page.program:
        return
    unknown = next((name for name, _ in said if name not in page.known), None)
    if unknown is not None:
        asked = _meant(_OPTIONS.get(unknown, unknown), page.known)
        listed = ", ".join(sorted(page.known)) or "none"
        raise ScenarioError(unknown, f"This URL has no parameter {quoted(unknown)}.{asked} There is: {listed}.")
    own = {word.name: word for word in page.words if word.values}
    for name, value in said:
        if name in own:
            _refuse_other_values(own[name], value)


def _refuse_other_values(word: Word[Any], value: str) -> None:
    if value not in ("", *word.values):
        listed = ", ".join(filter(None, word.values))
        says = f"{word.name} is one of {listed}, not {quoted(value)}."
        raise ScenarioError(f"{word.name}={value}", says + _meant(value, word.values))


def _meant(typed: str, known: Iterable[str]) -> str:
    meant = get_close_matches(typed.lower()[:80], list(known), n=1)
    return f" Did you mean {meant[0]}?" if meant else ""


def typos() -> tuple[tuple[str, str], ...]:
    """Return the words of this page's address that mean nothing, each with the one that it is a typo of."""
    page = PAGES.get(request.endpoint or "")
    known = page.known if page else ()
    unknown = islice((name for name, _ in asked_pairs() if name not in _ANY), _MAX_TYPOS)
    meant = ((word, get_close_matches(word.lower()[:80], known, n=1, cutoff=_SIMILAR)) for word in unknown)
    return tuple((word, near[0]) for word, near in meant if near)
