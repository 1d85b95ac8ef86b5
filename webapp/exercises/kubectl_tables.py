"""The tables of ``kubectl get``: the columns, their order and what stands in each cell.

Kubernetes 1.36, pkg/printers/internalversion/printers.go. What no manifest tells is printed as kubectl prints what
isn't there (``<unknown>``, ``<none>``); but the IP addresses of pods and Services, which every cluster assigns, are
examples.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import sha256

from webapp.cluster.model import Endpoint, Node, Pod, Service
from webapp.exercises.state import ExerciseState
from webapp.failure.state import PodFate, State
from webapp.manifests.objects import NetworkPolicyObject, ServiceObject

NONE = "<none>"
UNSET = "<unset>"
UNKNOWN = "<unknown>"
"""The age of what has no creationTimestamp: nodefall keeps none."""
SHOWN = 3
"""Endpoints and ports before ``+ 2 more...``."""
_ROLE = "node-role.kubernetes.io/"
_SUFFIX_LETTERS = "bcdfghjklmnpqrstvwxz2456789"
"""Those of generated names: k8s.io/apimachinery/pkg/util/rand."""
_HERE = frozenset({PodFate.LOST, PodFate.STUCK, PodFate.MOVED, PodFate.PENDING, PodFate.FAILED})
"""What happened to pods whose objects are there."""

NODE_HEAD = (
    *("NAME", "STATUS", "ROLES", "AGE", "VERSION"),
    *("INTERNAL-IP", "EXTERNAL-IP", "OS-IMAGE", "KERNEL-VERSION", "CONTAINER-RUNTIME"),
)
POD_HEAD = (
    *("NAME", "READY", "STATUS", "RESTARTS", "AGE"),
    *("IP", "NODE", "NOMINATED NODE", "READINESS GATES", "LABELS"),
)
SERVICE_HEAD = ("NAME", "TYPE", "CLUSTER-IP", "EXTERNAL-IP", "PORT(S)", "AGE", "SELECTOR")
SLICE_HEAD = ("NAME", "ADDRESSTYPE", "PORTS", "ENDPOINTS", "AGE")
POLICY_HEAD = ("NAME", "POD-SELECTOR", "AGE")


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> tuple[str, ...]:
    """Return lines whose columns are as wide as their longest cell, with three spaces between, as kubectl's."""
    cells = [head, *rows]
    widths = [max(len(row[column]) for row in cells) for column in range(len(head))]
    return tuple("   ".join(map(str.ljust, row, widths)).rstrip() for row in cells)


def example(kind: str, name: str, letters: str, length: int) -> str:
    """Return letters that stay the same for the name of an object."""
    digest = sha256(f"{kind} {name}".encode(errors="replace")).digest()
    return "".join(letters[byte % len(letters)] for byte in digest[:length])


# --- rows -------------------------------------------------------------------------------------------------------------


def node_row(state: State, node: Node) -> tuple[str, ...]:
    """Return a line of ``kubectl get nodes -o wide``."""
    status = "Ready" if node.ready and node.name not in state.unready_nodes else "NotReady"
    if node.unschedulable or node.name in state.cordoned_nodes:
        status += ",SchedulingDisabled"
    roles = {label.removeprefix(_ROLE) for label in node.labels if label.startswith(_ROLE)}
    roles |= {"control-plane"} if node.control_plane else set()
    version = f"v1.{state.cluster.options.minor_version}.0"
    inside, outside = (ips[0] if ips else NONE for ips in (node.internal_ips, node.external_ips))
    return node.name, status, ",".join(sorted(roles)) or NONE, UNKNOWN, version, inside, outside, *[UNKNOWN] * 3


def pods_of(state: State, namespace: str) -> list[Pod]:
    """Return the pods whose objects the API server has, by name."""
    changed = state.pods
    pods = [pod for key, pod in state.cluster.pods.items() if key not in changed or changed[key].fate in _HERE] + [
        its.pod for key, its in changed.items() if key not in state.cluster.pods and its.fate in _HERE
    ]
    return sorted((pod for pod in pods if pod.namespace == namespace), key=lambda pod: pod.name)


def pod_row(state: State, pod: Pod) -> tuple[str, ...]:
    """Return a line of ``kubectl get pods -o wide --show-labels``."""
    count = max(len(pod.spec.containers), 1)
    # Of a node that is away the statuses stay as its kubelet sent them last.
    ready = count if pod.ready and pod.node and pod.key not in state.unready_pods else 0
    changed = state.pods.get(pod.key)
    ending = pod.terminating or (changed is not None and changed.fate is PodFate.STUCK)
    status = "Terminating" if ending else pod.phase if pod.node else "Pending"
    ip = pod_ip(state, pod) if pod.node else NONE
    where = (ip, pod.node or NONE, NONE, NONE)
    return pod.name, f"{ready}/{count}", status, "0", UNKNOWN, *where, pairs(pod.labels)


