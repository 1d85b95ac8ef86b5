"""Findings know where they stand, what to do, and in which order they come."""

import yaml

from tests.findings.given import budget, facts, found, healthy, only, port, service, workload
from webapp.cluster.build import build
from webapp.findings import findings, problem_findings
from webapp.manifests import Upload, read
from webapp.manifests.problems import Severity

TEXT = """\
apiVersion: v1
kind: Service
metadata: {name: web}
spec:
  type: NodePort
  selector:
    app: wbe
  ports:
  - port: 80
---
apiVersion: v1
kind: Pod
metadata: {name: web, labels: {app: web}}
spec: {containers: [{name: web, image: nginx}]}
"""


def test_a_finding_names_file_line_object_and_field():
    """It leads to the very line."""
    manifests = read([Upload("a/web.yaml", TEXT.encode(), picked=True)])
    first = findings(manifests, build(manifests))[0]
    assert (first.id, first.file, first.line) == ("NP201", "a/web.yaml", 6)
    assert (first.object, first.path) == ("Service default/web", "spec.selector")


def test_the_worst_comes_first():
    """Errors, then warnings, then notes."""
    severities = [f.severity for f in found(*healthy(service(ports=port(targetPort="no")), workload(replicas=1)))]
    assert severities == sorted(severities, key=list(Severity).index)
    assert severities[0] is Severity.ERROR


def test_the_order_of_documents_does_not_matter():
    """The same objects in another order give the same findings, but for their lines."""
    docs = healthy(service(selector={"app": "wbe"}), budget(minAvailable=2))
    there, back = (sorted((f.id, f.object, f.message) for f in found(*each)) for each in (docs, docs[::-1]))
    assert there == back


def test_the_remedy_is_a_patch_of_the_object():
    """It names the object and, where the key was wrong, takes the old one away."""
    patch = yaml.safe_load(only("NP201", *healthy(service(selector={"run": "web"}))).remedy)  # noqa: TID251
    assert (patch["kind"], patch["metadata"]) == ("Service", {"name": "web", "namespace": "shop"})
    assert patch["spec"] == {"selector": {"run": None, "app": "web"}}


def test_the_remedy_can_be_an_object_to_add():
    """With it added the finding is gone."""
    docs = healthy(without="PodDisruptionBudget")
    added = yaml.safe_load(only("NP250", *docs).remedy)  # noqa: TID251
    assert "NP250" not in {finding.id for finding in found(*docs, added)}


def test_the_policy_to_add_lets_clients_in():
    """With the remedy for a missing NetworkPolicy added, neither it nor clients are missed."""
    docs = healthy(without="NetworkPolicy")
    added = yaml.safe_load(only("NP260", *docs).remedy)  # noqa: TID251
    assert not {"NP260", "NP261"} & {finding.id for finding in found(*docs, added)}


def test_problems_of_reading_and_accepting_are_findings_too():
    """Errors and warnings are passed on, what was merely assumed isn't."""
    told = problem_findings(facts(service(ports=port(nodePort=80)), service("two")).cluster)
    assert [(f.id, f.object) for f in told] == [("NP102", "Service shop/web")]


def test_an_object_that_stands_twice_is_told():
    """Two versions of one object are a note: the last one wins."""
    told = problem_findings(facts(service(), service()).cluster)
    assert [f.id for f in told] == ["NP021"]
