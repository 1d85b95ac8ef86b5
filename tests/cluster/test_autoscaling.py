"""HorizontalPodAutoscalers: how many pods their targets have."""

import pytest

from webapp.cluster.build import build
from webapp.cluster.model import Cluster
from webapp.cluster.options import ClusterOptions, Edits
from webapp.manifests import Upload, read

WORKLOAD = """
apiVersion: API
kind: KIND
metadata: {name: web, uid: u1}
spec:
  REPLICAS
  selector: {SELECTOR}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: main, image: nginx}]}
---
"""
POD = """
apiVersion: v1
kind: Pod
metadata: {name: web-0, labels: {app: web}, ownerReferences: [{kind: Deployment, name: web, uid: u1, controller: true}]}
spec: {nodeName: n1, containers: [{name: main, image: nginx}]}
status: {phase: Running, podIP: 10.0.0.1}
---
"""
APPS = "apiVersion: apps/v1, kind: Deployment"


def _scaler(bounds: str, target: str = APPS, name: str = "web", namespace: str = "default") -> str:
    head = (
        f"apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, metadata: {{name: {name}, namespace: {namespace}}}"
    )
    return f"{{{head}, spec: {{scaleTargetRef: {{{target}, name: web}}, {bounds}}}}}\n---\n"


def _workload(replicas: str = "", kind: str = "Deployment", api: str = "apps/v1") -> str:
    selector = "app: web" if kind == "ReplicationController" else "matchLabels: {app: web}"
    text = WORKLOAD.replace("REPLICAS", replicas or "paused: false").replace("API", api).replace("KIND", kind)
    return text.replace("SELECTOR", selector)


def _built(*documents: str, replicas: int | None = None) -> Cluster:
    edits = Edits(replicas=(("Deployment/default/web", replicas),)) if replicas is not None else Edits()
    upload = Upload(name="all.yaml", data="".join(documents).encode())
    return build(read([upload]), ClusterOptions(edits=edits))


@pytest.mark.parametrize(
    ("replicas", "bounds", "count"),
    [
        pytest.param("replicas: 1", "minReplicas: 3, maxReplicas: 6", 3, id="lifted to the least"),
        pytest.param("", "minReplicas: 3, maxReplicas: 6", 3, id="no number is the default, 1"),
        pytest.param("replicas: 9", "minReplicas: 3, maxReplicas: 6", 6, id="cut to the most"),
        pytest.param("replicas: 4", "minReplicas: 3, maxReplicas: 6", 4, id="as written between them"),
        pytest.param("replicas: 9", "maxReplicas: 2", 2, id="no least: at least 1"),
        pytest.param("replicas: 0", "minReplicas: 3, maxReplicas: 6", 0, id="0 switches it off"),
        pytest.param("replicas: 1", "minReplicas: 6, maxReplicas: 3", 1, id="rejected: more than the most"),
        pytest.param("replicas: 1", "minReplicas: 3", 1, id="rejected: no most"),
    ],
)
def test_an_autoscaler_keeps_its_target_within_bounds(replicas: str, bounds: str, count: int) -> None:
    """Whatever the metrics say, once it is accepted."""
    assert len(_built(_workload(replicas), _scaler(bounds)).pods) == count


@pytest.mark.parametrize(
    ("kind", "api", "target", "count"),
    [
        pytest.param("ReplicaSet", "apps/v1", "apiVersion: apps/v1, kind: ReplicaSet", 3, id="ReplicaSet"),
        pytest.param("StatefulSet", "apps/v1", "apiVersion: apps/v1, kind: StatefulSet", 3, id="StatefulSet"),
        pytest.param(
            "ReplicationController", "v1", "apiVersion: v1, kind: ReplicationController", 3, id="ReplicationController"
        ),
        pytest.param("Rollout", "argoproj.io/v1alpha1", "apiVersion: argoproj.io/v1, kind: Rollout", 3, id="Rollout"),
        pytest.param("Deployment", "apps/v1", "apiVersion: apps/v1beta1, kind: Deployment", 3, id="another version"),
        pytest.param("Deployment", "apps/v1", "apiVersion: extensions/v1beta1, kind: Deployment", 1, id="wrong group"),
        pytest.param("Deployment", "apps/v1", "kind: Deployment", 1, id="no group is the core's"),
        pytest.param("Deployment", "apps/v1", "apiVersion: apps/v1, kind: StatefulSet", 1, id="another kind"),
        pytest.param("DaemonSet", "apps/v1", "apiVersion: apps/v1, kind: DaemonSet", 3, id="one on each node"),
    ],
)
def test_all_kinds_that_scale_are_targets(kind: str, api: str, target: str, count: int) -> None:
    """By kind and API group, as the controller looks for the scale subresource."""
    cluster = _built(
        _workload("", kind, api).replace("paused: false", "minReadySeconds: 0"),
        _scaler("minReplicas: 3, maxReplicas: 9", target),
    )
    assert len(cluster.pods) == count


def test_an_autoscaler_that_names_the_wrong_group_is_said_to_have_no_effect() -> None:
    """The controller says: no matches for kind "Deployment" in group ""."""
    cluster = _built(_workload(), _scaler("minReplicas: 3, maxReplicas: 9", "kind: Deployment"))
    assert any("web, whose scaleTargetRef.apiVersion is not of the group apps" in it for it in cluster.assumptions)


def test_an_autoscaler_of_another_namespace_is_another_targets() -> None:
    """A target is in its autoscaler's namespace."""
    assert len(_built(_workload(), _scaler("minReplicas: 3, maxReplicas: 6", namespace="other")).pods) == 1


@pytest.mark.parametrize(
    ("second", "count"),
    [
        pytest.param("minReplicas: 4, maxReplicas: 9", 4, id="both are satisfied"),
        pytest.param("maxReplicas: 2", 1, id="no number satisfies both: as written"),
    ],
)
def test_several_autoscalers_of_one_target_each_keep_their_bounds(second: str, count: int) -> None:
    """The ambiguity stops them only where metrics are asked; those that contradict each other never come to rest."""
    scalers = _scaler("minReplicas: 3, maxReplicas: 6"), _scaler(second, name="other")
    cluster = _built(_workload(), *scalers)
    assert len(cluster.pods) == count
    assert "NP312" in {problem.id for problem in cluster.problems}


def test_a_dumps_pods_stay_as_they_are_and_edits_are_scaled() -> None:
    """A dump is taken after the autoscaler had its say; a what-if is what it would make of that number."""
    documents = _workload("replicas: 1"), POD, _scaler("minReplicas: 3, maxReplicas: 6")
    assert len(_built(*documents).pods) == 1
    assert len(_built(*documents, replicas=2).pods) == 3
    assert len(_built(*documents, replicas=0).pods) == 0


@pytest.mark.parametrize(
    ("replicas", "edit", "says"),
    [
        pytest.param("replicas: 1", None, "Deployment default/web to 3 replicas, not 1 (3 to 6", id="scaled"),
        pytest.param("replicas: 4", None, "the metrics decide; assumed: Deployment default/web with 4", id="open"),
        pytest.param("replicas: 4", 9, "replicas of Deployment default/web: 9, scaled to 6 by Horizontal", id="edited"),
    ],
)
def test_the_assumptions_say_how_many_and_why(replicas: str, edit: int | None, says: str) -> None:
    """Each number that isn't simply the manifest's is explained."""
    cluster = _built(_workload(replicas), _scaler("minReplicas: 3, maxReplicas: 6"), replicas=edit)
    assert says in " ".join(cluster.assumptions) + " ".join(problem.message for problem in cluster.problems)
