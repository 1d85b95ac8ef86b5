"""The query of every address: one table of its words and of the pages that take them. Nobody else writes a query.

A page reads a word of its own as ``query.SEARCH.asked()``, writes an address as ``state.url("search.show", q="web")``,
and gets a form as ``state.form("search")``. A new word is a row of its page.

What becomes of a word that is not in the table is said in :mod:`webapp.views.page.unknown_words`.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from re import fullmatch
from types import MappingProxyType
from typing import Any, Generic, TypeVar
from urllib.parse import urlencode

from flask import Flask, request, url_for

from webapp.cluster.address import PROTOCOLS
from webapp.cluster.options import ClusterOptions
from webapp.diagram import FORMATS
from webapp.diagram.picture_options import PICTURE_OPTIONS
from webapp.diagram.text import clean
from webapp.documents import DOCUMENTS
from webapp.failure.word_values import ScenarioError, quoted
from webapp.failure.words import OPTION_WORDS, PAGE, PLAIN, SCENARIO_WORDS, SETTING_WORDS

Value = TypeVar("Value")
Pairs = Sequence[tuple[str, str]]

# Longer names would not fit above a picture.
MAX_NAME = 80
# Nothing is called that long; what is longer only makes the page search for long.
MAX_TEXT = 200


# --- the words --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Word(Generic[Value]):
    """One word of a query that belongs neither to the Scenario nor to the cluster's settings."""

    name: str
    default: Value
    """What it is where nobody says it; never written."""
    parse: Callable[[str], Value]
    values: tuple[str, ...] = ()
    """What there is, where that is known; a program's address refuses anything else."""

    def of(self, pairs: Pairs) -> Value:
        """Return what the pairs say, the last of them if several do."""
        # The last one wins, as with the flags of kubectl.
        return next((self.parse(value) for name, value in reversed(pairs) if name == self.name), self.default)

    def asked(self) -> Value:
        """Return what the address of this request says."""
        return self.of(asked_pairs())

    def written(self, value: Any) -> list[tuple[str, str]]:
        """Return the pairs that say the value: one each for several, none for the default."""
        values = [value] if isinstance(value, str | int) else list(value)
        return [(self.name, str(each)) for each in values if each != self.default]


@dataclass(frozen=True, slots=True)
class Repeated(Word[str]):
    """A word that may stand several times."""

    def all(self, pairs: Pairs) -> tuple[str, ...]:
        """Return all that the pairs say."""
        return tuple(self.parse(value) for name, value in pairs if name == self.name)


def _text(name: str, default: str = "") -> Word[str]:
    return Word(name, default, lambda value: value.strip()[:MAX_TEXT] or default)


def _choice(name: str, *values: str) -> Word[str]:
    """Return a word with a few values, the first the default; any other value means the default."""
    # An old bookmark with a value that is gone opens the usual list.
    return Word(name, values[0], lambda value: value if value in values else values[0], values)


def _number(name: str) -> Word[int]:
    return Word(name, 1, lambda value: max(int(value), 1) if fullmatch("[0-9]{1,9}", value) else 1)


def _entries(value: str) -> str:
    if value not in ("", "full", "summary"):
        raise ScenarioError(f"entries={value}", f"entries is full or summary, not {quoted(value)}.")
    return value or "full"


PORT = Word("port", "", str)
SELECT = Word("select", "", str)
VIEW = Word("view", "", str)
"""Of older links only: ``view=table`` is the same as ``drawer=table``."""
DRAWER = _choice("drawer", "", "time", "connections", "pods", "address", "table", "failures", "settings")
"""Which tab lies open under the map."""
NAME = Word("name", "", lambda value: " ".join(clean(value).split())[:MAX_NAME].strip())
UNFOLD = Repeated("unfold", "", str)
IGNORE = Repeated("ignore", "", str)
"""Findings that are ignored with a reason, as ``NP220/Deployment/shop/web:a reason``."""
VIEW_WORDS = frozenset({PORT.name, SELECT.name, VIEW.name, DRAWER.name, NAME.name, UNFOLD.name, IGNORE.name})
"""What the pages of a topology show beside the Scenario; all of them pass it on."""

