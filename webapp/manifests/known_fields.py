"""The names of all real fields of the structs that people write by hand: what is in none of these is a typo.

Source: kubernetes/api core/v1, apps/v1 and batch/v1 types.go, apimachinery meta/v1 types.go. A struct that is not
listed is not checked.
"""

from difflib import get_close_matches

_WORKLOAD = "replicas selector template minReadySeconds revisionHistoryLimit"
_JOB = (
    "activeDeadlineSeconds backoffLimit backoffLimitPerIndex completionMode completions managedBy manualSelector"
    " maxFailedIndexes parallelism podFailurePolicy podReplacementPolicy scheduling selector successPolicy suspend"
    " template ttlSecondsAfterFinished"
)

FIELDS: dict[str, frozenset[str]] = {
    struct: frozenset(names.split())
    for struct, names in {
        "ObjectMeta": (
            "annotations creationTimestamp deletionGracePeriodSeconds deletionTimestamp finalizers generateName"
            " generation labels managedFields name namespace ownerReferences resourceVersion selfLink uid"
            # Gone since 1.24, still in older dumps and dropped without a word.
            " clusterName initializers"
        ),
        "ServiceSpec": (
            "allocateLoadBalancerNodePorts clusterIP clusterIPs externalIPs externalName externalTrafficPolicy"
            " healthCheckNodePort internalTrafficPolicy ipFamilies ipFamilyPolicy loadBalancerClass loadBalancerIP"
            " loadBalancerSourceRanges ports publishNotReadyAddresses selector sessionAffinity sessionAffinityConfig"
            " trafficDistribution type"
        ),
        "ServicePort": "appProtocol name nodePort port protocol targetPort",
        "DeploymentSpec": f"{_WORKLOAD} paused progressDeadlineSeconds strategy podReplacementPolicy rollbackTo",
        "ReplicaSetSpec": _WORKLOAD,
        "ReplicationControllerSpec": _WORKLOAD,
        "DaemonSetSpec": "minReadySeconds revisionHistoryLimit selector template updateStrategy templateGeneration",
        "StatefulSetSpec": (
            f"{_WORKLOAD} ordinals persistentVolumeClaimRetentionPolicy podManagementPolicy serviceName updateStrategy"
            " volumeClaimTemplates"
        ),
        "JobSpec": _JOB,
        "CronJobSpec": (
            "concurrencyPolicy failedJobsHistoryLimit jobTemplate schedule startingDeadlineSeconds"
            " successfulJobsHistoryLimit suspend timeZone"
        ),
        "LabelSelector": "matchExpressions matchLabels",
        "LabelSelectorRequirement": "key operator values",
        "PodTemplateSpec": "metadata spec",
        "PodSpec": (
            "activeDeadlineSeconds affinity automountServiceAccountToken containers dnsConfig dnsPolicy"
            " enableServiceLinks ephemeralContainers evictionResponders hostAliases hostIPC hostNetwork hostPID"
            " hostUsers hostname hostnameOverride imagePullSecrets initContainers nodeName nodeSelector os overhead"
            " preemptionPolicy priority priorityClassName readinessGates resourceClaims resources restartPolicy"
            " runtimeClassName schedulerName schedulingGates schedulingGroup securityContext serviceAccount"
            " serviceAccountName setHostnameAsFQDN shareProcessNamespace subdomain terminationGracePeriodSeconds"
            " tolerations topologySpreadConstraints volumes workloadRef"
        ),
        "Container": (
            "args command env envFrom image imagePullPolicy lifecycle livenessProbe name ports readinessProbe"
            " resizePolicy resources restartPolicy restartPolicyRules securityContext startupProbe stdin stdinOnce"
            " terminationMessagePath terminationMessagePolicy tty volumeDevices volumeMounts workingDir"
        ),
        "ContainerPort": "containerPort hostIP hostPort name protocol",
        "ResourceRequirements": "claims limits requests",
        "Probe": (
            "exec failureThreshold grpc httpGet initialDelaySeconds periodSeconds successThreshold tcpSocket"
            " terminationGracePeriodSeconds timeoutSeconds"
        ),
        "Toleration": "effect key operator tolerationSeconds value",
        "TopologySpreadConstraint": (
            "labelSelector matchLabelKeys maxSkew minDomains nodeAffinityPolicy nodeTaintsPolicy topologyKey"
            " whenUnsatisfiable"
        ),
        "Affinity": "nodeAffinity podAffinity podAntiAffinity",
        "PodDisruptionBudgetSpec": "maxUnavailable minAvailable selector unhealthyPodEvictionPolicy",
        # True of kinds that people write by hand and nodefall reads; a ConfigMap has data, a Role has rules.
        "Object": "apiVersion kind metadata spec status",
    }.items()
}


