"""A comparison as one HTML file: what differs, and both sides where it shows most, each of which still simulates."""

import re
from base64 import b64encode
from collections.abc import Iterable, Iterator
from hashlib import sha256
from html import escape
from typing import TYPE_CHECKING

from webapp.check.compare import Change, Comparison, Effect
from webapp.check.comparison_formats import summary
from webapp.check.shown import ShownDifference, shown_difference
from webapp.cluster.model import Cluster
from webapp.diagram import draw, wording
from webapp.diagram.markup import element, written
from webapp.diagram.palette import page_tokens
from webapp.failure import Scenario, words

if TYPE_CHECKING:
    from webapp.topology.attributes import Situation

# A sign, a word and only then a colour.
_SIGNS = {
    Effect.WORSE: ("✕", "Worse", "bad"),
    Effect.OTHER: ("~", "Differs", "quiet"),
    Effect.BETTER: ("✓", "Better", "ok"),
}
_STYLE = (
    ":root{color-scheme:light dark;" + page_tokens() + "}"
    "*{box-sizing:border-box}"
    'body{margin:0 auto;max-width:1920px;padding:16px 24px 32px;font:14px/20px Inter,system-ui,"Segoe UI",Roboto,'
    '"Noto Sans","DejaVu Sans",sans-serif;background:var(--bg);color:var(--text)}'
    "h1{margin:0;font-size:20px;line-height:28px;overflow-wrap:anywhere}h2{margin:24px 0 8px;font-size:16px}"
    "p{margin:4px 0;overflow-wrap:anywhere}.quiet{color:var(--quiet)}.bad{color:var(--bad)}.ok{color:var(--ok)}"
    "table{border-collapse:collapse;width:100%}.scroll{overflow-x:auto}"
    "th,td{text-align:left;padding:4px 16px 4px 0;border-bottom:1px solid var(--line);vertical-align:top;"
    "overflow-wrap:break-word}"
    ".sides{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,640px),1fr));gap:16px}"
    "section{min-width:0}iframe{width:100%;height:80vh;border:1px solid var(--line);border-radius:8px}"
    "img{max-width:100%;height:auto;display:none}"
    ":focus-visible{outline:3px solid var(--accent);outline-offset:2px}"
    "@media print{:root{color-scheme:light}body{background:#fff;padding:0;max-width:none}iframe{display:none}"
    "img{display:block}.sides{display:block}section{break-inside:avoid}}"
    "@page{size:landscape;margin:12mm}"
)
_POLICY = re.compile(r"default-src 'none'; script-src ([^;]*); style-src ([^;]*);")


def comparison_page(
    comparison: Comparison, old: Cluster, new: Cluster, looked_at: ShownDifference | None = None
) -> str:
    """Return the file: both sides as they are looked at, else where the change shows most.

    Its bytes depend on the two clusters and on that alone. What of it isn't on one side is not shown there.

    Raises:
        DiagramError: a side can't be drawn.

    """
    shown = looked_at or shown_difference(comparison, old, new)
    sides = {"Before": old, "After": new} if shown else {}
    pages = {title: _page(cluster, shown) for title, cluster in sides.items() if shown}
    title = summary(comparison)
    body = [element("h1", written(title)), *_changes(comparison)]
    if shown:
        said = f"{_said(shown)}. Each side still simulates: take down something in both."
        drawn = (_side(title, cluster, shown, pages[title]) for title, cluster in sides.items())
        body += [
            element("h2", "Both sides" if looked_at else "Where it shows most"),
            element("p", written(said), class_="quiet"),
            element("div", *drawn, class_="sides"),
        ]
    head = (
        '<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{_policy(pages.values())}">',
        '<meta name="viewport" content="width=device-width">',
        '<meta name="referrer" content="no-referrer">',
        f"<title>{written(title)} · nodefall</title><style>{_STYLE}</style>",
    )
    page = element("head", *head) + element("body", element("main", *body))
    return f'<!doctype html>\n<html lang="en">{page}</html>\n'


def _changes(comparison: Comparison) -> Iterator[str]:
    if not comparison.changes:
        return
    columns = ("for clients", "service port", "what", "before", "after")
    head = element("thead", element("tr", *(element("th", written(each), scope="col") for each in columns)))
    rows = sorted(comparison.changes, key=lambda change: list(_SIGNS).index(change.effect))
    table = element("table", head, element("tbody", *map(_row, rows)))
    yield element("div", table, class_="scroll", tabindex="0", role="region", aria_label="What differs")


def _row(change: Change) -> str:
    sign, word, tone = _SIGNS[change.effect]
    cells = (change.what, change.before or "–", change.after or "–")
    effect = element("td", element("span", f"{sign} {word}", class_=tone))
    where = element("th", written(change.where), scope="row")
    return element("tr", effect, where, *(element("td", written(cell)) for cell in cells))


def _page(cluster: Cluster, shown: ShownDifference) -> str:
    """Return the file that simulates; empty where the cluster has no port of the service."""
    service = cluster.services.get(shown.scenario.service or "")
    if service is None or not service.ports:
        return ""
    return draw(cluster, _scenario(cluster, shown), "html", shown.port).decode()


def _scenario(cluster: Cluster, shown: ShownDifference) -> Scenario:
    """Return what is looked at, as far as this side has it."""
    return words.prune(words.encode(shown.scenario), cluster)[0]


def _said(shown: ShownDifference) -> str:
    """Return ``default/web:80: worker-2 down · detected · clients connect via DNS``."""
    its = shown.scenario
    asked: Situation = {
        "at": its.at,
        "via": its.via,
        "down": tuple(sorted(map(str, its.down))),
        "drain": its.drain,
        "notes": (),
        "assumptions": (),
    }
    return f"{shown.where}: {wording.situation(asked)}"


def _side(title: str, cluster: Cluster, shown: ShownDifference, page: str) -> str:
    heading = element("h2", title)
    if not page:
        service = shown.scenario.service
        missing = (
            f"{service} has no port here." if service in cluster.services else f"There is no service {service} here."
        )
        return element("section", heading, element("p", written(missing)))
    picture = b64encode(draw(cluster, _scenario(cluster, shown), "svg", shown.port)).decode()
    # A document by itself: two on one page would share ids, and a click would not know which it is about.
    frame = f'<iframe title="{title}" sandbox="allow-scripts" srcdoc="{escape(page)}"></iframe>'
    # Of a frame only what is scrolled to would be printed.
    image = f'<img alt="{title}: {written(_said(shown))}" src="data:image/svg+xml;base64,{picture}">'
    return element("section", heading, frame, image)


def _policy(pages: Iterable[str]) -> str:
    """Return the policy: what the sides' own allow, which a frame inherits, and the style of this file."""
    found = [match.groups() for page in pages if (match := _POLICY.search(page))]
    scripts = " ".join(dict.fromkeys(script for script, _ in found)) or "'none'"
    own = f"'sha256-{b64encode(sha256(_STYLE.encode()).digest()).decode()}'"
    styles = " ".join(dict.fromkeys([own, *(style for _, style in found)]))
    its = f"script-src {scripts}; style-src {styles}; img-src data:"
    return f"default-src 'none'; {its}; base-uri 'none'; form-action 'none'"
