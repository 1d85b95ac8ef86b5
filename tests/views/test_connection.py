"""The page that steps through a connection: what it says at each step, and where its links lead."""

import re

import pytest
from flask.testing import FlaskClient

from tests.views.uploading import WEB, Uploads

SHOP = "/t/sample-shop/hop?service=default/web&down=node/worker-2&at=failed"
PICKS_THREE = f"{SHOP}&entry=node/worker-1&pick=default/web-7c9d-zt5lf"


def _text(client: FlaskClient, path: str) -> str:
    """Return the page's words."""
    response = client.get(path)
    assert response.status_code == 200, response.text
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.text))


@pytest.mark.parametrize(
    "words",
    [
        pytest.param("Step 3 of 6: One endpoint is selected", id="where one is"),
        pytest.param("203.0.113.9:51644", id="what the client sends"),
        pytest.param("10.244.3.2:8080", id="what DNAT makes of the target"),
        pytest.param("192.168.1.101:23817", id="what SNAT makes of the source"),
        pytest.param("Not the client’s address", id="what the pod sees"),
        pytest.param("worker-2 , down", id="that some of the choices are dead"),
        pytest.param(
            "If kube-proxy selects web-7c9d-8mmzq or web-7c9d-pd7wn (2 of 4): timeout.", id="what another pick gives"
        ),
        pytest.param("With policy Local", id="what the other policy would change"),
    ],
)
def test_the_page_tells_the_whole_connection(client: FlaskClient, words: str) -> None:
    """Every step is on the page, whichever is the current one."""
    assert words in _text(client, f"{PICKS_THREE}&step=3")


def test_next_and_back_lead_through_the_steps(client: FlaskClient) -> None:
    """Plain links, which keep the Scenario, the entry point and the pick."""
    page = client.get(f"{PICKS_THREE}&step=3").text.replace("&amp;", "&")
    base = "down=node/worker-2&at=failed&entry=node/worker-1&pick=default/web-7c9d-zt5lf"
    assert re.search(rf'data-hop="next" href="[^"]*{base}&step=4"', page)
    assert re.search(rf'data-hop="back" href="[^"]*{base}&step=2"', page)


@pytest.mark.parametrize(
    ("path", "says"),
    [
        pytest.param(f"{SHOP}&entry=node/worker-2&step=5", "Step 1 of 6: The client times out", id="node down"),
        pytest.param(
            f"{SHOP}&entry=node/worker-1&pick=default/web-7c9d-8mmzq&step=9",
            "Step 5 of 6: Nothing answers",
            id="dead pod",
        ),
        pytest.param(f"{SHOP}&pick=default/gone&step=3", "can’t select default/gone", id="an unknown pick"),
        pytest.param(f"{SHOP}&step=x", "Step 1 of 6", id="an odd step"),
        pytest.param(f"{SHOP}&via=node/worker-3", "192.168.1.103:30080", id="the way in is the entry point"),
    ],
)
def test_a_connection_is_shown_as_far_as_it_comes(client: FlaskClient, path: str, says: str) -> None:
    """A step beyond the end shows the end."""
    assert says in _text(client, path)


def test_an_entry_point_that_is_not_there_is_refused_with_what_exists(client: FlaskClient) -> None:
    """As every other word."""
    response = client.get(f"{SHOP}&entry=node/worker-9")
    assert (response.status_code, "worker-1, worker-2" in response.text) == (400, True)
    assert client.get(f"{SHOP}&entry=worker-1").status_code == 400


def test_assumed_nodes_and_pods_are_told_by_name(uploads: Uploads, client: FlaskClient) -> None:
    """Nobody knows their addresses."""
    path = uploads.stored()
    text = _text(client, f"{path}/hop?step=3")
    assert "node-1:30080" in text
    assert "Names stand for addresses" in text


def test_a_service_without_a_node_port_has_no_connection(uploads: Uploads, client: FlaskClient) -> None:
    """And says so."""
    path = uploads.stored(
        "apiVersion: v1\nkind: Service\nmetadata: {name: in}\nspec: {ports: [{port: 80}], selector: {a: b}}\n"
    )
    assert "has no nodePort to connect to" in _text(client, f"{path}/hop")


def test_a_thousand_endpoints_are_told_in_short(uploads: Uploads, client: FlaskClient) -> None:
    """Eight by name, with the one picked among them; the rest as a number."""
    path = uploads.stored(WEB.replace("replicas: 3", "replicas: 900"))
    text = _text(client, f"{path}/hop?step=3&pick=default/web-300")
    assert "web-300" in text
    assert "and 322 more" in text


def test_the_map_links_to_the_connection(client: FlaskClient) -> None:
    """From the panel, and from each row of the table."""
    page = client.get("/t/sample-shop?service=default/web").text
    assert "Step through a connection" in page
    table = client.get("/t/sample-shop?service=default/web&view=table").text
    assert "entry=node/worker-3" in table


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("", "Every node that is up, also the one without a ready pod, would send to any ready pod."),
        ("&replicas=Deployment/default/web:0", "Nothing would change: the connection doesn’t reach a pod."),
    ],
)
def test_policy_cluster_promises_no_more_than_it_gives(client: FlaskClient, query: str, says: str) -> None:
    """Without a ready pod no node would answer under either policy."""
    text = _text(client, f"/t/sample-shop/hop?service=default/web&policy=default/web:Local&entry=node/worker-1{query}")
    assert says in text
