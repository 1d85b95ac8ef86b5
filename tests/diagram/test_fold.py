"""Which nodes share a lane."""

from dataclasses import replace

import pytest

from tests.topology.scenes import Scene, fleet, zone_of
from webapp.diagram.fold import MOST_ALONE, MOST_LANES, LaneNodes, bundles, groups, members


def lanes(scene: Scene, *unfold: str) -> list[LaneNodes]:
    """Return the lanes of a scene."""
    graph = scene.graph()
    return groups(members(graph, bundles(graph)), frozenset(unfold))


def sizes(scene: Scene, *unfold: str) -> list[int]:
    """Return how many nodes each lane stands for."""
    return [len(group.members) for group in lanes(scene, *unfold)]


def test_few_nodes_stay_alone() -> None:
    """Up to 24 lanes are drawn one by one, however alike they are."""
    assert sizes(fleet(MOST_ALONE, zones="")) == [1] * MOST_ALONE


def test_more_nodes_fold_where_they_are_alike() -> None:
    """Same zone, same state, same number of pods: two lanes for each of three zones."""
    assert sizes(fleet(30, pods=6)) == [2, 8, 2, 8, 2, 8]


def test_zones_come_in_natural_order() -> None:
    """And nodes without a zone last."""
    scene = fleet(25, zones="")
    zones = {name: ["z10", "z9", None][i % 3] for i, name in enumerate(scene.nodes)}
    assert [group.zone for group in lanes(replace(scene, nodes=zones))] == ["z9", "z10", None]


def test_a_node_that_falls_leaves_its_lane() -> None:
    """It looks different now."""
    assert sizes(fleet(30, zones="", down=frozenset({"worker-3"}))) == [29, 1]


def test_a_lane_opens_a_page_at_a_time() -> None:
    """24 nodes alone, the rest folded, and the rest opens in turn."""
    assert sizes(fleet(60, zones=""), "nowhere.up.0") == [*[1] * 24, 36]
    assert sizes(fleet(60, zones=""), "nowhere.up.0", "nowhere.up.0~24") == [*[1] * 48, 12]


def test_a_small_lane_opens_at_once() -> None:
    """Nothing is left to fold."""
    assert sizes(fleet(30, pods=6), "a.up.0") == [2, *[1] * 8, 2, 8, 2, 8]


def test_the_name_of_a_lane_outlives_failures_elsewhere() -> None:
    """Shares change everywhere when one node falls; what is open stays open."""
    quiet, failed = fleet(60, pods=3), fleet(60, pods=3, down=frozenset({"worker-2"}))
    assert {g.unfold for g in lanes(quiet) if g.zone == "a"} == {g.unfold for g in lanes(failed) if g.zone == "a"}


def test_there_are_never_too_many_lanes() -> None:
    """Opening everything stops at the limit, and says so by offering no more."""
    scene = fleet(5000, zones="")
    pages = ["nowhere.up.0", *(f"nowhere.up.0~{24 * i}" for i in range(1, 200))]
    found = lanes(scene, *pages)
    assert len(found) <= MOST_LANES
    assert found[-1].closed


@pytest.mark.parametrize("zones", [10, 200], ids=lambda n: f"{n} zones")
def test_many_different_nodes_fold_by_a_coarser_likeness(zones: int) -> None:
    """Where the fine one leaves too many lanes, zones and numbers of pods no longer part them."""
    names = {f"worker-{i}": f"z{i % zones}" for i in range(1000)}
    pods = {f"web-{i}": f"worker-{i * i % 500}" for i in range(1000)}
    assert len(lanes(replace(fleet(1), nodes=names, pods=pods))) <= MOST_LANES // 2


def test_every_node_is_in_exactly_one_lane() -> None:
    """Nothing is lost by folding."""
    scene = fleet(200, pods=50, down=zone_of(fleet(200), "b"))
    found = [member.node["label"] for group in lanes(scene) for member in group.members]
    assert sorted(found) == sorted(scene.nodes)
