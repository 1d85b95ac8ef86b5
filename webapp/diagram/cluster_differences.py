"""Two pictures of a cluster beside each other: what differs, numbered in both and in words."""

from collections import Counter
from collections.abc import Iterable, Iterator

from webapp.diagram.cluster_cells import chip_box, is_said
from webapp.diagram.cluster_layout import ClusterLayout, PlacedCell
from webapp.diagram.cluster_map import MapCell
from webapp.diagram.cluster_pods import MapPod
from webapp.diagram.layout import Box
from webapp.numbers import counted, figure, nothing, percent
from webapp.records import dataclass

MOST = 6
"""Of one kind of difference that are said; the others are counted."""
ABSENT = "not there"


@dataclass(frozen=True, slots=True)
class PictureMark:
    """A difference in one of the pictures."""

    number: int
    box: Box


@dataclass(frozen=True, slots=True)
class Difference:
    """What differs, in words."""

    number: int
    """As in the pictures."""
    title: str
    details: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Differences:
    """All of them; equal changes share one number."""

    left: tuple[PictureMark, ...]
    right: tuple[PictureMark, ...]
    said: tuple[Difference, ...]
    same: tuple[str, ...]
    """What is lost on both sides alike."""


_Pair = tuple[Box | None, Box | None]


def differences(left: ClusterLayout, right: ClusterLayout) -> Differences:
    """Return how the right picture differs from the left one. How wide an edge is alone makes no difference."""
    kinds = (
        ("Services answer differently", *_shares(left, right)),
        ("Entry points answer differently", *_entries(left, right)),
        ("Pods are in another state", *_pods(left, right)),
    )
    marks: tuple[list[PictureMark], list[PictureMark]] = ([], [])
    said: list[Difference] = []
    for title, words, pairs in kinds:
        if not words:
            continue
        number = len(said) + 1
        said.append(Difference(number, title, _shortened(words)))
        for side, boxes in zip(marks, zip(*pairs, strict=True), strict=True):
            side += [PictureMark(number, box) for box in boxes if box]
    return Differences(tuple(marks[0]), tuple(marks[1]), tuple(said), tuple(_same(left, right)))


def _shortened(words: list[str]) -> tuple[str, ...]:
    more = len(words) - MOST
    return (*words[:MOST], f"{more:,} more") if more > 0 else tuple(words)


def _shares(left: ClusterLayout, right: ClusterLayout) -> tuple[list[str], list[_Pair]]:
    its = {placed.bar.name: placed for placed in right.bars}
    found = [
        (mine, its[mine.bar.name])
        for mine in left.bars
        if mine.bar.name in its and not nothing(abs(mine.bar.share - its[mine.bar.name].bar.share))
    ]
    words = [f"{mine.bar.service} {figure(mine.bar.share)} → {percent(other.bar.share)}" for mine, other in found]
    return words, [(mine.header, other.header) for mine, other in found]


def _same(left: ClusterLayout, right: ClusterLayout) -> Iterator[str]:
    its = {placed.bar.name: placed.bar.share for placed in right.bars}
    for placed in left.bars:
        share = placed.bar.share
        if nothing(abs(share - its.get(placed.bar.name, -1.0))) and not nothing(1 - share):
            yield f"{placed.bar.service} {percent(share)}"


def _entries(left: ClusterLayout, right: ClusterLayout) -> tuple[list[str], list[_Pair]]:
    lanes = {placed.lane.id: placed for placed in right.lanes}
    changes: Counter[tuple[str, str, str]] = Counter()
    pairs: list[_Pair] = []
    for mine in left.lanes:
        other = lanes.get(mine.lane.id)
        for i, placed in enumerate(mine.cells if other else ()):
            its = other.cells[i] if other and i < len(other.cells) else None
            if its is None or _answers(placed.cell) == _answers(its.cell):
                continue
            changes[left.bars[i].bar.service, _answers(placed.cell), _answers(its.cell)] += mine.lane.nodes
            pairs.append((_chip(left, placed, i), _chip(right, its, i)))
    return [
        f"{service}: {counted(count, 'entry point')} {before} → {after}"
        for (service, before, after), count in changes.items()
    ], pairs


def _answers(cell: MapCell) -> str:
    if cell.tone is None:
        return "not used"
    return "down" if cell.down else percent(cell.answered or 0.0)


def _chip(layout: ClusterLayout, placed: PlacedCell, column: int) -> Box | None:
    if placed.cell.tone is None:
        return None
    if not layout.sizes.wide:
        return Box(placed.centre - 9, placed.rail - 9, 18, 18)
    box = chip_box(placed, said=is_said(layout.map, column))
    return Box(box.x - 3, box.y - 3, box.width + 6, box.height + 6)


def _pods(left: ClusterLayout, right: ClusterLayout) -> tuple[list[str], list[_Pair]]:
    before, after = dict(_placed_pods(left)), dict(_placed_pods(right))
    changes: Counter[tuple[str, str]] = Counter()
    pairs: list[_Pair] = []
    for key in dict.fromkeys((*before, *after)):
        was, box = before.get(key, (ABSENT, None))
        now, its = after.get(key, (ABSENT, None))
        if was != now:
            changes[was, now] += 1
            pairs.append((box, its))
    return [f"{counted(count, 'pod')}: {was} → {now}" for (was, now), count in changes.items()], pairs


def _placed_pods(layout: ClusterLayout) -> Iterator[tuple[tuple[str, str], tuple[str, Box | None]]]:
    """Yield what is said of each pod of a service, and its box if it has one of its own."""
    for lane in layout.lanes:
        for placed, cell in zip(layout.bars, lane.cells, strict=True):
            boxes = {pod.pod.key: pod.box for pod in cell.pods}
            for pod in cell.cell.pods:
                box = boxes.get(pod.key)
                grown = Box(box.x - 3, box.y - 3, box.width + 6, box.height + 6) if box else None
                yield (placed.bar.name, pod.key), (_said(pod), grown)


def _said(pod: MapPod) -> str:
    words = pod.words[:1].lower() + pod.words[1:]
    return words if pod.share else f"{words}, without connections"


def numbered(marks: Iterable[PictureMark]) -> Iterator[tuple[PictureMark, bool]]:
    """Yield the marks, each with whether it shows its number: the first of a number in a picture does."""
    shown: set[int] = set()
    for mark in marks:
        yield mark, mark.number not in shown
        shown.add(mark.number)
