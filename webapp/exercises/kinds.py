"""The kinds of exercises, from simple to hard: how each breaks a service port, and what is said before and after."""

from collections.abc import Callable, Mapping
from enum import StrEnum

from webapp.exercises import breaks
from webapp.exercises.breaks import Broken
from webapp.exercises.subject import ExercisePort
from webapp.records import dataclass


class Level(StrEnum):
    """How hard an exercise is."""

    SIMPLE = "Simple"
    """One line of one output shows it."""
    MEDIUM = "Medium"
    """Two outputs must be compared."""
    HARD = "Hard"
    """It is in what no output shows, or in the rules of kube-proxy."""


class Area(StrEnum):
    """Where the cause is, as the second hint says it."""

    SERVICE = "Look at the Service: what does kubectl describe svc say, and what do the pods say to it?"
    API_SERVER = "Look at what the API server said when the manifests were applied."
    PODS = "Look at the pods: how many are there, and in which state is each?"
    NETWORK = "Look at what lies between the client and a ready pod."
    NODES = "Look at the nodes: no line of the manifests is wrong."


@dataclass(frozen=True, slots=True)
class ExerciseKind:
    """One way to break a service port."""

    name: str
    level: Level
    area: Area
    breaks: Callable[[ExercisePort], Broken | None]
    """None where it can't: nothing of the kind is there."""
    otherwise: str
    """Why it isn't this, in an exercise of another kind."""
    implied_by: frozenset[str] = frozenset()
    """Kinds in whose exercises the claim of this one is true as well, or could be called so: there it is no choice."""
    remedy: str = ""
    """What heals it where no change of Services, workloads or NetworkPolicies does."""
    on_the_map: str = ""
    """What a reader of the map must know, where it shows something else than curl."""

    @property
    def in_manifests(self) -> bool:
        """Whether a change of Services, workloads or NetworkPolicies heals it."""
        return not self.remedy


# A Service that isn't there has no port, and pods that aren't there are neither selected nor ready.
_NO_SERVICE = frozenset({"node-port-range", "node-port-clash", "type"})
_NO_PODS = frozenset({"replicas", "pod-labels"})
_PENDING = frozenset({"request", "node-selector", "taint"})

KINDS: Mapping[str, ExerciseKind] = {
    kind.name: kind
    for kind in (
        ExerciseKind(
            "selector",
            Level.SIMPLE,
            Area.SERVICE,
            breaks.selector,
            "The labels that the Service selects are those of the pods.",
            _NO_PODS | {"namespace"},
        ),
        ExerciseKind("replicas", Level.SIMPLE, Area.PODS, breaks.replicas, "The workload asks for pods."),
        ExerciseKind(
            "node-down",
            Level.SIMPLE,
            Area.NODES,
            breaks.node_down,
            "The node is Ready.",
            remedy="Start the node again. Until then clients need another node IP: any node that is up answers.",
        ),
        ExerciseKind(
            "type",
            Level.SIMPLE,
            Area.SERVICE,
            breaks.service_type,
            "The Service’s type is one that opens a port on the nodes.",
        ),
        ExerciseKind(
            "node-port",
            Level.SIMPLE,
            Area.SERVICE,
            breaks.node_port,
            "The nodePort in the manifest is the one that was asked.",
            _NO_SERVICE,
        ),
        ExerciseKind(
            "node-port-range",
            Level.SIMPLE,
            Area.API_SERVER,
            breaks.node_port_range,
            "The nodePort in the manifest is within the range.",
        ),
        ExerciseKind(
            "not-ready",
            Level.SIMPLE,
            Area.PODS,
            breaks.not_ready,
            "kubectl get pods shows them ready.",
            _NO_PODS | _PENDING | {"all-on-one-node", "namespace"},
            remedy="The manifests are as they were: the pods fail their readiness probe. kubectl logs and kubectl "
            "describe pod say why; the address answers as soon as one pod is ready.",
        ),
        ExerciseKind(
            "node-port-clash",
            Level.MEDIUM,
            Area.API_SERVER,
            breaks.node_port_clash,
            "No two Services in the manifests have the same nodePort.",
        ),
        ExerciseKind(
            "pod-labels",
            Level.MEDIUM,
            Area.API_SERVER,
            breaks.pod_labels,
            "The API server took the workload: its template has the labels of its selector.",
        ),
        ExerciseKind("request", Level.MEDIUM, Area.PODS, breaks.request, "No pod waits for CPU.", _NO_PODS),
        ExerciseKind(
            "node-selector",
            Level.MEDIUM,
            Area.PODS,
            breaks.node_selector,
            "No pod waits for a node with a label.",
            _NO_PODS,
        ),
        ExerciseKind(
            "taint",
            Level.MEDIUM,
            Area.PODS,
            breaks.taint,
            "No pod waits for a node without a taint.",
            _NO_PODS,
            remedy="kubectl taint nodes --all dedicated:NoSchedule- takes the taint away. A toleration in the pod "
            "template heals it as well, and no other pod comes back by it.",
        ),
        ExerciseKind(
            "target-port",
            Level.MEDIUM,
            Area.SERVICE,
            breaks.target_port,
            "The targetPort leads to a port of the pods.",
        ),
        ExerciseKind(
            "namespace",
            Level.MEDIUM,
            Area.SERVICE,
            breaks.namespace,
            "The Service is in the namespace of its pods.",
        ),
        ExerciseKind(
            "all-on-one-node",
            Level.MEDIUM,
            Area.NODES,
            breaks.all_on_one,
            "No node that had all the pods is down.",
            frozenset({"node-down"}),
            remedy="Start the node again. topologySpreadConstraints or podAntiAffinity in the workload keep the pods "
            "from all being on one node the next time.",
        ),
        ExerciseKind(
            "protocol",
            Level.MEDIUM,
            Area.SERVICE,
            breaks.protocol,
            "The Service port is TCP, which curl speaks.",
            on_the_map="The map is that of clients who speak UDP: they do get an answer.",
        ),
        ExerciseKind(
            "policy-local",
            Level.HARD,
            Area.SERVICE,
            breaks.policy_local,
            "externalTrafficPolicy is Cluster: each node passes connections on to any pod.",
        ),
        ExerciseKind(
            "network-policy",
            Level.HARD,
            Area.NETWORK,
            breaks.network_policy,
            "No NetworkPolicy selects the pods.",
            on_the_map="The map leaves NetworkPolicies out: whether a network plugin enforces them, no manifest tells. "
            "Here it does.",
        ),
        ExerciseKind(
            "node-port-addresses",
            Level.HARD,
            Area.NODES,
            breaks.addresses,
            "kube-proxy opens node ports on this address.",
            remedy="Start kube-proxy with --nodeport-addresses that have this node IP in their range, or without it.",
        ),
    )
}
