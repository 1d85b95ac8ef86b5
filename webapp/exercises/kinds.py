"""The ways in which an exercise breaks a service port, each one cause: what is changed, and how it is told.

Everything is a word of the address, an edit or a failure, so that the broken state can be drawn and explained by what
draws and explains any state. Whether a change really breaks the port, and nothing else, is for
:mod:`webapp.exercises.exercise` to check: a kind only proposes.
"""

import json
from collections.abc import Callable, Mapping

from webapp.cluster.model import REPLICATED
from webapp.exercises.subject import ExercisePort
from webapp.records import dataclass

Pairs = tuple[tuple[str, str], ...]
_MOST_PODS = 12
"""Pods that are made not ready one by one; each is a word of the address."""


@dataclass(frozen=True, slots=True)
class Broken:
    """What a kind proposes."""

    pairs: Pairs
    """Words of the address."""
    node: str
    """Through which one asks."""
    claim: str
    """The cause, as a choice says it."""
    hint: str
    """What points to it, without saying it."""


@dataclass(frozen=True, slots=True)
class ExerciseKind:
    """One way to break a service port."""

    name: str
    breaks: Callable[[ExercisePort], Broken | None]
    """None where it can't: nothing of the kind is there."""
    otherwise: str
    """Why it isn't this, in an exercise of another kind."""
    implied_by: frozenset[str] = frozenset()
    """Kinds in whose exercises the claim of this one is true as well, or could be called so: there it is no choice."""
    in_manifests: bool = True
    """Whether a change of Services, workloads or NetworkPolicies mends it."""
    on_the_map: str = ""
    """What a reader of the map must know, where it shows something else than curl."""


def _first(subject: ExercisePort) -> str:
    return subject.answering[0]


def _patch(word: str, content: Mapping[str, object]) -> tuple[str, str]:
    return "patch", f"{word}:{json.dumps(content, separators=(',', ':'))}"


def _port_patch(subject: ExercisePort, **changed: object) -> Pairs:
    """Return the patch that changes the port; none where another has its number, by which patches tell them apart."""
    numbers = [port.port for port in subject.service.ports]
    if numbers.count(subject.port.port) > 1:
        return ()
    return (_patch(subject.word, {"spec": {"ports": [{"port": subject.port.port, **changed}]}}),)


def _misspelt(word: str) -> str:
    """Return a word with one letter less or, of a short one, more: ``web`` -> ``webb``, ``frontend`` -> ``fronted``."""
    return word + word[-1] if len(word) < 5 else word[:-2] + word[-1]


# --- the Service ------------------------------------------------------------------------------------------------------


def _selector(subject: ExercisePort) -> Broken | None:
    if not subject.service.selector:
        return None
    key, value = next(iter(subject.service.selector.items()))
    wrong = _misspelt(value or "app")
    return Broken(
        (_patch(subject.word, {"spec": {"selector": {key: wrong}}}),),
        _first(subject),
        "The Service’s selector matches no pod.",
        "Compare the labels of the pods with what the Service selects.",
    )


def _namespace(subject: ExercisePort) -> Broken | None:
    namespace = f"{subject.service.namespace}-test"
    if subject.workload is None or any(each.namespace == namespace for each in subject.cluster.pods.values()):
        return None
    spec: dict[str, object] = {
        "type": subject.service.type,
        "selector": dict(subject.service.selector),
        "ports": [
            {
                "name": p.name,
                "port": p.port,
                "protocol": p.protocol,
                "targetPort": p.target_port,
                "nodePort": p.node_port,
            }
            for p in subject.service.ports
        ],
    }
    moved = {"apiVersion": "v1", "spec": spec}
    return Broken(
        (
            _patch(subject.word, {"$patch": "delete"}),
            _patch(f"Service/{namespace}/{subject.service.name}", moved),
        ),
        _first(subject),
        "The Service is in another namespace than its pods.",
        "A selector only looks at the pods of one namespace.",
    )


def _target_port(subject: ExercisePort) -> Broken | None:
    named = isinstance(subject.port.target_port, str) and not str(subject.port.target_port).isdigit()
    name = _misspelt(str(subject.port.target_port)) if named else "htpp"
    return Broken(
        _port_patch(subject, targetPort=name),
        _first(subject),
        "The Service’s targetPort is a name that no container port has.",
        "The pods are selected. Look at how the Service names the port it sends to.",
    )


def _node_port(subject: ExercisePort) -> Broken | None:
    number = subject.port.node_port or 0
    taken = {port.node_port for service in subject.cluster.services.values() for port in service.ports}
    low, high = subject.cluster.options.node_port_range
    other = next((n for n in (number + 1, number - 1, number + 10) if n not in taken and low <= n <= high), None)
    if other is None:
        return None
    return Broken(
        _port_patch(subject, nodePort=other),
        _first(subject),
        "The Service has another nodePort than the one that was asked.",
        "Somebody refuses: is it kube-proxy, or does nobody listen on this port of the node?",
    )


