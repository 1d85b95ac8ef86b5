"""What kubectl would print of a state: the commands that somebody would type who asks why a Service doesn't answer."""

from collections.abc import Iterator, Mapping

from webapp.cluster.model import Cluster, Node, Pod
from webapp.exercises import kubectl_describe as describe
from webapp.exercises import kubectl_tables as tables
from webapp.exercises.kubectl_tables import table
from webapp.exercises.state import ExerciseState
from webapp.manifests.objects import ServiceObject
from webapp.records import dataclass

_REJECTED = "Rejected by the API server: "
_MOST_ROWS = 60
"""Lines of a table; nobody reads more, and a cluster may have thousands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed:
    """One command and what it prints."""

    command: str
    lines: tuple[str, ...]


def kubectl(its: ExerciseState, service: str) -> tuple[Printed, ...]:
    """Return what is printed of a Service, ``NAMESPACE/NAME``, the pods of its namespace, and all nodes."""
    return tuple(
        Printed(command=f"{command} | head -n {_MOST_ROWS}", lines=lines[:_MOST_ROWS])
        if len(lines) > _MOST_ROWS
        else Printed(command=command, lines=lines)
        for command, lines in _printed(its, service)
    )


def _printed(its: ExerciseState, key: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    state, cluster = its.state, its.cluster
    namespace = key.partition("/")[0]
    flag = "" if namespace == "default" else f" -n {namespace}"
    given = {service.metadata.key: service for service in its.manifests.services}
    pods = tables.pods_of(state, namespace)
    services = sorted(
        (one for one in cluster.services.values() if one.namespace == namespace and one.accepted),
        key=lambda one: one.name,
    )
    yield from _applied(cluster)
    nodes = [tables.node_row(state, node) for node in _by_name(cluster)]
    yield "kubectl get nodes -o wide", table(tables.NODE_HEAD, nodes)
    pod_rows = [tables.pod_row(state, pod) for pod in pods]
    yield f"kubectl get pods -o wide --show-labels{flag}", _table(tables.POD_HEAD, pod_rows, namespace)
    service_rows = [tables.service_row(one, given.get(one.key)) for one in services]
    yield f"kubectl get svc -o wide{flag}", _table(tables.SERVICE_HEAD, service_rows, namespace)
    slices = [tables.slice_row(its, one) for one in services if one.selector]
    yield f"kubectl get endpointslices{flag}", _table(tables.SLICE_HEAD, slices, namespace)
    found = next((one for one in services if one.key == key), None)
    if found is None:
        yield from _elsewhere(its, key, given)
    else:
        yield f"kubectl describe svc {found.name}{flag}", describe.described_service(its, found, given.get(key))
    yield from _policies(its, namespace, flag)
    yield from _pending(cluster, pods, flag)


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]], namespace: str) -> tuple[str, ...]:
    return table(head, rows) if rows else (f"No resources found in {namespace} namespace.",)


def _by_name(cluster: Cluster) -> list[Node]:
    return sorted(cluster.nodes.values(), key=lambda node: node.name)


def _elsewhere(
    its: ExerciseState, key: str, given: Mapping[str, ServiceObject]
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield where a Service of the name is, if it is in another namespace."""
    name = key.rpartition("/")[2]
    found = [one for one in its.cluster.services.values() if one.name == name and one.accepted]
    if found:
        head = ("NAMESPACE", *tables.SERVICE_HEAD)
        rows = [(one.namespace, *tables.service_row(one, given.get(one.key))) for one in found]
        yield f"kubectl get svc --all-namespaces -o wide --field-selector metadata.name={name}", table(head, rows)


def _policies(its: ExerciseState, namespace: str, flag: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    policies = sorted(
        (each for each in its.manifests.network_policies if each.metadata.effective_namespace == namespace),
        key=lambda each: each.metadata.name,
    )
    rows = [tables.policy_row(policy) for policy in policies]
    yield f"kubectl get netpol{flag}", _table(tables.POLICY_HEAD, rows, namespace)
    if policies:
        first = policies[0]
        command = f"kubectl describe netpol {first.metadata.name}{flag} | sed -n '/^Spec/,$p'"
        yield command, describe.described_policy(first)


def _pending(cluster: Cluster, pods: list[Pod], flag: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield what tells why a pod has no node: its event, and a node's taints and resources."""
    pending = next((pod for pod in pods if pod.pending), None)
    if pending is None:
        return
    yield f"kubectl describe pod {pending.name}{flag} | sed -n '/^Node-Selectors/,$p'", describe.described_pod(pending)
    node = next(iter(_by_name(cluster)), None)
    if node is not None:
        lines = describe.described_node(node)
        pattern = "/^Taints/,/^Unschedulable/p" + (";/^Allocatable/,/^ *pods/p" if node.allocatable else "")
        yield f"kubectl describe node {node.name} | sed -n '{pattern}'", lines


def _applied(cluster: Cluster) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield what the API server said of objects that it rejected."""
    refused = [
        f'The {its.object.partition(" ")[0]} "{its.object.rpartition("/")[2]}" is invalid: '
        f"{its.message.removeprefix(_REJECTED)}"
        for its in cluster.problems
        if its.object and its.message.startswith(_REJECTED)
    ]
    if refused:
        yield "kubectl apply -f manifests.yaml | grep invalid", tuple(refused)