def service_row(service: Service, given: ServiceObject | None) -> tuple[str, ...]:
    """Return a line of ``kubectl get svc -o wide``."""
    ports = ",".join(f"{p.port}{f':{p.node_port}' if p.node_port else ''}/{p.protocol}" for p in service.ports)
    return (
        *(service.name, service.type, cluster_ip(service, given), _external_ip(service, given)),
        *(ports or NONE, UNKNOWN, pairs(service.selector)),
    )


def _external_ip(service: Service, given: ServiceObject | None) -> str:
    if service.type == "ExternalName":
        return (given and given.spec.external_name) or ""
    balanced = service.load_balancer_addresses if service.type == "LoadBalancer" else ()
    waiting = "<pending>" if service.type == "LoadBalancer" else NONE
    return ",".join((*balanced, *service.external_ips)) or waiting


def slice_row(its: ExerciseState, service: Service) -> tuple[str, ...]:
    """Return a line of ``kubectl get endpointslices``: endpoints that aren't ready stand there as well."""
    listed = [listed_endpoints(its.state, service, index) for index in range(len(service.ports))]
    numbers = list(dict.fromkeys(str(each.port) for endpoints in listed for each in endpoints))
    addresses = list(dict.fromkeys(address(its.state, service, each) for found in listed for each in found))
    name = f"{service.name}-{example('EndpointSlice', service.key, _SUFFIX_LETTERS, 5)}"
    return (
        name,
        service.ip_families[0],
        shortened(numbers) or UNSET,
        shortened(addresses or without_port(its, service)) or UNSET,
        UNKNOWN,
    )


def policy_row(policy: NetworkPolicyObject) -> tuple[str, ...]:
    """Return a line of ``kubectl get netpol``."""
    selector = policy.spec.pod_selector
    return policy.metadata.name, pairs(selector.match_labels if selector else {}), UNKNOWN


# --- cells ------------------------------------------------------------------------------------------------------------


def pairs(labels: Mapping[str, str]) -> str:
    """Return ``app=web,tier=front``."""
    return ",".join(f"{key}={value}" for key, value in sorted(labels.items())) or NONE


def shortened(names: Sequence[str]) -> str:
    """Return the first three, and how many more there are."""
    more = f" + {len(names) - SHOWN} more..." if len(names) > SHOWN else ""
    return ",".join(names[:SHOWN]) + more


def listed_endpoints(state: State, service: Service, index: int) -> tuple[Endpoint, ...]:
    """Return what the slices list of a port now."""
    return state.changed_endpoints.get((service.key, index), service.ports[index].endpoints)


def address(state: State, service: Service, endpoint: Endpoint) -> str:
    """Return the IP address of an endpoint."""
    pod = state.cluster.pods.get(endpoint.pod or "")
    if endpoint.address or pod is None:
        return endpoint.address or UNKNOWN
    return pod_ip(state, pod, service.ip_families[0])


def pod_ip(state: State, pod: Pod, family: str = "IPv4") -> str:
    """Return the pod's address, else an example of the range that its node would have."""
    if pod.ips:
        return pod.ips[0]
    nodes, on_node = list(state.cluster.nodes), list(state.cluster.pods_on.get(pod.node or "", ()))
    node = nodes.index(pod.node) if pod.node in nodes else len(nodes)
    number = on_node.index(pod.key) if pod.key in on_node else len(on_node)
    if family == "IPv6":
        return f"fd00:10:244:{node:x}::{number + 2:x}"
    return f"10.{244 + node // 256}.{node % 256}.{number % 253 + 2}"


def cluster_ip(service: Service, given: ServiceObject | None) -> str:
    """Return the Service's address, else an example of kubeadm's range."""
    if service.headless:
        return "None"
    if service.type == "ExternalName":
        return NONE
    if given is not None and given.spec.cluster_ip:
        return given.spec.cluster_ip
    first, second = sha256(service.key.encode(errors="replace")).digest()[:2]
    return f"fd00:10:96::{first:x}{second:02x}" if service.ip_families[0] == "IPv6" else f"10.96.{first}.{second}"


def without_port(its: ExerciseState, service: Service) -> list[str]:
    """Return the addresses of pods that are selected, where none has a port that the Service names.

    The EndpointSlice controller lists them without any port, which kube-proxy then can't use.
    """
    named = bool(service.ports) and all(isinstance(port.target_port, str) for port in service.ports)
    if not named or not service.selector or any(port.endpoints for port in service.ports):
        return []
    return [pod_ip(its.state, pod, service.ip_families[0]) for pod in _selected(its.state, service)]


def _selected(state: State, service: Service) -> Iterator[Pod]:
    for pod in pods_of(state, service.namespace):
        if pod.node and service.selector.items() <= pod.labels.items():
            yield pod
