"""The search: what is found, where each result leads, and what an address with a port comes to."""

import re

import pytest
from flask.testing import FlaskClient

from tests.views.uploading import Uploads

SHOP = "/t/sample-shop"


def _links(client: FlaskClient, path: str) -> list[str]:
    """Return where the results lead."""
    page = client.get(path).text.replace("&amp;", "&")
    return re.findall(r'<li><a href="([^"]+)"><span class="tag', page)


@pytest.mark.parametrize(
    ("query", "leads"),
    [
        pytest.param("worker-3", f"{SHOP}?select=node/worker-3", id="a node to the panel"),
        pytest.param("192.168.1.103", f"{SHOP}?select=node/worker-3", id="a node's address"),
        pytest.param("default/api", f"{SHOP}?service=default/api", id="a service to its map"),
        pytest.param("30080", f"{SHOP}?service=default/web&port=80", id="a nodePort to the map of that port"),
        pytest.param(
            "web-7c9d-pd7wn", f"{SHOP}?service=default/web&select=pod/default/web-7c9d-pd7wn", id="a pod to its service"
        ),
        pytest.param("worker-1:30080", f"{SHOP}/hop?service=default/web&port=80&entry=node/worker-1", id="an address"),
    ],
)
def test_a_result_leads_to_where_it_is_shown(client: FlaskClient, query: str, leads: str) -> None:
    """The first of them."""
    assert _links(client, f"{SHOP}/find?q={query}")[0] == leads


def test_the_scenario_is_kept(client: FlaskClient) -> None:
    """By the links, and by the form that needs no script."""
    path = f"{SHOP}/find?down=node/worker-2&at=failed&q=worker-3"
    assert _links(client, path)[0] == f"{SHOP}?down=node/worker-2&at=failed&select=node/worker-3"
    assert '<input type="hidden" name="down" value="node/worker-2">' in client.get(path).text


def test_the_list_alone_is_what_the_box_shows_while_one_types(client: FlaskClient) -> None:
    """Without the page around it, with a word for screen readers."""
    text = client.get(f"{SHOP}/find/list?q=web").text
    assert "<html" not in text
    assert re.search(r'role="status"[^>]*>5 results', text)
    assert "Nothing matches." in client.get(f"{SHOP}/find/list?q=nothing-like-it").text


def test_an_address_is_explained_on_the_page(client: FlaskClient) -> None:
    """Step by step, up to the first thing that breaks it."""
    text = client.get(f"{SHOP}/find?q=worker-2:30080&down=node/worker-2&at=failed").text
    assert "worker-2 is down, and its IP address with it." in text
    assert "Nothing listens on 31999/TCP" in client.get(f"{SHOP}/find?q=worker-1:31999").text


def test_a_pod_s_address_leads_to_a_connection_that_picks_it(client: FlaskClient) -> None:
    """The hops with this pod as the pick."""
    (first, *_) = _links(client, f"{SHOP}/find?q=10.244.3.2:8080")
    assert first.endswith("&pick=default/web-7c9d-zt5lf")


def test_a_query_is_text_and_nothing_else(client: FlaskClient) -> None:
    """What is typed comes back escaped."""
    text = client.get(f"{SHOP}/find", query_string={"q": '"><script>x'}).text
    assert "<script>x" not in text
    assert "Nothing matches." in text


def test_every_page_of_a_topology_has_the_box(uploads: Uploads, client: FlaskClient) -> None:
    """Map, services, problems, a connection."""
    path = uploads.stored()
    for name in ("", "/services", "/problems", "/hop", "/find"):
        assert 'id="find-q"' in client.get(path + name).text


def test_a_pod_that_was_made_anew_is_found(client: FlaskClient) -> None:
    """At the moment when it is there, with what it replaces; not before."""
    query = f"{SHOP}/find?service=default/web&down=node/worker-2&q=web-7c9d-pd7wn-new"
    text = client.get(f"{query}&at=rescheduled").text
    assert "replaces default/web-7c9d-pd7wn" in text
    assert f"{SHOP}?service=default/web&down=node/worker-2&at=rescheduled" in _links(client, f"{query}&at=rescheduled")
    assert _links(client, f"{query}&at=failed") == []
