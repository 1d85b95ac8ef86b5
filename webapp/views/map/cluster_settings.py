"""The cluster's settings that no manifest shows: a form on the map, and the address that it is sent to."""

from dataclasses import dataclass
from urllib.parse import urlencode

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from webapp.cluster.model import Cluster
from webapp.failure import words
from webapp.views.page.look import PAGE_WORDS, Look
from webapp.views.page.opened import library, open_or_404

blueprint = Blueprint("cluster_settings", __name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the form shows."""

    action: str
    hidden: tuple[tuple[str, str], ...]
    """The other words of this state, which the form takes along."""
    nodes: int | None
    """How many nodes are assumed; None where they are given, or named by what was given."""
    pods: int
    """How many pods are assumed behind each service whose own are not in the upload."""
    node_names: str
    proxy_mode: str
    nodeport_addresses: str
    node_port_range: str
    kubernetes: str
    changed: tuple[str, ...]
    """What differs from the defaults, in words."""


def settings(look: Look) -> Settings:
    """Return the form for this state."""
    options = look.options
    return Settings(
        action=url_for("cluster_settings.change", topology_id=look.topology.id),
        hidden=tuple(pair for pair in look.pairs() if pair[0] not in words.SETTING_WORDS),
        nodes=options.assume_nodes if look.counts_nodes else None,
        pods=options.assume_pods,
        node_names=", ".join(options.node_names),
        proxy_mode=options.proxy_mode,
        nodeport_addresses=", ".join(options.nodeport_addresses),
        node_port_range=words.range_word(options),
        kubernetes=f"1.{options.minor_version}",
        changed=tuple(
            f"{key} {value}" for key, value in words.encode_options(options, words.PAGE) if key in _effective(look)
        ),
    )


def _effective(look: Look) -> frozenset[str]:
    """Return the words that change something here."""
    return words.SETTING_WORDS if look.counts_nodes else words.SETTING_WORDS - {"nodes", "node-names"}


@blueprint.get("/t/<topology_id>/settings")
def change(topology_id: str) -> ResponseReturnValue:
    """Lead to the map under the settings of the form, without what no longer exists there."""
    topology = open_or_404(topology_id)
    pairs = [(key, value.strip()) for key, value in request.args.items(multi=True) if value.strip()]
    options = words.decode_options(pairs, plain=words.PAGE)
    cluster = library().cluster(topology, options)
    scenario, dropped = words.prune([pair for pair in pairs if pair[0] in words.SCENARIO_WORDS], cluster)
    page = [pair for pair in pairs if pair[0] in PAGE_WORDS and _is_there(pair, cluster)]
    kept = (
        words.encode(scenario)
        + words.encode_options(options, words.PAGE)
        + page
        + [("dropped", word) for word in dropped]
    )
    return redirect(f"{url_for('explorer.show', topology_id=topology_id)}?{urlencode(kept, safe='/:,=')}".rstrip("?"))


def _is_there(pair: tuple[str, str], cluster: Cluster) -> bool:
    """Return whether one of the page's own words still means something: what was selected may be gone."""
    key, value = pair
    return not (key == "select" and words.prune([("down", value)], cluster)[1])
