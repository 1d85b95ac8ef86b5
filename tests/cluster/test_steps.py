"""Clusters built from what is known of earlier ones: never another than built afresh."""

from dataclasses import fields

from hypothesis import given, settings
from hypothesis import strategies as st

from webapp.cluster.build import build
from webapp.cluster.model import Cluster
from webapp.cluster.options import ClusterOptions, Edits
from webapp.manifests import Upload, read
from webapp.manifests.manifests import Manifests

NAMES = ("web", "db", "job")
NODE = """\
apiVersion: v1
kind: Node
metadata: {name: worker-%d, labels: {kubernetes.io/hostname: worker-%d, topology.kubernetes.io/zone: z%d}}
status: {allocatable: {cpu: "2", memory: 4Gi, pods: "6"}}
---
"""
WORKLOAD = """\
apiVersion: apps/v1
kind: %s
metadata: {name: %s}
spec:
  replicas: %d
  selector: {matchLabels: {app: %s}}
  template:
    metadata: {labels: {app: %s}}
    spec:
      containers: [{name: main, image: nginx, resources: {requests: {cpu: 300m}}, ports: [{containerPort: %d}]}]
---
"""
SERVICE = """\
apiVersion: v1
kind: Service
metadata: {name: %s}
spec: {type: %s, selector: {app: %s}, ports: [{port: 80, targetPort: 8080}]}
---
"""
AUTOSCALER = """\
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web}
spec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}, minReplicas: 2, maxReplicas: 4}
---
"""
SLICE = """\
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: db-x, labels: {kubernetes.io/service-name: db}}
addressType: IPv4
ports: [{name: "", port: 5432}]
endpoints: [{addresses: [10.9.0.1], nodeName: worker-1}]
---
"""
BUDGET = """\
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: web}
spec: {minAvailable: 1, selector: {matchLabels: {app: web}}}
---
"""


def _workload(name: str, kind: str, count: int, port: int) -> str:
    return WORKLOAD % (kind, name, count, name, name, port)


def _uploads() -> st.SearchStrategy[Manifests]:
    workloads = [
        st.builds(
            _workload,
            name=st.just(name),
            kind=st.sampled_from(("Deployment", "StatefulSet", "ReplicaSet")),
            count=st.integers(0, 5),
            port=st.sampled_from((8080, 99_999)),
        )
        for name in NAMES
    ]
    services = [
        st.sampled_from(("NodePort", "ClusterIP", "LoadBalancer")).map(
            lambda kind, name=name: SERVICE % (name, kind, name)
        )
        for name in NAMES
    ]
    nodes = st.integers(0, 4).map(lambda count: "".join(NODE % (n, n, n % 2) for n in range(1, count + 1)))
    others = [st.sampled_from(("", text)) for text in (AUTOSCALER, SLICE, BUDGET)]
    return st.tuples(nodes, *workloads, *services, *others).map(
        lambda parts: read([Upload(name="all.yaml", data="".join(parts).encode())])
    )


def _some(each: st.SearchStrategy[tuple[str, str]]) -> st.SearchStrategy[tuple[tuple[str, str], ...]]:
    return st.lists(each, max_size=1).map(tuple)


nodes = st.sampled_from(("worker-1", "worker-3", "node-2"))
names = st.sampled_from(NAMES)
kinds = st.sampled_from(("Deployment", "StatefulSet", "Service"))
edits = st.builds(
    Edits,
    zones=st.integers(0, 2),
    replicas=_some(st.tuples(st.builds("Deployment/default/{}".format, names), st.integers(0, 6))),
    policies=_some(st.tuples(st.builds("default/{}".format, names), st.sampled_from(("Local", "Cluster", "Neither")))),
    patches=_some(
        st.tuples(
            st.builds("{}/default/{}".format, kinds, names),
            st.sampled_from(
                (
                    '{"spec": {"selector": {"app": "web"}}}',
                    '{"spec": {"replicas": 3}}',
                    '{"spec": {"template": {"metadata": {"labels": {"app": "else"}}}}}',
                    '{"metadata": {"labels": {"app": "-"}}}',
                )
            ),
        )
        | st.just(("EndpointSlice/default/db-x", '{"endpoints": []}'))
    ),
    moves=_some(st.tuples(st.builds("default/{}-1".format, names), nodes)),
    cordons=st.lists(nodes, max_size=1).map(tuple),
    taints=_some(st.tuples(nodes, st.just("dedicated=gpu:NoSchedule"))),
)


@settings(max_examples=120, deadline=None)
@given(_uploads(), st.lists(edits, min_size=1, max_size=3), st.booleans())
def test_a_cluster_built_from_what_is_known_of_earlier_ones_is_as_if_built_afresh(
    manifests: Manifests, edited: list[Edits], is_looked_at: bool
) -> None:
    """Whatever was edited before, and whether somebody has looked at the endpoints meanwhile."""
    unedited = last = build(manifests)
    for each in (*edited, Edits()):
        options = ClusterOptions(edits=each)
        if is_looked_at:
            assert all(port.endpoints is not None for service in last.services.values() for port in service.ports)
        last, fresh = build(manifests, options, [unedited, last]), build(manifests, options)
        assert [f.name for f in fields(Cluster) if getattr(last, f.name) != getattr(fresh, f.name)] == []


def test_only_what_an_edit_touches_is_worked_out_again() -> None:
    """Pods stay where they are under another policy, and objects that nobody changed are not validated again."""
    text = "".join((*(NODE % (n, n, n % 2) for n in (1, 2)), _workload("web", "Deployment", 3, 8080)))
    manifests = read([Upload(name="all.yaml", data=(text + SERVICE % ("web", "NodePort", "web")).encode())])
    unedited = build(manifests)
    scaled = build(manifests, ClusterOptions(edits=Edits(replicas=(("Deployment/default/web", 1),))), [unedited])
    local = build(manifests, ClusterOptions(edits=Edits(policies=(("default/web", "Local"),))), [unedited, scaled])
    assert local.pods is unedited.pods
    assert scaled.services["default/web"].ports[0].node_port == unedited.services["default/web"].ports[0].node_port
    assert len(scaled.pods) == 1
