"""The form of the cluster's settings."""

import pytest
from flask.testing import FlaskClient

from tests.views.test_explorer import words
from tests.views.uploading import WEB as MANIFESTS
from tests.views.uploading import Uploads

WEB = "/t/sample-webapp-service"
LIVE_POD = """
apiVersion: v1
kind: Pod
metadata: {name: web-x, labels: {app: web}}
spec: {nodeName: minikube, containers: [{name: web}]}
status: {phase: Running, podIP: 10.244.0.5, hostIP: 192.168.49.2}
"""


@pytest.mark.parametrize(
    ("query", "location"),
    [
        pytest.param("proxy-mode=nftables&nodes=3", f"{WEB}?proxy-mode=nftables", id="only what differs is kept"),
        pytest.param(
            "service-node-port-range=20000%2B99", f"{WEB}?service-node-port-range=20000-20099", id="a port range"
        ),
        pytest.param("nodes=&node-names=&proxy-mode=iptables&nodeport-addresses=&kubernetes=1.36", WEB, id="defaults"),
        pytest.param(
            "down=node/node-2&at=failed&kubernetes=1.30",
            f"{WEB}?down=node/node-2&at=failed&kubernetes=1.30",
            id="the failure stays",
        ),
        pytest.param(
            "down=node/node-3&nodes=2",
            f"{WEB}?nodes=2&dropped=down=node/node-3",
            id="what is gone is left out, and said",
        ),
        pytest.param("select=node/node-3&nodes=2", f"{WEB}?nodes=2", id="nor is what is gone selected"),
        pytest.param("select=node/node-1&nodes=2", f"{WEB}?nodes=2&select=node/node-1", id="what is there stays so"),
        pytest.param(
            "node-names=a, b&view=table", f"{WEB}?node-names=a,b&drawer=table", id="names, and the page's own"
        ),
    ],
)
def test_the_form_leads_to_the_map(client: FlaskClient, query: str, location: str) -> None:
    """By an address as short as any other."""
    response = client.get(f"{WEB}/settings?{query}")
    assert (response.status_code, response.headers["Location"]) == (302, location)


def test_a_value_that_can_not_be_is_refused(client: FlaskClient) -> None:
    """With what is possible."""
    response = client.get(f"{WEB}/settings?nodeport-addresses=everywhere")
    assert response.status_code == 400
    assert "primary, all, localhost or CIDRs" in words(response.text)


def test_what_differs_from_the_default_is_marked(client: FlaskClient) -> None:
    """In the summary, so that it is seen while the form is closed."""
    text = client.get(f"{WEB}?proxy-mode=nftables&drawer=settings").text
    assert '<span class="tag">proxy-mode nftables</span>' in text
    assert "Everything is computed for kube-proxy" in text
    assert "defaults</span></h2>" in client.get(f"{WEB}?drawer=settings").text


def test_given_nodes_are_not_to_be_set(client: FlaskClient) -> None:
    """They are in the manifests."""
    assert 'id="set-nodes"' in client.get(f"{WEB}?drawer=settings").text
    assert 'id="set-nodes"' not in client.get("/t/sample-shop?drawer=settings").text


def test_nodes_that_the_upload_names_are_not_to_be_counted(uploads: Uploads, client: FlaskClient) -> None:
    """Neither in the settings nor beside the picture: the number would change nothing."""
    page = client.get(uploads.stored(f"{MANIFESTS}---\n{LIVE_POD}") + "?nodes=5&drawer=settings").text
    assert "named by 1 pod was assumed (minikube)" in page
    for control in ('id="set-nodes"', 'aria-label="One node more"', "nodes 5", "5 nodes assumed"):
        assert control not in page
