"""The picture as one page without anything to load: the SVG, and the same in a table."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from webapp.diagram import wording
from webapp.diagram.cluster_map import ClusterMap, cluster_map
from webapp.diagram.describe import describe
from webapp.diagram.lanes import Diagram, Lane
from webapp.diagram.markup import element, written
from webapp.diagram.palette import TOKENS
from webapp.numbers import counted, percent
from webapp.topology.attributes import Graph
from webapp.topology.reading import is_cluster

COLUMNS = ("Node", "Entry point", "New connections", "State", "Pods")
CLUSTER_COLUMNS = ("Service", "Port", "State", "Answered", "Before", "Pods")
_RULES = (
    "body{{margin:24px;font:14px/20px system-ui,sans-serif;background:{bg};color:{text}}}"
    "svg{{max-width:100%;height:auto}}table{{border-collapse:collapse;margin-top:24px}}"
    "th,td{{text-align:left;padding:4px 16px 4px 0;border-bottom:1px solid {line};vertical-align:top}}"
)


def render(graph: Graph, svg: str) -> bytes:
    """Return the page; it needs no script, no address and no font."""
    table = tabled(graph)
    # The page brings its own colours: it is opened from a disk, without any style sheet.
    light, dark = ({name: pair[i] for name, pair in TOKENS.items()} for i in (0, 1))
    style = f"{_RULES.format(**light)}@media (prefers-color-scheme:dark){{{_RULES.format(**dark)}}}"
    head = (
        '<meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{written(table.title)}</title>{element('style', style)}"
    )
    body = svg + written_table(table)
    return f'<!doctype html>\n<html lang="en"><head>{head}</head><body>{body}</body></html>\n'.encode()


class Table(NamedTuple):
    """The picture as a table."""

    title: str
    columns: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]


def tabled(graph: Graph) -> Table:
    """Return what the picture says, as a table."""
    if is_cluster(graph):
        whole = cluster_map(graph)
        return Table(wording.cluster_headline(whole), CLUSTER_COLUMNS, tuple(_service_rows(whole)))
    its = describe(graph)
    return Table(wording.headline(its.question), COLUMNS, tuple(_rows(its)))


def written_table(table: Table) -> str:
    """Return the table as an element."""
    head = element("thead", _row("th", table.columns))
    body = element("tbody", *(_row("td", cells) for cells in table.rows)) if table.rows else ""
    return element("table", head, body, id="table")


def _service_rows(its: ClusterMap) -> Iterator[tuple[str, ...]]:
    for i, bar in enumerate(its.bars):
        pods = [pod for lane in its.lanes for pod in lane.cells[i].pods]
        dead = sum(pod.dead for pod in pods)
        words = counted(len(pods), "pod") + (f", {dead:,} down" if dead else "")
        yield f"{bar.namespace}/{bar.service}", bar.ports, bar.word, percent(bar.share), percent(bar.before), words
    for folded in its.folded:
        yield folded.words, "", folded.worst.word, folded.share, "", ""


def _row(cell: str, texts: tuple[str, ...]) -> str:
    return element("tr", *(element(cell, written(text)) for text in texts))


def _rows(its: Diagram) -> Iterator[tuple[str, ...]]:
    for lane in its.lanes:
        entry = lane.entry
        yield (
            " ".join(filter(None, (lane.title, lane.word, "(assumed)" if lane.assumed else ""))),
            f"{entry.name}{entry.port}" if entry else "",
            percent(entry.share) if entry else "",
            entry.words if entry else "",
            _pods(lane),
        )


def _pods(lane: Lane) -> str:
    return "; ".join(
        " ".join(
            filter(
                None,
                (
                    pod.name,
                    "(assumed)" if pod.assumed else "",
                    pod.words,
                    f"({percent(pod.share)})" if pod.picked else "",
                ),
            )
        )
        for pod in lane.pods
    )
