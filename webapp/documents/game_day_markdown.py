"""The plan of a game day in Markdown: for a wiki, an issue, or paper."""

from collections.abc import Iterable, Iterator

from webapp.check.markdown import cell, code
from webapp.cluster.model import Cluster
from webapp.documents.by_hand import GameDayCommand
from webapp.documents.game_day import CONNECTIONS, GameDay, game_day, said_affected, said_measured
from webapp.failure import Scenario
from webapp.failure.nodelifecycle import TimelineStep

_NOTHING = "# Game day\n\nNothing is down: take a node down, or drain one, and the plan of that failure stands here.\n"


def game_day_markdown(cluster: Cluster, scenario: Scenario) -> str:
    """Return the plan of a failure; with nothing down, that there is none."""
    plan = game_day(cluster, scenario)
    return _NOTHING if plan is None else "\n".join(_lines(plan)) + "\n"


def _lines(plan: GameDay) -> Iterator[str]:
    yield f"# {cell(plan.title)}"
    yield from ("", *(f"- {cell(text)}" for text in plan.warnings))
    yield from ("", "## Make it fail", "", *_commands(plan.failing))
    yield from ("", "## What is expected", "", "| when | | what happens |", "|---|---|---|")
    for moment in plan.moments:
        yield f"| {moment.title} | {moment.when} | {moment.happens} |"
    yield from ("", said_affected(plan), *_predicted(plan))
    if plan.steps:
        yield from ("", "## Step by step", "", "| when | what happens | setting | source | seen at |")
        yield f"|{'---|' * 5}"
        yield from map(_step, plan.steps)
    yield from ("", "## The prediction is wrong if", "")
    if plan.affected:
        yield "- [ ] Two measurements of one share lie outside of its brackets."
    yield from (f"- [ ] {cell(text)}" for text in plan.wrong_if)
    yield from ("", "## Watch", "", *_commands(plan.watching))
    yield from ("", "## Abort and undo", "", *_commands(plan.undoing))
    if plan.notes:
        yield from ("", "## Notes and assumptions", "", *(f"- {cell(note)}" for note in plan.notes))


def _step(step: TimelineStep) -> str:
    setting = code(step.flag) if step.flag else ""
    return f"| {step.when} | {cell(step.event)} | {setting} | {cell(step.source)} | |"


def _predicted(plan: GameDay) -> Iterator[str]:
    if not plan.affected:
        return
    yield from (f"In brackets: how many of {CONNECTIONS} connections, in 95 of 100 measurements.", "")
    one = cell(plan.one_node)
    yield f"| service | nodePort | moment | by DNS | seen | by load balancer | seen | by {one}’s IP | seen |"
    yield f"|{'---|' * 9}"
    titles = {moment.moment: moment.title for moment in plan.moments}
    for port in plan.affected:
        for share in port.shares:
            said = " | | ".join(map(said_measured, (share.dns, share.lb, share.node)))
            yield f"| {code(port.name)} | {port.node_port} | {titles[share.moment]} | {said} | |"
    if plan.more:
        yield from ("", f"… and {plan.more:,} more, less affected: `services.csv` has all of them.")


def _commands(commands: Iterable[GameDayCommand]) -> Iterator[str]:
    for its in commands:
        yield from (f"{cell(its.why)}", "", f"    {its.command}", "")
