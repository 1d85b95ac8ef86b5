"""The page of the matrix: cells that open the map in their state, grades, and drains that never end."""

import re

import pytest
from flask.testing import FlaskClient

from tests.views.test_explorer import words
from tests.views.uploading import WEB, Uploads

DUMP = "/t/sample-two-zones-dump/resilience"
HELD = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template: {metadata: {labels: {app: web}}, spec: {containers: [{name: main, image: web}]}}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {type: NodePort, selector: {app: web}, ports: [{port: 80, nodePort: 30080}]}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: keep}
spec: {minAvailable: 2, selector: {matchLabels: {app: web}}}
"""


def rows(text: str) -> list[str]:
    """Return the services in the order of their rows."""
    return re.findall(r'<tr id="m-[^"]*">\s*<th scope="row" class="c-name"><a href="[^"]*">([^<]+)</a>', text)


def test_the_worst_service_stands_first(client: FlaskClient) -> None:
    """Or all by name, if one wants."""
    assert rows(client.get(DUMP).text) == ["search", "frontend", "payments"]
    assert rows(client.get(f"{DUMP}?order=name").text) == ["frontend", "payments", "search"]


def test_zones_come_first_among_many_nodes(client: FlaskClient) -> None:
    """They would lie beyond the window's edge; beside a few nodes they come last."""
    titles = r'<th scope="col" class="c-cell[^"]*"><span title="([^"]*)">'
    many = re.findall(titles, client.get("/t/sample-fifty-nodes/resilience").text)
    assert many[:4] == ["eu-west-1a", "eu-west-1b", "eu-west-1c", many[3]]
    assert many[3].startswith("worker-")
    assert re.findall(titles, client.get(DUMP).text)[-1].startswith("eu-central-")


def test_the_figures_say_how_many_survive(client: FlaskClient) -> None:
    """As placed, and guaranteed."""
    text = words(client.get(DUMP).text)
    assert "Survive any node with the current placement 3 of 3" in text
    assert "guaranteed by the manifests 0 of 3" in text
    assert "eu-central-1a stops 1 service port: booking/search" in text


@pytest.mark.parametrize(
    ("query", "label"),
    [
        pytest.param("", "75 % of frontend without worker-1", id="just failed"),
        pytest.param("?moment=detected", "100 % of frontend without worker-1", id="detected"),
        pytest.param("?moment=detected&through=dns", "80 % of frontend without worker-1", id="detected, by DNS"),
    ],
)
def test_a_cell_tells_its_share_for_the_moment_and_way_in(client: FlaskClient, query: str, label: str) -> None:
    """In words for those who don't see the head of its column."""
    assert f'aria-label="{label}; 1.33 times the load on each remaining pod"' in client.get(DUMP + query).text


def test_a_cell_opens_the_map_in_that_state(client: FlaskClient) -> None:
    """With the same share in its verdict."""
    text = client.get(DUMP).text
    (url,) = re.findall(r'<a href="([^"]+)" aria-label="75 % of frontend without worker-1;', text)
    url = url.replace("&amp;", "&")
    assert "down=node/worker-1" in url
    assert "at=failed" in url
    assert "75" in words(client.get(url).text)


def test_the_choices_keep_the_scenario_of_the_other_pages(client: FlaskClient) -> None:
    """What is down stays in the address, though the matrix takes no notice of it."""
    text = client.get(f"{DUMP}?down=node/worker-1").text
    assert re.search(r'class="chip" href="[^"]*down=node/worker-1[^"]*moment=detected', text)


def test_many_nodes_are_folded(client: FlaskClient) -> None:
    """The page says how many have no column."""
    assert "38 more nodes, whose loss does less harm" in words(client.get("/t/sample-fifty-nodes/resilience").text)


def test_a_drain_that_never_ends_is_named_with_its_budget(client: FlaskClient, uploads: Uploads) -> None:
    """And links to the drain."""
    text = client.get(f"{uploads.stored(HELD)}/resilience").text
    assert "PodDisruptionBudget default/keep" in words(text)
    assert "drain=node/node-1" in text


def test_without_node_ports_there_is_no_matrix(client: FlaskClient, uploads: Uploads) -> None:
    """A sentence stands in its place."""
    path = uploads.stored("kind: Service\napiVersion: v1\nmetadata: {name: in}\nspec: {ports: [{port: 80}]}\n")
    assert "No service has a node port" in words(client.get(f"{path}/resilience").text)


def test_a_wrong_page_number_shows_the_last(client: FlaskClient) -> None:
    """There is but one."""
    assert rows(client.get(f"{DUMP}?page=99").text) == rows(client.get(DUMP).text)


def test_one_namespace_can_be_shown_alone(client: FlaskClient) -> None:
    """The rest of the view is kept by the form."""
    text = client.get("/t/sample-fifty-nodes/resilience?order=name&namespace=games").text
    assert re.findall(r'<tr id="m-(\w+)\.', text) == ["games"] * 3
    assert '<option value="games" selected>games</option>' in text
    assert '<input type="hidden" name="order" value="name">' in text


def test_a_page_of_the_matrix_stays_light(client: FlaskClient, uploads: Uploads) -> None:
    """A hundred services on a hundred nodes come in pages."""
    nodes = "".join(f"---\napiVersion: v1\nkind: Node\nmetadata: {{name: n{i}}}\n" for i in range(100))
    several = "".join(WEB.replace("web", f"web-{i}").replace("30080", str(30000 + i)) + "---\n" for i in range(100))
    text = client.get(f"{uploads.stored(several + nodes)}/resilience").text
    assert len(re.findall(r"<[a-z]", text)) < 2800
    assert "Page 1 of " in text
