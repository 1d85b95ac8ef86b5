"""Every way to fail has its link on the page, and each one leads back."""

import re
from html import unescape
from urllib.parse import parse_qsl, urlsplit

import pytest
from flask.testing import FlaskClient

from tests.views.test_explorer import hrefs, words

SHOP = "/t/sample-shop?service=default/web"
POD = "default/web-7c9d-4xk2p"


def queries(text: str) -> list[dict[str, list[str]]]:
    """Return the words of each link of a page."""
    found = []
    for link in hrefs(text):
        pairs = parse_qsl(urlsplit(link).query)
        found.append({key: [v for k, v in pairs if k == key] for key, _ in pairs})
    return found


@pytest.mark.parametrize(
    ("select", "down"),
    [
        pytest.param("node/worker-2", "node/worker-2", id="a node goes down"),
        pytest.param("node/worker-2", "partition/worker-2", id="a node is cut off"),
        pytest.param("node/worker-2", "kube-proxy/worker-2", id="its kube-proxy dies"),
        pytest.param("node/worker-2", "returned/worker-2", id="it comes back"),
        pytest.param("node/worker-2", "zone/a", id="its zone goes with it"),
        pytest.param(f"pod/{POD}", f"pod/{POD}", id="a pod vanishes"),
        pytest.param(f"pod/{POD}", f"unready/{POD}", id="a pod fails its readiness"),
        pytest.param(f"pod/{POD}", f"deleted/{POD}", id="a pod is deleted"),
        pytest.param("zone/b", "zone/b", id="a zone"),
        pytest.param("control-plane", "control-plane", id="the control plane"),
    ],
)
def test_each_failure_is_a_link_there_and_back(client: FlaskClient, select: str, down: str) -> None:
    """From what is selected; and the state it leads to has a link to the one without."""
    before = client.get(f"{SHOP}&select={select}").text
    there = next(link for link in sorted(hrefs(before), key=len) if f"down={down}" in unescape(link))
    after = client.get(there)
    assert after.status_code == 200
    assert any("down" not in query and query.get("service") == ["default/web"] for query in queries(after.text))
    assert re.search("Bring back|Undo", words(after.text))


def test_one_thing_fails_in_one_way_only(client: FlaskClient) -> None:
    """A node that is down is cut off instead, not as well."""
    found = queries(client.get(f"{SHOP}&down=node/worker-2").text)
    assert any(query.get("down") == ["partition/worker-2"] for query in found)
    assert not any({"partition/worker-2", "node/worker-2"} <= set(query.get("down", ())) for query in found)


def test_a_node_that_comes_back_is_looked_at_after_its_pods_have_moved(client: FlaskClient) -> None:
    """Before that it is simply down."""
    found = queries(client.get(f"{SHOP}&select=node/worker-2").text)
    assert any(q.get("down") == ["returned/worker-2"] and q.get("at") == ["rescheduled"] for q in found)


@pytest.mark.parametrize(
    ("down", "badge"),
    [
        ("node/worker-2", "Down"),
        ("partition/worker-2", "Partitioned"),
        ("kube-proxy/worker-2", "kube-proxy down"),
        ("returned/worker-2", "Down"),
        ("returned/worker-2&at=rescheduled", "Returned"),
        ("zone/a", "Down"),
        (f"unready/{POD}", "Not ready"),
        (f"deleted/{POD}", "Deleted"),
        ("control-plane", "Down"),
    ],
)
def test_the_panel_says_how_it_fails(client: FlaskClient, down: str, badge: str) -> None:
    """A badge beside the name, and the chip in the toolbar."""
    text = client.get(f"{SHOP}&down={down}").text
    panel = words(text[text.index('<aside class="card panel"') :])
    assert re.match(rf".{{1,60}} {badge} ", panel)
    assert 'class="chip down"' in text[: text.index("<aside")]


def test_a_drained_node_can_be_moved_up_in_the_order(client: FlaskClient) -> None:
    """The order of a drain decides which budgets are spent first."""
    text = client.get(f"{SHOP}&drain=node/worker-2&drain=node/worker-1&drawer=pods").text
    assert any(query.get("drain") == ["node/worker-1", "node/worker-2"] for query in queries(text))
    assert "Stage of the drain" in text


def test_a_zones_nodes_can_be_drained_instead(client: FlaskClient) -> None:
    """Down and drain can't be asked together, so the one takes the other's place."""
    found = queries(client.get(f"{SHOP}&down=partition/worker-2").text)
    assert any(query.get("drain") == ["node/worker-2"] and "down" not in query for query in found)


def test_a_rule_that_picks_among_others_elsewhere_says_so(client: FlaskClient) -> None:
    """A node that is cut off goes on with the endpoints of before."""
    text = words(client.get(f"{SHOP}&down=partition/worker-2").text)
    assert "The same on 2 other nodes. 1 node by this rule, with other pods." in text
