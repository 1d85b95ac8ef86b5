"""The picture as named boxes and arrows, for the formats whose readers lay out by themselves.

Mermaid, Graphviz, D2 and draw.io get the same boxes, words and numbers as the SVG, folded in the same way.
"""

from collections.abc import Iterable, Iterator
from itertools import islice

from webapp.diagram import wording
from webapp.diagram.lanes import Diagram, Lane, Tone, Zone
from webapp.diagram.text import clean
from webapp.numbers import percent
from webapp.records import dataclass


@dataclass(frozen=True, slots=True)
class OutlineBox:
    """A box."""

    id: str
    """A letter and a number."""
    lines: tuple[str, ...]
    tone: Tone


@dataclass(frozen=True, slots=True)
class OutlineLane:
    """A lane with its boxes."""

    id: str
    title: str
    down: bool
    boxes: tuple[OutlineBox, ...]


@dataclass(frozen=True, slots=True)
class OutlineZone:
    """The lanes of one zone."""

    id: str
    title: str
    """Empty where lanes are in no zone: then nothing stands around them."""
    down: bool
    lanes: tuple[OutlineLane, ...]


@dataclass(frozen=True, slots=True)
class Arrow:
    """Traffic from one box to another."""

    tail: str
    head: str
    label: str
    lost: bool


@dataclass(frozen=True, slots=True)
class Outline:
    """All of it."""

    headline: str
    """What the failure does, in one line."""
    situation: str
    """What is down, when, and how clients connect."""
    client: OutlineBox
    services: tuple[OutlineBox, ...]
    zones: tuple[OutlineZone, ...]
    arrows: tuple[Arrow, ...]
    notes: OutlineBox | None
    """What a reader must know: assumptions, and what is not simulated."""

    @property
    def title(self) -> str:
        """Headline and situation in one line."""
        return f"{self.headline} · {self.situation}"

    @property
    def lanes(self) -> tuple[OutlineLane, ...]:
        """All lanes, from top to bottom."""
        return tuple(lane for zone in self.zones for lane in zone.lanes)


CLIENT = "client"
SERVICE = "service"
TONE_COLOURS = {Tone.OK: "ok", Tone.WARN: "warn", Tone.BAD: "bad", Tone.REFUSED: "bad"}
"""The token of :mod:`webapp.diagram.palette` for a box; what is quiet has none."""


def outline(its: Diagram) -> Outline:
    """Return boxes and arrows, ids by position: names may hold anything."""
    notes = tuple(map(clean, wording.notes(its.question)))
    lanes = list(enumerate(its.lanes, 1))
    made = [_lane(i, lane) for i, lane in lanes]
    return Outline(
        headline=clean(wording.headline(its.question)),
        situation=clean(wording.situation(its.question)),
        client=OutlineBox(CLIENT, ("External clients", clean(wording.via(its.question["via"]))), Tone.QUIET),
        services=(OutlineBox(SERVICE, _service_lines(its), Tone.QUIET),),
        zones=in_zones([(_zone_title(zone), zone.down, len(zone.lanes)) for zone in its.zones], made),
        arrows=tuple(arrow for i, lane in lanes for arrow in _arrows(i, lane)),
        notes=OutlineBox("notes", notes, Tone.QUIET) if notes else None,
    )


def in_zones(zones: Iterable[tuple[str, bool, int]], lanes: Iterable[OutlineLane]) -> tuple[OutlineZone, ...]:
    """Return zones with their lanes; of each zone its title, whether it is down, and the number of its lanes."""
    rest = iter(lanes)
    return tuple(
        OutlineZone(f"z{i}", clean(title), down, tuple(islice(rest, count)))
        for i, (title, down, count) in enumerate(zones, 1)
    )


def _zone_title(zone: Zone) -> str:
    return " · ".join(filter(None, (zone.name, zone.quiet))) if zone.name else ""


def _service_lines(its: Diagram) -> tuple[str, ...]:
    return tuple(map(clean, (its.service["label"], wording.port_line(its.service), its.service_line)))


def _lane(number: int, lane: Lane) -> OutlineLane:
    entry = lane.entry
    boxes = [OutlineBox(f"e{number}", (clean(entry.name + entry.port), entry.words), entry.tone)] if entry else []
    boxes += [
        OutlineBox(f"p{number}_{i}", tuple(map(clean, (pod.name, pod.detail, pod.words))), pod.tone)
        for i, pod in enumerate(lane.pods, 1)
    ]
    state = "assumed" if lane.assumed and not lane.word else lane.word
    words = filter(None, (lane.title, lane.code, lane.quiet, state))
    return OutlineLane(f"n{number}", clean(" · ".join(words)), lane.word == "Down", tuple(boxes))


def _arrows(number: int, lane: Lane) -> Iterator[Arrow]:
    entry = lane.entry
    if entry and entry.share > 0:
        lost = entry.result != "answered"
        yield Arrow(CLIENT, f"e{number}", percent(entry.share) + (" lost" if lost else ""), lost)
        if entry.passes:
            yield Arrow(f"e{number}", SERVICE, percent(entry.share), lost=False)
    for i, pod in enumerate(lane.pods, 1):
        if pod.picked and pod.share > 0:
            yield Arrow(SERVICE, f"p{number}_{i}", percent(pod.share) + (" lost" if pod.lost else ""), pod.lost)
