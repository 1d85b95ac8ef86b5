"""What is beyond a limit is refused in one sentence, whoever asks, and nothing of it is stored."""

from pathlib import Path

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient

from tests.hostile.inputs import SERVICE, addresses, budgets, deployment, documents, many_ports, nodes
from webapp.cli import cli
from webapp.cluster.build import build
from webapp.cluster.options import ClusterOptions
from webapp.cluster.size import size_of
from webapp.failure.scenario import Scenario
from webapp.limits import ClusterLimits, TooLargeError
from webapp.manifests import Manifests, Upload, read
from webapp.simulation.document import simulation_document
from webapp.views import create_app

SMALL = ClusterLimits(cluster_nodes=8, pods=40, endpoints=60, entries=30, rows=50, budget_pods=20)
PLACES = (
    "cluster.scheduling.budget_index",
    "cluster.pods",
    "cluster.build",
    "cluster.endpoints",
    "simulation.document",
    "views.site.storing",
)


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    for place in PLACES:
        monkeypatch.setattr(f"webapp.{place}.CLUSTER", SMALL)


@pytest.fixture
def client() -> FlaskClient:
    """Return the client of a server that works out everything itself."""
    return create_app({"DATABASE_URL": "sqlite://", "RATE_LIMIT": ""}).test_client()


def _read(data: bytes) -> Manifests:
    return read([Upload("hostile.yaml", data)])


WHO = "Deployment default/web asks for"
BEYOND = {
    "pods": (documents(SERVICE, deployment(41)), "More than 40 pods: nodefall doesn't draw such a cluster"),
    "nodes": (documents(SERVICE, nodes(9)), "More than 8 nodes: nodefall doesn't draw such a cluster"),
    "endpoints of pods": (many_ports(7, 9), "More than 60 endpoints"),
    "endpoints that are listed": (addresses(61), "More than 60 endpoints"),
    "pods of budgets": (budgets(4, "{}"), "More than 20 pods covered by PodDisruptionBudgets"),
}
WITHIN = {
    "pods": documents(SERVICE, deployment(40)),
    "nodes": documents(SERVICE, nodes(8)),
    "endpoints of pods": many_ports(6, 10),
    "endpoints that are listed": addresses(60),
    "pods of budgets": budgets(3, "{}"),
}


@pytest.mark.parametrize(("data", "message"), BEYOND.values(), ids=BEYOND)
def test_a_cluster_beyond_a_limit_is_refused(data: bytes, message: str) -> None:
    """Also one that its size, told without building it, says may be beyond."""
    with pytest.raises(TooLargeError, match=message):
        build(_read(data))
    size = size_of(_read(data), ClusterOptions())
    beyond = (size.pods > SMALL.pods, size.nodes > SMALL.cluster_nodes, size.endpoints > SMALL.endpoints)
    assert any(beyond) or size.budget_pods > SMALL.budget_pods


@pytest.mark.parametrize("data", WITHIN.values(), ids=WITHIN)
def test_a_cluster_at_the_limit_is_drawn(data: bytes) -> None:
    """The numbers of the table are what is allowed."""
    assert build(_read(data)).services


@pytest.mark.parametrize(("data", "message"), BEYOND.values(), ids=BEYOND)
def test_an_upload_beyond_a_limit_is_answered_413_and_not_stored(
    data: bytes, message: str, client: FlaskClient
) -> None:
    """With a page for a browser, and a problem document for a program."""
    page = client.post("/upload", data={"text": data.decode()})
    assert page.status_code == 413
    assert message.replace("'", "&#39;") in page.get_data(as_text=True)
    problem = client.post("/upload", data=data, headers={"Accept": "application/json"})
    assert (problem.status_code, problem.mimetype) == (413, "application/problem+json")
    assert message in problem.get_json()["detail"]


def test_words_of_an_address_are_refused_in_the_same_way(client: FlaskClient) -> None:
    """A sample becomes as large as its reader asks for; the way back is a link."""
    address = "/t/sample-clashing-ports?replicas=Deployment/production/web:100"
    page = client.get(address)
    assert page.status_code == 400
    assert "More than 40 pods" in page.get_data(as_text=True)
    assert 'href="/t/sample-clashing-ports"' in page.get_data(as_text=True)
    problem = client.get(address.replace("?", "/simulation.json?"))
    assert (problem.status_code, problem.mimetype) == (400, "application/problem+json")
    assert "asks for 100" in problem.get_json()["detail"]


@pytest.mark.parametrize("command", ["check", "simulate", "render"])
def test_a_command_says_it_in_one_line(command: str, tmp_path: Path) -> None:
    """And ends with the status of what could not be told."""
    path = tmp_path / "web.yaml"
    path.write_bytes(BEYOND["pods"][0])
    result = CliRunner().invoke(cli, [command, str(path), *(["-o", str(tmp_path / "a.svg")] * (command == "render"))])
    assert result.exit_code == 2
    assert result.stderr == f"nodefall: {BEYOND['pods'][1]}. {WHO} 41. Ask for fewer replicas.\n"


def test_shares_of_a_document_are_counted_before_they_are_written() -> None:
    """Each entry has one for each endpoint: 5,000 nodes times 200,000 pods once filled 24 GB."""
    cluster = build(_read(documents(SERVICE, deployment(10), nodes(5))))
    with pytest.raises(TooLargeError, match="More than 50 endpoints and shares"):
        simulation_document(cluster, Scenario())
    summary = simulation_document(cluster, Scenario(), summary=True)
    assert len(summary["services"][0]["ports"][0]["entries"]) == 1


@pytest.mark.parametrize(
    ("words", "message"),
    [
        pytest.param("&".join(["down=node/worker-1"] * 1_001), "at most 1,000 words", id="words"),
        pytest.param("&".join(f"add-node=n{n}" for n in range(101)), "At most 100 nodes can be added", id="add-node"),
    ],
)
@pytest.mark.parametrize("path", ["/t/sample-shop", "/t/sample-shop/simulation.json"])
def test_an_address_of_very_many_words_is_refused(path: str, words: str, message: str, client: FlaskClient) -> None:
    """Each link of the page repeats them: 5,000 added nodes made one of 487 MB."""
    response = client.get(f"{path}?{words}")
    assert response.status_code == 400
    assert message in response.get_data(as_text=True)
    assert len(response.data) < 100_000


def test_as_many_words_as_allowed_are_taken(client: FlaskClient) -> None:
    """The limits are what may be asked."""
    assert client.get(f"/t/sample-shop?{'&'.join(['down=node/worker-1'] * 1_000)}").status_code == 200
