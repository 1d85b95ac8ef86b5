"""The share answered over time as a small step chart: levels, what is lost between them and before, seconds below."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from webapp.diagram.layout import Box, Run, TextLine
from webapp.diagram.markup import element, number
from webapp.diagram.palette import painted
from webapp.diagram.strokes import SANS, rectangle, text
from webapp.failure import Moment
from webapp.numbers import duration, percent
from webapp.records import dataclass
from webapp.simulation.timeline import StepChart, TimelineSegment

NOTHING: Mapping[Moment, Any] = MappingProxyType({})
WIDTH, HEIGHT = 272, 132
_LEFT, _RIGHT = 48, 264
_TOP, _BOTTOM = 24, 104
_LEAD = 16
"""How much of the time before is shown."""
_TAIL = 60
"""How much of what stays for good."""
# A step narrower than this has no room for its share; the others are shortened for it, and marked.
_LEAST = 48


@dataclass(frozen=True, slots=True)
class _PlacedStep:
    """Segments of one share, placed."""

    share: float
    seconds: float
    x: float
    width: float
    cut: bool
    """Drawn shorter than its seconds."""
    label: str
    best: float


@dataclass(frozen=True, slots=True)
class _ChartLevel:
    """Segments of one share, from a second to another; without an end it stays like that."""

    share: float
    start: float
    end: float | None
    label: str
    best: float


def draw(
    chart: StepChart, title: str, best: Mapping[Moment, float] = NOTHING, labels: Mapping[Moment, str] = NOTHING
) -> str:
    """Return the chart as SVG for a page; its label says the same in words.

    Of several services it is that of the worst, `best` another, dashed line; `labels` say both.
    """
    levels = _levels(chart.segments, best, labels)
    steps = _placed(levels)
    above = [step.best for step in steps]
    return element(
        "svg",
        *_grid(),
        *(part for step in steps for part in _areas(step, chart.before)),
        _line(chart.before, steps, [step.share for step in steps]),
        *([_line(best.get(Moment.BEFORE, chart.before), steps, above, dashed=True)] if best else []),
        *(part for step in steps for part in _labels(step)),
        class_="dg chart",
        viewBox=f"0 0 {WIDTH} {HEIGHT}",
        role="img",
        aria_label=f"{title}: {_told(labels.get(Moment.BEFORE, percent(chart.before)), levels)}",
        font_family=SANS,
    )


def told(chart: StepChart) -> str:
    """Return the chart in words: ``100 % before, 37.5 % from 0 s, 75 % from 50 s on``."""
    return _told(percent(chart.before), _levels(chart.segments))


def _told(before: str, levels: Sequence[_ChartLevel]) -> str:
    parts = [f"{level.label} from {duration(level.start)}" for level in levels]
    return ", ".join([f"{before} before", *parts]) + (" on" if parts else "")


def _levels(
    segments: Sequence[TimelineSegment], best: Mapping[Moment, float] = NOTHING, labels: Mapping[Moment, str] = NOTHING
) -> list[_ChartLevel]:
    """Return the levels; moments that change nothing, or last no time, are no levels."""
    found: list[_ChartLevel] = []
    for segment in segments:
        # Detection and rescheduling may come in the same second: a step of no width is none.
        if segment.seconds_to == segment.seconds_from:
            continue
        label = labels.get(segment.moment, percent(segment.answered))
        if found and abs(found[-1].share - segment.answered) < 1e-9 and found[-1].label == label:
            found[-1] = replace(found[-1], end=segment.seconds_to)
        else:
            top = best.get(segment.moment, segment.answered)
            found.append(_ChartLevel(segment.answered, segment.seconds_from, segment.seconds_to, label, top))
    return found


def _placed(levels: Sequence[_ChartLevel]) -> list[_PlacedStep]:
    lasting = [level.end - level.start for level in levels if level.end is not None]
    widths = _widths(lasting, _RIGHT - _LEFT - _LEAD - _TAIL)
    # The largest scale is that of the widened steps; what is drawn on a smaller one is marked as cut.
    scale = max((width / seconds for width, seconds in zip(widths, lasting, strict=True)), default=0.0)
    steps: list[_PlacedStep] = []
    x: float = _LEFT + _LEAD
    for i, level in enumerate(levels):
        wide = widths[i] if level.end is not None else _RIGHT - x
        cut = level.end is not None and wide < 0.99 * scale * (level.end - level.start)
        steps.append(_PlacedStep(level.share, level.start, x, wide, cut, level.label, level.best))
        x += wide
    return steps


def _widths(lasting: Sequence[float], room: float) -> list[float]:
    """Return widths in proportion to the seconds, none below the least."""
    if not lasting:
        return []
    least = min(_LEAST, room / len(lasting))
    narrow = [seconds / sum(lasting) * room < least for seconds in lasting]
    rest = sum(seconds for seconds, thin in zip(lasting, narrow, strict=True) if not thin)
    left = room - least * sum(narrow)
    return [least if thin else seconds / rest * left for seconds, thin in zip(lasting, narrow, strict=True)]


def _y(share: float) -> float:
    return _BOTTOM - share * (_BOTTOM - _TOP)


def _grid() -> Iterator[str]:
    for share in (0, 0.5, 1):
        yield element("path", d=f"M{_LEFT} {number(_y(share))}H{_RIGHT}", **painted("rule"))
        if share != 0.5:
            yield text(TextLine(_LEFT - 6, _y(share) + 4, (Run(percent(share), "text-quiet", 12),), "end"))


def _areas(step: _PlacedStep, before: float) -> Iterator[str]:
    if step.share > 0:
        answered = Box(step.x, _y(step.share), step.width, _BOTTOM - _y(step.share))
        yield rectangle(answered, 0, "box-ok", stroke="none", class_="chart-ok")
    if step.share < before:
        lost = Box(step.x, _y(before), step.width, _y(step.share) - _y(before))
        yield rectangle(lost, 0, "box-bad", stroke_dasharray="4 3", class_="box-bad")


def _line(before: float, steps: Sequence[_PlacedStep], shares: Sequence[float], *, dashed: bool = False) -> str:
    path = f"M{_LEFT} {number(_y(before))}H{_LEFT + _LEAD}"
    path += "".join(
        f"V{number(_y(share))}H{number(step.x + step.width)}" for share, step in zip(shares, steps, strict=True)
    )
    dashes = {"stroke_dasharray": "3 3"} if dashed else {}
    width = 1.5 if dashed else 2.5
    return element(
        "path", d=path, fill="none", stroke_width=width, stroke_linejoin="round", **dashes, **painted("edge-ok")
    )


def _labels(step: _PlacedStep) -> Iterator[str]:
    above = _y(step.share) - 6
    middle = step.x + step.width / 2
    yield text(TextLine(middle, above, (Run(step.label, "text", 12, bold=True),), "middle"), halo=True)
    yield element("path", d=f"M{number(step.x)} {_BOTTOM}v5", **painted("sign-quiet"))
    yield text(TextLine(step.x, _BOTTOM + 20, (Run(duration(step.seconds), "text-quiet", 12),), "middle"))
    if step.cut:
        slashes = f"M{number(middle - 5)} {_BOTTOM + 5}l4 -10M{number(middle + 1)} {_BOTTOM + 5}l4 -10"
        yield element("path", d=slashes, stroke_width=1.5, **painted("sign-quiet"))