def _out_of_range(subject: ExercisePort) -> Broken | None:
    _, high = subject.cluster.options.node_port_range
    return Broken(
        _port_patch(subject, nodePort=min(high + 1000, 65535)),
        _first(subject),
        "The API server rejected the Service: its nodePort is out of range.",
        "Was everything in the file created?",
    )


def _clash(subject: ExercisePort) -> Broken | None:
    others = (
        (service, port.node_port)
        for service in subject.cluster.services.values()
        for port in service.ports
        if service.key != subject.service.key and service.accepted and port.node_port is not None
    )
    taken = next((number for service, number in others if number != subject.port.node_port), None)
    if taken is None:
        return None
    return Broken(
        _port_patch(subject, nodePort=taken),
        _first(subject),
        "The API server rejected the Service: another one has its nodePort.",
        "Was everything in the file created?",
    )


def _type(subject: ExercisePort) -> Broken | None:
    if subject.service.type != "NodePort":
        return None
    # What the API server takes away by itself only where it was assigned.
    ports = [{"port": port.port, "nodePort": None} for port in subject.service.ports]
    return Broken(
        (_patch(subject.word, {"spec": {"type": "ClusterIP", "ports": ports}}),),
        _first(subject),
        "The Service is of type ClusterIP: it opens no port on the nodes.",
        "From inside the cluster the Service answers.",
    )


def _protocol(subject: ExercisePort) -> Broken | None:
    return Broken(
        _port_patch(subject, protocol="UDP"),
        _first(subject),
        "The Service port is UDP, and the client speaks TCP.",
        "A port number alone isn’t all that makes a port.",
    )


def _local(subject: ExercisePort) -> Broken | None:
    node = next((name for name in subject.answering if name not in subject.homes), None)
    if node is None:
        return None
    return Broken(
        (("policy", f"{subject.service.key}:Local"),),
        node,
        "externalTrafficPolicy is Local, and no ready pod runs on this node.",
        "It times out. A port without any endpoint would be refused at once.",
    )


# --- the pods ---------------------------------------------------------------------------------------------------------


def _not_ready(subject: ExercisePort) -> Broken | None:
    if not 0 < len(subject.pods) <= _MOST_PODS:
        return None
    return Broken(
        (*(("down", f"unready/{pod.key}") for pod in subject.pods), ("at", "detected")),
        _first(subject),
        "None of its pods is ready.",
        "The pods are Running. Does that mean that they are in the EndpointSlice?",
    )


def _replicas(subject: ExercisePort) -> Broken | None:
    if subject.workload is None or subject.workload.kind not in REPLICATED:
        return None
    return Broken(
        (("replicas", f"{subject.workload_word}:0"),),
        _first(subject),
        f"The {subject.workload.kind} has 0 replicas.",
        "Who is there to answer?",
    )


def _template_patch(subject: ExercisePort, spec: Mapping[str, object]) -> tuple[str, str]:
    return _patch(subject.workload_word, {"spec": {"template": {"spec": spec}}})


def _request(subject: ExercisePort) -> Broken | None:
    if subject.workload is None or subject.workload.spec.template is None:
        return None
    container = next(iter(subject.workload.spec.template.spec.containers), None)
    if container is None:
        return None
    return Broken(
        (
            _template_patch(
                subject, {"containers": [{"name": container.name, "resources": {"requests": {"cpu": "1000"}}}]}
            ),
        ),
        _first(subject),
        "Its pods are Pending: no node has the CPU that they request.",
        "kubectl describe pod tells why a pod has no node.",
    )


def _node_selector(subject: ExercisePort) -> Broken | None:
    if subject.workload is None:
        return None
    return Broken(
        (_template_patch(subject, {"nodeSelector": {"disktype": "nvme-ssd"}}),),
        _first(subject),
        "Its pods are Pending: no node has the label that they ask for.",
        "kubectl describe pod tells why a pod has no node.",
    )


def _labels(subject: ExercisePort) -> Broken | None:
    if subject.workload is None or not subject.service.selector:
        return None
    key, value = next(iter(subject.service.selector.items()))
    return Broken(
        (
            _patch(
                subject.workload_word,
                {"spec": {"template": {"metadata": {"labels": {key: _misspelt(value or "app")}}}}},
            ),
        ),
        _first(subject),
        f"The API server rejected the {subject.workload.kind}: its selector doesn’t match the labels of its pods.",
        "Was everything in the file created?",
    )


