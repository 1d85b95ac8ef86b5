"""A failure as experiments of LitmusChaos.

Faults and their variables: faults/kubernetes of litmuschaos/chaos-charts 3; the ChaosEngine's fields: its CRD in
litmuschaos/chaos-operator, which the tests hold the file against. What Litmus does otherwise stands in the comments.
"""

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from webapp.cluster.model import Cluster
from webapp.documents.rehearsal import (
    NOTHING,
    ON_HOST,
    Staged,
    by_namespace,
    lasting,
    manifest_file,
    split_by_network,
    staged,
)
from webapp.failure import FailureKind, Scenario
from webapp.records import dataclass

_NAMESPACE = "litmus"
MOST_NODES = 36
"""Litmus takes one engine for each node; nobody starts more by hand."""
_OFF = (
    "A node that is off: node-poweroff logs in to {said} by SSH and powers it off hard. It needs the Secret id-rsa in "
    "the namespace litmus. Litmus does not power it on again: that is yours to do."
)
_SILENT = (
    "A pod that no longer answers: pod-network-loss drops all packets that {said} sends, so that connections time out "
    "and the readiness probe fails. CONTAINER_RUNTIME and SOCKET_PATH are to be those of the nodes."
)
_SAID: Mapping[FailureKind, str] = MappingProxyType(
    {
        FailureKind.NODE: _OFF,
        FailureKind.ZONE: _OFF,
        FailureKind.RETURNED: _OFF + " Do so once its pods were recreated elsewhere.",
        FailureKind.POD: _SILENT + " Unlike in the simulation nothing deletes it: delete it to see another created.",
        FailureKind.UNREADY: _SILENT + " A liveness probe, if it has one, fails too, and restarts its container.",
        FailureKind.DELETED: "A pod that is deleted: pod-delete deletes {said} once, with its grace period.",
        FailureKind.PARTITION: "A node that the control plane can't see: kubelet-service-kill stops the kubelet of "
        "{said}, so that the Lease is not renewed while the pods keep running. Unlike in a partition kube-proxy still "
        "hears of changes, so its rules do not become stale.",
        FailureKind.KUBE_PROXY: "Not in this file: a kube-proxy that is gone ({said}). Litmus deletes its pod or kills "
        "its container, and either is back within seconds. Stop it by hand, as game-day.md says.",
        FailureKind.CONTROL_PLANE: "Not in this file: a control plane that is down. Litmus needs the API server to run "
        "an experiment. Stop its static pods by hand, as game-day.md says.",
    }
)
_DRAIN = (
    "A drain: node-drain runs kubectl drain with --force, --delete-emptydir-data and a timeout, and uncordons the node "
    "afterwards. nodefall simulates a drain without these, which refuses where data would be lost: drain.sh does that."
)
_ORDER = (
    "Nodes are drained one after another: only the first engine is active. Start the next one when the one before has "
    "drained its node:"
)
_NEXT = 'kubectl patch chaosengine game-day-2 -n litmus --type merge -p \'{"spec":{"engineState":"active"}}\''


@dataclass(frozen=True, slots=True)
class _Fault:
    """One experiment: its name in the charts, its variables, and the pods that it is for."""

    name: str
    variables: tuple[tuple[str, str], ...]
    pods: Mapping[str, Sequence[str]] | None = None
    """By namespace; None for faults of nodes."""
    active: bool = True


def litmus_yaml(cluster: Cluster, scenario: Scenario) -> str:
    """Return the engines that stage a failure; what Litmus can't do is named in a comment."""
    if not scenario.down and not scenario.drain:
        return manifest_file([NOTHING], [])
    ways = list(staged(cluster, scenario))
    seconds = lasting(cluster, scenario)
    faults = [fault for its in ways for fault in _faults(cluster, split_by_network(cluster, its)[0], seconds)]
    faults += _drains(scenario)
    engines = [_engine(number, fault) for number, fault in enumerate(faults, start=1)]
    return manifest_file(list(_comments(cluster, scenario, ways, faults)), engines)


