"""The node lifecycle controller: detection, zone states, taints and the order of events."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.failure.workloads import node, nodes
from webapp.cluster.model import Node
from webapp.failure.nodelifecycle import (
    ZoneState,
    detection_window,
    grace_period,
    lifecycle,
    lost_node,
    steps,
    taint_rate,
    zone_state,
)
from webapp.manifests.objects import Taint

CASES = json.loads(
    (Path(__file__).parent.parent / "data/kubernetes/conformance/node_failure_and_placement_cases.json").read_text()
)
RATES = {
    "Normal": (ZoneState.NORMAL, 10, False),
    "PartialDisruption <= 50 nodes": (ZoneState.PARTIAL, 50, False),
    "PartialDisruption > 50 nodes": (ZoneState.PARTIAL, 51, False),
    "FullDisruption in this zone, other zones fine": (ZoneState.FULL, 10, False),
    "FullDisruption in ALL zones": (ZoneState.FULL, 10, True),
}
"""What each row of zoneEvictionRates means."""


@pytest.mark.parametrize("case", [pytest.param(c, id=c["id"]) for c in CASES["zoneStateCases"]])
def test_the_state_of_a_zone(case: dict[str, Any]) -> None:
    """Full without a ready node, partial from three and 55 per cent, else normal."""
    assert zone_state(case["ready"], case["notReady"]) == case["expected"]


@pytest.mark.parametrize("case", CASES["zoneEvictionRates"], ids=lambda c: f"{c['zoneState']} {c['zoneSize']}")
def test_the_rate_of_taints_in_a_zone(case: dict[str, Any]) -> None:
    """Every row of the table, by what its words mean."""
    size = "" if case["zoneSize"] == "any" else f" {case['zoneSize']}"
    state, nodes_in_zone, everywhere = RATES[case["zoneState"] + size]
    assert taint_rate(state, nodes_in_zone, everywhere_full=everywhere) == case["taintRatePerSecond"]


@pytest.mark.parametrize(
    ("minor", "grace", "window"),
    [
        pytest.param(31, 40, (30, 50), id="up to 1.31"),
        pytest.param(32, 50, (40, 60), id="from 1.32"),
    ],
)
def test_how_long_detection_takes(minor: int, grace: int, window: tuple[int, int]) -> None:
    """The default of --node-monitor-grace-period changed; the window lies around it."""
    assert (grace_period(minor), detection_window(minor)) == (grace, window)


@pytest.mark.parametrize(
    ("zones", "lost", "tainted"),
    [
        pytest.param("aaa", {"n1"}, {"n1": 0}, id="one of three: evicted"),
        pytest.param("aaa", {"n1", "n2"}, {"n1": 0, "n2": 10}, id="two of three are not more than two: evicted"),
        pytest.param("aaaaa", {"n1", "n2", "n3"}, dict.fromkeys(("n1", "n2", "n3")), id="three of five: nobody"),
        pytest.param("aab", {"n1", "n2"}, {"n1": 0, "n2": 10}, id="a whole zone, another lives: evicted"),
        pytest.param("ab", {"n1", "n2"}, dict.fromkeys(("n1", "n2")), id="everything: nobody"),
        pytest.param("abab", {"n1", "n2"}, {"n1": 0, "n2": 0}, id="one in each zone: both at once"),
    ],
)
def test_when_lost_nodes_get_their_taint(zones: str, lost: set[str], tainted: dict[str, float | None]) -> None:
    """Zone by zone at the zone's rate, None where the controller holds back."""
    here = by_name([node(f"n{i}", zone) for i, zone in enumerate(zones, 1)])
    assert lifecycle(here, lost, 36).tainted_after == tainted


def test_a_large_zone_in_partial_disruption_is_evicted_slowly() -> None:
    """More than fifty nodes in the zone: one in a hundred seconds."""
    here = by_name([node(f"n{i}") for i in range(60)])
    life = lifecycle(here, {f"n{i}" for i in range(40)}, 36)
    assert life.zones[0].state is ZoneState.PARTIAL
    assert (life.tainted_after["n1"], life.notes[0].endswith("only one node every 100 s.")) == (100, True)


def test_nodes_that_were_not_ready_before_count() -> None:
    """Two lost nodes and one that was not ready already make three of five."""
    here = by_name([*nodes("n1", "n2", "n4", "n5"), node("n3", ready=False)])
    life = lifecycle(here, {"n1", "n2"}, 36)
    assert set(life.tainted_after.values()) == {None}
    assert life.notes == (
        "The cluster: 3 of 5 nodes are not ready (partial disruption, at most 50 nodes): no pod is evicted there.",
    )


