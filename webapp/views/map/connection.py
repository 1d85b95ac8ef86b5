"""The page of one connection: an entry point, the endpoint that kube-proxy selects, six hops, one of them outlined."""

from collections.abc import Iterator
from dataclasses import dataclass

from flask import Blueprint
from flask.typing import ResponseReturnValue

from webapp.cluster.model import Endpoint
from webapp.failure import State
from webapp.failure.word_values import ScenarioError
from webapp.failure.words import decode
from webapp.numbers import counted, percent
from webapp.routing import Cause, Result, has_entries
from webapp.simulation.trace import Hop, HopStep, Odds, Peer, Trace, silent_nodes, trace
from webapp.views.page import query
from webapp.views.page.edits import with_policy
from webapp.views.page.listing import Choice
from webapp.views.page.query import QueryForm
from webapp.views.page.rendering import render_page
from webapp.views.page.simulation import PortSimulation, one_address
from webapp.views.page.state import PageState, open_page
from webapp.views.page.wording import MOMENTS, Chip, chips, failed

blueprint = Blueprint("connection", __name__)

MAX_PICKS = 8
# Entry points to choose from by link; any other is named in the form below them.
MAX_ENTRIES = 30


@dataclass(frozen=True, slots=True)
class NumberedStep:
    """One step with its place in the page."""

    number: int
    step: HopStep
    url: str
    current: bool
    tone: str
    """``ok``, ``bad`` where the connection ends, ``off`` where it does not come."""


@dataclass(frozen=True, slots=True)
class Pick:
    """One endpoint that may be selected."""

    name: str
    full: str
    place: str
    chance: str
    live: bool
    url: str
    current: bool


@dataclass(frozen=True, slots=True)
class Otherwise:
    """What other endpoints result in."""

    title: str
    detail: str
    lost: bool
    url: str


@dataclass(frozen=True, slots=True)
class OtherPolicy:
    """The same connection under the other externalTrafficPolicy."""

    policy: str
    text: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionPage:
    """What the page shows."""

    trace: Trace
    steps: tuple[NumberedStep, ...]
    current: NumberedStep
    node: str
    place: str
    """Where the selected endpoint runs."""
    place_down: bool
    client: str
    chips: tuple[Chip, ...]
    failed: str
    moment: str
    moments: tuple[Choice, ...]
    entries: tuple[Choice, ...]
    more_entries: bool
    form: QueryForm
    picks: tuple[Pick, ...]
    more_picks: str
    passed_over: tuple[tuple[str, str], ...]
    more_passed_over: int
    otherwise: Otherwise | None
    other_policy: OtherPolicy
    missed: str
    """The endpoint that was asked for and can't be selected."""
    unknown_addresses: bool
    back_url: str
    next_url: str
    again_url: str

    @property
    def by(self) -> dict[str, NumberedStep]:
        """Return the steps by hop."""
        return {each.step.hop.value: each for each in self.steps}


@blueprint.get("/t/<topology_id>/hop")
def show(topology_id: str) -> ResponseReturnValue:
    """Show one connection to the service in focus."""
    page = open_page(topology_id)
    return render_page("connection.html", page, view=connection(page))


def connection(page: PageState) -> ConnectionPage | None:
    """Return the page of the connection that the address asks for; None where nothing can be connected to.

    Raises:
        ScenarioError: the entry point is none of the cluster's nodes.

    """
    service, index = page.service, page.port_index
    if service is None or not service.ports or not has_entries(service, service.ports[index]) or not page.cluster.nodes:
        return None
    simulation, asked = PortSimulation(page), query.PICK.asked()
    node = _entry(page)
    found = trace(simulation.state_now, service.key, index, node, asked)
    return _page(simulation, node, found, asked)


def _entry(page: PageState) -> str:
    """Return the node that the client connects to: the one asked for, else the access path's, else one that is up."""
    if word := query.ENTRY.asked():
        if not word.startswith("node/"):
            raise ScenarioError(f"entry={word}", f'entry is node/NAME, not "{word[:80]}".')
        return decode([("via", word)], page.cluster).via.removeprefix("node/")
    return one_address(page).removeprefix("node/")


