"""The two strips above the picture: the moments, and the access paths, each with the share that it answers."""

from dataclasses import dataclass

from webapp.failure import Moment
from webapp.numbers import counted
from webapp.views.page.answers import Answers
from webapp.views.page.times import moment_words, seconds_of


@dataclass(frozen=True, slots=True)
class Segment:
    """One choice of a strip, with its result."""

    title: str
    short: str
    detail: str
    share: float | None
    url: str
    current: bool
    open: bool = False
    """Not worked out until it is opened."""


def moment_strip(answers: Answers) -> tuple[Segment, ...]:
    """Return a segment for each moment of this failure, so that the whole story is read before a click."""
    return tuple(_moment(answers, moment) for moment in answers.moments)


def _moment(answers: Answers, moment: Moment) -> Segment:
    look = answers.look
    words = moment_words(moment, seconds_of(look))
    return Segment(
        title=words.title,
        short=words.short,
        detail=words.detail,
        share=answers.at(moment).answered(look.scenario.via) if answers.known(moment) else None,
        url=look.at(moment).url(),
        current=moment is look.scenario.at,
        open=not answers.known(moment),
    )


def way_strip(answers: Answers) -> tuple[Segment, ...]:
    """Return a segment for each access path."""
    look, found = answers.look, answers.now
    one = one_address(answers)
    ways = (
        (one, "One node IP", f"{one.removeprefix('node/')}’s IP"),
        ("dns", "DNS", f"round robin, {counted(len(found.entries), 'address', 'addresses')}"),
        ("lb", "Load balancer", f"health checks, {counted(len(found.lb_targets), 'target')}"),
    )
    return tuple(
        Segment(title, title, detail, found.answered(way), look.via(way).url(), current=way == look.scenario.via)
        for way, title, detail in ways
    )


def one_address(answers: Answers) -> str:
    """Return the access path of a client that knows one address: the one asked for, else the first node that is up."""
    scenario = answers.look.scenario
    if scenario.via.startswith("node/"):
        return scenario.via
    nodes = answers.look.cluster.nodes
    up = (name for name in nodes if name not in answers.state_now.down_nodes)
    return f"node/{next(up, next(iter(nodes), ''))}"
