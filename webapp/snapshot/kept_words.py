"""What a pseudonymised snapshot keeps as it is: the words of Kubernetes, which say nothing of whose cluster it is."""

from webapp.manifests.manifests import KIND_CLUSTER, KINDS
from webapp.manifests.well_known_labels import HOSTNAME, OLD_REGION, OLD_ZONE, REGION, ZONE

_KEYS = """
node-role.kubernetes.io/control-plane node-role.kubernetes.io/master node-role.kubernetes.io/worker
node.kubernetes.io/exclude-from-external-load-balancers node.kubernetes.io/exclude-disruption
node.kubernetes.io/instance-type node.kubernetes.io/unschedulable node.kubernetes.io/not-ready
node.kubernetes.io/unreachable node.kubernetes.io/out-of-service node.kubernetes.io/disk-pressure
node.kubernetes.io/memory-pressure node.kubernetes.io/pid-pressure node.kubernetes.io/network-unavailable
node.cloudprovider.kubernetes.io/uninitialized node.cloudprovider.kubernetes.io/shutdown
ToBeDeletedByClusterAutoscaler DeletionCandidateOfClusterAutoscaler kubernetes.io/os kubernetes.io/arch
beta.kubernetes.io/os beta.kubernetes.io/arch beta.kubernetes.io/instance-type apps.kubernetes.io/pod-index
controller-revision-hash pod-template-generation batch.kubernetes.io/controller-uid controller-uid
batch.kubernetes.io/job-completion-index service.kubernetes.io/service-proxy-name service.kubernetes.io/headless
endpointslice.kubernetes.io/managed-by endpointslice.kubernetes.io/skip-mirror app.kubernetes.io/name
app.kubernetes.io/instance app.kubernetes.io/version app.kubernetes.io/component app.kubernetes.io/part-of
app.kubernetes.io/managed-by
"""
_WORDS = """
None default default-scheduler system-cluster-critical system-node-critical linux windows amd64 arm64 true false
True False Unknown Always Never OnFailure Running Pending Succeeded Failed Ready Initialized ContainersReady
PodScheduled DisruptionTarget PodReadyToStartContainers MemoryPressure DiskPressure PIDPressure NetworkUnavailable
TCP UDP SCTP IPv4 IPv6 FQDN SingleStack PreferDualStack RequireDualStack ClusterIP NodePort LoadBalancer
ExternalName Cluster Local ClientIP PreferClose PreferSameZone PreferSameNode VIP Proxy Ingress Egress Exact Prefix
ImplementationSpecific In NotIn Exists DoesNotExist Gt Lt Equal NoSchedule PreferNoSchedule NoExecute DoNotSchedule
ScheduleAnyway Honor Ignore PreemptLowerPriority OrderedReady Parallel Recreate RollingUpdate TerminatingOrFailed
IfHealthyBudget AlwaysAllow Auto auto Disabled disabled InternalIP ExternalIP Hostname InternalDNS ExternalDNS http
https grpc kubernetes.io/h2c kubernetes.io/ws kubernetes.io/wss Gateway Service Pod Node gateway.networking.k8s.io
endpointslice-controller.k8s.io endpointslicemirroring-controller.k8s.io cpu memory pods ephemeral-storage
hugepages-2Mi hugepages-1Gi
"""

KEY_FAMILIES = {
    HOSTNAME: "node",
    "metadata.name": "node",
    ZONE: "zone",
    OLD_ZONE: "zone",
    REGION: "region",
    OLD_REGION: "region",
    "kubernetes.io/metadata.name": "namespace",
    "kubernetes.io/service-name": "service",
    "statefulset.kubernetes.io/pod-name": "pod",
    "batch.kubernetes.io/job-name": "workload",
    "job-name": "workload",
    "pod-template-hash": "suffix",
    "rollouts-pod-template-hash": "suffix",
}
"""Labels whose values are names of something else, and of what."""

KEPT_KEYS = frozenset(KEY_FAMILIES) | frozenset(_KEYS.split())
"""Keys of labels, taints and topologies that keep their name."""

KEPT_GROUPS = frozenset(
    f"{group}/{version}".removeprefix("/")
    for kind in (*KINDS.values(), KIND_CLUSTER)
    for group, versions in kind.groups.items()
    for version in versions
)

KEPT_WORDS = frozenset(_WORDS.split()) | frozenset(KINDS)