SEARCH = _text("q")
STATE = _text("state")
NAMESPACE = _text("namespace")
SEVERITY = _text("severity")
RULE = _text("rule")
FINDING = _text("finding")
SERVICE_ORDER = _choice("order", "", "name", "port", "share")
MATRIX_ORDER = _choice("order", "worst", "name")
MOMENT = _choice("moment", "failed", "detected")
THROUGH = _choice("through", "lb", "dns")
PAGE_NUMBER = _number("page")
ADDRESS = _text("address")
PROTOCOL = _text("protocol", PROTOCOLS[0])
ENTRY = Word("entry", "", str)
PICK = Word("pick", "", str)
STEP = _number("step")
LABELS = Word("labels", "", str.strip)
EFFECTS = _choice("effects", "", "shown")
DROPPED = Repeated("dropped", "", str)
BESIDE = Word("beside", "", str)
"""What is drawn beside the state: the same at another moment, by another access path, or without edits."""
SURVIVE = _choice("survive", "node", "zone")
SHARE = _choice("share", "", "link", "image", "file", "embed")
"""Which tab of the Share dialog is open."""
OF = _choice("of", "explorer", "services", "resilience", "findings", "problems", "connection")
"""Which page of the state is shared."""
SHARED = _text("shared")
"""The id of a shared view, whose title and note stand above the map."""
FINDABLE = _choice("findable", "private", "public")
"""Who may find what is about to be shared."""
PRESENT = _choice("present", "", "1")
"""Whether a map or a lesson is presented: large, for a projector, a map with picture and verdict alone."""
THEME = _choice("theme", "", "light", "dark")
CLICKS = _choice("clicks", "yes", "no")
"""Whether an embedded picture can be broken."""
HEIGHT = _choice("height", "420", "320", "560")
PREDICT = _choice("predict", "", "1")
"""Whether the failure's result is covered until it is predicted,"""
PREDICTED = tuple(_choice(name, "", "1", "2", "3", "4") for name in ("which", "how-much", "until"))
"""and the choice for each question, by its number."""
NUMBER = _number("number")
"""Which exercise, from 1."""
CHOSEN = _text("chosen")
"""The cause that was chosen."""
HINT = _choice("hint", "", "1", "2", "3")
"""How many hints are shown."""
PROBE = _text("probe")
"""An address that a learner asks."""
LIST = _choice("list", "", "all", "causes")
"""The list of all exercises; for teachers with their causes."""
ENTRIES = Word("entries", "full", _entries)
PICTURE_WORDS = tuple(Word(name, its.values[0], str) for name, its in PICTURE_OPTIONS.items())
"""How a picture is written as a file."""
FORMAT = _choice("format", "png", "svg", "pdf")
"""Which image the Share dialog is about."""
SIZES = _choice("sizes", "no", "yes")
"""Whether the Share dialog makes its files to say how large they are."""
TOPOLOGY = Word("topology", "", str)
OLD = Word("old", "", str)
NEW = Word("new", "", str)

# Of the API alone, which has what the command line has.
KEEP = _text("keep")
NOW_FINDABLE = _choice("findable", "", "private", "public")
ANONYMIZE = _choice("anonymize", "no", "yes")
RENDERED = _choice("format", *FORMATS, *DOCUMENTS)
AS_TEXT = _choice("output", "json", "text")
AS_TABLE = _choice("output", "json", "csv")
AS_FINDINGS = _choice("output", "json", "csv", "markdown")
AS_COMPARISON = _choice("output", "json", "text", "markdown", "html", "before.svg", "after.svg")
AS_SNAPSHOT = _choice("output", "yaml", "json")
AS_REPORT = _choice("output", "json", "text", "sarif", "junit", "markdown", "baseline", "fix")
MAX_SEVERITY = _choice("max-severity", "warning", "none", "info", "error")
SURVIVED = _choice("survive", "", "node", "zone")
GUARANTEED = _choice("guaranteed", "no", "yes")
CHECKED_VIA = _choice("via", "lb", "dns")
LISTED_SEVERITY = _choice("severity", "", "error", "warning", "info")
LISTED_STATE = _choice("state", "", "answers", "some-lost", "no-answer", "refused", "not-accepted", "no-nodeport")


