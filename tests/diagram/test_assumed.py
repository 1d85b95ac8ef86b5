"""Assumed pods in every format: dashed where there are lines, and said in words."""

import json
from xml.etree import ElementTree as ET

import pytest

from webapp.cluster.build import build
from webapp.cluster.options import ClusterOptions
from webapp.diagram import draw
from webapp.failure import Moment, Scenario, Target
from webapp.failure.kinds import FailureKind
from webapp.manifests import Upload, read

ALONE = b"""\
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {type: NodePort, selector: {app: web}, ports: [{port: 80, targetPort: 8080, nodePort: 30080}]}
"""
NODES = b"".join(b"---\n{apiVersion: v1, kind: Node, metadata: {name: n%d}}\n" % i for i in (1, 2))
DEPLOYMENT = b"""\
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template: {metadata: {labels: {app: web}}, spec: {containers: [{name: web, image: web}]}}
"""
SPACE = "{http://graphml.graphdrawing.org/xmlns}"
DOWN = frozenset({Target(kind=FailureKind.NODE, name="n1")})


def drawn(extension: str, pods: int = 2, scenario: Scenario | None = None, extra: bytes = b"") -> str:
    """Return a Service alone on two given nodes, so that only its pods are assumed."""
    manifests = read([Upload(name="all.yaml", data=ALONE + NODES + extra)])
    cluster = build(manifests, ClusterOptions(assume_pods=pods))
    return draw(cluster, scenario or Scenario(service="default/web"), extension).decode()


def marked(document: str) -> dict[str, bool]:
    """Return which pods of the JSON form are assumed."""
    nodes = json.loads(document)["nodes"]
    return {node["key"]: node["assumed"] for node in nodes if node["kind"] in ("endpoint", "pending")}


@pytest.mark.parametrize("extension", ["svg", "html", "mmd", "dot", "d2", "drawio", "json"])
def test_every_format_says_that_pods_are_assumed(extension: str) -> None:
    """Beside each pod, not only in a note."""
    text = drawn(extension)
    assert "web-1" in text
    assert text.count("assumed") >= 2 + drawn(extension, pods=0).count("assumed")


def test_graphml_has_the_mark_of_json() -> None:
    """A boolean of each endpoint."""
    root = ET.fromstring(drawn("graphml"))  # noqa: S314 - our own
    keys = {key.get("id"): key.get("attr.name") for key in root.iter(f"{SPACE}key")}
    pods = [node for node in root.iter(f"{SPACE}node") if str(node.get("id")).startswith("endpoint/")]
    marks = [data for pod in pods for data in pod if keys[data.get("key")] == "assumed"]
    assert [mark.text for mark in marks] == ["true", "true"]


def test_assumed_pods_have_a_dashed_outline_and_their_key() -> None:
    """As assumed nodes have."""
    text = drawn("svg")
    assert text.count('stroke-dasharray="4 4"') == 3
    assert "assumed by nodefall" in text


def test_many_folded_into_one_box_are_still_assumed() -> None:
    """The pattern of their names, and the word."""
    assert drawn("mmd", pods=20).count("· assumed") == 2


def test_a_recreated_pod_is_assumed_like_the_one_that_it_replaces() -> None:
    """At rescheduled the graph holds both."""
    scenario = Scenario(service="default/web", down=DOWN, at=Moment.RESCHEDULED)
    found = marked(drawn("json", scenario=scenario))
    assert found == {"default/web-1": True, "default/web-1-new": True, "default/web-2": True}


def test_pods_of_a_workload_are_not_assumed() -> None:
    """They were made, too, but what makes them was given."""
    assert marked(drawn("json", extra=DEPLOYMENT)) == {"default/web-1": False}
