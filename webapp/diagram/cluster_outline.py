"""The picture of a whole cluster as named boxes and arrows, for the formats whose readers lay out by themselves."""

from collections.abc import Iterator
from math import fsum

from webapp.diagram import wording
from webapp.diagram.cluster_bars import ServiceBar
from webapp.diagram.cluster_map import ClusterMap, MapCell, MapLane, MapZone
from webapp.diagram.lanes import Tone
from webapp.diagram.outline import CLIENT, Arrow, Outline, OutlineBox, OutlineLane, in_zones
from webapp.diagram.text import clean
from webapp.numbers import counted, nothing, percent


def cluster_outline(its: ClusterMap) -> Outline:
    """Return boxes and arrows: a box for each service, in each lane one for its entry points and one for its pods."""
    lanes = list(enumerate(its.lanes, 1))
    notes = tuple(map(clean, (*(folded.words for folded in its.folded), *wording.notes(its.question))))
    made = [_lane(i, lane, its) for i, lane in lanes]
    return Outline(
        headline=clean(wording.cluster_headline(its)),
        situation=clean(wording.situation(its.question)),
        client=OutlineBox(CLIENT, ("External clients", clean(wording.via(its.question["via"]))), Tone.QUIET),
        services=tuple(_service(i, bar) for i, bar in enumerate(its.bars, 1)),
        zones=in_zones([(_zone_title(zone), zone.down, len(zone.lanes)) for zone in its.zones], made),
        arrows=tuple(arrow for i, lane in lanes for arrow in _arrows(i, lane)),
        notes=OutlineBox("notes", notes, Tone.QUIET) if notes else None,
    )


def _zone_title(zone: MapZone) -> str:
    return f"{zone.name} · {counted(zone.nodes, 'node')}" if zone.name else ""


def _service(number: int, bar: ServiceBar) -> OutlineBox:
    words = f"{bar.word} {percent(bar.share)}"
    return OutlineBox(f"s{number}", tuple(map(clean, (f"{bar.namespace}/{bar.service}", bar.ports, words))), bar.tone)


def _lane(number: int, lane: MapLane, its: ClusterMap) -> OutlineLane:
    boxes = [
        OutlineBox(f"e{number}", ("entry points", lane.arrives or "not used"), Tone.BAD if lane.lost else Tone.QUIET)
    ]
    boxes += [
        OutlineBox(f"p{number}_{i}", (clean(bar.service), _pods(cell)), _tone(cell))
        for i, (bar, cell) in enumerate(zip(its.bars, lane.cells, strict=True), 1)
        if cell.pods
    ]
    title = " · ".join(filter(None, (lane.title, lane.address, lane.quiet, lane.word)))
    return OutlineLane(f"n{number}", clean(title), lane.lost, tuple(boxes))


def _pods(cell: MapCell) -> str:
    dead = sum(pod.dead for pod in cell.pods)
    return counted(len(cell.pods), "pod") + (f", {dead:,} down" if dead else "")


def _tone(cell: MapCell) -> Tone:
    if all(pod.dead for pod in cell.pods):
        return Tone.BAD
    return Tone.WARN if any(pod.dead for pod in cell.pods) else cell.pods[0].tone


def _arrows(number: int, lane: MapLane) -> Iterator[Arrow]:
    if lane.arrives:
        yield Arrow(CLIENT, f"e{number}", lane.arrives + (" lost" if lane.lost else ""), lane.lost)
    for i, cell in enumerate(lane.cells, 1):
        if cell.passes:
            yield Arrow(f"e{number}", f"s{i}", "", lost=False)
        live = fsum(pod.share for pod in cell.pods if not pod.dead)
        if not nothing(live):
            yield Arrow(f"s{i}", f"p{number}_{i}", percent(live), lost=False)
        if not nothing(cell.lost):
            yield Arrow(f"s{i}", f"p{number}_{i}", f"{percent(cell.lost)} lost", lost=True)
