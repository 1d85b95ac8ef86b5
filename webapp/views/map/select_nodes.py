"""The map's menu that selects nodes: boxes to tick for those that are down, and label selectors."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from flask import Blueprint, redirect
from flask.typing import ResponseReturnValue

from webapp.cluster.label_query import label_query
from webapp.cluster.model import Cluster
from webapp.cluster.remembered import once_per_cluster
from webapp.failure.kinds import FailureKind
from webapp.failure.scenario import CRASH_MOMENTS, Moment, Target
from webapp.failure.word_values import ScenarioError
from webapp.views.page import query
from webapp.views.page.query import QueryForm
from webapp.views.page.state import PageState, open_page

blueprint = Blueprint("select_nodes", __name__)

MAX_SUGGESTED = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeSelection:
    """The form: one box a node of the picture, and the rest of the state to be kept."""

    form: QueryForm
    nodes: tuple[tuple[str, bool], ...]
    """Name, and whether it is down."""
    labels_form: QueryForm
    suggested: tuple[str, ...]
    """Selectors to choose from: each select some nodes, not all."""


def node_selection(page: PageState, shown: Sequence[str]) -> NodeSelection:
    """Return the form for the nodes that have a separate lane; those folded away are selected by their labels."""
    boxes = [("down", f"node/{name}") for name in shown]
    return NodeSelection(
        form=_ticking(page).form("nodes", boxes=boxes),
        nodes=tuple((name, Target(kind=FailureKind.NODE, name=name) in page.scenario.down) for name in shown),
        labels_form=page.form("labels"),
        suggested=_suggested(page.cluster),
    )


def _ticking(page: PageState) -> PageState:
    """Return the state to which the boxes add what is down."""
    its = taking_down(page, frozenset())
    return its if page.scenario.down else its.at(Moment.FAILED)


def taking_down(page: PageState, names: frozenset[str]) -> PageState:
    """Return the state with these nodes also down, by a crash."""
    scenario = page.scenario
    down = scenario.down | {Target(kind=FailureKind.NODE, name=name) for name in names}
    # A crash and a drain follow different steps, so the drain ends here and its times are not those of a crash.
    at = scenario.at if scenario.at in CRASH_MOMENTS else Moment.DETECTED
    return page.having(replace(scenario, down=down, drain=(), at=at), None)


@blueprint.get("/t/<topology_id>/take-down")
def take_down(topology_id: str) -> ResponseReturnValue:
    """Lead to the state in which all nodes with some labels are down."""
    page = open_page(topology_id)
    return redirect(taking_down(page, nodes_labelled(page, query.LABELS.asked())).url())


def nodes_labelled(page: PageState, text: str) -> frozenset[str]:
    """Return the names of the nodes that a label selector selects, as ``kubectl -l`` does.

    Raises:
        ScenarioError: it can't be read, or selects none.

    """
    selects = label_query(text)
    if selects is None:
        message = "A label selector looks like zone=a, disk in (ssd, nvme) or !spare; join several with commas."
        raise ScenarioError(f"labels={text[:80]}", message)
    names = frozenset(node.name for node in page.cluster.nodes.values() if selects(node.labels))
    if not names:
        known = ", ".join(_suggested(page.cluster)) or "no label that distinguishes nodes"
        raise ScenarioError(f"labels={text[:80]}", f"No node has these labels. There is: {known}.")
    return names


@once_per_cluster
def _suggested(cluster: Cluster) -> tuple[str, ...]:
    """Return the labels that more than one node has and not all; names of single nodes are no use here."""
    counts: dict[str, int] = {}
    for node in cluster.nodes.values():
        for key, value in node.labels.items():
            counts[f"{key}={value}"] = counts.get(f"{key}={value}", 0) + 1
    # kubernetes.io/hostname is another on each node, kubernetes.io/os mostly the same on all: neither selects some.
    telling = sorted(word for word, count in counts.items() if 1 < count < len(cluster.nodes))
    return tuple(telling[:MAX_SUGGESTED])
