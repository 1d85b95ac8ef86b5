"""No field carries into a snapshot what it is not known to carry: a canary is put into each field of Kubernetes."""

import json
from collections import defaultdict
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

from webapp.manifests import Upload, read
from webapp.manifests.known_fields import FIELDS
from webapp.manifests.writing import written

CANARY = "hunter2"
FORMS: tuple[Any, ...] = (
    CANARY,
    [CANARY],
    {CANARY: CANARY},
    {"name": CANARY, "value": CANARY, "path": CANARY, "command": [CANARY], "exec": {"command": [CANARY]}},
    [{"name": CANARY, "value": CANARY, "key": CANARY, "secretName": CANARY, "url": CANARY}],
)
"""As what a field may be given: whoever wrote it need not have known its type."""
NOT_A_FIELD = "canaryField"

POD_SPEC = {
    "affinity": {},
    "containers": [
        {
            "name": "c",
            "ports": [{"containerPort": 80}],
            "resources": {},
            "readinessProbe": {"httpGet": {"port": 80}},
        }
    ],
    "tolerations": [{}],
    "topologySpreadConstraints": [{"maxSkew": 1, "topologyKey": "a", "whenUnsatisfiable": "DoNotSchedule"}],
}
TEMPLATE = {"metadata": {"labels": {"app": "web"}}, "spec": POD_SPEC}
WORKLOAD = {"replicas": 1, "selector": {"matchLabels": {"app": "web"}}, "template": TEMPLATE}
OBJECTS = {
    "Service": ("v1", {"type": "NodePort", "selector": {"app": "web"}, "ports": [{"port": 80}]}),
    "Deployment": ("apps/v1", WORKLOAD),
    "ReplicaSet": ("apps/v1", WORKLOAD),
    "ReplicationController": ("v1", WORKLOAD | {"selector": {"app": "web"}}),
    "DaemonSet": ("apps/v1", {name: value for name, value in WORKLOAD.items() if name != "replicas"}),
    "StatefulSet": ("apps/v1", WORKLOAD),
    "Job": ("batch/v1", {"template": TEMPLATE}),
    "CronJob": ("batch/v1", {"schedule": "* * * * *", "jobTemplate": {"spec": {"template": TEMPLATE}}}),
    "Pod": ("v1", POD_SPEC),
    "Node": ("v1", {}),
    "PodDisruptionBudget": ("policy/v1", {"selector": {"matchLabels": {"app": "web"}}}),
}
_IN_POD: dict[str, tuple[str | int, ...]] = {
    "PodSpec": (),
    "Affinity": ("affinity",),
    "Container": ("containers", 0),
    "ContainerPort": ("containers", 0, "ports", 0),
    "ResourceRequirements": ("containers", 0, "resources"),
    "Probe": ("containers", 0, "readinessProbe"),
    "Toleration": ("tolerations", 0),
    "TopologySpreadConstraint": ("topologySpreadConstraints", 0),
}
PLACES: list[tuple[str, str, tuple[str | int, ...]]] = [
    *(("ObjectMeta", kind, ("metadata",)) for kind in ("Service", "Deployment", "Pod", "Node")),
    *((f"{kind}Spec", kind, ("spec",)) for kind in OBJECTS if f"{kind}Spec" in FIELDS),
    ("ServicePort", "Service", ("spec", "ports", 0)),
    ("PodTemplateSpec", "Deployment", ("spec", "template")),
    ("ObjectMeta", "Deployment", ("spec", "template", "metadata")),
    *((struct, "Deployment", ("spec", "template", "spec", *path)) for struct, path in _IN_POD.items()),
    ("LabelSelector", "Deployment", ("spec", "selector")),
    ("Object", "Deployment", ()),
]

KEPT = {
    struct: set(fields.split())
    for struct, fields in {
        "Container": "name ports restartPolicy",
        "ContainerPort": "hostIP name protocol",
        "CronJobSpec": "schedule",
        "DeploymentSpec": "podReplacementPolicy",
        "JobSpec": "podReplacementPolicy",
        "LabelSelector": "matchExpressions matchLabels",
        "Object": "metadata",
        "ObjectMeta": "deletionTimestamp generateName labels name namespace ownerReferences uid",
        "PodDisruptionBudgetSpec": "maxUnavailable minAvailable unhealthyPodEvictionPolicy",
        # Of volumes the names, that findings about drains say.
        "PodSpec": "containers hostname initContainers nodeName nodeSelector preemptionPolicy priorityClassName"
        " restartPolicy schedulerName schedulingGates subdomain tolerations volumes",
        "PodTemplateSpec": "metadata",
        "ReplicationControllerSpec": "selector",
        "ServicePort": "appProtocol name protocol targetPort",
        "ServiceSpec": "clusterIP clusterIPs externalIPs externalName externalTrafficPolicy internalTrafficPolicy"
        " ipFamilies ipFamilyPolicy loadBalancerClass loadBalancerIP loadBalancerSourceRanges ports selector"
        " sessionAffinity trafficDistribution type",
        "StatefulSetSpec": "podManagementPolicy serviceName",
        "Toleration": "effect key operator value",
        "TopologySpreadConstraint": "matchLabelKeys nodeAffinityPolicy nodeTaintsPolicy topologyKey whenUnsatisfiable",
    }.items()
}
"""Of each struct the fields that may hold words of whoever wrote the manifests: names, labels, and what places Pods."""


def carried() -> dict[str, set[str]]:
    """Return the fields of each struct out of which the canary came into a snapshot."""
    found = defaultdict(set)
    for struct, field, item in _given():
        manifests = read([Upload(name="given.json", data=json.dumps(item).encode())])
        if CANARY in json.dumps(written(manifests)):
            found[struct].add(field)
    return dict(found)


def _given() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for struct, kind, path in PLACES:
        version, spec = OBJECTS[kind]
        for field in sorted(FIELDS[struct] | {NOT_A_FIELD}):
            for form in FORMS:
                item = {"apiVersion": version, "kind": kind, "metadata": {"name": "web"}, "spec": deepcopy(spec)}
                at: Any = item
                for step in path:
                    at = at[step]
                at[field] = form
                yield struct, field, item


def test_only_fields_that_are_known_to_carry_words_do() -> None:
    """A field that is kept from now on has to be added here by somebody who has thought of what it may hold."""
    assert carried() == KEPT
