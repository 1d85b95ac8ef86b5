"""The picture of an exercise: the map of its service, as curl sees it, without a word of why."""

from collections.abc import Callable
from dataclasses import replace

from markupsafe import Markup

from webapp.cluster.model import Service
from webapp.diagram import arrange, describe, svg
from webapp.diagram.columns import ON_SCREEN
from webapp.diagram.fold import MOST_LANES
from webapp.diagram.lanes import Diagram, EntryBox, Lane, PodBox, Tone, Zone
from webapp.diagram.wording import ENTRY_TONES
from webapp.exercises import Exercise, ExerciseState, curl
from webapp.numbers import counted
from webapp.routing import Result, outcome
from webapp.topology import graph

_ANSWERED = (Result.ANSWERED, Result.DEGRADED)


def exercise_picture(its: ExerciseState, exercise: Exercise, *, covered: bool) -> Markup | None:
    """Return the map as a drawing without links; None without a Service that could be drawn.

    Covered it says what is, and not why.
    """
    service = its.service(exercise.service)
    if service is None or not service.ports:
        return None
    index = _index(service, int(exercise.address.rpartition(":")[2]))
    state = replace(its.state, scenario=replace(its.scenario, service=service.key, via="dns"))
    now = outcome(state, service.key, index)
    drawn = _as_curl_sees(describe(graph(state, now, now, alone=MOST_LANES)), its, exercise.node)
    layout = arrange(_covered(drawn, service) if covered else drawn, ON_SCREEN)
    return Markup(svg.draw(layout, None, label=_label(drawn)))  # noqa: S704 - the drawing escapes every name in it


def _index(service: Service, node_port: int) -> int:
    """Return the port that was asked; another one where none has its number any more."""
    ports = list(enumerate(service.ports))
    asked = (at for at, port in ports if port.node_port == node_port)
    return next(asked, next((at for at, port in ports if port.node_port), 0))


def _label(drawn: Diagram) -> str:
    said = [f"{lane.entry.name}{lane.entry.port}: {lane.entry.words}" for lane in drawn.lanes if lane.entry]
    return f"Map of Service {drawn.service['label']}. {'; '.join(said) or 'No entry point on any node'}."


# --- what the map leaves out ------------------------------------------------------------------------------------------


def _as_curl_sees(drawn: Diagram, its: ExerciseState, node: str) -> Diagram:
    """Return the picture in which no entry point answers that doesn't answer curl.

    The map knows no NetworkPolicy, and draws a UDP port for those who speak UDP.
    """
    number = drawn.service["node_port"]

    def seen(lane: Lane) -> Lane:
        entry = lane.entry
        if entry is None or entry.result not in _ANSWERED:
            return lane
        asked = curl(its, f"{lane.takes.name if lane.takes else node}:{number}")
        return lane if asked.result in _ANSWERED else replace(lane, entry=_failing(entry, asked.result))

    seen_by_curl = _with_lanes(drawn, seen)
    passing = any(lane.entry and lane.entry.passes for lane in seen_by_curl.lanes)
    if passing or not any(lane.entry and lane.entry.passes for lane in drawn.lanes):
        return seen_by_curl
    return _with_lanes(seen_by_curl, lambda lane: replace(lane, pods=tuple(map(_idle, lane.pods))))


def _failing(entry: EntryBox, result: Result | None) -> EntryBox:
    ends = result or Result.TIMEOUT
    words = Result(ends).word
    return replace(entry, tone=Tone(ENTRY_TONES[ends]), words=words, result=ends.value, passes=False, pool="")


def _idle(pod: PodBox) -> PodBox:
    return replace(pod, share=0.0, picked=False, pool="", tone=Tone.QUIET)


def _covered(drawn: Diagram, service: Service) -> Diagram:
    """Return the picture without its reasons."""
    ready = drawn.service["picked"]
    selector = ",".join(f"{key}={value}" for key, value in service.selector.items())
    line = f"selector {selector}" if selector else "no selector"
    line += f" · {counted(ready, 'ready endpoint') if ready else 'no ready endpoint'}"
    quiet = {**drawn.service, "refusal": "", "no_endpoints": ""}

    def cover(lane: Lane) -> Lane:
        entry = replace(lane.entry, reason="") if lane.entry else None
        if entry and entry.result == "dropped":
            # A client can't tell where its packets end.
            entry = _failing(entry, Result.TIMEOUT)
        pods = tuple(replace(pod, reason="") for pod in lane.pods)
        # That there is no pod is seen; what comes of it is the answer.
        return replace(lane, entry=entry, pods=pods, note=lane.note[:1])

    said = line if service.accepted else "not created"
    return replace(_with_lanes(drawn, cover), service=quiet, service_line=said)  # type: ignore[arg-type]


def _with_lanes(drawn: Diagram, change: Callable[[Lane], Lane]) -> Diagram:
    def of(zone: Zone) -> Zone:
        return replace(zone, lanes=tuple(map(change, zone.lanes)))

    return replace(drawn, zones=tuple(map(of, drawn.zones)), calm=False)