def test_excluded_nodes_do_not_count_for_the_state_of_their_zone() -> None:
    """Three of five are down, but only two count: one of them is down, so the others' turns come."""
    labels = {"node.kubernetes.io/exclude-disruption": ""}
    here = by_name([*nodes("n1", "n2"), *(node(f"n{i}", labels=labels) for i in (3, 4, 5))])
    life = lifecycle(here, {"n1", "n3", "n4"}, 36)
    assert (life.zones[0].size, life.tainted_after) == (2, {"n1": 0, "n3": 10, "n4": 20})


def test_a_zone_of_excluded_nodes_alone_has_no_brake() -> None:
    """Nothing decides its state, so it stays at the normal rate, as before."""
    labels = {"node.kubernetes.io/exclude-disruption": "yes"}
    here = by_name([node(f"n{i}", labels=labels) for i in (1, 2, 3)])
    assert lifecycle(here, {"n1", "n2", "n3"}, 36).tainted_after == {"n1": 0, "n2": 10, "n3": 20}


@pytest.mark.parametrize(
    ("others", "expected"),
    [
        pytest.param((), None, id="alone: every zone is down, so the taint is taken away"),
        pytest.param(("n2", "n3", "n4"), 0, id="with two more of four: the brake holds the others only"),
    ],
)
def test_a_node_that_is_tainted_already_waits_for_no_turn(others: tuple[str, ...], expected: float | None) -> None:
    """Its pods are counted down since before; the brake of a small zone does not stop that."""
    tainted = node("n1", taints=(Taint(key="node.kubernetes.io/unreachable", effect="NoExecute"),), ready=False)
    life = lifecycle(by_name([tainted, *nodes(*others)]), {"n1", *others[:2]}, 36)
    assert life.tainted_after["n1"] == expected


def test_regions_make_zones_of_the_same_name_two() -> None:
    """The controller counts by region and zone together."""
    here = by_name([node("n1", "a", region="east"), node("n2", "a", region="west")])
    assert lifecycle(here, {"n1"}, 36).zones[0].size == 1


def test_without_a_control_plane_nothing_is_detected() -> None:
    """Nobody notices, nobody is tainted, and the steps say so."""
    life = lifecycle(by_name(nodes("n1", "n2")), {"n1"}, 36, control_plane_up=False)
    assert (life.detected, life.tainted_after) == (None, {"n1": None})
    assert steps(life, ())[-1].event.startswith("No control plane is left to detect it")


def test_a_lost_node_is_tainted_unreachable() -> None:
    """NoSchedule and NoExecute; a not-ready taint is swapped, others stay."""
    given = node("n1", taints=(Taint(key="node.kubernetes.io/not-ready", effect="NoExecute"), Taint(key="own")))
    lost = lost_node(given)
    assert [(taint.key, taint.effect) for taint in lost.taints] == [
        ("own", ""),
        ("node.kubernetes.io/unreachable", "NoSchedule"),
        ("node.kubernetes.io/unreachable", "NoExecute"),
    ]
    assert not lost.ready


def test_the_steps_follow_each_other_with_their_flags() -> None:
    """Detection, taints, eviction, replacement: the numbers of the table for 1.32 and later."""
    life = lifecycle(by_name(nodes("n1", "n2", "n3")), {"n1"}, 36)
    told = [(step.seconds_from, step.seconds_to) for step in steps(life, [300.0])]
    assert told == [(0, 0), (40, 60), (40, 65), (340, 365), (340, None)]
    assert steps(life, [300.0])[1].flag == "kube-controller-manager --node-monitor-grace-period=50s"


def test_the_steps_of_a_braked_zone_end_with_nobody_evicted() -> None:
    """No taints, so no eviction either."""
    life = lifecycle(by_name(nodes("n1")), {"n1"}, 36)
    assert steps(life, ())[-1].event == "No NoExecute taint: no pod is evicted."


def test_a_node_whose_pods_all_stay_has_no_eviction_step() -> None:
    """Taints come, but nobody goes."""
    life = lifecycle(by_name(nodes("n1", "n2", "n3")), {"n1"}, 36)
    assert len(steps(life, ())) == 3


def by_name(given: list[Node]) -> dict[str, Node]:
    """Return the nodes as a cluster holds them."""
    return {one.name: one for one in given}
