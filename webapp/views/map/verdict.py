"""The verdict: one number, and where the rest of the connections went."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate

from webapp.cluster.model import Service
from webapp.numbers import counted, everything, nothing
from webapp.routing import Cause, Entry, EntryPointGroup, PortOutcome, Result
from webapp.topology.shares import entry_weight, spreads
from webapp.views.page.wording import NOT_ACCEPTED, NOT_EXPOSED, Standing, standing


@dataclass(frozen=True, slots=True)
class Part:
    """One segment of the bar."""

    kind: str
    """``ok``, ``address``, ``pods``, ``refused`` or ``dropped``."""
    share: float
    start: float
    """Where it begins, 0 to 1."""
    label: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the card says."""

    standing: Standing
    share: float | None
    parts: tuple[Part, ...] = ()
    message: str = ""
    """Instead of the bar, where there is no access path: why."""


def verdict(outcome: PortOutcome, via: str) -> Verdict:
    """Return the verdict for clients that connect via `via`."""
    share = outcome.answered(via)
    if share is None:
        return no_way_in(outcome.service)
    return Verdict(standing(share, refused=_all_refuse(outcome, via)), share, _parts(outcome, via))


def _all_refuse(outcome: PortOutcome, via: str) -> bool:
    """Return whether every entry point that is up and that clients connect to refuses."""
    entries = [group.entry for group in outcome.chosen(via)]
    return {entry.result for entry in entries if entry.cause is not Cause.NODE_DOWN} == {Result.REFUSED}


def no_way_in(service: Service) -> Verdict:
    """Return why no client outside reaches a service that has no entry points."""
    if not service.accepted:
        reason = service.refusals[0]
        return Verdict(NOT_ACCEPTED, None, message=f"Rejected by the API server: {reason.path}: {reason.detail}")
    return Verdict(NOT_EXPOSED, None, message=_not_exposed(service))


def _not_exposed(service: Service) -> str:
    if service.type == "ExternalName":
        return "An ExternalName is a DNS alias: no node listens for it."
    if service.headless:
        return "A headless service has no cluster IP and no nodePort: clients inside the cluster get its pods from DNS."
    if service.external_ips or service.load_balancer_addresses:
        return f"Its type is {service.type}, without a nodePort: clients outside can use its external addresses only."
    return f"Its type is {service.type}, without a nodePort: only clients inside the cluster reach it."


def _parts(outcome: PortOutcome, via: str) -> tuple[Part, ...]:
    shares = lost_shares(outcome, via)
    labels = {kind: _label(kind, outcome, via) for kind in shares}
    starts = accumulate(shares.values(), initial=0.0)
    return tuple(
        Part(kind, share, start, labels[kind]) for (kind, share), start in zip(shares.items(), starts, strict=False)
    )


def lost_shares(outcome: PortOutcome, via: str) -> dict[str, float]:
    """Return the share of new connections by how they end; they sum to 1."""
    shares: defaultdict[str, float] = defaultdict(float)
    each, chosen = entry_weight(outcome, via), outcome.chosen(via)
    for group in chosen:
        answered, came_in = group.entry.answered, each * group.count
        shares["ok"] += came_in * answered
        shares[_kind(group.entry)] += came_in * (1 - answered)
    if not chosen:
        shares["dropped"] = 1.0
    order = ("ok", "address", "pods", "refused", "dropped")
    return {kind: shares[kind] for kind in order if not nothing(shares[kind])}


def _kind(entry: Entry) -> str:
    if entry.cause is Cause.NODE_DOWN:
        return "address"
    if entry.result is Result.REFUSED:
        return "refused"
    return "dropped" if entry.cause is Cause.NO_LOCAL_ENDPOINT else "pods"


def _label(kind: str, outcome: PortOutcome, via: str) -> str:
    groups = [group for group in outcome.chosen(via) if _kind(group.entry) == kind]
    count = sum(group.count for group in groups)
    if kind == "ok":
        return "answered"
    if kind == "address":
        return (
            f"sent to {groups[0].entry.node}’s address"
            if count == 1
            else f"sent to the {count:,} addresses that are down"
        )
    if kind == "pods":
        return f"forwarded to {_dead_pods(outcome, via)}"
    if kind == "refused":
        return f"refused: {_refusing(groups, outcome)}"
    if not groups:
        return "dropped: no node passes the load balancer’s health check"
    return (
        f"dropped by {groups[0].entry.node}, which has no usable endpoint"
        if count == 1
        else f"dropped by {count:,} nodes without a usable endpoint"
    )


def _refusing(groups: Sequence[EntryPointGroup], outcome: PortOutcome) -> str:
    """Return why entry points refuse: kube-proxy skips the service or the address, or nothing is usable."""
    if any(group.entry.cause is Cause.NOT_PROXIED for group in groups):
        return "kube-proxy ignores the service because of its label"
    if all(group.entry.cause is Cause.ADDRESS_EXCLUDED for group in groups):
        return "kube-proxy doesn’t open the nodePort on that address"
    return outcome.no_endpoints.short if outcome.no_endpoints else "no usable endpoint"


def _dead_pods(outcome: PortOutcome, via: str) -> str:
    picked = spreads(outcome, via)
    dead = [e for e in outcome.endpoints if e.key in picked and e.key not in outcome.live]
    keys, nodes = {e.key for e in dead}, {e.home for e in dead}
    if len(nodes) == 1 and None not in nodes:
        return f"the {_some(keys)} on {next(iter(nodes))}"
    return f"{counted(len(keys), 'dead pod')}"


def _some(keys: Iterable[str]) -> str:
    count = len(set(keys))
    return "pod" if count == 1 else f"{count:,} pods"


def sentence(found: Verdict, name: str, percent: str, given: str = "") -> str:
    """Return the verdict as one sentence, for readers who hear the page; `given` is what it depends on."""
    if given:
        rest = sentence(found, name, percent)
        return f"With {given}: {rest}"
    if found.share is None:
        return f"{name}: {found.standing.word}. {found.message}"
    if everything(found.share):
        return f"{name} answers every new connection."
    lost = ", ".join(part.label for part in found.parts if part.kind != "ok")
    return f"{percent} of new connections to {name} are answered; the rest: {lost}."
