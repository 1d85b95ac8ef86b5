"""What else decides about a service's traffic, on the page."""

import pytest
from flask.testing import FlaskClient

from tests.views.test_explorer import words
from tests.views.uploading import WEB, Uploads

NODES = "".join(
    f"---\napiVersion: v1\nkind: Node\nmetadata: {{name: n{i}, labels: {{topology.kubernetes.io/zone: z{i}}}}}\n"
    f"status: {{addresses: [{{type: InternalIP, address: 192.168.0.{i}}}]}}\n"
    for i in (1, 2)
)


def _service(spec: str, status: str = "{}", pod: str = "") -> str:
    text = WEB.replace("  type: NodePort\n", f"  {spec}\n").replace("\n---", f"\nstatus: {status}\n---", 1)
    return (
        text.replace(
            "spec: {containers: [{name: web, image: nginx,", f"spec: {{{pod}containers: [{{name: web, image: nginx,"
        )
        + NODES
    )


SLICE = """\
apiVersion: v1
kind: Service
metadata: {name: web, namespace: default}
spec: {type: NodePort, ports: [{port: 80}]}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: web-1, namespace: default, labels: {kubernetes.io/service-name: web}}
addressType: IPv4
ports: [{name: "", port: 80, protocol: TCP}]
endpoints:
- {addresses: [10.0.0.1], hints: {forZones: [{name: z1}]}}
- {addresses: [10.0.0.2]}
"""
BALANCER = "type: LoadBalancer\n  "
LOCAL = f"{BALANCER}externalTrafficPolicy: Local\n  healthCheckNodePort: 31000"


@pytest.mark.parametrize(
    ("manifests", "query", "said"),
    [
        pytest.param(_service("type: NodePort"), "", "n1, n2 pods see the node’s address", id="replaced"),
        pytest.param(
            _service("type: NodePort\n  externalTrafficPolicy: Local"),
            "",
            "n1, n2 pods see the client’s own address",
            id="preserved",
        ),
        pytest.param(
            _service("type: NodePort", pod="hostNetwork: true, ").replace("replicas: 3", "replicas: 2"),
            "",
            "it depends on the pod",
            id="mixed",
        ),
        pytest.param(
            _service("type: NodePort\n  sessionAffinity: ClientIP"),
            "down=node/n1&at=failed",
            "a client pinned to a dead pod loses all connections",
            id="pinned to a dead pod",
        ),
        pytest.param(
            _service("type: NodePort\n  sessionAffinity: ClientIP"),
            "down=node/n1",
            "a client that was pinned to one is pinned to another pod now",
            id="pinned anew after detection",
        ),
        pytest.param(
            _service("type: NodePort\n  sessionAffinity: ClientIP"), "", "until 10,800 s after its last", id="pinned"
        ),
        pytest.param(_service("type: NodePort\n  trafficDistribution: PreferClose"), "", "zone z1", id="hints by zone"),
        pytest.param(
            _service("type: NodePort\n  externalTrafficPolicy: Local\n  trafficDistribution: PreferClose"),
            "",
            "Policy Local overrides hints",
            id="hints that Local overrides",
        ),
        pytest.param(
            WEB.replace("type: NodePort", "type: NodePort\n  trafficDistribution: PreferClose"),
            "",
            "No endpoint has a hint",
            id="no hints without zones",
        ),
        pytest.param(SLICE, "", "A ready endpoint has no hint, which turns hints off", id="hints that one turns off"),
        pytest.param(
            _service("type: NodePort\n  externalIPs: [203.0.113.9]"),
            "",
            "203.0.113.9:80 externalIP, average of all nodes 100 %",
            id="an externalIP",
        ),
        pytest.param(
            _service(f"{BALANCER}loadBalancerSourceRanges: [10.0.0.0/8]", "{loadBalancer: {ingress: [{ip: 1.2.3.4}]}}"),
            "",
            "They don’t protect the nodePort",
            id="source ranges",
        ),
        pytest.param(
            _service(BALANCER, "{loadBalancer: {ingress: [{ip: 1.2.3.4, ipMode: Proxy}]}}"),
            "",
            "1.2.3.4: a host name, or ipMode Proxy",
            id="a balancer that kube-proxy does not stand in for",
        ),
        pytest.param(
            _service("type: NodePort").replace("{containerPort: 8080}", "{containerPort: 8080, hostPort: 8080}"),
            "down=node/n1&at=failed",
            "n1:8080 hostPort of default/web-1 Unavailable",
            id="a hostPort that is gone with its node",
        ),
        pytest.param(_service(LOCAL), "down=node/n1", "n2 It has a ready endpoint. 200", id="a health check passed"),
        pytest.param(_service(LOCAL), "down=node/n1", "n1 The node is down. no response", id="and one unanswered"),
    ],
)
def test_the_rules_of_a_service_are_told(
    client: FlaskClient, uploads: Uploads, manifests: str, query: str, said: str
) -> None:
    """Where they apply, and only there."""
    assert said in words(client.get(f"{uploads.stored(manifests)}?drawer=address&{query}").text)


def test_rules_that_do_not_apply_are_not_told(client: FlaskClient) -> None:
    """An ordinary service has its client address, and no more."""
    text = client.get("/t/sample-shop?service=default/web&drawer=address").text
    assert text.count("<h3>Client address</h3>") == 1
    assert not any(f"<h3>{title}</h3>" in text for title in ("Session affinity", "Hints", "Health check"))
