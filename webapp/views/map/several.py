"""Several nodes at once: the form that says which are down, and label selectors that stand for nodes."""

from dataclasses import dataclass, replace

from flask import Blueprint, redirect, request
from flask.typing import ResponseReturnValue

from webapp.cluster.label_query import label_query
from webapp.cluster.model import Cluster
from webapp.cluster.remembered import once_per_cluster
from webapp.diagram.contents import Contents, Sort
from webapp.failure.scenario import CRASH_MOMENTS, Kind, Moment, Target
from webapp.failure.words import ScenarioError
from webapp.views.page.look import Look, look_at
from webapp.views.page.opened import open_or_404

blueprint = Blueprint("several", __name__)

MAX_SUGGESTED = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Several:
    """The form: one box a node of the picture, and the rest of the state to be kept."""

    action: str
    hidden: tuple[tuple[str, str], ...]
    """The query without the nodes that have a box."""
    nodes: tuple[tuple[str, bool], ...]
    """Name, and whether it is down."""
    labels_action: str
    labels_hidden: tuple[tuple[str, str], ...]
    suggested: tuple[str, ...]
    """Selectors to choose from: each select some nodes, not all."""


def several(look: Look, contents: Contents) -> Several:
    """Return the form for the nodes that have a lane of their own; those folded away are selected by their labels."""
    shown = [lane.title for lane in contents.lanes if lane.sort is Sort.NODE]
    boxed = {Target(kind=Kind.NODE, name=name) for name in shown}
    crash = taking_down(look, frozenset())
    without = replace(crash, scenario=replace(crash.scenario, down=crash.scenario.down - boxed))
    return Several(
        action=look.url().partition("?")[0],
        hidden=tuple(without.pairs()),
        nodes=tuple((name, Target(kind=Kind.NODE, name=name) in look.scenario.down) for name in shown),
        labels_action=look.url("several.take_down").partition("?")[0],
        labels_hidden=tuple(look.pairs()),
        suggested=_suggested(look.cluster),
    )


def taking_down(look: Look, names: frozenset[str]) -> Look:
    """Return the state with these nodes also down, by a crash."""
    scenario = look.scenario
    down = scenario.down | {Target(kind=Kind.NODE, name=name) for name in names}
    at = scenario.at if scenario.at in CRASH_MOMENTS else Moment.DETECTED
    return replace(look, scenario=replace(scenario, down=down, drain=(), at=at), select=None)


@blueprint.get("/t/<topology_id>/take-down")
def take_down(topology_id: str) -> ResponseReturnValue:
    """Lead to the state in which all nodes with some labels are down."""
    look = look_at(open_or_404(topology_id))
    return redirect(taking_down(look, _labelled(look, request.args.get("labels", "").strip())).url())


def _labelled(look: Look, text: str) -> frozenset[str]:
    query = label_query(text)
    if query is None:
        message = "A label selector looks like zone=a, disk in (ssd, nvme) or !spare; join several with commas."
        raise ScenarioError(f"labels={text[:80]}", message)
    names = frozenset(node.name for node in look.cluster.nodes.values() if query(node.labels))
    if not names:
        raise ScenarioError(f"labels={text[:80]}", f"No node has these labels. There is: {_known(look)}.")
    return names


def _known(look: Look) -> str:
    return ", ".join(_suggested(look.cluster)) or "no label that distinguishes nodes"


@once_per_cluster
def _suggested(cluster: Cluster) -> tuple[str, ...]:
    """Return the labels that more than one node has and not all; names of single nodes are no use here."""
    counts: dict[str, int] = {}
    for node in cluster.nodes.values():
        for key, value in node.labels.items():
            counts[f"{key}={value}"] = counts.get(f"{key}={value}", 0) + 1
    telling = sorted(word for word, count in counts.items() if 1 < count < len(cluster.nodes))
    return tuple(telling[:MAX_SUGGESTED])