_SHARING = (SHARE, OF, SHARED, FINDABLE, THEME, CLICKS, HEIGHT, FORMAT, SIZES, *PICTURE_WORDS)

# --- the pages --------------------------------------------------------------------------------------------------------

_STATE = SCENARIO_WORDS | OPTION_WORDS


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What the query of one address may say."""

    words: tuple[Word[Any], ...] = ()
    """Its own, in the order in which they are written; another page's address doesn't have them."""
    keeps: frozenset[str] = _STATE | VIEW_WORDS
    """The words of the state that it takes and passes on; it drops all others."""
    path: frozenset[str] = frozenset({"topology_id"})
    """What its path needs."""
    program: bool = False
    """It refuses words that it doesn't know."""
    plain: ClusterOptions = PAGE
    """What the settings are where no word says so."""

    @property
    def known(self) -> frozenset[str]:
        """All words that it takes."""
        return self.keeps | {word.name for word in self.words}


def _api(*words: Word[Any], keeps: frozenset[str] = _STATE, plain: ClusterOptions = PLAIN) -> Page:
    return Page(words=words, keeps=keeps, path=frozenset(), program=True, plain=plain)


PAGES: Mapping[str, Page] = MappingProxyType(
    {
        # Its sample can be broken in place.
        "landing.index": Page(keeps=SCENARIO_WORDS, path=frozenset()),
        # The map alone is presented, and each state that is clicked from there.
        "explorer.show": Page(
            words=(DROPPED, EFFECTS, BESIDE, PREDICT, *PREDICTED, *_SHARING),
            keeps=_STATE | VIEW_WORDS | {PRESENT.name},
        ),
        "sharing.create": Page(),
        "sharing.qr": Page(words=(OF, SHARED)),
        "sharing.preview": Page(program=True),
        # Another reading of the same source: whatever is not in it is left out.
        "following.newest": Page(words=(OF,), path=frozenset({"reading_id"})),
        "following.fitted": Page(words=(OF,)),
        "embed.show": Page(words=(THEME, CLICKS), path=frozenset({"topology_id", "view_id"})),
        "services.show": Page(words=(SEARCH, STATE, NAMESPACE, SERVICE_ORDER, PAGE_NUMBER)),
        "services.download": Page(words=(SEARCH, STATE, NAMESPACE, SERVICE_ORDER), program=True),
        "resilience.show": Page(words=(MOMENT, THROUGH, MATRIX_ORDER, NAMESPACE, PAGE_NUMBER)),
        "findings.show": Page(words=(SEVERITY, RULE, SEARCH, PAGE_NUMBER, ADDRESS, PROTOCOL)),
        "resilience.download": Page(words=(MOMENT, THROUGH, MATRIX_ORDER, NAMESPACE), program=True),
        "findings.download": Page(
            words=(SEVERITY, RULE, SEARCH), path=frozenset({"topology_id", "extension"}), program=True
        ),
        "findings.effect": Page(words=(FINDING,)),
        "findings.ignore": Page(words=(SEVERITY, RULE, SEARCH, PAGE_NUMBER)),
        "problems.show": Page(words=(SEVERITY,)),
        "connection.show": Page(words=(ENTRY, PICK, STEP)),
        # Exercises are made from what was uploaded: nothing is down or edited beside what they break.
        "exercises.show": Page(words=(NUMBER, CHOSEN, HINT, PROBE, LIST), keeps=frozenset()),
        "exercises.mend": Page(words=(NUMBER, CHOSEN, HINT), keeps=frozenset()),
        "exercises.follow": Page(words=(NUMBER, CHOSEN, HINT), keeps=frozenset()),
        "exercises.qr": Page(words=(NUMBER,), keeps=frozenset()),
        "lessons.show": Page(words=(STEP, CHOSEN, PRESENT), keeps=frozenset(), path=frozenset({"slug"})),
        "lessons.download": Page(keeps=frozenset(), path=frozenset({"slug"}), program=True),
        "game_day.show": Page(),
        "search.show": Page(words=(SEARCH,)),
        "search.results": Page(words=(SEARCH,)),
        "what_if.change": Page(),
        "assumptions.change": Page(),
        "select_nodes.take_down": Page(words=(LABELS,)),
        # A corrected set may have other ports, Pods and lanes: only what fits any set goes along.
        "uploads.correct": Page(keeps=_STATE | {NAME.name, VIEW.name, DRAWER.name, IGNORE.name}),
        "delete.ask": Page(),
        "comparison_upload.ask": Page(words=(OLD,), keeps=frozenset(), path=frozenset()),
        # Two sets have no selection and no lane in common.
        "comparison.show": Page(words=(PAGE_NUMBER,), keeps=_STATE, path=frozenset({"old_id", "new_id"})),
        "comparison.file": Page(keeps=_STATE, path=frozenset({"old_id", "new_id"}), program=True),
        "comparison.download": Page(
            keeps=OPTION_WORDS, path=frozenset({"old_id", "new_id", "extension"}), program=True
        ),
        "downloads.diagram": Page(words=PICTURE_WORDS, path=frozenset({"topology_id", "extension"}), program=True),
        "downloads.document": Page(path=frozenset({"topology_id", "document"}), program=True),
        "downloads.simulation": Page(words=(ENTRIES,), program=True),
        # A program gets what the manifests say: nothing is assumed unless it asks.
        "api.simulate": _api(TOPOLOGY, ENTRIES, AS_TEXT),
        "api.why": _api(TOPOLOGY, ADDRESS, PROTOCOL, AS_TEXT),
        "api.render": _api(TOPOLOGY, RENDERED, PORT, *PICTURE_WORDS),
        "api.services": _api(TOPOLOGY, LISTED_STATE, NAMESPACE, SEARCH, AS_TABLE),
        "api.matrix": _api(TOPOLOGY, MOMENT, THROUGH, NAMESPACE, AS_TABLE, keeps=OPTION_WORDS),
        "api.findings": _api(TOPOLOGY, LISTED_SEVERITY, RULE, SEARCH, IGNORE, AS_FINDINGS, keeps=OPTION_WORDS),
        "api.check": _api(
            TOPOLOGY, MAX_SEVERITY, SURVIVED, GUARANTEED, CHECKED_VIA, IGNORE, AS_REPORT, keeps=OPTION_WORDS
        ),
        "api.diff": _api(OLD, NEW, AS_COMPARISON, keeps=OPTION_WORDS),
        "api.badge": _api(TOPOLOGY, SURVIVE, keeps=OPTION_WORDS),
        # The link opens the page, which starts from other settings.
        "api.upload": _api(KEEP, keeps=_STATE, plain=PAGE),
        "api.find": _api(TOPOLOGY, SEARCH, LABELS, keeps=OPTION_WORDS),
        "api.delete": _api(TOPOLOGY, keeps=frozenset()),
        "api.share": _api(TOPOLOGY, PORT, NAME, DRAWER, FINDABLE, KEEP, plain=PAGE),
        "api.shared": Page(keeps=frozenset(), path=frozenset({"view_id"}), program=True),
        "api.change_shared": Page(
            words=(NOW_FINDABLE, KEEP), keeps=frozenset(), path=frozenset({"view_id"}), program=True
        ),
        "api.snapshot": _api(TOPOLOGY, ANONYMIZE, AS_SNAPSHOT, keeps=frozenset()),
        "api.job": Page(keeps=frozenset(), path=frozenset({"key"}), program=True),
    }
)
"""By endpoint."""

