"""What ``kubectl describe`` prints: the fields, their order, and the spaces between.

kubectl's pkg/describe/describe.go; held against kubectl 1.32 by hand. Of a pod and a node only the part that a learner
looks for: the rest is what no manifest tells.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from webapp.cluster.model import Node, Pod, Service
from webapp.exercises.kubectl_tables import (
    NONE,
    UNKNOWN,
    UNSET,
    address,
    cluster_ip,
    listed_endpoints,
    pairs,
    shortened,
    without_port,
)
from webapp.exercises.state import ExerciseState
from webapp.manifests.objects import NetworkPolicyObject, NetworkPolicyPeer, ServiceObject, Toleration

_LONGEST_ANNOTATION = 140
_HIDDEN_ANNOTATION = "kubectl.kubernetes.io/last-applied-configuration"
_DEFAULT_TOLERATIONS = ("node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable")
Row = tuple[str, Sequence[str]]
"""A key and its lines."""


def described_service(its: ExerciseState, service: Service, given: ServiceObject | None) -> tuple[str, ...]:
    """Return ``kubectl describe svc``."""
    return _aligned(_service_rows(its, service, given))


def _service_rows(its: ExerciseState, service: Service, given: ServiceObject | None) -> Iterator[Row]:
    metadata, ip = given.metadata if given else None, cluster_ip(service, given)
    yield "Name", (service.name,)
    yield "Namespace", (service.namespace,)
    yield "Labels", _labels(metadata.labels if metadata else {})
    yield "Annotations", _annotations(metadata.annotations if metadata else {})
    yield "Selector", (pairs(service.selector),)
    yield "Type", (service.type,)
    yield "IP Family Policy", ("SingleStack" if len(service.ip_families) == 1 else "PreferDualStack",)
    yield "IP Families", (",".join(service.ip_families),)
    yield "IP", (ip,)
    yield "IPs", (ip,)
    if service.external_ips:
        yield "External IPs", (",".join(service.external_ips),)
    if service.load_balancer_addresses:
        yield "LoadBalancer Ingress", (", ".join(service.load_balancer_addresses),)
    for index, port in enumerate(service.ports):
        name = port.name or UNSET
        yield "Port", (f"{name}  {port.port}/{port.protocol}",)
        yield "TargetPort", (f"{port.target_port}/{port.protocol}",)
        if port.node_port:
            yield "NodePort", (f"{name}  {port.node_port}/{port.protocol}",)
        yield "Endpoints", (shortened(_ready(its, service, index)),)
    yield "Session Affinity", (service.session_affinity,)
    if service.external_traffic_policy:
        yield "External Traffic Policy", (service.external_traffic_policy,)
    yield "Internal Traffic Policy", (service.internal_traffic_policy or "Cluster",)
    if service.health_check_node_port:
        yield "HealthCheck NodePort", (str(service.health_check_node_port),)
    yield "Events", (NONE,)


def _ready(its: ExerciseState, service: Service, index: int) -> list[str]:
    """Return the ready endpoints: the others are in the slice, and not here."""
    state = its.state
    ready = [
        f"{_bracketed(address(state, service, each))}:{each.port}"
        for each in listed_endpoints(state, service, index)
        if each.ready and each.node not in state.unready_nodes and each.pod not in state.unready_pods
    ]
    return ready or without_port(its, service)


def _bracketed(ip: str) -> str:
    return f"[{ip}]" if ":" in ip else ip


def _labels(labels: Mapping[str, str]) -> Sequence[str]:
    return [f"{key}={value}" for key, value in sorted(labels.items())] or [NONE]


def _annotations(annotations: Mapping[str, str]) -> Sequence[str]:
    shown = {key: value for key, value in sorted(annotations.items()) if key != _HIDDEN_ANNOTATION}
    return [_annotation(key, value) for key, value in shown.items()] or [NONE]


def _annotation(key: str, value: str) -> str:
    line = " ".join(value.split())
    return f"{key}: {line[:_LONGEST_ANNOTATION]}..." if len(line) > _LONGEST_ANNOTATION else f"{key}: {line}"


# --- a pod without a node, and the nodes that it could have -----------------------------------------------------------


def described_pod(pod: Pod) -> tuple[str, ...]:
    """Return ``kubectl describe pod`` of a pending pod, from its node selectors on."""
    tolerations = sorted(
        (
            *pod.spec.tolerations,
            *(
                Toleration(key=key, operator="Exists", effect="NoExecute", toleration_seconds=300)
                for key in _DEFAULT_TOLERATIONS
            ),
        ),
        key=lambda its: its.key or "",
    )
    head = _aligned(
        (
            ("Node-Selectors", [f"{key}={value}" for key, value in sorted(pod.spec.node_selector.items())] or [NONE]),
            ("Tolerations", list(map(_toleration, tolerations))),
        )
    )
    event = ("Warning", "FailedScheduling", UNKNOWN, "default-scheduler", pod.pending)
    return (*head, "Events:", *_events([event]))


def _toleration(its: Toleration) -> str:
    key = (its.key or "") + (f"={its.value}" if its.value else "") + (f":{its.effect}" if its.effect else "")
    exists = "op=Exists" if its.operator == "Exists" and not its.value else ""
    seconds = f"for {its.toleration_seconds}s" if its.toleration_seconds is not None else ""
    return " ".join(filter(None, (key, exists, seconds)))


def _events(events: Sequence[Sequence[str]]) -> Iterator[str]:
    head = ("Type", "Reason", "Age", "From", "Message")
    # Under each word stands its line; "Age" alone has one that is longer than the word.
    rule = ("----", "------", "----", "----", "-------")
    cells = [head, rule, *events]
    widths = [max(len(row[column]) for row in cells) for column in range(len(head))]
    yield from ("  " + "  ".join(map(str.ljust, row, widths)).rstrip() for row in cells)


def described_node(node: Node) -> tuple[str, ...]:
    """Return ``kubectl describe node``: its taints and what it has for pods."""
    taints = [f"{t.key}{f'={t.value}' if t.value else ''}:{t.effect}" for t in node.taints]
    head = _aligned(
        (
            ("Taints", taints or [NONE]),
            ("Unschedulable", ["true" if node.unschedulable else "false"]),
        ),
        # The longest key of the whole output.
        width=len("CreationTimestamp:") + 2,
    )
    if not node.allocatable:
        return head
    rows = _aligned((key, [value]) for key, value in sorted(node.allocatable.items()))
    return (*head, "Allocatable:", *(f"  {row}" for row in rows))


# --- a NetworkPolicy --------------------------------------------------------------------------------------------------


def described_policy(policy: NetworkPolicyObject) -> tuple[str, ...]:
    """Return ``kubectl describe netpol``: what its spec allows in."""
    selector = policy.spec.pod_selector
    labels = dict(selector.match_labels) if selector else {}
    everyone = f"{NONE} (Allowing the specific traffic to all pods in this namespace)"
    return (
        "Spec:",
        f"  PodSelector:     {pairs(labels) if labels else everyone}",
        "  Allowing ingress traffic:",
        *_ingress(policy),
        "  Not affecting egress traffic",
        f"  Policy Types: {', '.join(policy.spec.policy_types) or 'Ingress'}",
    )


def _ingress(policy: NetworkPolicyObject) -> Iterator[str]:
    if not policy.spec.ingress:
        yield f"    {NONE} (Selected pods are isolated for ingress connectivity)"
    for number, rule in enumerate(policy.spec.ingress):
        if number:
            yield "    ----------"
        for port in rule.ports:
            yield f"    To Port: {port.port}/{port.protocol or 'TCP'}"
        if not rule.ports:
            yield "    To Port: <any> (traffic allowed to all ports)"
        for peer in rule.from_:
            yield from _peer(peer)
        if not rule.from_:
            yield "    From: <any> (traffic not restricted by source)"


def _peer(peer: NetworkPolicyPeer) -> Iterator[str]:
    yield "    From:"
    for what, selector in (("NamespaceSelector", peer.namespace_selector), ("PodSelector", peer.pod_selector)):
        if selector is not None:
            yield f"      {what}: {pairs(selector.match_labels)}"
    if peer.ip_block is not None:
        yield from ("      IPBlock:", f"        CIDR: {peer.ip_block.cidr}")
        yield f"        Except: {', '.join(peer.ip_block.except_)}"


def _aligned(rows: Iterable[Row], width: int = 0) -> tuple[str, ...]:
    found = list(rows)
    width = max(width, *(len(key) + 3 for key, _ in found))
    return tuple(
        f"{f'{key}:' if number == 0 else '':<{width}}{line}".rstrip() if line else f"{key}:"
        for key, lines in found
        for number, line in enumerate(lines)
    )
