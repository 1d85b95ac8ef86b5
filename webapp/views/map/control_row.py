"""The row above the picture: the times after a failure as a chart of their own, and the access paths."""

from dataclasses import dataclass

from markupsafe import Markup

from webapp.diagram.strip_chart import strip_chart
from webapp.failure import Moment
from webapp.numbers import counted, everything, percent
from webapp.views.page.simulation import PortSimulation, one_address, seconds_of
from webapp.views.page.state import PageState
from webapp.views.page.wording import ACCESS_PATHS, moment_words

ROOM = 20
"""Letters that fit in a segment of an access path, below its title."""
_TIMED = (Moment.FAILED, Moment.DETECTED, Moment.RESCHEDULED)


@dataclass(frozen=True, slots=True, kw_only=True)
class StripSegment:
    """One time or access path, with its result."""

    title: str
    short: str
    detail: str
    """What it means, for a title or below it."""
    when: str = ""
    """``≈ 50 s``; empty where it has no time."""
    value: str
    """``37.5 %``, ``37.5–75 %`` or ``13 affected``; empty where it goes without saying."""
    url: str
    current: bool
    open: bool = False
    """Not worked out until it is opened."""


@dataclass(frozen=True, slots=True)
class MomentStrip:
    """The times of a failure, and the line of what is answered."""

    segments: tuple[StripSegment, ...]
    chart: Markup


def moment_strip(simulation: PortSimulation) -> MomentStrip | None:
    """Return a segment for each time of this failure, so that all is read before a click; None with nothing down."""
    page = simulation.page
    if not page.has_failure:
        return None
    shares = [
        simulation.at(moment).answered(page.scenario.via) if simulation.known(moment) else None
        for moment in simulation.moments
    ]
    segments = tuple(
        moment_segment(page, moment, "–" if share is None else percent(share), known=simulation.known(moment))
        for moment, share in zip(simulation.moments, shares, strict=True)
    )
    return MomentStrip(segments, Markup(strip_chart(shares)))  # noqa: S704 - numbers only


def moment_segment(page: PageState, moment: Moment, value: str, *, known: bool = True) -> StripSegment:
    """Return the segment of one time."""
    words = moment_words(moment, seconds_of(page))
    return StripSegment(
        title=words.title,
        short=words.short,
        detail=words.detail,
        when=words.when if moment in _TIMED else "",
        value=value,
        url=page.at(moment).url(),
        current=moment is page.scenario.at,
        open=not known,
    )


def access_path_strip(simulation: PortSimulation) -> tuple[StripSegment, ...]:
    """Return a segment for each access path."""
    page, found = simulation.page, simulation.now
    one = one_address(page)
    shares = {via: found.answered(via) for via in (one, "dns", "lb")}
    # With nothing down and nothing lost a row of 100 % would say nothing.
    calm = not page.has_failure and all(share is None or everything(share) for share in shares.values())
    values = {via: "" if calm or share is None else percent(share) for via, share in shares.items()}
    targets = counted(len(found.lb_targets), "target")
    return access_path_segments(page, values, len(found.entries), targets, calm=calm)


def access_path_segments(
    page: PageState, values: dict[str, str], addresses: int, targets: str, *, calm: bool
) -> tuple[StripSegment, ...]:
    """Return the segments of the access paths, each with its value."""
    one = one_address(page)
    node_ips = counted(addresses, "node IP")
    ways = (
        (one, "One node IP", f"any of {addresses:,}" if calm and page.scenario.via != one else one[len("node/") :]),
        ("dns", ACCESS_PATHS["dns"], f"{node_ips} in turn" if calm else node_ips),
        ("lb", ACCESS_PATHS["lb"], "checks its targets" if calm else targets),
    )
    return tuple(
        StripSegment(
            title=title,
            short=title,
            detail=detail if via == one or len(values[via]) + len(detail) <= ROOM else "",
            value=values[via],
            url=page.via(via).url(),
            current=via == page.scenario.via,
        )
        for via, title, detail in ways
    )
