"""What kubectl would print of a state, as far as the manifests tell: no AGE, RESTARTS and cluster IP are known of them.

Layout and words are kubectl's: pkg/printers/internalversion/printers.go and kubectl's describe.go in Kubernetes 1.36.
"""

from collections.abc import Iterable, Iterator, Sequence

from webapp.cluster.model import Endpoint, Node, Pod, Service
from webapp.failure.state import PodFate, State
from webapp.records import dataclass

_NONE = "<none>"
_UNSET = "<unset>"
_SHOWN_ADDRESSES = 3
"""Endpoints of a slice before ``+ 2 more...``."""
_REJECTED = "Rejected by the API server: "
_HERE = frozenset({PodFate.LOST, PodFate.STUCK, PodFate.MOVED, PodFate.PENDING, PodFate.FAILED})
"""What happened to pods whose objects are there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed:
    """One command and what it prints."""

    command: str
    lines: tuple[str, ...]


def kubectl(state: State, service: str) -> tuple[Printed, ...]:
    """Return what somebody would look at who asks why a service, ``NAMESPACE/NAME``, doesn't answer."""
    found = next((its for its in state.cluster.services.values() if its.name == service.rpartition("/")[2]), None)
    namespace = service.partition("/")[0]
    pods = [pod for pod in _pods(state) if pod.namespace == namespace]
    flag = "" if namespace == "default" else f" -n {namespace}"
    printed = [
        Printed(
            command="kubectl get nodes",
            lines=_table(_NODE_HEAD, (_node(state, n) for n in state.cluster.nodes.values())),
        ),
        Printed(
            command=f"kubectl get pods -o wide --show-labels{flag}",
            lines=_table(_POD_HEAD, (_pod(state, pod) for pod in pods)) if pods else _no_resources(namespace),
        ),
        Printed(command=f"kubectl get svc -o wide{flag}", lines=_services(state, namespace)),
        Printed(command=f"kubectl get endpointslices{flag}", lines=_slices(state, namespace)),
    ]
    if found is not None and found.accepted and found.namespace == namespace:
        lines = tuple(_described(state, found))
        printed.append(Printed(command=f"kubectl describe svc {found.name}{flag}", lines=lines))
    pending = next((pod for pod in pods if pod.pending), None)
    if pending is not None:
        event = f"  Warning  FailedScheduling  default-scheduler  {pending.pending}"
        lines = ("Events:", "  Type     Reason            From               Message", event)
        printed.append(Printed(command=f"kubectl describe pod {pending.name}{flag} | tail -n 3", lines=lines))
    return (*_applied(state), *printed)


def _applied(state: State) -> Iterator[Printed]:
    """Yield what the API server said of objects that it rejected."""
    refused = [
        f'The {its.object.partition(" ")[0]} "{its.object.rpartition("/")[2]}" is invalid: '
        f"{its.message.removeprefix(_REJECTED)}"
        for its in state.cluster.problems
        if its.object and its.message.startswith(_REJECTED)
    ]
    if refused:
        yield Printed(command="kubectl apply -f manifests.yaml | grep invalid", lines=tuple(refused))


# --- tables -----------------------------------------------------------------------------------------------------------

_NODE_HEAD = ("NAME", "STATUS", "ROLES", "INTERNAL-IP")
_POD_HEAD = ("NAME", "READY", "STATUS", "IP", "NODE", "LABELS")
_SERVICE_HEAD = ("NAME", "TYPE", "PORT(S)", "SELECTOR")
_SLICE_HEAD = ("NAME", "ADDRESSTYPE", "PORTS", "ENDPOINTS")


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> tuple[str, ...]:
    """Return lines whose columns are as wide as their longest cell, with three spaces between, as kubectl's."""
    cells = [head, *rows]
    widths = [max(len(row[column]) for row in cells) for column in range(len(head))]
    return tuple("   ".join(map(str.ljust, row, widths)).rstrip() for row in cells)


def _no_resources(namespace: str) -> tuple[str, ...]:
    return (f"No resources found in {namespace} namespace.",)


def _node(state: State, node: Node) -> tuple[str, ...]:
    status = "Ready" if node.ready and node.name not in state.unready_nodes else "NotReady"
    if node.unschedulable or node.name in state.cordoned_nodes:
        status += ",SchedulingDisabled"
    role = "control-plane" if node.control_plane else _NONE
    return node.name, status, role, node.internal_ips[0] if node.internal_ips else _NONE


