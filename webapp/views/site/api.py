"""The API for programs: simulate what is sent, or say why an address answers, and keep nothing of it."""

from flask import Blueprint, abort, make_response
from flask.typing import ResponseReturnValue

from webapp.cluster.address import PROTOCOLS, parse_address
from webapp.cluster.build import build
from webapp.cluster.edits import edited
from webapp.cluster.model import Cluster
from webapp.diagram.badge import badge as drawn_badge
from webapp.failure import Scenario, state_at, words
from webapp.findings.explanation import why_document
from webapp.findings.facts import Facts
from webapp.findings.why import why as explained
from webapp.manifests import Manifests
from webapp.resilience import What, survival
from webapp.views.page import query
from webapp.views.page.rendering import revalidated
from webapp.views.page.topologies import open_or_404
from webapp.views.site.downloads import simulated
from webapp.views.site.security import PICTURE_HEADERS
from webapp.views.site.uploads import read_sent, was_sent

blueprint = Blueprint("api", __name__, url_prefix="/api/v1")


@blueprint.post("/simulate")
def simulate() -> ResponseReturnValue:
    """Answer with the simulation document of the manifests in the body, or in a form as files; the query asks."""
    _, cluster, scenario = _asked(_sent())
    return simulated(cluster, scenario)


# By GET also, so that a page can link to the answer about a stored topology.
@blueprint.route("/why", methods=["GET", "POST"])
def why() -> ResponseReturnValue:
    """Answer with the explanation of `address`, for a stored `topology` or for the manifests in the body."""
    typed = parse_address(query.ADDRESS.asked())
    if typed is None:
        abort(400, "Say address=HOST:PORT, such as worker-1:30080.")
    protocol = query.PROTOCOL.asked().upper()
    if protocol not in PROTOCOLS:
        abort(400, f"protocol is one of {', '.join(PROTOCOLS)}.")
    stored = query.TOPOLOGY.asked()
    manifests, cluster, scenario = _asked(open_or_404(stored).manifests if stored else _sent())
    facts = Facts(edited(manifests, cluster.options.edits), cluster)
    return why_document(explained(facts, state_at(cluster, scenario), typed, protocol), scenario)


@blueprint.get("/badge.svg")
def badge() -> ResponseReturnValue:
    """Answer with a badge for a README: whether every service of a stored `topology` survives any one node or zone."""
    stored = query.TOPOLOGY.asked()
    if not stored:
        abort(400, "Say topology=ID, as in the address of its map.")
    _, cluster, _ = _asked(open_or_404(stored).manifests)
    what: What = "zone" if query.SURVIVE.asked() == "zone" else "node"
    if what == "zone" and not any(node.zone for node in cluster.nodes.values()):
        abort(422, "No node has the label topology.kubernetes.io/zone, so nothing is known of zones.")
    response = make_response(drawn_badge(survival(cluster, what), what))
    response.mimetype = "image/svg+xml"
    response.headers.update(PICTURE_HEADERS)
    return revalidated(response)


def _sent() -> Manifests:
    """Return the manifests of the body; answer what to send, or that nothing could be read, if there are none."""
    manifests = read_sent()
    if not was_sent(manifests):
        abort(422, "Send the manifests as the body, or in a form as `files` or `text`.")
    if not manifests.is_usable:
        problems = [problem.message for problem in manifests.problems]
        abort(make_response({"error": "Nothing in there could be read.", "problems": problems}, 422))
    return manifests


def _asked(manifests: Manifests) -> tuple[Manifests, Cluster, Scenario]:
    """Return the manifests with the cluster and the Scenario that the query asks for."""
    pairs = query.asked_pairs()
    cluster = build(manifests, words.decode_options(pairs, manifests))
    return manifests, cluster, words.decode(pairs, cluster)
