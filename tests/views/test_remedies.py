"""What would help: remedies that were worked out in the state one looks at."""

import re

import pytest
from flask.testing import FlaskClient

from tests.views.test_explorer import words
from tests.views.uploading import WEB, Uploads

SHOP = "/t/sample-shop?service=default/web&down=node/worker-2"


def helps(client: FlaskClient, path: str) -> dict[str, str]:
    """Return the titles of what would help, with the shares."""
    text = client.get(path).text
    if "What would help" not in text:
        return {}
    listed = text[text.index("What would help") :].split("</section>")[0]
    found = re.findall(
        r'<li><span class="text">(?:<a [^>]*>)?([^<]+).*?<span class="state[^>]*>([^<]+)', listed, re.DOTALL
    )
    return {title: share.replace("\N{NARROW NO-BREAK SPACE}", " ") for title, share in found}


def test_each_remedy_has_its_own_figure(client: FlaskClient) -> None:
    """A balancer skips the dead address; spread pods are fewer on the dead node; both add up."""
    assert helps(client, f"{SHOP}&at=failed") == {
        "Load balancer with health checks": "50 %",
        "Pods spread over the nodes": "56.25 %",
        "Both": "75 %",
    }


@pytest.mark.parametrize(
    "query",
    [
        pytest.param("?service=default/web", id="nothing is down"),
        pytest.param("?service=default/web&down=node/worker-2&at=before", id="before the failure"),
        pytest.param("?service=default/web&down=node/worker-2&via=lb", id="nothing is lost"),
        pytest.param("?service=default/web&drain=node/worker-2&at=cordoned", id="a drain"),
    ],
)
def test_nothing_is_offered_where_nothing_is_lost(client: FlaskClient, query: str) -> None:
    """No remedy without an illness."""
    assert helps(client, f"/t/sample-shop{query}") == {}


def test_what_changes_nothing_is_not_offered(client: FlaskClient) -> None:
    """These pods may run in the zone that is lost only, so no constraint spreads them."""
    assert helps(client, "/t/sample-fifty-nodes?service=shop/checkout&down=zone/eu-west-1b&at=failed") == {}


def test_policy_cluster_helps_those_who_ask_a_node_without_a_pod(client: FlaskClient, uploads: Uploads) -> None:
    """The link leads to that state."""
    local = WEB.replace("type: NodePort", "type: NodePort\n  externalTrafficPolicy: Local").replace("s: 3", "s: 2")
    path = uploads.stored(local)
    found = helps(client, f"{path}?down=node/node-1&at=detected")
    assert found["Policy Cluster"] == "66.67 %"
    assert "policy=default/web:Cluster" in client.get(f"{path}?down=node/node-1").text


def test_a_remedy_can_be_copied(client: FlaskClient) -> None:
    """A strategic merge patch of the workload."""
    text = client.get(f"{SHOP}&at=failed").text
    assert re.search(r"topologySpreadConstraints:\s+- maxSkew: 1\s+topologyKey: kubernetes.io/hostname", text)
    assert 'data-copy="help-2"' in text


def test_a_pod_that_vanished_is_not_spread(client: FlaskClient) -> None:
    """Its name would be another one in another placement."""
    found = helps(client, "/t/sample-shop?service=default/web&down=pod/default/web-7c9d-pd7wn&at=failed")
    assert "Pods spread over the nodes" not in found


def test_a_node_gone_says_that_a_budget_would_not_help(client: FlaskClient) -> None:
    """It holds drains back, not crashes."""
    assert "A PodDisruptionBudget would not" in words(client.get(f"{SHOP}&at=failed").text)
