"""What places the pods of a template, by what they ask for and by what they find."""

from collections.abc import Iterable, Iterator

from webapp.cluster.scheduling.batch import Batch
from webapp.cluster.scheduling.cycle import SchedulingCycle
from webapp.cluster.scheduling.nodes import NodeInfo, Snapshot
from webapp.cluster.scheduling.placed import PlacedPods
from webapp.cluster.scheduling.plain_batch import PlainBatch
from webapp.cluster.scheduling.plain_start import PlainStart, SpreadShapes, beside, plain_start, without_pods
from webapp.cluster.scheduling.resource_orders import ResourceOrders
from webapp.cluster.scheduling.template import Template


class Batches:
    """Makes batches; what many templates have in common is worked out once."""

    def __init__(self, snapshot: Snapshot, placed: PlacedPods, orders: ResourceOrders) -> None:
        self._snapshot, self._placed, self._orders = snapshot, placed, orders
        self._shapes: SpreadShapes = {}
        # By label keys, what ordinary pods of a workload find that has none yet.
        self._without_pods: dict[frozenset[str], PlainStart] = {}

    def of(self, template: Template) -> PlainBatch | Batch:
        """Return what places the template's pods, as the nodes are now."""
        # Of 10,000 workloads nearly all are ordinary: but for their own pods, all of these find the same.
        keys = self._ordinary_keys(template)
        start = self._without_pods.get(keys) if keys is not None else None
        if start is None:
            cycle = SchedulingCycle(template, self._snapshot, self._placed)
            if not cycle.plain:
                return Batch(cycle, self._orders.get(cycle.keys, template.pod_resources))
            start = plain_start(cycle, self._snapshot.position_of, self._shapes)
            if keys is not None:
                self._without_pods[keys] = without_pods(start)
        else:
            start = beside(start, template, self._placed)
        return self._plain(start, template)

    def _plain(self, start: PlainStart, template: Template) -> PlainBatch:
        return PlainBatch(start, self._orders.get(start.keys, template.pod_resources))

    def _ordinary_keys(self, template: Template) -> frozenset[str] | None:
        """Return the keys by which nodes differ for an ordinary template while no pods have terms, None for others."""
        ordinary = template.is_ordinary and not self._placed.have_terms
        return template.keys(frozenset(), hosts_unique=self._snapshot.hosts_unique) if ordinary else None

    def place_alike(self, workloads: Iterable[tuple[Template, int]]) -> tuple[list[list[NodeInfo]], str]:
        """Place so many pods of each of the workloads; return their nodes, of the first workloads or of none.

        Where no pod of these fits anywhere, they get none, and the text says why.
        """
        coming = iter(workloads)
        first = next(coming, None)
        start = self._without_pods.get(self._ordinary_keys(first[0]) or frozenset()) if first is not None else None
        if first is None or start is None or self._has_pods(first[0]):
            return [], ""
        return self._plain(start, first[0]).place_alike(self._alike(first, coming))

    def _alike(self, first: tuple[Template, int], others: Iterator[tuple[Template, int]]) -> Iterator[int]:
        """Yield how many pods are wanted, as long as workloads find what the first one does."""
        yield first[1]
        keys, resources, owners = self._ordinary_keys(first[0]), first[0].pod_resources, {first[0].pod.owner}
        for template, count in others:
            owner = template.pod.owner
            alike = template.pod_resources is resources and self._ordinary_keys(template) == keys
            if not alike or owner in owners or self._has_pods(template):
                break
            owners.add(owner)
            yield count

    def _has_pods(self, template: Template) -> bool:
        return any(pod_class.nodes for pod_class in self._placed.same_workload(template.pod))
