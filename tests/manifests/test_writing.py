"""Records written as manifests and read again are the same records; what was not kept cannot be written."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.real_manifests import FOLDERS
from webapp.files import LOCAL_LIMITS, uploads
from webapp.manifests import Upload, read
from webapp.manifests.manifests import Manifests
from webapp.manifests.objects import Source
from webapp.manifests.writing import COLLECTIONS, left_out, written
from webapp.paths import resource_directory

SAMPLES = sorted(resource_directory("samples").glob("*.yaml"))
NOWHERE = Source(file="", line=0)
CANARY = "hunter2"
ODD = f"""
apiVersion: batch/v1
kind: CronJob
metadata: {{name: nightly, namespace: shop}}
spec:
  schedule: "0 3 * * *"
  suspend: true
  jobTemplate: {{spec: {{completions: 2, template: {{metadata: {{labels: {{app: n}}}}, spec: {{containers: [{{name: c,
    image: i}}]}}}}}}}}
---
apiVersion: v1
kind: ReplicationController
metadata: {{name: old}}
spec:
  selector: {{app: old}}
  template: {{metadata: {{labels: {{app: old}}}}, spec: {{containers: [{{name: c}}]}}}}
---
apiVersion: apps/v1beta1
kind: Deployment
metadata: {{name: elder, annotations: {{nodefall.io/ignore: "NP220", example.com/secret: {CANARY}}}}}
spec:
  template:
    metadata: {{labels: {{app: elder}}}}
    spec:
      containers:
      - name: c
        image: registry.example/{CANARY}
        command: [run, --password, {CANARY}]
        env: [{{name: PASSWORD, value: {CANARY}}}]
        readinessProbe: {{httpGet: {{path: /{CANARY}, port: web}}, periodSeconds: 3}}
        ports: [{{containerPort: 80, name: web}}]
      - {{name: d, image: i, readinessProbe: {{exec: {{command: [cat, {CANARY}]}}}}}}
      - {{name: e, image: i, readinessProbe: {{tcpSocket: {{port: 80}}}}}}
      volumes: [{{name: a, emptyDir: {{}}}}, {{name: b, secret: {{secretName: {CANARY}}}}}]
      affinity:
        podAntiAffinity:
          requiredDuringSchedulingIgnoredDuringExecution: [{{labelSelector: {{}}, topologyKey: zone}}]
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {{name: shut}}
spec: {{podSelector: {{}}, ingress: [{{from: [{{ipBlock: {{cidr: 10.0.0.0/8, except: [10.1.0.0/16]}}}}]}}, {{}}]}}
---
apiVersion: v1
kind: Secret
metadata: {{name: {CANARY}}}
data: {{password: {CANARY}}}
"""


def _objects(manifests: Manifests) -> dict[str, list[Any]]:
    """Return all objects but those that could not be decoded, by kind and name, wherever they were read."""
    left = set(left_out(manifests))
    found = {name: [replace(each, source=NOWHERE) for each in getattr(manifests, name)] for name in COLLECTIONS}
    return {
        name: sorted(
            (
                each
                for each in objects
                if not left & {f"{each.kind} {n}" for n in (each.metadata.key, each.metadata.name)}
            ),
            key=lambda each: (each.kind, each.metadata.key),
        )
        for name, objects in found.items()
    }


def _again(manifests: Manifests) -> Manifests:
    text = json.dumps({"apiVersion": "v1", "kind": "List", "items": written(manifests)})
    return read([Upload(name="again.json", data=text.encode())], LOCAL_LIMITS)


def _holds(manifests: Manifests) -> None:
    again = _again(manifests)
    assert again.undecodable == {}
    assert _objects(again) == _objects(manifests)


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
def test_a_sample_comes_back_as_it_was(sample: Path) -> None:
    """Each object of it, each field."""
    _holds(read([Upload(name=sample.name, data=sample.read_bytes())]))


def test_kinds_with_shapes_of_their_own_come_back() -> None:
    """Old workloads and their selectors, CronJobs, probes, empty maps that mean something."""
    _holds(read([Upload(name="odd.yaml", data=ODD.encode())]))


@pytest.mark.corpus
@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: path.name)
def test_real_manifests_come_back(folder: Path) -> None:
    """All that people wrote."""
    _holds(read(uploads([str(folder)], render=False), LOCAL_LIMITS))


def test_what_was_not_kept_is_not_written() -> None:
    """No Secret, command, environment, image, path of a probe, nor an annotation that steers nothing."""
    text = json.dumps(written(read([Upload(name="odd.yaml", data=ODD.encode())])))
    assert CANARY not in text
    assert "NP220" in text


def test_an_object_that_could_not_be_decoded_is_left_out_and_named() -> None:
    """Without what is wrong in it, it would be accepted."""
    wrong = b"apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {ports: [{port: '80'}]}\n"
    manifests = read([Upload(name="a.yaml", data=wrong)])
    assert written(manifests) == []
    assert left_out(manifests) == ("Service default/web",)
