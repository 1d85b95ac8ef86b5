"""The ways in which an exercise breaks a service port: what is changed, and how it is told.

Everything is a word of the address, an edit or a failure, so that the broken state can be drawn and explained by what
draws and explains any state. Whether a change really breaks the port, and nothing else, is for
:mod:`webapp.exercises.exercise` to check: these only propose.
"""

import json
from collections.abc import Mapping

from webapp.cluster.model import REPLICATED, ServicePort
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


def selector(subject: ExercisePort) -> Broken | None:
    """Misspell a label in the Service's selector."""
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


def namespace(subject: ExercisePort) -> Broken | None:
    """Move the Service to another namespace than its pods."""
    namespace = f"{subject.service.namespace}-test"
    if subject.workload is None or any(each.namespace == namespace for each in subject.cluster.pods.values()):
        return None
    spec: dict[str, object] = {
        "type": subject.service.type,
        "selector": dict(subject.service.selector),
        "ports": [_written(p) for p in subject.service.ports],
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


def _written(port: ServicePort) -> dict[str, object]:
    """Return a port as people write it."""
    named: dict[str, object] = {"name": port.name} if port.name else {}
    named |= {"protocol": port.protocol} if port.protocol != "TCP" else {}
    return named | {"port": port.port, "targetPort": port.target_port, "nodePort": port.node_port}


def target_port(subject: ExercisePort) -> Broken | None:
    """Name a targetPort that no container port has."""
    named = isinstance(subject.port.target_port, str) and not str(subject.port.target_port).isdigit()
    name = _misspelt(str(subject.port.target_port)) if named else "htpp"
    return Broken(
        _port_patch(subject, targetPort=name),
        _first(subject),
        "The Service’s targetPort is a name that no container port has.",
        "The pods are selected. Look at how the Service names the port it sends to.",
    )


def node_port(subject: ExercisePort) -> Broken | None:
    """Give the port another nodePort than the one that clients know."""
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


def node_port_range(subject: ExercisePort) -> Broken | None:
    """Give the port a nodePort that the API server rejects."""
    _, high = subject.cluster.options.node_port_range
    return Broken(
        _port_patch(subject, nodePort=min(high + 1000, 65535)),
        _first(subject),
        "The API server rejected the Service: its nodePort is out of range.",
        "Was everything in the file created?",
    )


def node_port_clash(subject: ExercisePort) -> Broken | None:
    """Give the port the nodePort of another Service."""
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


def service_type(subject: ExercisePort) -> Broken | None:
    """Make the Service a ClusterIP, which opens no port on the nodes."""
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


def protocol(subject: ExercisePort) -> Broken | None:
    """Make the port UDP."""
    return Broken(
        _port_patch(subject, protocol="UDP"),
        _first(subject),
        "The Service port is UDP, and the client speaks TCP.",
        "A port number alone isn’t all that makes a port.",
    )


def policy_local(subject: ExercisePort) -> Broken | None:
    """Set policy Local, and ask a node without a pod."""
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


def not_ready(subject: ExercisePort) -> Broken | None:
    """Let every pod fail its readiness probe."""
    if not 0 < len(subject.pods) <= _MOST_PODS:
        return None
    return Broken(
        (*(("down", f"unready/{pod.key}") for pod in subject.pods), ("at", "detected")),
        _first(subject),
        "None of its pods is ready.",
        "The pods are Running. Does that mean that they are in the EndpointSlice?",
    )


def replicas(subject: ExercisePort) -> Broken | None:
    """Scale the workload to 0."""
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


def request(subject: ExercisePort) -> Broken | None:
    """Request more CPU than any node has."""
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


def node_selector(subject: ExercisePort) -> Broken | None:
    """Ask for a node label that no node has."""
    if subject.workload is None:
        return None
    return Broken(
        (_template_patch(subject, {"nodeSelector": {"disktype": "nvme-ssd"}}),),
        _first(subject),
        "Its pods are Pending: no node has the label that they ask for.",
        "kubectl describe pod tells why a pod has no node.",
    )


def taint(subject: ExercisePort) -> Broken | None:
    """Taint every node with what the pods don't tolerate."""
    if subject.workload is None or len(subject.cluster.nodes) > _MOST_PODS:
        return None
    return Broken(
        tuple(("taint", f"{node}:dedicated=batch:NoSchedule") for node in subject.cluster.nodes),
        _first(subject),
        "Its pods are Pending: they don’t tolerate the taint of the nodes.",
        "kubectl describe pod tells why a pod has no node.",
    )


def pod_labels(subject: ExercisePort) -> Broken | None:
    """Misspell a label of the pod template, which the workload's selector then doesn't match."""
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


def network_policy(subject: ExercisePort) -> Broken | None:
    """Let nothing in to the pods."""
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


def node_down(subject: ExercisePort) -> Broken | None:
    """Take one node down, and ask that one; one without a pod where there is one."""
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


def all_on_one(subject: ExercisePort) -> Broken | None:
    """Move all pods to the last node, and take that down."""
    node = list(subject.cluster.nodes)[-1]
    asked = next((name for name in subject.answering if name != node), None)
    if asked is None or not 0 < len(subject.pods) <= _MOST_PODS:
        return None
    moves = tuple(("move", f"{pod.key}:{node}") for pod in subject.pods if pod.node != node)
    return Broken(
        (*moves, ("down", f"node/{node}"), ("at", "detected")),
        asked,
        f"All its pods were on {node}, which is down.",
        "Where were the pods, and what became of that node?",
    )


def addresses(subject: ExercisePort) -> Broken | None:
    """Let kube-proxy open node ports on other addresses only."""
    return Broken(
        (("nodeport-addresses", "198.51.100.0/24"),),
        _first(subject),
        "kube-proxy opens node ports on other addresses only (--nodeport-addresses).",
        "Everything in the manifests is right.",
    )
