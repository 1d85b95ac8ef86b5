"""The steps of a connection from the port on: the endpoints, kube-proxy's choice among them, policies, the pod."""

from collections.abc import Iterator, Sequence

from webapp.cluster.network_policies import policy_note
from webapp.failure.state import State
from webapp.findings.apply import by_rules
from webapp.findings.explanation import Mark, PathStep, Remark
from webapp.findings.facts import Facts, Selection
from webapp.findings.rules import BY_ID
from webapp.numbers import counted, nothing, percent
from webapp.routing.entry import Cause, Entry
from webapp.routing.outcome import outcome

_AT_ENDPOINTS = ("NP201", "NP202", "NP203", "NP204", "NP205", "NP211", "NP212")
_AT_THE_POD = ("NP206", "NP207", "NP208", "NP209")


def onward(facts: Facts, state: State, selected: Selection, index: int, entry: Entry) -> Iterator[PathStep]:
    """Yield the steps that follow once a node has taken the connection, up to where `entry` says that it ends."""
    key = selected.service.key
    if entry.cause in (Cause.NODE_DOWN, Cause.ADDRESS_EXCLUDED, Cause.NOT_PROXIED):
        yield PathStep(name="node", mark=Mark.BREAKS, text=entry.reason)
        return
    about = remarks(facts, selected, index, _AT_ENDPOINTS)
    if entry.cause is Cause.NO_ENDPOINT:
        yield PathStep(name="endpoints", mark=Mark.BREAKS, text=entry.reason, remarks=about)
        return
    yield PathStep(name="endpoints", text=_usable(state, key, index, entry), remarks=about)
    if not entry.shares:
        yield PathStep(name="kube-proxy", mark=Mark.BREAKS, text=entry.reason)
        return
    yield from _selected(facts, state, selected, index, entry)


def _selected(facts: Facts, state: State, selected: Selection, index: int, entry: Entry) -> Iterator[PathStep]:
    """Yield the steps from kube-proxy's choice on."""
    service, port = selected.service, selected.service.ports[index]
    dead = entry.cause is Cause.DEAD_ENDPOINTS
    one = "the only endpoint" if len(entry.shares) == 1 else f"one of {len(entry.shares):,} endpoints"
    among = f"kube-proxy on {entry.node} selects {one} for each new connection."
    yield PathStep(name="kube-proxy", text=among if dead else entry.reason)
    if dead and nothing(entry.answered):
        yield PathStep(name="pod", mark=Mark.BREAKS, text=entry.reason)
        return
    # kube-proxy knows no policies; whether one blocks the client is up to the network plugin.
    if note := policy_note(state.cluster, service, port):
        yield PathStep(name="network policy", mark=Mark.UNKNOWN, text=f"{note} {_ENFORCED}")
    about = remarks(facts, selected, index, _AT_THE_POD)
    if dead:
        text = f"{percent(entry.answered)} of new connections are answered: {entry.reason}"
        yield PathStep(name="pod", mark=Mark.LOSES, text=text, remarks=about)
    else:
        # A named targetPort may be another number in each workload behind the service.
        numbers = sorted({e.port for e in outcome(state, service.key, index).endpoints if e.key in entry.shares})
        where = f"port {', '.join(map(str, numbers))}" if numbers else f"targetPort {port.target_port}"
        text = f"The pod gets the connection at {where}: its application must listen there."
        yield PathStep(name="pod", text=text, remarks=about)


_ENFORCED = "nodefall doesn't simulate policies; a network plugin that enforces them may block the connection."


def _usable(state: State, key: str, index: int, entry: Entry) -> str:
    # A partitioned node has live rules, of the time when it last saw the API server.
    if entry.node in state.stale_nodes:
        return f"kube-proxy on {entry.node} gets no updates from the API server: it keeps the endpoints it had."
    listed = outcome(state, key, index).endpoints
    ready = sum(endpoint.ready for endpoint in listed)
    # Then kube-proxy falls back to terminating endpoints that serve (KEP-1669).
    if not ready:
        serving = sum(endpoint.serving and endpoint.terminating for endpoint in listed)
        still = counted(serving, "terminating one still serves", "terminating ones still serve")
        return f"No endpoint of {key} is ready, but {still}."
    return f"{key}: {ready:,} of {counted(len(listed), 'endpoint')} ready for this port."


def remarks(facts: Facts, selected: Selection, index: int, ids: Sequence[str]) -> tuple[Remark, ...]:
    """Return what these rules find about the service and this port of it."""
    found = by_rules(facts.focused(selected, index), [BY_ID[id_] for id_ in ids])
    return tuple(Remark(finding=f.id, text=f.message, remedy=f.remedy, fix=f.fix) for f in found)