def _page(simulation: PortSimulation, node: str, found: Trace, asked: str) -> ConnectionPage:
    page = simulation.page
    picked = found.picked
    key = picked.endpoint.key if picked else ""
    steps = tuple(_steps(page, node, key, found))
    current = next(step for step in steps if step.current)
    place = (picked.endpoint.home if picked else None) or ""
    passed = [(_short(each.endpoint), each.reason) for each in found.passed_over]
    return ConnectionPage(
        trace=found,
        steps=steps,
        current=current,
        node=node,
        place=place,
        place_down=place in simulation.state_now.down_nodes,
        client=found.client.host,
        chips=chips(page),
        failed=failed(page),
        moment=MOMENTS[page.scenario.at].title,
        moments=tuple(_moments(simulation, node, key)),
        entries=tuple(_entries(page, node)),
        more_entries=len(page.cluster.nodes) > MAX_ENTRIES,
        form=page.form("connection"),
        picks=tuple(_picks(simulation.state_now, page, node, found)),
        more_picks=_more_picks(found),
        passed_over=tuple(passed[:MAX_PICKS]),
        more_passed_over=max(len(passed) - MAX_PICKS, 0),
        otherwise=_otherwise(page, node, found),
        other_policy=_other_policy(page, simulation.state_now, node, found),
        # Endpoints come and go between times: a link to one that is gone still opens, and says so.
        missed=asked if asked and asked != key else "",
        unknown_addresses=any(not peer.known for peer in _peers(found)),
        back_url=page.connection_url(node, key, current.number - 1) if current.number > 1 else "",
        next_url=_next(steps, current),
        again_url=_again(page, node, found, current.number),
    )


def _peers(found: Trace) -> Iterator[Peer]:
    for step in found.steps:
        for packet in (step.before, step.after):
            if packet:
                yield from (packet.source, packet.target)


def _steps(page: PageState, node: str, pick: str, found: Trace) -> Iterator[NumberedStep]:
    # Steps after the one that ends the connection are listed but can't be opened.
    last = sum(step.reached for step in found.steps)
    current = min(query.STEP.asked(), last)
    for number, step in enumerate(found.steps, 1):
        tone = "off" if not step.reached else "bad" if step.ends in (Result.TIMEOUT, Result.REFUSED) else "ok"
        yield NumberedStep(number, step, page.connection_url(node, pick, number), number == current, tone)


def _next(steps: tuple[NumberedStep, ...], current: NumberedStep) -> str:
    follows = next((step for step in steps if step.number == current.number + 1), None)
    return follows.url if follows and follows.step.reached else ""


def _again(page: PageState, node: str, found: Trace, step: int) -> str:
    """Return the address of the next endpoint in order: nothing random, so that the same page shows the same."""
    if found.picked is None or len(found.odds) < 2:
        return ""
    # A page that drew lots would show something else to whom it is shared with.
    follows = found.odds[(found.odds.index(found.picked) + 1) % len(found.odds)]
    return page.connection_url(node, follows.endpoint.key, step)


def _moments(simulation: PortSimulation, node: str, pick: str) -> Iterator[Choice]:
    page = simulation.page
    for moment in simulation.moments if page.has_failure else ():
        yield Choice(MOMENTS[moment].title, page.at(moment).connection_url(node, pick), moment is page.scenario.at)


def _entries(page: PageState, current: str) -> Iterator[Choice]:
    """Yield entry points to choose from; the current one is always among them."""
    names = list(page.cluster.nodes)[:MAX_ENTRIES]
    for name in names if current in names else [current, *names]:
        detail = next(iter(page.cluster.nodes[name].addresses), "assumed")
        yield Choice(name, page.connection_url(name), name == current, detail=detail)


def _picks(state: State, page: PageState, node: str, found: Trace) -> Iterator[Pick]:
    """Yield what may be selected; the one selected is always among those shown."""
    shown = found.odds[:MAX_PICKS]
    if found.picked and found.picked not in shown:
        shown = (*shown[:-1], found.picked)
    for odds in shown:
        endpoint, step = odds.endpoint, list(Hop).index(Hop.PICK) + 1
        yield Pick(
            name=_short(endpoint),
            full=endpoint.key,
            place=_place(state, odds),
            chance=percent(odds.chance),
            live=odds.live,
            url=page.connection_url(node, endpoint.key, step),
            current=odds is found.picked,
        )


