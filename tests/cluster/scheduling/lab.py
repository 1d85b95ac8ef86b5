"""The recorded clusters, read into the records that placement works on.

Recorded in one process with the code of Kubernetes 1.36.2 (the scheduler's answers are the same in 1.35.4): nodes,
bound pods, and a Pod called ``pending`` or workloads that wait to be placed.
"""

import json
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from tests.cluster.scheduling.asking import AskedScheduler
from webapp.cluster.admission import admit_services
from webapp.cluster.model import Node, Pod, Service
from webapp.cluster.nodes import node_of
from webapp.cluster.options import ClusterOptions
from webapp.cluster.pods import owners_of, pod_of, ref_of
from webapp.manifests import Manifests, Upload, read
from webapp.manifests.objects import NodeObject, WorkloadObject

DATA = Path(__file__).parents[2] / "data" / "kubernetes"
LAB = DATA / "control-plane"


@dataclass(frozen=True)
class Recorded:
    """What one manifest of the laboratory holds."""

    manifests: Manifests
    nodes: tuple[Node, ...]
    pods: tuple[Pod, ...]
    services: tuple[Service, ...]

    @property
    def pending(self) -> Pod:
        """The pod called ``pending``."""
        return next(pod for pod in self.pods if pod.name == "pending")

    def schedule(self) -> AskedScheduler:
        """Return the nodes with all pods that are bound."""
        bound = [pod for pod in self.pods if pod.node and pod.name != "pending"]
        return AskedScheduler(self.nodes, bound, self.manifests.namespaces, self.services)

    def replica(self, name: str) -> Pod:
        """Return a pod of the workload after which it is named."""
        workload = next(w for w in self.manifests.workloads if name.startswith(f"{w.metadata.name}-"))
        return pod_from(workload, name)


@cache
def records(name: str) -> tuple[dict[str, Any], ...]:
    """Return the recorded answers of a file."""
    return tuple(json.loads((LAB / name).read_text()))


@cache
def recorded(path: str) -> Recorded:
    """Return what a manifest holds."""
    manifests = read([Upload(name=path, data=(LAB / path).read_bytes(), picked=True)])
    services = admit_services(manifests.services, manifests.undecodable, ClusterOptions()).services
    owners = owners_of(manifests.workloads)
    pods = tuple(pod_of(pod, owners) for pod in manifests.pods)
    return Recorded(manifests, tuple(map(_node, manifests.nodes)), pods, services)


def pod_from(workload: WorkloadObject, name: str) -> Pod:
    """Return a pod of the workload."""
    owner, template = ref_of(workload), workload.spec.template
    assert template is not None
    return Pod(namespace=owner.namespace, name=name, labels=template.metadata.labels, spec=template.spec, owner=owner)


def _node(given: NodeObject) -> Node:
    """Return the node with the capacity that its manifest states, and none where it states none.

    Elsewhere such a node is taken to be large enough, because people write nodes by hand.
    """
    return replace(node_of(given), allocatable=given.status.allocatable or given.status.capacity)
