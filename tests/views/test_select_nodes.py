"""Several nodes at once, and what a state is called."""

import re
from html import unescape

import pytest
from flask.testing import FlaskClient

SHOP = "/t/sample-shop"


def hidden_of(body: str, form: str) -> list[tuple[str, str]]:
    """Return what a form takes along."""
    inside = re.search(rf'<form[^>]*id="{form}".*?</form>', body, re.DOTALL)
    assert inside is not None
    found = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', inside[0])
    return [(unescape(key), unescape(value)) for key, value in found]


def test_the_form_has_a_box_for_each_node_ticked_where_it_is_down(client: FlaskClient) -> None:
    """And keeps all else that the address says; a drain gives way to a crash, looked at when it has just failed."""
    body = client.get(f"{SHOP}?service=default/web&down=node/worker-2&down=zone/b&at=failed").text
    boxes = re.findall(r'<input type="checkbox" name="down" value="node/(worker-\d)"( checked)?>', body)
    assert boxes == [("worker-1", ""), ("worker-2", " checked"), ("worker-3", ""), ("worker-4", "")]
    assert hidden_of(body, "several") == [("service", "default/web"), ("down", "zone/b"), ("at", "failed")]
    drained = client.get(f"{SHOP}?drain=node/worker-2&at=evicting").text
    assert hidden_of(drained, "several") == [("at", "failed")]


@pytest.mark.parametrize(
    ("labels", "down"),
    [
        pytest.param("topology.kubernetes.io/zone=a", ["worker-1", "worker-2"], id="a zone's label"),
        pytest.param("kubernetes.io/hostname in (worker-1,worker-4)", ["worker-1", "worker-4"], id="a set"),
        pytest.param("!gpu,kubernetes.io/hostname!=worker-1", ["worker-2", "worker-3", "worker-4"], id="absent"),
    ],
)
def test_labels_stand_for_nodes(client: FlaskClient, labels: str, down: list[str]) -> None:
    """The address that follows names the nodes, so it can be shared and changed one by one."""
    answer = client.get(f"{SHOP}/take-down", query_string={"labels": labels, "via": "lb"})
    assert answer.status_code == 302
    expected = "".join(f"down=node/{name}&" for name in down)
    assert answer.location == f"{SHOP}?{expected}at=failed&via=lb"


@pytest.mark.parametrize("labels", ["", "a b", "gpu=yes"])
def test_labels_that_select_nothing_say_what_there_is(client: FlaskClient, labels: str) -> None:
    """An error, and no guess."""
    answer = client.get(f"{SHOP}/take-down", query_string={"labels": labels})
    assert answer.status_code == 400
    assert "zone=a" in answer.text.replace("<wbr>", "")


def test_a_name_leads_the_title_of_page_and_file(client: FlaskClient) -> None:
    """It stays in every link, and markup in it is text."""
    query = {"service": "default/web", "down": "node/worker-2", "name": "rack 4 <b>"}
    body = client.get(SHOP, query_string=query).text
    assert "<title>rack 4 &lt;b&gt; · default/web:80" in body
    assert "rack 4 <b>" not in body
    assert body.count("name=rack+4+%3Cb%3E") > 10
    svg = client.get(f"{SHOP}/diagram.svg", query_string=query).text
    assert '<title id="title">rack 4 &lt;b&gt;: default/web:80 answers' in svg


def test_a_long_name_is_cut(client: FlaskClient) -> None:
    """At 80 characters, on one line, without control characters."""
    body = client.get(
        SHOP, query_string={"down": "node/worker-2", "share": "link", "name": "x\n\x00y  z" + "a" * 200}
    ).text
    found = re.search(r'id="scenario-name" name="name" type="text" maxlength="80" value="([^"]*)"', body)
    assert found is not None
    assert len(found[1]) == 80
    assert "\n" not in found[1]
    assert "\x00" not in body
