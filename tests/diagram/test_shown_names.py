"""Names in boxes that are too narrow for them: what gives way first, and that no two come to look alike."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.topology.scenes import explorer
from webapp.diagram.arrange import arrange
from webapp.diagram.columns import ON_SCREEN
from webapp.diagram.describe import describe
from webapp.diagram.layout import Layout, TextLine
from webapp.diagram.names import domain_end, host, hosts, shortened
from webapp.diagram.text import Face, width

EKS = [f"ip-10-20-{net}-{number}.eu-central-1.compute.internal" for net, number in ((30, 40), (31, 117), (64, 9))]
PODS = {f"storefront-web-7c9d5f6b8d-{end}": EKS[i % 3] for i, end in enumerate(("4xk2p", "8mmzq", "pd7wn", "zt5lf"))}


def on_screen(**changes: object) -> Layout:
    """Return the picture of a page."""
    return arrange(describe(explorer(**changes).graph()), ON_SCREEN)


def said(*lines: TextLine) -> list[str]:
    """Return the first words of each line."""
    return [line.said.split(" ")[0] for line in lines]


@pytest.mark.parametrize(
    ("name", "first", "end"),
    [
        ("ip-10-20-31-117.eu-central-1.compute.internal", "ip-10-20-31-117", "…internal"),
        ("worker-1.local", "worker-1", "…local"),
        ("worker-1", "worker-1", ""),
        ("10.0.0.7", "10.0.0.7", ""),
        (".hidden", ".hidden", ""),
    ],
)
def test_a_domain_is_what_follows_the_first_dot(name: str, first: str, end: str) -> None:
    """But not in an address."""
    assert (host(name), domain_end(name)) == (first, end)


def test_domains_go_together_and_only_where_they_must() -> None:
    """Two nodes that only their domains tell apart keep them."""
    names = ["a.eu.local", "a.us.local", "b.eu.local"]
    assert list(hosts(names, lambda _: True).values()) == names
    assert list(hosts(names, lambda name: name != "b.eu.local").values()) == ["a.eu.local", "a.us.local", "b"]


def test_names_of_a_cloud_and_of_replica_sets_are_cut_before_what_tells_them_apart() -> None:
    """As in the page's picture: the domain of nodes, the middle of pods."""
    layout = on_screen(nodes=dict.fromkeys(EKS, "eu-central-1a"), pods=PODS, down=frozenset({EKS[1]}))
    entries = [lane.entry.lines[0] for lane in layout.lanes if lane.entry]
    pods = [pod.lines[0] for lane in layout.lanes for pod in lane.pods]
    titles = said(*(lane.title.line for lane in layout.lanes))
    assert titles == ["ip-10-20-30-40…internal", "ip-10-20-31-117…internal", "ip-10-20-64-9…internal"]
    assert said(*entries) == ["ip-10-20-30-40:30080", "ip-10-20-31-117:30080", "ip-10-20-64-9:30080"]
    assert {name[-6:] for name in said(*pods)} == {"-4xk2p", "-8mmzq", "-pd7wn", "-zt5lf"}
    assert all(name.startswith("storefront-") and "…" in name for name in said(*pods))


def test_names_are_whole_in_a_file() -> None:
    """Nothing else in it would tell them."""
    layout = arrange(describe(explorer(nodes=dict.fromkeys(EKS), pods=PODS, down=frozenset()).graph()))
    assert said(*(lane.title.line for lane in layout.lanes)) == EKS
    assert {*said(*(pod.lines[0] for lane in layout.lanes for pod in lane.pods))} == {*PODS}


@pytest.mark.parametrize(
    "names",
    [
        pytest.param(["a" * 40 + "-blue-" + "b" * 40 + "-x7qk", "a" * 40 + "-teal-" + "b" * 40 + "-x7qk"], id="middle"),
        pytest.param(
            ["gke-prod-default-pool-3f2a91c4-x7qk", "gke-test-default-pool-3f2a91c4-x7qk"], id="near the head"
        ),
        pytest.param(["节点" * 20 + "一" + "区" * 20, "节点" * 20 + "二" + "区" * 20], id="Chinese"),
        pytest.param(["مرحبا" * 9 + "ا" + "ب" * 30, "مرحبا" * 9 + "ت" + "ب" * 30], id="from right to left"),
    ],
)
def test_of_names_that_would_look_alike_more_is_shown(names: list[str]) -> None:
    """What tells them apart, in the same room."""
    shown = shortened(dict.fromkeys(names, 130), 13, Face.MONO)
    assert len(set(shown.values())) == 2
    assert all(width(name, 13, Face.MONO) <= 130 for name in shown.values())


@given(st.dictionaries(st.text(min_size=1, max_size=80), st.floats(30, 400), max_size=6))
def test_whatever_the_names_are_they_fit(rooms: dict[str, float]) -> None:
    """Each in its own room."""
    shown = shortened(rooms, 13, Face.BOLD)
    assert shown.keys() == rooms.keys()
    assert all(width(shown[name], 13, Face.BOLD) <= room for name, room in rooms.items())
