"""What is worth trying while nothing is down: the worst node, the worst zone, a drain, each with what it would give."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from markupsafe import Markup

from webapp.cluster.order import natural
from webapp.diagram.strip_chart import strip_chart
from webapp.failure import DRAIN_MOMENTS, Moment, Scenario, Target, state_at
from webapp.failure.drain import DrainResult, drain
from webapp.failure.kinds import FailureKind
from webapp.numbers import counted, everything, figure, nothing, percent
from webapp.resilience.entry_nodes import EntryNodes, entry_nodes
from webapp.resilience.losses import Domain, What, domains
from webapp.resilience.reach import NOTHING, Reach, reach_of
from webapp.routing import outcome
from webapp.routing.plans import has_entries
from webapp.views.page.cache import keep_latest
from webapp.views.page.simulation import PortSimulation, seconds_of
from webapp.views.page.state import PageState
from webapp.views.page.wording import DEGRADED, HEALTHY, UNAVAILABLE, Standing, moment_words

MAX_PODS = 2_000
"""With more pods a drain isn't worked out unasked: evicted pods are placed anew among all others."""
MAX_DRAINS, MAX_PODS_DRAINED = 24, 500
"""Of so many nodes, in a cluster of so many pods, each drain takes a few milliseconds."""
_CRASH = (Moment.FAILED, Moment.DETECTED)


@dataclass(frozen=True, slots=True)
class LikelyFailure:
    """One thing that may fail, with its result for the access path that is shown."""

    question: str
    """``worker-2``, then ``fails?`` or ``drains?`` in :attr:`verb`."""
    verb: str
    result: str
    """What stands first: ``37.5 %``, ``nothing lost``; empty where it is not worked out unasked."""
    rest: str
    """``at first, then 75 %``."""
    url: str
    chart: Markup


@dataclass(frozen=True, slots=True)
class SurvivalLine:
    """What a drain of any one node, or the loss of any one node or zone, costs."""

    what: str
    standing: Standing
    lost: str
    """``25–62.5 % lost``."""
    detail: str


@dataclass(frozen=True, slots=True)
class _Loss:
    """One domain, with the share left at each time."""

    domain: Domain
    shares: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class _Losses:
    """What each node, and each zone, would cost; the worst first."""

    before: float
    by: dict[What, tuple[_Loss, ...]]


def likely_failures(simulation: PortSimulation) -> tuple[LikelyFailure, ...]:
    """Return the worst node, the worst zone, and a drain of the worst node; what loses nothing comes last."""
    losses = _losses(simulation.page)
    if losses is None:
        return ()
    found = [*_crashes(simulation.page, losses), *_drains(simulation.page, losses)]
    return tuple(failure for _, failure in sorted(found, key=lambda its: its[0]))


def survived(simulation: PortSimulation) -> tuple[SurvivalLine, ...]:
    """Return what a drain of any one node, the loss of it, and that of any one zone would cost."""
    losses = _losses(simulation.page)
    if losses is None:
        return ()
    drains = _drain_line(simulation, losses.before)
    crashes = (_line(simulation.page, what, found, losses.before) for what, found in losses.by.items() if found)
    return (*([drains] if drains else []), *crashes)


def worst_node(page: PageState) -> str:
    """Return the node whose loss costs the service in focus most; empty where none costs anything."""
    losses = _losses(page)
    worst = next(iter(losses.by["node"]), None) if losses else None
    return worst.domain.name if losses and worst and min(worst.shares) < losses.before else ""


# --- crashes ----------------------------------------------------------------------------------------------------------


def _crashes(page: PageState, losses: _Losses) -> Iterator[tuple[bool, LikelyFailure]]:
    for what, found in losses.by.items():
        if not found:
            continue
        name, shares = found[0].domain.name, found[0].shares
        target = Target(kind=FailureKind(what), name=name)
        result, rest = _said(shares, losses.before)
        yield (
            result == NOTHING_LOST,
            LikelyFailure(
                question=f"zone {name}" if what == "zone" else name,
                verb="fails?",
                result=result,
                rest=rest,
                url=page.toggled(target).url(),
                chart=_chart((losses.before, *shares)),
            ),
        )


def _losses(page: PageState) -> _Losses | None:
    service = page.service
    if service is None or not page.cluster.nodes or not has_entries(service, service.ports[page.port_index]):
        return None
    return _weighed(page, service.key)


@keep_latest(
    16, key=lambda page, service: (page.topology.id, page.options, service, page.port_index, page.scenario.via)
)
def _weighed(page: PageState, service: str) -> _Losses:
    its = page.cluster.services[service]
    reach = reach_of(_entry_nodes(page, its.ip_families), its, page.port_index)
    before = _share(reach, NOTHING, Moment.FAILED, page.scenario.via)
    return _Losses(before, {what: _worst_first(reach, what, page.scenario.via) for what in ("node", "zone")})


# Making these takes as long as a click may, of 5,000 nodes; all services with the same IP families share them.
@keep_latest(4, key=lambda page, families: (page.topology.id, page.options, families))
def _entry_nodes(page: PageState, families: tuple[str, ...]) -> EntryNodes:
    return entry_nodes(page.cluster, families)


def _worst_first(reach: Reach, what: What, via: str) -> tuple[_Loss, ...]:
    among = list(domains(reach, what))
    # Of equal nodes one stands for all, but clients of one node IP know only that.
    if what == "node" and via.startswith("node/"):
        name = via.removeprefix("node/")
        among = [domain for domain in among if domain.name != name] + [Domain(name, reach.nodes.alone(name))]
    found = (_Loss(its, tuple(_share(reach, its.nodes, moment, via) for moment in _CRASH)) for its in among)
    return tuple(sorted(found, key=lambda loss: (loss.shares, natural(loss.domain.name))))


