"""Grades and their sentences."""

from typing import Any

import pytest

from tests.failure.clusters import explorer
from tests.resilience.asking import only
from tests.resilience.workloads import HOST, ZONE, anti, built, node, service, spread, workload
from webapp.cluster.model import Cluster
from webapp.resilience import RULES, Grade, Guarantor, verdict
from webapp.resilience.verdict import PortVerdict

IN_ZONES = [node("n1", "a"), node("n2", "b"), node("n3", "c")]
PLAIN = [node("n1"), node("n2"), node("n3")]


def _verdict(of: Cluster) -> PortVerdict:
    return verdict(only(of), Guarantor(of))


def _of(nodes: list[Any], replicas: int, **rules: Any) -> Cluster:
    return built(*nodes, workload("web", replicas, **rules), service())


@pytest.mark.parametrize(
    ("of", "grade", "headline", "detail"),
    [
        pytest.param(
            _of(IN_ZONES, 3, **spread(ZONE)),
            "A",
            "Survives any node and any zone, guaranteed",
            "Hard spread over zones · stops if n1 + n2 + n3 fail",
            id="A: spread over zones",
        ),
        pytest.param(
            _of(PLAIN, 2, kind="DaemonSet"),
            "B",
            "Survives any node, guaranteed",
            "DaemonSet · stops if n1 + n2 + n3 fail",
            id="B: no zone is known",
        ),
        pytest.param(
            _of([*IN_ZONES[:2], node("n4", "a")], 2, **anti()),
            "B",
            "Survives any node, guaranteed; any zone with the current placement",
            "Anti-affinity per node · stops if n1 + n2 fail",
            id="B: both may be in one zone",
        ),
        pytest.param(
            _of([node("n1", "a"), node("n2", "a"), node("n3", "b")], 2, **(anti() | {"nodeSelector": {ZONE: "a"}})),
            "B",
            "Survives any node, guaranteed; stops if zone a fails",
            "Anti-affinity per node · stops if n1 + n2 fail",
            id="B: both are in one zone",
        ),
        pytest.param(
            _of(PLAIN, 3),
            "C",
            "Survives any node with the current placement, not guaranteed",
            "All 3 pods may share a node · stops if n1 + n2 + n3 fail",
            id="C: nothing keeps them apart",
        ),
        pytest.param(_of(PLAIN, 1), "D", "Stops if n1 fails", "Its only pod is there", id="D: one pod"),
        pytest.param(
            explorer(publish_not_ready_addresses=True),
            "D",
            "Answers only 50 % without worker-2",
            "Its dead endpoints stay listed",
            id="D: loses a part for good",
        ),
        pytest.param(
            _of([node("n1"), node("n2", role="x")], 2, tolerations=[{"operator": "Exists"}], **spread(HOST, 1)),
            "B",
            "Survives any node, guaranteed",
            "Hard spread over nodes · stops if n1 + n2 fail",
            id="B: tolerations count",
        ),
        pytest.param(
            _of(PLAIN, 0),
            "F",
            "No connection is answered even without a failure",
            "No usable endpoint",
            id="F: no pod at all",
        ),
    ],
)
def test_the_grade_and_its_reason(of: Cluster, grade: str, headline: str, detail: str) -> None:
    """Headline and detail say it in a line each."""
    found = _verdict(of)
    assert (found.grade, found.headline, found.detail) == (grade, headline, detail)


def test_every_grade_has_its_rule() -> None:
    """The page prints them."""
    assert list(RULES) == list(Grade)


def test_zones_are_not_spoken_of_where_there_is_but_one() -> None:
    """Nobody can survive its loss."""
    found = _verdict(_of([node("n1", "a"), node("n2", "a")], 2, **anti()))
    assert (found.grade, found.zone) == (Grade.B, None)


def test_a_large_outage_set_is_counted() -> None:
    """Five names would be no reading."""
    many = [node(f"n{i}") for i in range(1, 7)]
    assert _verdict(_of(many, 6, **anti())).detail.endswith("stops if all 6 nodes with pods fail")
