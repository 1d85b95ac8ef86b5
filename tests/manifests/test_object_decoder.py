"""What single kinds need beyond the reading of fields."""

from typing import Any

import pytest

from webapp.manifests import Manifests, Upload, read
from webapp.manifests.objects import KEPT_ANNOTATIONS, LabelSelector


def manifests(text: str) -> Manifests:
    """Return what one file comes to."""
    return read([Upload("x.yaml", text.encode())])


def workload(text: str) -> Any:
    """Return the only workload of a text, of which nothing is wrong."""
    found = manifests(text)
    assert found.problems == ()
    return found.workloads[0]


TEMPLATE = "template: {metadata: {labels: {app: web}}, spec: {containers: [{name: a, image: b}]}}"


@pytest.mark.parametrize(
    ("api_version", "kind", "selector"),
    [
        ("extensions/v1beta1", "Deployment", True),
        ("extensions/v1beta1", "ReplicaSet", True),
        ("extensions/v1beta1", "DaemonSet", True),
        ("apps/v1beta1", "Deployment", True),
        ("apps/v1beta1", "StatefulSet", True),
        ("v1", "ReplicationController", True),
        ("apps/v1beta2", "Deployment", False),
        ("apps/v1", "Deployment", False),
        ("batch/v1", "Job", False),
    ],
)
def test_a_missing_selector_is_the_templates_labels_where_it_was_defaulted(
    api_version: str, kind: str, *, selector: bool
) -> None:
    """Later versions require one."""
    found = workload(f"apiVersion: {api_version}\nkind: {kind}\nmetadata: {{name: web}}\nspec: {{{TEMPLATE}}}\n")
    assert found.spec.selector == (LabelSelector(match_labels={"app": "web"}) if selector else None)
    assert found.api_version == api_version


@pytest.mark.parametrize(
    ("api_version", "kind"),
    [("v1", "ReplicationController"), ("v1", "DeploymentConfig"), ("apps.openshift.io/v1", "DeploymentConfig")],
)
def test_a_plain_map_as_selector_is_match_labels(api_version: str, kind: str) -> None:
    """ReplicationController and DeploymentConfig know no expressions."""
    text = (
        f"apiVersion: {api_version}\nkind: {kind}\nmetadata: {{name: web}}\nspec: {{selector: {{a: b}}, {TEMPLATE}}}\n"
    )
    assert workload(text).spec.selector == LabelSelector(match_labels={"a": "b"})


def test_a_cron_job_is_read_through_its_job_template() -> None:
    """``suspend`` is the CronJob's own; lines and paths are the real ones."""
    found = workload(
        "apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: tick}\nspec:\n  schedule: '* * * * *'\n  suspend: true\n"
        f"  jobTemplate:\n    spec:\n      parallelism: 2\n      {TEMPLATE}\n"
    )
    spec = found.spec
    assert (spec.schedule, spec.suspend, spec.parallelism) == ("* * * * *", True, 2)
    assert spec.template.metadata.labels == {"app": "web"}
    assert found.source.line_of("spec.jobTemplate.spec.parallelism") == 9


@pytest.mark.parametrize("api_version", ["batch/v1", "batch/v1beta1", "batch/v2alpha1"])
def test_cron_jobs_of_all_versions_are_read(api_version: str) -> None:
    """Their shape never changed."""
    spec = f"{{schedule: '@daily', jobTemplate: {{spec: {{{TEMPLATE}}}}}}}"
    assert workload(f"apiVersion: {api_version}\nkind: CronJob\nmetadata: {{name: a}}\nspec: {spec}\n").spec.template


def test_a_rollout_without_a_template_says_where_its_pods_come_from() -> None:
    """``spec.workloadRef`` of Argo Rollouts."""
    found = manifests(
        "apiVersion: argoproj.io/v1alpha1\nkind: Rollout\nmetadata: {name: web}\n"
        "spec: {workloadRef: {kind: Deployment, name: web}}\n"
    )
    assert ([one.id for one in found.problems], len(found.workloads)) == (["NP024"], 1)


def test_node_and_zone_of_old_endpoint_slices_come_from_their_topology() -> None:
    """discovery.k8s.io/v1beta1 had a map in place of nodeName and zone."""
    found = manifests(
        "apiVersion: discovery.k8s.io/v1beta1\nkind: EndpointSlice\nmetadata: {name: web}\nendpoints:\n"
        "- addresses: [10.0.0.1]\n  topology: {kubernetes.io/hostname: n1, topology.kubernetes.io/zone: a}\n"
        "- addresses: [10.0.0.2]\n  nodeName: n2\n  topology: {kubernetes.io/hostname: other}\n"
    )
    endpoints = found.endpoint_slices[0].endpoints
    assert [(one.node_name, one.zone) for one in endpoints] == [("n1", "a"), ("n2", None)]