# --- the network and the nodes ----------------------------------------------------------------------------------------


def _network_policy(subject: ExercisePort) -> Broken | None:
    if not subject.pods or not subject.service.selector:
        return None
    policy = {
        "apiVersion": "networking.k8s.io/v1",
        "spec": {"podSelector": {"matchLabels": dict(subject.service.selector)}, "policyTypes": ["Ingress"]},
    }
    return Broken(
        (_patch(f"NetworkPolicy/{subject.service.namespace}/closed", policy),),
        _first(subject),
        "A NetworkPolicy lets nothing in to its pods.",
        "There are ready endpoints, and still no packet comes back.",
    )


def _node_down(subject: ExercisePort) -> Broken | None:
    nodes = subject.answering
    node = next((name for name in nodes if name not in subject.homes), nodes[-1])
    if len(subject.cluster.nodes) < 2:
        return None
    return Broken(
        (("down", f"node/{node}"), ("at", "detected")),
        node,
        f"{node} is down, and its IP address with it.",
        "Ask through another node.",
    )


def _all_on_one(subject: ExercisePort) -> Broken | None:
    nodes = list(subject.cluster.nodes)
    if not 0 < len(subject.pods) <= _MOST_PODS or len(nodes) < 2:
        return None
    node = nodes[-1]
    moves = tuple(("move", f"{pod.key}:{node}") for pod in subject.pods if pod.node != node)
    return Broken(
        (*moves, ("down", f"node/{node}"), ("at", "detected")),
        next((name for name in subject.answering if name != node), nodes[0]),
        f"All its pods were on {node}, which is down.",
        "Where were the pods, and what became of that node?",
    )


def _addresses(subject: ExercisePort) -> Broken | None:
    return Broken(
        (("nodeport-addresses", "198.51.100.0/24"),),
        _first(subject),
        "kube-proxy opens node ports on other addresses only (--nodeport-addresses).",
        "Everything in the manifests is right.",
    )


# A Service that isn't there has no port, and pods that aren't there are neither selected nor ready.
_NO_SERVICE = frozenset({"node-port-range", "node-port-clash", "type"})
_NO_PODS = frozenset({"replicas", "pod-labels"})
_PENDING = frozenset({"request", "node-selector"})

KINDS: Mapping[str, ExerciseKind] = {
    kind.name: kind
    for kind in (
        ExerciseKind(
            "selector",
            _selector,
            "The labels that the Service selects are those of the pods.",
            _NO_PODS | {"namespace"},
        ),
        ExerciseKind("namespace", _namespace, "The Service is in the namespace of its pods."),
        ExerciseKind("target-port", _target_port, "The targetPort leads to a port of the pods."),
        ExerciseKind("node-port", _node_port, "The nodePort in the manifest is the one that was asked.", _NO_SERVICE),
        ExerciseKind("node-port-range", _out_of_range, "The nodePort in the manifest is within the range."),
        ExerciseKind("node-port-clash", _clash, "No two Services in the manifests have the same nodePort."),
        ExerciseKind("type", _type, "The Service’s type is one that opens a port on the nodes."),
        ExerciseKind(
            "protocol",
            _protocol,
            "The Service port is TCP, which curl speaks.",
            on_the_map="The map is that of clients who speak UDP: they do get an answer.",
        ),
        ExerciseKind(
            "policy-local", _local, "externalTrafficPolicy is Cluster: each node passes connections on to any pod."
        ),
        ExerciseKind(
            "not-ready",
            _not_ready,
            "kubectl get pods shows them ready.",
            _NO_PODS | _PENDING | {"all-on-one-node", "namespace"},
            in_manifests=False,
        ),
        ExerciseKind("replicas", _replicas, "The workload asks for pods."),
        ExerciseKind("request", _request, "No pod waits for CPU.", _NO_PODS),
        ExerciseKind("node-selector", _node_selector, "No pod waits for a node with a label.", _NO_PODS),
        ExerciseKind(
            "pod-labels", _labels, "The API server took the workload: its template has the labels of its selector."
        ),
        ExerciseKind(
            "network-policy",
            _network_policy,
            "No NetworkPolicy selects the pods.",
            on_the_map="The map leaves NetworkPolicies out: whether a network plugin enforces them, no manifest tells. "
            "Here it does.",
        ),
        ExerciseKind("node-down", _node_down, "The node is Ready.", in_manifests=False),
        ExerciseKind(
            "all-on-one-node",
            _all_on_one,
            "No node that had all the pods is down.",
            frozenset({"node-down"}),
            in_manifests=False,
        ),
        ExerciseKind(
            "node-port-addresses", _addresses, "kube-proxy opens node ports on this address.", in_manifests=False
        ),
    )
}
