"""A set without any nodePort: what is reached otherwise, and what to expose."""

import re
from html import unescape

from flask.testing import FlaskClient

from tests.views.test_explorer import words
from tests.views.uploading import Uploads

SET = """
apiVersion: v1
kind: Service
metadata: {name: cache}
spec: {selector: {app: cache}, ports: [{port: 6379}]}
---
apiVersion: v1
kind: Service
metadata: {name: headless}
spec: {clusterIP: None, selector: {app: web}, ports: [{port: 80}]}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80, targetPort: 8080}]}
---
apiVersion: v1
kind: Pod
metadata: {name: cache, labels: {app: cache}}
spec: {nodeName: n1, containers: [{name: c, image: redis}]}
---
apiVersion: v1
kind: Pod
metadata: {name: web-1, labels: {app: web}}
spec: {nodeName: n1, containers: [{name: web, image: nginx, ports: [{containerPort: 8080, hostPort: 8081}]}]}
---
apiVersion: v1
kind: Pod
metadata: {name: web-2, labels: {app: web}}
spec: {nodeName: n2, hostNetwork: true, containers: [{name: web, image: nginx, ports: [{containerPort: 8080}]}]}
"""
PENDING = """
---
apiVersion: v1
kind: Service
metadata: {name: front}
spec: {type: LoadBalancer, allocateLoadBalancerNodePorts: false, selector: {app: web}, ports: [{port: 443}]}
"""


def test_it_says_what_clients_outside_reach(uploads: Uploads, client: FlaskClient) -> None:
    """By hostPort and hostNetwork, whose ports are open on their node."""
    text = words(client.get(uploads.stored(SET)).text)
    assert "No service here has a nodePort" in text
    assert "n1:8081 hostPort of default/web-1" in text
    assert "n2:8080 hostNetwork of default/web-2" in text


def test_the_service_with_the_most_pods_is_shown(uploads: Uploads, client: FlaskClient) -> None:
    """Not the first one, nor one that no nodePort could lead to."""
    assert "<title>default/web:80" in client.get(uploads.stored(SET)).text


def test_one_meant_for_outside_comes_first(uploads: Uploads, client: FlaskClient) -> None:
    """A LoadBalancer without nodePorts needs another patch."""
    text = client.get(uploads.stored(SET + PENDING)).text
    assert "<title>default/front:443" in text
    assert "LoadBalancer default/front, whose address is not in the upload" in words(text)
    assert "allocateLoadBalancerNodePorts: true" in text


def test_the_patch_can_be_tried(uploads: Uploads, client: FlaskClient) -> None:
    """Its link opens the map with the nodePort."""
    text = client.get(uploads.stored(SET)).text
    expose = text[text.index('id="expose"') :]
    assert "type: NodePort" in expose
    assert "headless" not in expose[: expose.index("</section>")]
    link = re.search(r'<a href="([^"]*)">default/', expose)
    assert link is not None
    there = client.get(unescape(link[1]), follow_redirects=True).text
    assert "of default/web:80" in there or "default/web:80</code>" in there
    assert 'id="unexposed"' not in there


def test_a_service_beside_exposed_ones_speaks_of_itself_only(client: FlaskClient) -> None:
    """The others are in the picker."""
    text = words(client.get("/t/sample-ingress?service=shop/api").text)
    assert "No service here has a nodePort" not in text