FORMS: Mapping[str, tuple[str, frozenset[str]]] = MappingProxyType(
    {
        "search": ("search.show", frozenset({"q"})),
        "services": ("services.show", frozenset({"q", "namespace", "order"})),
        "resilience": ("resilience.show", frozenset({"namespace"})),
        "findings": ("findings.show", frozenset({"q"})),
        "address": ("findings.show", frozenset({"address", "protocol"})),
        "connection": ("connection.show", frozenset({"entry"})),
        "exercise": ("exercises.show", frozenset({"chosen"})),
        "prediction": ("explorer.show", frozenset(word.name for word in PREDICTED)),
        "lesson": ("lessons.show", frozenset({"chosen"})),
        "comparison": ("comparison.show", frozenset({"down", "at"})),
        "settings": ("assumptions.change", SETTING_WORDS | {"zones", "control-planes"}),
        "what-if": ("what_if.change", frozenset()),
        "nodes": ("explorer.show", frozenset()),
        "labels": ("select_nodes.take_down", frozenset({"labels"})),
        "node names": ("explorer.show", frozenset({"node-names"})),
        "name": ("explorer.show", frozenset({"name"})),
    }
)
"""Each form that leads to a page: its endpoint, and the words that it has fields for."""


@dataclass(frozen=True, slots=True)
class QueryForm:
    """Where a form leads, and the words that it takes along: none that it has a field for."""

    action: str
    hidden: tuple[tuple[str, str], ...]


