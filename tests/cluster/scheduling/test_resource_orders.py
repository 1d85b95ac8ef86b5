"""Orders that are kept: whatever happened since an order was last asked for, it is as a new one would be."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.cluster.scheduling.test_plain_batch import clusters, specs_of
from webapp.cluster.model import Node, Pod, WorkloadRef
from webapp.cluster.scheduling import Scheduler, resource_orders
from webapp.cluster.scheduling.resource_order import ResourceOrder
from webapp.manifests.objects import Container, ContainerPort, PodSpec

NO_KEYS: frozenset[str] = frozenset()
SPECS = (
    specs_of({"cpu": "300m"}),
    specs_of({"cpu": "100m", "memory": "512Mi"}),
    specs_of({"ephemeral-storage": "1Gi"}),
    PodSpec(containers=(Container(ports=(ContainerPort(container_port=80, host_port=8080),)),)),
)


def _pod(of: int, number: int = 0) -> Pod:
    ref = WorkloadRef(kind="Deployment", namespace="default", name=f"w{of}")
    return Pod(namespace="default", name=f"w{of}-{number}", labels={"app": ref.name}, spec=SPECS[of], owner=ref)


def _shown(order: ResourceOrder) -> object:
    """Return all that batches read of an order."""
    ranked = {node_class: its.by_rank for node_class, its in order.ranked.items() if its.by_rank}
    assert all([*order.ranked[node_class].ranks] == sorted(by_rank) for node_class, by_rank in ranked.items())
    return order.current, {node_class: +counted for node_class, counted in order.tally.items() if +counted}, ranked


turns = st.lists(st.tuples(st.integers(0, len(SPECS) - 1), st.integers(-2, 5)), min_size=2, max_size=9)


@settings(max_examples=80, deadline=None)
@given(clusters, turns)
def test_an_order_knows_what_others_have_put_on_the_nodes(nodes: list[Node], drawn: list[tuple[int, int]]) -> None:
    """Pods that ask for this and that come, and some of them go again."""
    scheduler = Scheduler(nodes)
    there: list[Pod] = []
    for turn, (of, number) in enumerate(drawn):
        pods = [_pod(of, 100 * turn + i) for i in range(number)]
        there += [pod for pod, at in zip(pods, scheduler.place_many(pods), strict=True) if at.node]
        for _ in range(min(-number, len(there))):
            scheduler.remove(there.pop(of % len(there)))
        for spec in range(len(SPECS)):
            asked = scheduler._resources(_pod(spec))
            kept = scheduler._orders.get(NO_KEYS, asked)
            assert _shown(kept) == _shown(ResourceOrder(scheduler.snapshot, NO_KEYS, asked))


def test_an_order_is_made_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Draining a node after another asks for the same few amounts each time; sorting all nodes anew took minutes."""
    nodes = [Node(name=f"n{n}", allocatable={"cpu": "4", "memory": "8Gi", "pods": "9"}) for n in range(4)]
    scheduler = Scheduler(nodes)
    first, second, third = (scheduler._resources(_pod(of)) for of in range(3))
    get = scheduler._orders.get
    orders = get(NO_KEYS, first), get(NO_KEYS, second)
    assert (get(NO_KEYS, first), get(NO_KEYS, second)) == orders
    # With room for two, the one that was not asked for longest makes room.
    monkeypatch.setattr(resource_orders, "_MOST_NODES", 8)
    narrow = resource_orders.ResourceOrders(scheduler.snapshot)
    kept, _, last = narrow.get(NO_KEYS, first), narrow.get(NO_KEYS, second), narrow.get(NO_KEYS, first)
    assert last is kept
    narrow.get(NO_KEYS, third)
    assert narrow.get(NO_KEYS, first) is kept
    assert len(narrow._kept) == 2


def test_containers_that_ask_for_the_same_share_an_order() -> None:
    """Whatever else they say."""
    scheduler = Scheduler([])
    named = PodSpec(containers=(Container(ports=(ContainerPort(container_port=80),)),))
    others = [scheduler._resources(Pod(namespace="default", name="a", spec=spec)) for spec in (named, specs_of({}))]
    assert others[0] is others[1]
