"""How large a cluster would be, told from its manifests without building it."""

from collections import Counter
from collections.abc import Iterator

from webapp.cluster.endpoints import given_endpoints, listed_endpoints
from webapp.cluster.options import ClusterOptions
from webapp.cluster.pods import replicas
from webapp.manifests.manifests import Manifests
from webapp.manifests.objects import Labels
from webapp.records import dataclass

# A Pod is placed, which takes about as long as to list that many endpoints.
_ENDPOINTS_OF_A_POD = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterSize:
    """About how many of each there are, and seldom less than there are."""

    nodes: int
    pods: int
    services: int
    ports: int
    """Of Services and of containers."""
    endpoints: int
    """Of all ports of all Services, at most."""
    budget_pods: int = 0
    """Of all PodDisruptionBudgets, at most."""

    @property
    def work(self) -> int:
        """About how many Pods would take as long."""
        return (
            self.nodes
            + self.pods
            + self.services
            + self.ports
            + (self.endpoints + self.budget_pods) // _ENDPOINTS_OF_A_POD
        )


def size_of(manifests: Manifests, options: ClusterOptions) -> ClusterSize:
    """Return the size of the cluster that the manifests make."""
    nodes, services = len(manifests.nodes) or options.assume_nodes, len(manifests.services)
    given = given_endpoints(manifests)
    by_label: Counter[tuple[str, str, str]] = Counter()
    by_namespace: Counter[str] = Counter()
    for namespace, labels, pods in _labelled_pods(manifests, nodes):
        by_namespace[namespace] += pods
        for key, value in labels.items():
            by_label[namespace, key, value] += pods
    endpoints = sum(listed_endpoints(given).values())
    for service in manifests.services:
        namespace, selector = service.metadata.effective_namespace, service.spec.selector
        # As many as have the rarest of the labels, at most.
        selected = min((by_label[namespace, key, value] for key, value in selector.items()), default=0)
        endpoints += len(service.spec.ports) * (selected or options.assume_pods)
    budget_pods = 0
    for budget in manifests.pod_disruption_budgets:
        namespace, given_selector = budget.metadata.effective_namespace, budget.spec.selector
        asked = given_selector.match_labels if given_selector is not None else {}
        budget_pods += min((by_label[namespace, *pair] for pair in asked.items()), default=by_namespace[namespace])
    return ClusterSize(
        nodes=nodes,
        pods=expected_pods(manifests, nodes, assumed=options.assume_pods * services),
        services=services,
        ports=sum(len(service.spec.ports) for service in manifests.services) + _container_ports(manifests),
        endpoints=endpoints,
        budget_pods=budget_pods,
    )


def expected_pods(manifests: Manifests, nodes: int, assumed: int = 0) -> int:
    """Return about how many pods a set has on so many nodes."""
    made = sum(nodes if w.kind == "DaemonSet" else replicas(w) for w in manifests.workloads)
    return max(len(manifests.pods), made + assumed)


def _labelled_pods(manifests: Manifests, nodes: int) -> Iterator[tuple[str, Labels, int]]:
    for pod in manifests.pods:
        yield pod.metadata.effective_namespace, pod.metadata.labels, 1
    for workload in manifests.workloads:
        if (template := workload.spec.template) is not None:
            many = nodes if workload.kind == "DaemonSet" else replicas(workload)
            yield workload.metadata.effective_namespace, template.metadata.labels, many


def _container_ports(manifests: Manifests) -> int:
    specs = [pod.spec for pod in manifests.pods]
    specs += [workload.spec.template.spec for workload in manifests.workloads if workload.spec.template is not None]
    return sum(len(container.ports) for spec in specs for container in spec.running_containers)