def nearest(name: str, struct: str) -> str | None:
    """Return the field that was probably meant, None if no name is near.

    What belongs into a Service's ports is often written beside them.
    """
    plain = {_plain(known): known for known in FIELDS[struct]}
    if near := get_close_matches(_plain(name), plain, n=1, cutoff=0.8):
        return plain[near[0]]
    inside = nearest(name, "ServicePort") if struct == "ServiceSpec" else None
    return f"ports[].{inside}" if inside else None


_INSIDE = {
    "Object": (("metadata", "ObjectMeta"), ("spec", "{kind}Spec"), ("spec.ports[]", "ServicePort")),
    "ObjectMeta": (("spec", "{kind}Spec"), ("spec.ports[]", "ServicePort")),
    "ServicePort": (("spec", "ServiceSpec"), ("metadata", "ObjectMeta")),
    "ServiceSpec": (("metadata", "ObjectMeta"),),
    "DeploymentSpec": (("spec.template.spec", "PodSpec"),),
    "StatefulSetSpec": (("spec.template.spec", "PodSpec"),),
    "DaemonSetSpec": (("spec.template.spec", "PodSpec"),),
    "ReplicaSetSpec": (("spec.template.spec", "PodSpec"),),
    "JobSpec": (("spec.template.spec", "PodSpec"),),
    "PodTemplateSpec": (("metadata", "ObjectMeta"), ("spec", "PodSpec")),
    "PodSpec": (("containers[]", "Container"), ("the workload's spec", "{kind}Spec")),
    "Container": (("ports[]", "ContainerPort"), ("the pod's spec", "PodSpec"), ("the workload's spec", "{kind}Spec")),
    "ContainerPort": (("the container", "Container"), ("the pod's spec", "PodSpec")),
}
"""Where fields that stand in the wrong place of a struct belong, and which struct has them there."""


def belongs(name: str, struct: str, kind: str) -> str | None:
    """Return under what a field belongs that is known, but not in this struct of an object of the kind."""
    if struct == "LabelSelector":
        return "matchLabels"
    for place, other in _INSIDE.get(struct, ()):
        known = FIELDS.get(other.format(kind=kind), frozenset())
        if name in known and (other != "ServicePort" or kind == "Service"):
            return place
    return None


def misplaced(key: str, path: str, kind: str) -> str:
    """Return what to do about a field among the labels a Service selects by; empty if it is not one."""
    if kind != "Service" or path != "spec.selector":
        return ""
    if key in FIELDS["LabelSelector"]:
        return f"A Service's selector contains the labels directly: write them without {key}."
    # A label called name is common, and right.
    return f"{key} belongs under ports, in an entry of spec.ports." if key in FIELDS["ServicePort"] - {"name"} else ""


def is_misplaced(key: str) -> bool:
    """Return whether a label that a Service selects by has the name of a field that may be meant."""
    return key in FIELDS["LabelSelector"] or key in FIELDS["ServicePort"] - {"name"}


def _plain(name: str) -> str:
    return name.casefold().replace("_", "").replace("-", "")
