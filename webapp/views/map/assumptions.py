"""The map's note on what was assumed, with one node or Pod more or fewer, and its form of the cluster's settings."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from flask import Blueprint, redirect
from flask.typing import ResponseReturnValue

from webapp.cluster.assumed_pods import assumed_behind
from webapp.failure import words
from webapp.failure.words import PAGE
from webapp.findings.remedy import patch
from webapp.limits import WORDS
from webapp.manifests.plain import plain_object
from webapp.numbers import counted
from webapp.views.map.weighing import EditEffect, Weighing, weighing
from webapp.views.page.edits import editable, url_with_edits, with_edits
from webapp.views.page.listing import Choice
from webapp.views.page.query import QueryForm, asked_pairs
from webapp.views.page.state import MAX_ASSUMED, PageState, fitting, zone_sizes
from webapp.views.page.topologies import open_or_404, topologies


@dataclass(frozen=True, slots=True)
class Stepper:
    """A number with one fewer and one more of it."""

    what: str
    """``node`` or ``pod``."""
    now: int
    least: int
    most: int
    fewer: str
    """The address; empty where that can't be."""
    more: str
    effect: EditEffect | None
    """What one more would give."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumed:
    """What was assumed, and how to change it."""

    steppers: tuple[Stepper, ...] = ()
    supposed: str = ""
    """The node that is supposed to fail for what one more would give; empty where something is down."""
    now: EditEffect | None = None
    """What is answered then as it is."""
    pods: str = ""
    """What stands behind the service in focus, as one sentence; empty where no pod could be assumed."""
    other: str = ""
    """The address of the same without assumed pods; with them, where there are none."""
    strict: bool = False
    """The upload is shown as it stands: without assumed pods, where there could be some."""
    placed: tuple[Choice, ...] = ()
    """The assumed pods as the scheduler spreads them, or all on one node; empty where that is all the same."""
    file: str = ""
    """The service in focus as it was uploaded, where its pods were not."""
    missing: tuple[tuple[str, str], ...] = ()
    """What is not in the upload, and what was assumed of it."""
    names_form: QueryForm | None = None
    """None where the nodes' names aren't for the reader to choose."""


def assumed(page: PageState) -> Assumed | None:
    """Return what was assumed; None if nothing was, nor could be."""
    if _could_be_behind(page) is None and not page.cluster.assumptions:
        return None
    strict, weighs = not assumed_pods(page), weighing(page)
    return Assumed(
        steppers=tuple(steppers(weighs)),
        supposed=weighs.supposed,
        now=weighs.now if weighs.loses else None,
        pods=_sentence(page),
        other=page.assuming_pods(PAGE.assume_pods if strict else 0).url() if _sentence(page) else "",
        strict=strict,
        placed=tuple(_placed(page)),
        file=_file(page) if _sentence(page) else "",
        missing=tuple(_missing(page)),
        names_form=_service_alone(page).form("node names") if page.counts_nodes else None,
    )


def _service_alone(page: PageState) -> PageState:
    """Return the state with nothing that belongs to single nodes, whose names are about to change."""
    return replace(page.reset().via("dns"), port="", drawer="", unfold=frozenset())


def assumed_pods(page: PageState) -> int:
    """Return how many pods are assumed behind the service in focus."""
    return assumed_behind(page.cluster)[page.service.key] if page.service else 0


def with_assumed_pods(page: PageState) -> str:
    """Return ``3 assumed pods``, for a sentence that would otherwise say too much; empty if there are none."""
    count = assumed_pods(page)
    return counted(count, "assumed pod") if count else ""


def _could_be_behind(page: PageState) -> int | None:
    """Return how many pods are assumed behind the service in focus; None if none would be, however many were asked."""
    if count := assumed_pods(page):
        return count
    if page.options.assume_pods or page.service is None:
        return None
    # Only building the cluster with assumed pods tells whether this service gets some; it is kept for the click.
    asked = topologies().cluster(page.topology, replace(page.options, assume_pods=PAGE.assume_pods))
    return 0 if page.service.key in assumed_behind(asked) else None


def steppers(weighs: Weighing) -> Iterator[Stepper]:
    """Yield how many nodes and pods are assumed, where that is for the reader to choose."""
    page = weighs.page
    if page.counts_nodes:
        count = len(page.cluster.nodes)
        fewer = page.assuming(count - 1) if count > 1 else None
        more = page.assuming(count + 1) if count < MAX_ASSUMED else None
        yield _stepper(weighs, "node", count, (1, MAX_ASSUMED), fewer, more)
    if _could_be_behind(page) is not None:
        count, most = page.options.assume_pods, min(MAX_ASSUMED, WORDS.assumed_pods)
        fewer = page.assuming_pods(count - 1) if count else None
        more = page.assuming_pods(count + 1) if count < most else None
        yield _stepper(weighs, "pod", count, (0, most), fewer, more)


def _stepper(
    weighs: Weighing, what: str, count: int, bounds: tuple[int, int], fewer: PageState | None, more: PageState | None
) -> Stepper:
    fewer_url, more_url = ("" if state is None else state.url() for state in (fewer, more))
    return Stepper(what, count, *bounds, fewer_url, more_url, weighs.effect(more) if more else None)


def _placed(page: PageState) -> Iterator[Choice]:
    """Yield the two ways to place assumed pods, each with the state in which they are so."""
    cluster, service = page.cluster, page.service
    pods = [pod for pod in cluster.pods.values() if cluster.is_assumed(pod)] if cluster.assumed_workloads else []
    its = [pod for pod in pods if service and pod.owner and service.key in cluster.assumed_workloads[pod.owner]]
    if not 1 < len(its) <= MAX_ASSUMED or len(cluster.nodes) < 2:
        return
    keys = {pod.key for pod in its}
    others = tuple(move for move in page.options.edits.moves if move[0] not in keys)
    node = its[0].node or next(iter(cluster.nodes))
    together = with_edits(page, moves=tuple(sorted((*others, *((pod.key, node) for pod in its[1:])))))
    on_one = len({pod.node for pod in its}) == 1
    yield Choice("spread", url_with_edits(with_edits(page, moves=others)), not on_one)
    yield Choice("one node", url_with_edits(together), on_one)


def _file(page: PageState) -> str:
    service = editable(page.topology).services.get(page.service.key) if page.service else None
    return patch(None, plain_object(service)) if service else ""


def _missing(page: PageState) -> Iterator[tuple[str, str]]:
    count, service = assumed_pods(page), page.service
    if count and service is not None:
        labels = ", ".join(f"{key}: {value}" for key, value in service.selector.items())
        yield f"{counted(count, 'pod')} with `{labels}`", "ready, on the port that the Service looks for"
    if page.counts_nodes:
        names, zones = list(page.cluster.nodes), zone_sizes(page.cluster)
        ends = names[0] if len(names) == 1 else f"{names[0]} to {names[-1]}"
        yield counted(len(names), "node"), f"{ends}, {counted(len(zones), 'zone') if zones else 'no zones'}"


def _sentence(page: PageState) -> str:
    """Return what is assumed behind the service in focus, or that nothing is; empty where nothing could be."""
    count = _could_be_behind(page)
    if count is None or page.service is None:
        return ""
    if not count:
        return f"Without assumed pods, no pod is behind {page.service.key}."
    are = "is" if count == 1 else "are"
    return f"The pods of {page.service.key} are not in the upload: {counted(count, 'pod')} {are} assumed."


# --- the form of settings ---------------------------------------------------------------------------------------------

blueprint = Blueprint("assumptions", __name__)


@dataclass(frozen=True, slots=True)
class AssumedPlaces:
    """Over how many zones the assumed nodes are spread, and how many of them are control plane."""

    zones: int
    control_planes: int
    nodes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsForm:
    """What the form shows."""

    form: QueryForm
    nodes: int | None
    """How many nodes are assumed; None where they are given, or named by what was given."""
    places: "AssumedPlaces | None"
    """None where Nodes were uploaded."""
    pods: int
    """How many pods are assumed behind each service whose own are not in the upload."""
    node_names: str
    proxy_mode: str
    nodeport_addresses: str
    node_port_range: str
    kubernetes: str
    changed: tuple[str, ...]
    """What differs from the defaults, in words."""


def settings_form(page: PageState) -> SettingsForm:
    """Return the form for this state."""
    options = page.options
    return SettingsForm(
        form=page.form("settings"),
        nodes=options.assume_nodes if page.counts_nodes else None,
        places=None
        if page.topology.manifests.nodes
        else AssumedPlaces(options.edits.zones, options.edits.control_planes, len(page.cluster.nodes)),
        pods=options.assume_pods,
        node_names=", ".join(options.node_names),
        proxy_mode=options.proxy_mode,
        nodeport_addresses=", ".join(options.nodeport_addresses),
        node_port_range=words.range_word(options),
        kubernetes=f"1.{options.minor_version}",
        changed=tuple(
            f"{key} {value}" for key, value in words.encode_options(options, words.PAGE) if key in _effective(page)
        ),
    )


def _effective(page: PageState) -> frozenset[str]:
    """Return the words that change something here."""
    return words.SETTING_WORDS if page.counts_nodes else words.SETTING_WORDS - {"nodes", "node-names"}


@blueprint.get("/t/<topology_id>/settings")
def change(topology_id: str) -> ResponseReturnValue:
    """Lead to the map under the settings of the form, without what no longer exists there."""
    topology, pairs = open_or_404(topology_id), asked_pairs()
    words.decode_options([pair for pair in pairs if pair[1].strip()], topology.manifests)  # a wrong one is refused
    page, dropped = fitting(topology, pairs)
    return redirect(page.url(dropped=dropped))