def _more_picks(found: Trace) -> str:
    rest = len(found.odds) - MAX_PICKS
    if rest <= 0:
        return ""
    dead = sum(not odds.live for odds in found.odds)
    dont = "doesn’t" if dead == 1 else "don’t"
    return f"and {rest:,} more, {percent(found.odds[0].chance)} each; {dead:,} of all {len(found.odds):,} {dont} answer"


def _short(endpoint: Endpoint) -> str:
    # An EndpointSlice written by hand may name an address that is no pod.
    return endpoint.pod.rpartition("/")[2] if endpoint.pod else endpoint.key


def _place(state: State, odds: Odds) -> str:
    assumed = ", assumed" if state.is_assumed(odds.endpoint.pod) else ""
    name = (odds.endpoint.home or "node unknown") + assumed
    if odds.live:
        return name
    # A pod that hangs, or was deleted, answers nothing on a node that is up.
    return f"{name}, down" if odds.endpoint.home in state.down_nodes else f"{name}, no answer"


def _otherwise(page: PageState, node: str, found: Trace) -> Otherwise | None:
    """Return what the endpoints result in that end the other way."""
    if found.picked is None:
        return None
    others = [odds for odds in found.odds if odds.live is not found.picked.live]
    if not others:
        return None
    names = [_short(odds.endpoint) for odds in others]
    listed = " or ".join(names[:2]) + (f" or {len(names) - 2:,} more" if len(names) > 2 else "")
    lost = found.picked.live
    end = "timeout" if lost else "an answer"
    why = "Dead, but still listed; kube-proxy doesn’t try another endpoint." if lost else _another(found)
    title = f"If kube-proxy selects {listed} ({len(others):,} of {len(found.odds):,}): {end}."
    return Otherwise(title, why, lost, page.connection_url(node, others[0].endpoint.key, 5))


def _another(found: Trace) -> str:
    """Return when a client whose endpoint is dead reaches another one."""
    # With affinity a retry of the same client goes to the same dead Pod, until its endpoint is removed.
    if found.service.session_affinity == "ClientIP":
        return "Session affinity keeps a client at its pod; another client may reach a live one."
    return "kube-proxy selects again for each new connection, so another try may be answered."


def _other_policy(page: PageState, state: State, node: str, found: Trace) -> OtherPolicy:
    key, index = found.service.key, page.port_index
    if found.service.external_traffic_policy != "Local":
        tried = trace(state, key, index, node, policy="Local")
        text = _with_local(tried, silent_nodes(state, key, index), node)
        return OtherPolicy("Local", text, with_policy(page, key, "Local").connection_url(node))
    text = _with_cluster(trace(state, key, index, node, policy="Cluster"), silent_nodes(state, key, index))
    return OtherPolicy("Cluster", text, with_policy(page, key, "Cluster").connection_url(node))


_AS_BEFORE = "Nothing would change: the connection doesn’t reach a pod."


def _with_cluster(tried: Trace, silent: int) -> str:
    if not tried.odds:
        return _AS_BEFORE
    also = f", also the {'one' if silent == 1 else f'{silent:,}'} without a ready pod," if silent else ""
    # What may go to another node is masqueraded: else the reply would not come back through the node that was asked.
    return (
        f"Every node that is up{also} would send to any ready pod. But the source is rewritten: "
        "the pod sees the node’s address, not the client’s."
    )


def _with_local(tried: Trace, silent: int, node: str) -> str:
    if tried.entry.cause is Cause.NO_LOCAL_ENDPOINT:
        others = f", like {counted(silent - 1, 'other node')}" if silent > 1 else ""
        return f"{node} has no usable pod of this service, so it would drop the packets{others}."
    if not tried.odds:
        return _AS_BEFORE
    rest = f", and {counted(silent, 'node')} without one would drop the packets" if silent else ""
    kept = f"The client’s address would be kept: the pod sees {tried.client.host}."
    return f"{kept} But kube-proxy would select only pods on {node}{rest}."