def _pods(state: State) -> Iterator[Pod]:
    for key, pod in state.cluster.pods.items():
        changed = state.pods.get(key)
        if changed is None or changed.fate in _HERE:
            yield pod
    yield from (its.pod for key, its in state.pods.items() if key not in state.cluster.pods and its.fate in _HERE)


def _pod(state: State, pod: Pod) -> tuple[str, ...]:
    count = max(len(pod.spec.containers), 1)
    # Of a node that is away the statuses stay as its kubelet sent them last.
    ready = count if pod.ready and pod.node and pod.key not in state.unready_pods else 0
    changed = state.pods.get(pod.key)
    ending = pod.terminating or (changed is not None and changed.fate is PodFate.STUCK)
    status = "Terminating" if ending else pod.phase if pod.node else "Pending"
    labels = ",".join(f"{key}={value}" for key, value in pod.labels.items()) or _NONE
    ip = pod.ips[0] if pod.ips else _NONE
    return pod.name, f"{ready}/{count}", status, ip, pod.node or _NONE, labels


def _services(state: State, namespace: str) -> tuple[str, ...]:
    rows = [_service(its) for its in state.cluster.services.values() if its.namespace == namespace and its.accepted]
    return _table(_SERVICE_HEAD, rows) if rows else _no_resources(namespace)


def _service(service: Service) -> tuple[str, ...]:
    ports = ",".join(f"{p.port}{f':{p.node_port}' if p.node_port else ''}/{p.protocol}" for p in service.ports)
    return service.name, service.type, ports or _NONE, _selector(service)


def _selector(service: Service) -> str:
    return ",".join(f"{key}={value}" for key, value in service.selector.items()) or _NONE


def _slices(state: State, namespace: str) -> tuple[str, ...]:
    rows = [
        (f"{its.name}-…", its.ip_families[0], *_slice(state, its))
        for its in state.cluster.services.values()
        if its.namespace == namespace and its.accepted and its.selector
    ]
    return _table(_SLICE_HEAD, rows) if rows else _no_resources(namespace)


def _slice(state: State, service: Service) -> tuple[str, str]:
    listed = [_listed(state, service, index) for index in range(len(service.ports))]
    numbers = dict.fromkeys(str(each.port) for its in listed for each in its)
    addresses = list(dict.fromkeys(map(_address, (each for its in listed for each in its))))
    more = len(addresses) - _SHOWN_ADDRESSES
    shown = ",".join(addresses[:_SHOWN_ADDRESSES]) + (f" + {more} more..." if more > 0 else "")
    return ",".join(numbers) or _UNSET, shown or _UNSET


def _listed(state: State, service: Service, index: int) -> tuple[Endpoint, ...]:
    return state.changed_endpoints.get((service.key, index), service.ports[index].endpoints)


def _address(endpoint: Endpoint) -> str:
    # An address that no manifest gives is told by the pod that has it.
    return endpoint.address or f"<{(endpoint.pod or '').rpartition('/')[2]}>"


# --- kubectl describe -------------------------------------------------------------------------------------------------


def _described(state: State, service: Service) -> Iterator[str]:
    yield from _row("Name", service.name)
    yield from _row("Namespace", service.namespace)
    yield from _row("Selector", _selector(service))
    yield from _row("Type", service.type)
    for index, port in enumerate(service.ports):
        name = port.name or _UNSET
        yield from _row("Port", f"{name}  {port.port}/{port.protocol}")
        yield from _row("TargetPort", f"{port.target_port}/{port.protocol}")
        if port.node_port:
            yield from _row("NodePort", f"{name}  {port.node_port}/{port.protocol}")
        yield from _row("Endpoints", _ready(state, service, index))
    yield from _row("Session Affinity", service.session_affinity)
    if service.external_traffic_policy:
        yield from _row("External Traffic Policy", service.external_traffic_policy)


def _row(key: str, value: str) -> Iterator[str]:
    yield f"{key + ':':<26}{value}"


def _ready(state: State, service: Service, index: int) -> str:
    """Return the ready endpoints: the others are in the slice, and not here."""
    ready = [
        f"{_address(each)}:{each.port}"
        for each in _listed(state, service, index)
        if each.ready and each.node not in state.unready_nodes and each.pod not in state.unready_pods
    ]
    more = len(ready) - _SHOWN_ADDRESSES
    return ",".join(ready[:_SHOWN_ADDRESSES]) + (f" + {more} more..." if more > 0 else "")
