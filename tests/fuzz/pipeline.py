"""What a set goes through: all that a command or a page would do with it. Nothing here may raise."""

import json
from collections.abc import Sequence

from flask.testing import FlaskClient

from tests.fuzz.sets import Json, words, written
from webapp.cluster.build import build
from webapp.diagram import DiagramError, draw
from webapp.failure.words import PAGE, decode
from webapp.findings import findings
from webapp.limits import TooLargeError
from webapp.manifests import Upload, read
from webapp.manifests.writing import written as written_out
from webapp.resilience import matrix
from webapp.simulation.document import simulation_document

PAGES = (
    "",
    "?drawer=table",
    "?drawer=settings",
    "?drawer=time",
    "?share=embed",
    "/services",
    "/services.csv",
    "/resilience",
    "/findings",
    "/problems",
    "/simulation.json",
    "/diagram.svg",
    "/diagram.html",
    "/diagram.drawio",
    "/search?q=a",
)


def run(objects: Sequence[Json]) -> str:
    """Read, build, simulate, judge and draw; return how it ended."""
    manifests = read([Upload("fuzz.yaml", written(objects))])
    written_out(manifests)
    try:
        cluster = build(manifests, PAGE)
    except TooLargeError:
        return "refused"
    findings(manifests, cluster)
    matrix(cluster)
    for pairs in words([*cluster.nodes], [*cluster.services]).values():
        scenario = decode(pairs, cluster)
        json.dumps(simulation_document(cluster, scenario, summary=True))
        try:
            draw(cluster, scenario, "svg")
        except DiagramError:
            return "nothing to draw"
    return "drawn"


def browse(client: FlaskClient, objects: Sequence[Json]) -> None:
    """Upload the set and open each page of it.

    Raises:
        AssertionError: an answer was an error of nodefall's own.

    """
    response = client.post("/upload", data=written(objects), content_type="application/yaml")
    assert response.status_code in (303, 413, 422), response.status_code
    if response.status_code != 303:
        return
    base = response.headers["Location"].partition("?")[0]
    for page in PAGES:
        status = client.get(base + page).status_code
        assert status < 500, f"{page}: {status}"
