"""How the new connections of one way in spread over entry points and endpoints."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import fsum

from webapp.routing.equal_entry_points import EntryPointGroup
from webapp.routing.outcome import PortOutcome


@dataclass(frozen=True, slots=True)
class Spread:
    """What reaches one endpoint, as a share of all new connections."""

    share: float
    same_node: float
    """The part that came in through the endpoint's own node."""


def entry_weight(outcome: PortOutcome, via: str) -> float:
    """Return the share of all new connections that comes in at each entry point that a way in leads to.

    Round robin over DNS knows no health: each address gets the same. A load balancer spreads evenly over its targets;
    none left, none comes in. A client that knows one address uses that one.
    """
    chosen = sum(group.count for group in outcome.chosen(via))
    return 1 / chosen if chosen else 0.0


def arrivals(outcome: PortOutcome, via: str) -> list[tuple[EntryPointGroup, float]]:
    """Return all entry points, those alike together, with the share of all new connections that comes in there."""
    each = entry_weight(outcome, via)
    if via == "dns":
        return [(group, each * group.count) for group in outcome.groups]
    if via == "lb":
        return [(group, each * group.count if group.lb_target else 0.0) for group in outcome.groups]
    named = outcome.group_of(via.removeprefix("node/"))
    return [(group, float(group is named)) for group in outcome.groups]


def weight_at(outcome: PortOutcome, via: str, node: str) -> float:
    """Return the share of all new connections that comes in at one node."""
    if via in ("dns", "lb"):
        return entry_weight(outcome, via) if via == "dns" or node in outcome.lb_targets else 0.0
    return float(via == f"node/{node}")


def spreads(outcome: PortOutcome, via: str) -> dict[str, Spread]:
    """Return what reaches each endpoint that some entry point may pick, by its key.

    Sums are exact (fsum), so the order of the nodes does not show in the last digit.
    """
    arriving: dict[str, list[float]] = {}
    for group, weight in arrivals(outcome, via):
        for key, share in group.entry.shares.items():
            arriving.setdefault(key, []).append(weight * share)
    local = dict(_same_node(outcome, via))
    return {key: Spread(fsum(parts), local.get(key, 0.0)) for key, parts in arriving.items()}


def _same_node(outcome: PortOutcome, via: str) -> Iterator[tuple[str, float]]:
    for endpoint in outcome.endpoints:
        home = endpoint.home
        group = outcome.group_of(home) if home is not None else None
        if group is not None and home is not None and endpoint.key in group.entry.shares:
            yield endpoint.key, weight_at(outcome, via, home) * group.entry.shares[endpoint.key]


def pools(outcome: PortOutcome) -> dict[str, str]:
    """Return for each endpoint that some entry may pick the name of its pool: the smallest key it is picked with.

    With policy Cluster there is one pool. Zone and node hints (kube-proxy pkg/proxy/topology.go) and policy Local may
    cut it into parts that exchange no traffic.
    """
    parent: dict[str, str] = {}

    def root(key: str) -> str:
        while parent.setdefault(key, key) != key:
            parent[key] = parent[parent[key]]
            key = parent[key]
        return key

    for shares in (group.entry.shares for group in outcome.groups if group.entry.shares):
        first = root(min(shares))
        for key in shares:
            low, high = sorted((root(key), first))
            parent[high] = first = low
    return {key: root(key) for key in parent}
