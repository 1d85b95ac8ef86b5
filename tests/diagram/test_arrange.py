"""The placed picture: nothing overlaps, everything fits, edges run level."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings

from tests.diagram.pictures import LONG, SCENES, laid_out, scenes
from tests.topology.scenes import Scene, explorer
from webapp.diagram.arrange import arrange, edge_width
from webapp.diagram.describe import describe
from webapp.diagram.layout import Box, Edge, Layout, Run, TextLine
from webapp.diagram.text import Face, width

every_scene = pytest.mark.parametrize("scene", SCENES.values(), ids=SCENES.keys())
few = settings(max_examples=60, deadline=None, derandomize=True)


def boxes(layout: Layout) -> list[Box]:
    """Return all boxes that text stands in."""
    inside = [box for lane in layout.lanes for box in lane_boxes(lane)]
    return [layout.client, layout.header, *inside]


def lane_boxes(lane: object) -> Iterator[Box]:
    """Yield the boxes of a lane."""
    if lane.entry:  # type: ignore[attr-defined]
        yield lane.entry.box  # type: ignore[attr-defined]
    yield from (pod.box for pod in lane.pods)  # type: ignore[attr-defined]


def overlap(one: Box, other: Box) -> bool:
    """Return whether two boxes share more than an outline."""
    return one.x < other.right and other.x < one.right and one.y < other.bottom and other.y < one.bottom


def edges(layout: Layout) -> list[Edge]:
    """Return all edges."""
    entries = [lane.entry for lane in layout.lanes if lane.entry]
    found = [edge for entry in entries for edge in (entry.arriving, entry.onward)]
    return [edge for edge in (*found, *(pod.edge for lane in layout.lanes for pod in lane.pods)) if edge]


def spans(line: TextLine) -> tuple[float, float]:
    """Return from where to where a line reaches."""
    wide = sum(run.gap + width(run.text, run.size, face(run)) for run in line.runs)
    left = {"start": line.x, "middle": line.x - wide / 2, "end": line.x - wide}[line.anchor]
    return left, left + wide


def face(run: Run) -> Face:
    """Return the face that a run is drawn in."""
    return Face.BOLD if run.bold and run.face is Face.REGULAR else run.face


def assert_sound(layout: Layout) -> None:
    """Assert all that holds for every picture."""
    found = boxes(layout)
    assert not [(a, b) for i, a in enumerate(found) for b in found[:i] if overlap(a, b)]
    assert all(lane.box.bottom + 8 <= below.box.y for lane, below in pairwise(layout.lanes))
    for lane in layout.lanes:
        assert all(lane.box.y < box.y and box.bottom < lane.box.bottom for box in lane_boxes(lane))
        assert spans(lane.title.line)[1] <= layout.bars[0].box.x if layout.bars else lane.box.right
        for pod in lane.pods:
            name, detail, *words = map(spans, pod.lines)
            assert max(name[1], detail[1]) <= min([pod.box.right - 28, *(start for start, _ in words)])
            assert all(end <= pod.box.right - 28 for _, end in words)
        if lane.entry:
            assert max(spans(line)[1] for line in lane.entry.lines) <= lane.entry.box.right - 8
    assert all(spans(line)[1] <= layout.header.right for line in layout.header_lines)
    assert all(spans(line)[0] >= 0 and spans(line)[1] <= layout.client.right for line in layout.client_lines)


@every_scene
def test_nothing_overlaps_and_all_text_fits(scene: Scene) -> None:
    """In the widest face of the font stack."""
    assert_sound(laid_out(scene))


@few
@given(scene=scenes())
def test_no_cluster_and_no_name_breaks_a_picture(scene: Scene) -> None:
    """Any names, zones, placements and failures."""
    assert_sound(laid_out(scene))


@every_scene
def test_edges_end_at_boxes_and_cross_none(scene: Scene) -> None:
    """Level edges that touch a box at its side, halfway up, or the bar; never another box."""
    layout = laid_out(scene)
    for edge in edges(layout):
        track = Box(edge.x1 + 1, edge.y - 1, edge.x2 - edge.x1 - 2, 2)
        assert not [box for box in boxes(layout) if overlap(track, box)]


@every_scene
def test_everything_is_inside_the_picture(scene: Scene) -> None:
    """From the left edge of the clients to the right one of the lanes."""
    layout = laid_out(scene)
    places = [*boxes(layout), *(lane.box for lane in layout.lanes), *(bar.box for bar in layout.bars)]
    assert all(box.x >= 0 and box.right <= layout.width and 0 <= box.y <= box.bottom <= layout.height for box in places)


def test_the_reference_picture_keeps_its_measures() -> None:
    """1,024 x 582: four lanes of 90, 144, 90 and 90 pixels in two zones."""
    layout = laid_out(explorer())
    assert (layout.width, layout.height) == (1024, 582)
    assert [lane.box.height for lane in layout.lanes] == [90, 144, 90, 90]


@pytest.mark.parametrize(("share", "pixels"), [(0, 2), (0.01, 2), (0.25, 5), (0.5, 10), (0.6, 12), (1, 12)], ids=str)
def test_an_edge_is_as_thick_as_its_share(share: float, pixels: float) -> None:
    """20 px for everything, between 2 and 12."""
    assert edge_width(share) == pytest.approx(pixels)


def test_policy_local_cuts_the_bar_at_each_node() -> None:
    """No traffic passes from lane to lane, so no piece reaches over two."""
    layout = laid_out(SCENES["policy-local"])
    assert [bar.box.y for bar in layout.bars] == [lane.box.y + 8 for lane in layout.lanes]
    assert not any(bar.crosses for bar in layout.bars)


def test_zone_hints_cut_the_bar_between_zones() -> None:
    """Two zones, two pieces, each with its own traffic."""
    assert [bar.crosses for bar in laid_out(SCENES["zone-hints"]).bars] == [True, True]


def test_pools_that_lie_between_each_other_share_one_bar() -> None:
    """Cut where a pool would be torn apart, the bar would show a break that is none."""
    read = describe(explorer(nodes=dict.fromkeys(["a", "b", "c"]), pods={}, down=frozenset()).graph())
    (zone,) = read.zones
    lanes = tuple(replace(lane, pool=pool) for lane, pool in zip(zone.lanes, ["x", "y", "x"], strict=True))
    assert len(arrange(replace(read, zones=(replace(zone, lanes=lanes),))).bars) == 1


def test_a_title_gives_up_its_details_before_its_state() -> None:
    """However long name and address are, one sees that the node is down."""
    scene = explorer(nodes={LONG: None}, pods={}, down=frozenset({LONG}))
    read = describe(scene.graph())
    (zone,) = read.zones
    lane = replace(
        zone.lanes[0], code="2001:db8:1234:5678:9abc:def0:1234:5678" * 2, quiet="control plane · stale rules"
    )
    layout = arrange(replace(read, zones=(replace(zone, lanes=(lane,)),)))
    assert [run.text for run in layout.lanes[0].title.line.runs[1:]] == ["control plane · stale rules", "Down"]
    assert_sound(layout)


def test_a_service_that_does_not_exist_has_no_bar() -> None:
    """Rejected by the API server carries no traffic."""
    assert laid_out(SCENES["not-accepted"]).bars == ()


def test_a_dead_entry_point_has_no_edge_onward() -> None:
    """Its arriving edge ends as lost."""
    entry = laid_out(explorer()).lanes[1].entry
    assert entry is not None
    assert (entry.onward, entry.arriving and entry.arriving.kind) == (None, "lost")


def test_what_policy_local_drops_ends_in_its_piece_of_the_bar() -> None:
    """At a stroke in the middle; nothing leaves the piece, and no other entry point has such an edge."""
    layout = laid_out(SCENES["policy-local"])
    dropped = [(bar, lane.entry) for bar, lane in zip(layout.bars, layout.lanes, strict=True) if lane.entry.dropped]
    assert dropped
    for bar, entry in dropped:
        assert (entry.arriving.kind, entry.onward, bar.junctions) == ("doomed", None, ())
        assert (entry.dropped.x1, entry.dropped.x2) == (entry.box.right, bar.centre)
        assert bar.box.y < entry.dropped.y < bar.box.bottom
        assert "Policy Local" in " ".join(run.text for line in layout.lanes[-1].notes for run in line.runs)
    assert not any(lane.entry.dropped for lane in laid_out(explorer()).lanes)


def test_a_way_in_that_leaves_an_entry_point_out_says_so() -> None:
    """The balancer sends nothing to the node that fails its check: no edge, but a word."""
    entry = laid_out(SCENES["explorer-balancer"]).lanes[1].entry
    assert entry is not None
    assert (entry.arriving, entry.aside and entry.aside.runs[0].text) == (None, "not used")


def test_edges_without_any_answer_make_the_trunk_lost() -> None:
    """All that runs along the bar is lost."""
    assert [bar.lost for bar in laid_out(SCENES["nothing-answers"]).bars] == [True]