def _comments(cluster: Cluster, scenario: Scenario, ways: Sequence[Staged], faults: Sequence[_Fault]) -> Iterator[str]:
    yield "A failure that nodefall has simulated, for LitmusChaos 3: what is expected when stands in game-day.md."
    if faults:
        yield from ("Start it: kubectl apply -f litmus.yaml", "End it: kubectl delete -f litmus.yaml")
        names = ", ".join(dict.fromkeys(fault.name for fault in faults))
        yield f"The namespace litmus needs the ChaosExperiments {names}, and for each a ServiceAccount NAME-sa."
    for its in ways:
        own, shared = split_by_network(cluster, its)
        if own.names or not its.names:
            yield _SAID[its.kind].format(said=own.said)
        if shared.names:
            yield ON_HOST.format(said=shared.said)
        on_nodes = its.kind in (FailureKind.NODE, FailureKind.ZONE, FailureKind.RETURNED, FailureKind.PARTITION)
        if more := its.more + (max(len(its.names) - MOST_NODES, 0) if on_nodes else 0):
            yield f"Not in this file: {more:,} more that fail the same way."
    if scenario.drain:
        yield _DRAIN
        if len(scenario.drain) > 1:
            yield from (_ORDER, _NEXT)
        if (more := len(scenario.drain) - MOST_NODES) > 0:
            yield f"Not in this file: {more:,} more nodes to drain."


def _faults(cluster: Cluster, its: Staged, seconds: int) -> Iterator[_Fault]:
    lasts = ("TOTAL_CHAOS_DURATION", str(seconds))
    match its.kind:
        case FailureKind.NODE | FailureKind.ZONE | FailureKind.RETURNED:
            for name in its.names[:MOST_NODES]:
                where = (("TARGET_NODE", name), ("TARGET_NODE_IP", _address(cluster, name)), ("SSH_USER", "root"))
                yield _Fault("node-poweroff", (lasts, *where))
        case FailureKind.PARTITION:
            for name in its.names[:MOST_NODES]:
                yield _Fault("kubelet-service-kill", (lasts, ("TARGET_NODE", name)))
        case FailureKind.POD | FailureKind.UNREADY if its.names:
            runtime = (("CONTAINER_RUNTIME", "containerd"), ("SOCKET_PATH", "/run/containerd/containerd.sock"))
            variables = (lasts, ("NETWORK_PACKET_LOSS_PERCENTAGE", "100"), *runtime)
            yield _Fault("pod-network-loss", variables, by_namespace(its.names))
        case FailureKind.DELETED:
            # It deletes again after each interval, until the duration is over.
            once = (("TOTAL_CHAOS_DURATION", "15"), ("CHAOS_INTERVAL", "15"), ("FORCE", "false"))
            yield _Fault("pod-delete", once, by_namespace(its.names))
        case FailureKind.POD | FailureKind.UNREADY | FailureKind.KUBE_PROXY | FailureKind.CONTROL_PLANE:
            return


def _drains(scenario: Scenario) -> Iterator[_Fault]:
    for at, name in enumerate(scenario.drain[:MOST_NODES]):
        yield _Fault("node-drain", (("TOTAL_CHAOS_DURATION", "600"), ("TARGET_NODE", name)), active=at == 0)


def _engine(number: int, fault: _Fault) -> dict[str, Any]:
    variables = [{"name": name, "value": value} for name, value in fault.variables]
    pods = [{"namespace": namespace, "names": ",".join(names)} for namespace, names in (fault.pods or {}).items()]
    return {
        "apiVersion": "litmuschaos.io/v1alpha1",
        "kind": "ChaosEngine",
        "metadata": {"name": f"game-day-{number}", "namespace": _NAMESPACE},
        "spec": {
            "engineState": "active" if fault.active else "stop",
            "chaosServiceAccount": f"{fault.name}-sa",
            **({"selectors": {"pods": pods}} if pods else {}),
            "experiments": [{"name": fault.name, "spec": {"components": {"env": variables}}}],
        },
    }


def _address(cluster: Cluster, name: str) -> str:
    return next(iter(cluster.nodes[name].addresses), "")