def address(endpoint: str, pairs: Pairs = (), *, external: bool = False, **values: Any) -> str:
    """Return the address of a page, canonical and as short as it can be.

    `pairs` say the state; of them the page's row says which it keeps. `values` are the page's own words and what its
    path needs.

    Raises:
        KeyError: a value is neither.

    """
    path = {name: value for name, value in values.items() if name in PAGES[endpoint].path}
    # Names of Kubernetes objects stay readable: node/worker-2, Deployment/default/web:5.
    query = urlencode(_query(endpoint, pairs, values), safe="/:,=")
    return url_for(endpoint, _external=external, **path) + (f"?{query}" if query else "")


def form(name: str, pairs: Pairs = (), *, boxes: Iterable[tuple[str, str]] = (), **values: Any) -> QueryForm:
    """Return a form of the table; `boxes` are the pairs that it has boxes to tick for, the rest as in :func:`address`.

    A word that has a field is never hidden too: the browser would send it twice.
    """
    endpoint, fields = FORMS[name]
    ticked = set(boxes)
    hidden = (pair for pair in _query(endpoint, pairs, values) if pair[0] not in fields and pair not in ticked)
    path = {key: value for key, value in values.items() if key in PAGES[endpoint].path}
    return QueryForm(url_for(endpoint, **path), tuple(hidden))


def _query(endpoint: str, pairs: Pairs, values: Mapping[str, Any]) -> list[tuple[str, str]]:
    page = PAGES[endpoint]
    own = {word.name: word for word in page.words}
    if unknown := values.keys() - own.keys() - page.path:
        raise KeyError(f"{endpoint} takes no {', '.join(sorted(unknown))}")
    said = [pair for word in page.words if word.name in values for pair in word.written(values[word.name])]
    return [pair for pair in pairs if pair[0] in page.keeps] + said


# --- the request ------------------------------------------------------------------------------------------------------


def init_app(app: Flask) -> None:
    """Let templates write addresses."""
    app.add_template_global(address, "address")


def asked_pairs() -> list[tuple[str, str]]:
    """Return the query of this request."""
    return list(request.args.items(multi=True))


def asked_page() -> Page:
    """Return the row of this request's address."""
    return PAGES.get(request.endpoint or "", Page())
