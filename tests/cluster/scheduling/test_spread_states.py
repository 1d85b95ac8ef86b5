"""States of the spread: rounds in which each of the best zones gets a pod, whatever the order."""

from itertools import permutations

from hypothesis import example, given
from hypothesis import strategies as st

from webapp.cluster.scheduling.nodes import NodeClass
from webapp.cluster.scheduling.spread import SpreadRow
from webapp.cluster.scheduling.spread_states import SpreadShape, SpreadState

HOST, ZONE = "kubernetes.io/hostname", "topology.kubernetes.io/zone"
# The system's default constraints.
ROWS = SpreadRow(HOST, 0, 2, 1), SpreadRow(ZONE, None, 4, 1)


def _state(in_zones: list[int], nodes: int, touched: list[int]) -> SpreadState:
    """Return the state of so many pods in each zone, with so many nodes in all, some of which have one pod each."""
    classes = [NodeClass((), False, {HOST: "", ZONE: f"z{at}"}, []) for at in range(len(in_zones))]
    shape = SpreadShape(ROWS, classes, (0, 0))
    sizes = dict.fromkeys(range(len(classes)), 1)
    sizes |= {shape.touched(at, (1, 1)): number for at, number in enumerate(touched[: len(classes)]) if number}
    return shape.state(((0,) * len(classes), tuple(in_zones)), sizes, nodes)


zones = st.lists(st.integers(0, 4), min_size=1, max_size=4)


@given(zones, st.integers(4, 60), st.lists(st.integers(0, 3), max_size=4))
@example([0, 0, 0], 5_000, [])
@example([20, 20, 20], 60, [3, 3, 3])
def test_in_a_round_each_of_the_best_zones_gets_one_pod_in_any_order(
    in_zones: list[int], nodes: int, touched: list[int]
) -> None:
    """At no time anything else is best, or nearer to that than the round says."""
    start = _state(in_zones, nodes, touched)
    coming = start.round
    for order in permutations(coming.groups):
        state, left = start, set(order)
        for group in order:
            assert set(state.best) == left
            assert state.lead >= coming.lead
            state, _ = state.after(group, is_full=False, was_last=False)
            left.remove(group)
        assert state is coming.then


def test_zones_with_as_many_pods_are_a_round() -> None:
    """So are the ones that have one less than others."""
    assert _state([1, 1, 1], 90, []).round.groups == (0, 1, 2)
    assert _state([1, 2, 1], 90, []).round.groups == (0, 2)


def test_two_classes_of_one_zone_are_no_round() -> None:
    """A pod on a node of one is a pod in the zone of the other."""
    classes = [NodeClass((), False, {HOST: host, ZONE: "a"}, []) for host in ("", "x")]
    classes.append(NodeClass((), False, {HOST: "", ZONE: "b"}, []))
    state = SpreadShape(ROWS, classes, (0, 0)).state(((0, 0, 0), (0, 0, 0)), {0: 1, 1: 1, 2: 1}, 30)
    assert sorted(state.best) == [0, 1, 2]
    assert state.round.groups == ()
