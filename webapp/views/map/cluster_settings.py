"""The cluster's settings that no manifest shows: a form on the map, and the address that it is sent to."""

from dataclasses import dataclass

from flask import Blueprint, redirect
from flask.typing import ResponseReturnValue

from webapp.failure import words
from webapp.views.page.query import Form, asked_pairs
from webapp.views.page.state import PageState, fitting
from webapp.views.page.topologies import open_or_404

blueprint = Blueprint("cluster_settings", __name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the form shows."""

    form: Form
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


def settings(page: PageState) -> Settings:
    """Return the form for this state."""
    options = page.options
    return Settings(
        form=page.form("settings"),
        nodes=options.assume_nodes if page.counts_nodes else None,
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
