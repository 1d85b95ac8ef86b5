"""The kubelet's admission of pods that never met the scheduler, because they were created with a node's name.

Left out: that the kubelet ends other pods to make room for a critical one.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from webapp.cluster.model import Pod
from webapp.cluster.scheduling.nodes import NodeInfo
from webapp.cluster.scheduling.resources import PODS, Requests
from webapp.cluster.scheduling.selectors import required_nodes
from webapp.cluster.scheduling.taints import pod_tolerations, untolerated
from webapp.cluster.scheduling.template import PodResources

_TOO_MANY, _INSUFFICIENT = "Too many pods", "Insufficient "


def admission_failures(pod: Pod, pod_resources: PodResources, node_info: NodeInfo) -> tuple[str, ...]:
    """Return why the node's kubelet fails the pod, ``REASON: message`` each, empty if it admits it."""
    # The first one's reason is the pod's ``status.reason``: OutOfcpu, OutOfpods, NodeAffinity, NodePorts,
    # TaintToleration. NoSchedule taints and ``spec.unschedulable`` aren't looked at (generalFilter and
    # removeMissingExtendedResources, pkg/kubelet/lifecycle/predicate.go). What labels an assumed node has nobody knows.
    return tuple(_failures(pod, pod_resources, node_info))


def _failures(pod: Pod, pod_resources: PodResources, node_info: NodeInfo) -> Iterator[str]:
    node = node_info.node
    requests = _known(pod_resources.requests, node.allocatable)
    for short in node_info.capacity.shortages(requests):
        yield _out_of(PODS if short == _TOO_MANY else short.removeprefix(_INSUFFICIENT), requests, node_info)
    if not node.assumed and not required_nodes(pod.spec).matches(node.name, node.labels):
        yield "NodeAffinity: node(s) didn't match Pod's node affinity/selector"
    yield from (f"NodePorts: {reason}" for reason in node_info.ports_taken(pod_resources.ports))
    if not pod.static and untolerated(pod_tolerations(pod.spec), node.taints, ("NoExecute",)):
        yield "TaintToleration: node(s) had untolerated taint(s)"


def _known(requests: Requests, allocatable: Mapping[str, str]) -> Requests:
    """Return the requests without the extended resources that the node doesn't know: these may be the cluster's."""
    amounts = {
        name: amount
        for name, amount in requests.amounts.items()
        if "/" not in name or "kubernetes.io/" in name or name in allocatable
    }
    return requests if len(amounts) == len(requests.amounts) else replace(requests, amounts=amounts)


def _out_of(name: str, requests: Requests, node_info: NodeInfo) -> str:
    """Return the kubelet's InsufficientResourceError; cpu counts in thousandths."""
    requested = 1 if name == PODS else requests.amounts[name]
    used, capacity = node_info.capacity.used(name), node_info.capacity.has(name)
    amounts = f"requested: {requested}, used: {used}, capacity: {capacity}"
    return f"OutOf{name}: Node didn't have enough resource: {name}, {amounts}"