def test_namespaced_objects_are_in_default_unless_they_say_otherwise() -> None:
    """Nodes are in no namespace, whatever they say."""
    found = manifests(
        "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n---\n"
        "apiVersion: v1\nkind: Pod\nmetadata: {name: a, namespace: b}\n---\n"
        "apiVersion: v1\nkind: Node\nmetadata: {name: n1, namespace: b}\n"
    )
    assert [pod.metadata.namespace for pod in found.pods] == ["default", "b"]
    assert found.nodes[0].metadata.namespace is None


def test_only_annotations_that_matter_are_kept_but_all_are_decoded() -> None:
    """Those that steer traffic, and our own; a boolean in any is refused."""
    kept = dict.fromkeys(sorted(KEPT_ANNOTATIONS), "x") | {"nodefall.io/note": "x"}
    rows = "".join(f"    {name}: x\n" for name in [*kept, "other.io/secret"])
    found = manifests(f"apiVersion: v1\nkind: Service\nmetadata:\n  name: web\n  annotations:\n{rows}    flag: true\n")
    assert found.services[0].metadata.annotations == kept
    assert "metadata.annotations of type string" in found.undecodable["Service default/web"]
    assert found.problems[0].line == 6 + len(kept) + 1


@pytest.mark.parametrize(("name", "shown"), [("123", "123"), ("1.5", "1.5"), ("true", "True")])
def test_an_object_whose_name_is_no_text_is_called_something(name: str, shown: str) -> None:
    """It is refused, and has to be shown as such."""
    found = manifests(f"apiVersion: v1\nkind: Service\nmetadata: {{name: {name}}}\n")
    assert list(found.undecodable) == [f"Service default/{shown}"]


@pytest.mark.parametrize(
    ("text", "path"),
    [
        pytest.param("metadata: web\n", "metadata", id="metadata"),
        pytest.param("metadata: {name: web}\nspec: []\n", "spec", id="spec"),
        pytest.param("metadata: {name: web}\nspec: {template: []}\n", "spec.template", id="a template"),
    ],
)
def test_parts_of_the_wrong_shape_are_faults(text: str, path: str) -> None:
    """The object is kept without them."""
    found = manifests(f"apiVersion: apps/v1\nkind: Deployment\n{text}")
    assert [one.message.split()[0] for one in found.problems if one.id == "NP005"] == [path]
    assert len(found.workloads) == 1


def test_lines_are_kept_for_what_people_write() -> None:
    """Down to each kept field; for other objects the first line will do."""
    found = manifests(
        "apiVersion: v1\nkind: Service\nmetadata:\n  name: web\nspec:\n  ports:\n  - port: 80\n  -\n    port: 81\n"
        "    nodePort: 30081\n---\napiVersion: v1\nkind: Node\nmetadata: {name: n1}\n"
    )
    source = found.services[0].source
    paths = ("kind", "metadata.name", "spec.ports[0].port", "spec.ports[0].nodePort", "spec.ports[1].nodePort")
    assert [source.line_of(path) for path in paths] == [2, 4, 7, 7, 10]
    assert (found.nodes[0].source.line, found.nodes[0].source.lines) == (12, {})


def test_pods_of_a_controller_have_their_first_line_only() -> None:
    """Nobody edits them, and a dump has thousands."""
    owner = "ownerReferences: [{kind: ReplicaSet, name: web, controller: true}]"
    found = manifests(f"apiVersion: v1\nkind: Pod\nmetadata: {{name: a, {owner}}}\nspec: {{hostNetwork: false}}\n")
    assert found.pods[0].source.lines == {}
    assert found.pods[0].metadata.owner_references[0].controller is True


def test_faults_in_objects_without_lines_have_their_line_all_the_same() -> None:
    """They are looked at again."""
    found = manifests("apiVersion: v1\nkind: Node\nmetadata: {name: n1}\nspec:\n  unschedulable: 'yes'\n")
    assert [(one.id, one.line, one.object) for one in found.problems] == [("NP005", 5, "Node n1")]


def test_unknown_fields_of_live_objects_are_not_told() -> None:
    """They came out of an API server, perhaps one that knows more."""
    text = "apiVersion: v1\nkind: Service\nmetadata: {name: web, uid: abc}\nspec: {newField: 1}\n"
    assert manifests(text).problems == ()
    assert [one.id for one in manifests(text.replace(", uid: abc", "")).problems] == ["NP010"]
