"""What becomes of pods and drains, on the page."""

import pytest
from flask.testing import FlaskClient

from tests.views.test_explorer import SHOP, words
from tests.views.uploading import WEB, Uploads

NODES = "".join(f"---\napiVersion: v1\nkind: Node\nmetadata: {{name: n{i}}}\n" for i in (1, 2))
BUDGET = """---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: web, namespace: default}
spec: {minAvailable: 3, selector: {matchLabels: {app: web}}}
"""
BARE = """---
apiVersion: v1
kind: Pod
metadata: {name: bare, namespace: default}
spec: {nodeName: n1, containers: [{name: main, image: nginx}]}
"""


@pytest.mark.parametrize(
    ("query", "said"),
    [
        pytest.param(
            "at=failed",
            "2 of 4 pods answer: once no connection goes to the others, each takes 4/2 = 2 × its load",
            id="failed",
        ),
        pytest.param(
            "at=detected", "the busiest pod, compared with before: DNS 1.5 × , load balancer 2 ×", id="detected"
        ),
        pytest.param("at=rescheduled", "4 pods answer, as many as before.", id="rescheduled"),
    ],
)
def test_the_load_of_what_is_left(client: FlaskClient, query: str, said: str) -> None:
    """Each of the n - k pods takes n/(n-k)."""
    assert said in words(client.get(f"{SHOP}?service=default/web&down=node/worker-2&drawer=pods&{query}").text)


def test_a_pod_that_leaves_takes_nothing_more(client: FlaskClient) -> None:
    """It still serves what it has, but no new connection comes to it."""
    path = f"{SHOP}?service=default/web&down=deleted/default/web-7c9d-4xk2p&at=failed&drawer=pods"
    assert "3 of 4 pods answer: once no connection goes to the others, each takes 4/3 = 1.33 × its load." in words(
        client.get(path).text
    )


def test_each_pod_says_what_happened_to_it(client: FlaskClient) -> None:
    """Evicted, moved; with the rule."""
    text = words(client.get(f"{SHOP}?service=default/web&down=node/worker-2&at=rescheduled&drawer=pods").text)
    assert "default/web-7c9d-8mmzq evicted worker-2 Evicted 300 s after detection" in text
    assert "default/web-7c9d-8mmzq-new recreated worker-2 → " in text
    assert "Pods of other services: 1 evicted, 1 recreated" in text


def test_no_pod_is_left(uploads: Uploads, client: FlaskClient) -> None:
    """All nodes down."""
    path = uploads.stored(WEB + NODES)
    assert "No pod answers any more." in words(
        client.get(f"{path}?down=node/n1&down=node/n2&at=failed&drawer=pods").text
    )


def test_pods_that_fit_nowhere_have_the_schedulers_words(uploads: Uploads, client: FlaskClient) -> None:
    """As kubectl describe pod shows them."""
    one = WEB.replace("replicas: 3", "replicas: 2").replace(
        "spec: {containers", "spec: {nodeSelector: {on: n1}, containers"
    )
    path = uploads.stored(one + NODES.replace("{name: n1}", "{name: n1, labels: {on: n1}}"))
    text = words(client.get(f"{path}?down=node/n1&at=rescheduled&drawer=pods").text)
    assert "pending no node" in text
    assert "0/2 nodes are available" in text


def test_a_budget_that_holds_for_ever_is_named_in_the_apis_words(uploads: Uploads, client: FlaskClient) -> None:
    """The drain never ends."""
    text = words(client.get(f"{uploads.stored(WEB + NODES + BUDGET)}?drain=node/n1&drawer=pods").text)
    assert "1. n1 never ends" in text
    assert "can’t be evicted: The disruption budget web needs 3 healthy pods and has 3 currently" in text


def test_what_kubectl_refuses_is_said_in_its_words(uploads: Uploads, client: FlaskClient) -> None:
    """A pod without controller stops the whole drain."""
    text = words(client.get(f"{uploads.stored(WEB + NODES + BARE)}?drain=node/n1&drawer=pods").text)
    assert "1. n1 aborted by kubectl" in text
    assert "cannot delete Pods that declare no controller (use --force to override): default/bare" in text


def test_a_drain_says_its_rounds(client: FlaskClient) -> None:
    """Which pods go together."""
    text = words(client.get(f"{SHOP}?service=default/web&drain=node/worker-2&drawer=pods").text)
    assert "1. worker-2 drained" in text
    assert "Evicted together: default/admin" in text or "Evicted together: default/api" in text


PRIORITIES = """---
apiVersion: scheduling.k8s.io/v1
kind: PriorityClass
metadata: {name: high}
value: 1000
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: vip, namespace: default}
spec:
  replicas: 1
  selector: {matchLabels: {app: vip}}
  template:
    metadata: {labels: {app: vip}}
    spec:
      priorityClassName: high
      containers: [{name: vip, image: nginx, resources: {requests: {cpu: "1"}}}]
"""
WITH_1_CPU = "".join(
    f"---\napiVersion: v1\nkind: Node\nmetadata: {{name: n{i}}}\n"
    "status: {allocatable: {cpu: '1', memory: 1Gi, pods: '9'}}\n"
    for i in (1, 2)
)
ASKING = WEB.replace("image: nginx,", 'image: nginx, resources: {requests: {cpu: "1"}},')


def test_a_preempted_pod_and_its_successor_say_why(uploads: Uploads, client: FlaskClient) -> None:
    """The pod of higher priority from n1 has its place on n2."""
    path = uploads.stored(ASKING.replace("replicas: 3", "replicas: 1") + PRIORITIES + WITH_1_CPU)
    text = words(client.get(f"{path}?service=default/web&down=node/n1&at=rescheduled&drawer=pods").text)
    assert "default/web-1 preempted n2 Preempted by default/vip-1-new, which has a higher priority" in text
    assert "default/web-1-new pending no node 0/2 nodes are available" in text


def test_a_pod_that_its_kubelet_rejects_says_why(uploads: Uploads, client: FlaskClient) -> None:
    """In the picture and among the assumptions, before anything fails."""
    bound = ASKING.replace("spec: {containers", "spec: {nodeName: n1, containers")
    text = words(client.get(uploads.stored(bound + WITH_1_CPU)).text)
    assert "rejected by n1" in text
    assert "OutOfcpu: Node didn't have enough resource: cpu, requested: 1000, used: 1000, capacity: 1000" in text