def _share(reach: Reach, lost: frozenset[str], at: Moment, via: str) -> float:
    if via.startswith("node/"):
        return reach.nodes.after(lost, at).answered(reach.service, reach.index, via) or 0.0
    return reach.answer(lost, at).by(via)


# --- drains -----------------------------------------------------------------------------------------------------------


def _drains(page: PageState, losses: _Losses) -> Iterator[tuple[bool, LikelyFailure]]:
    # The nodes are those that carry something of the service, and it is these that are worth a drain.
    name = losses.by["node"][0].domain.name if losses.by["node"] else ""
    if not name:
        return
    drained = PortSimulation(page.draining(name))
    if len(page.cluster.pods) > MAX_PODS:
        rest = "respecting PodDisruptionBudgets"
        yield False, LikelyFailure(name, "drains?", "", rest, drained.page.url(), Markup())
        return
    via = page.scenario.via
    shares = tuple(drained.at(moment).answered(via) or 0.0 for moment in drained.moments[1:])
    result, rest = _said(shares, losses.before)
    url = drained.page.url()
    lossless = result == NOTHING_LOST
    pods = sum(1 for endpoint in drained.before.endpoints if endpoint.home == name)
    if lossless and pods:
        rest = f"{counted(pods, 'pod')} recreated"
    chart = _chart((losses.before, *shares))
    yield (
        lossless,
        LikelyFailure(question=name, verb="drains?", result=result, rest=rest, url=url, chart=chart),
    )


def _drain_line(simulation: PortSimulation, before: float) -> SurvivalLine | None:
    """Return what a drain of any node with pods of the service costs; None where that takes long."""
    on = {endpoint.home for endpoint in simulation.before.endpoints}
    homes = [name for name in simulation.page.cluster.nodes if name in on]
    if not 0 < len(homes) <= MAX_DRAINS or len(simulation.page.cluster.pods) > MAX_PODS_DRAINED:
        return None
    return _drained(simulation.page, simulation.now.service.key, tuple(homes), before)


@keep_latest(
    16, key=lambda page, service, *_: (page.topology.id, page.options, service, page.port_index, page.scenario.via)
)
def _drained(page: PageState, service: str, homes: tuple[str, ...], before: float) -> SurvivalLine:
    via, drains = page.scenario.via, [Scenario(drain=(name,)) for name in homes]
    stuck = sum(drain(page.cluster, its.drain).nodes[0].result is not DrainResult.DRAINED for its in drains)
    lost = [before - min(_shares_of(page, service, replace(its, via=via))) for its in drains]
    title, most = "A drain of any node", max(lost)
    if nothing(max(most, 0.0)):
        detail = f"{stuck:,} of {counted(len(homes), 'node')} can’t be drained" if stuck else "its pods are recreated"
        return SurvivalLine(title, DEGRADED if stuck else HEALTHY, NOTHING_LOST, detail)
    which = f"{sum(not nothing(max(each, 0.0)) for each in lost):,} of {counted(len(homes), 'node')}"
    standing = UNAVAILABLE if everything(most) else DEGRADED
    return SurvivalLine(
        title, standing, f"up to {percent(most)} lost", f"if it is one of {which}" if len(homes) > 1 else ""
    )


def _shares_of(page: PageState, service: str, scenario: Scenario) -> Iterator[float]:
    # Not by the page's own states: those of a dozen drains would take the places of the ones that are looked at.
    for moment in DRAIN_MOMENTS[1:]:
        state = state_at(page.cluster, replace(scenario, at=moment))
        yield outcome(state, service, page.port_index).answered(scenario.via) or 0.0


# --- in words ---------------------------------------------------------------------------------------------------------

NOTHING_LOST = "nothing lost"


def _said(shares: Sequence[float], before: float) -> tuple[str, str]:
    """Return ``37.5 %`` and ``at first, then 75 %``."""
    if all(share >= before - 1e-9 for share in shares):
        return NOTHING_LOST, ""
    worst, last = min(shares), shares[-1]
    if percent(worst) == percent(last):
        return percent(worst), "of connections answered"
    return percent(worst), f"at first, then {percent(last)}"


def _chart(shares: Sequence[float]) -> Markup:
    return Markup(strip_chart(shares))  # noqa: S704 - numbers only


def _line(page: PageState, what: What, found: Sequence[_Loss], before: float) -> SurvivalLine:
    at_first = [max(before - loss.shares[0], 0.0) for loss in found]
    later = max(before - loss.shares[1] for loss in found)
    title = f"The loss of a {what}"
    if nothing(max(at_first)) and nothing(max(later, 0.0)):
        return SurvivalLine(title, HEALTHY, NOTHING_LOST, f"whichever of {len(found):,}" if len(found) > 1 else "")
    least, most = min(at_first), max(at_first)
    lost = percent(most) if figure(least) == figure(most) else f"{figure(least)}–{percent(most)}"
    when = moment_words(Moment.DETECTED, seconds_of(page)).when
    then = "nothing" if nothing(max(later, 0.0)) else f"up to {percent(later)}"
    standing = UNAVAILABLE if everything(most) else DEGRADED
    return SurvivalLine(title, standing, f"{lost} lost", f"until {when}, then {then}")
