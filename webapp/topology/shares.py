"""How the new connections of one way in spread over entry points and endpoints."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import fsum

from webapp.routing.outcome import Entry, PortOutcome


@dataclass(frozen=True, slots=True)
class Spread:
    """What reaches one endpoint, as a share of all new connections."""

    share: float
    same_node: float
    """The part that came in through the endpoint's own node."""


@dataclass(slots=True)
class _Pool:
    """Entry points that hold the very same shares: one sum serves all of them."""

    shares: Mapping[str, float]
    weights: list[float] = field(default_factory=list)


def entry_weights(outcome: PortOutcome, via: str) -> dict[str, float]:
    """Return for each entry point's node the share of all new connections that come in there.

    Round robin over DNS knows no health: each address gets the same. A load balancer spreads evenly over its targets;
    none left, none comes in. A client that knows one address uses that one.
    """
    if via == "dns":
        return dict.fromkeys((entry.node for entry in outcome.entries), 1 / max(len(outcome.entries), 1))
    if via == "lb":
        each = 1 / max(len(outcome.lb_targets), 1)
        return {entry.node: each if entry.node in outcome.lb_targets else 0.0 for entry in outcome.entries}
    name = via.removeprefix("node/")
    return {entry.node: float(entry.node == name) for entry in outcome.entries}


def spreads(outcome: PortOutcome, weights: Mapping[str, float]) -> dict[str, Spread]:
    """Return what reaches each endpoint that some entry point may pick, by its key.

    Linear in entries plus endpoints as long as routing lets entries share one mapping; sums are exact (fsum), so the
    order of the nodes does not show in the last digit.
    """
    arriving: dict[str, list[float]] = {}
    for pool in _pools(outcome.entries, weights):
        weight = fsum(pool.weights)
        for key, share in pool.shares.items():
            arriving.setdefault(key, []).append(weight * share)
    local = _same_node(outcome, weights)
    return {key: Spread(fsum(parts), local.get(key, 0.0)) for key, parts in arriving.items()}


def _pools(entries: Sequence[Entry], weights: Mapping[str, float]) -> Iterable[_Pool]:
    pools: dict[int, _Pool] = {}
    for entry in entries:
        if entry.shares:
            pools.setdefault(id(entry.shares), _Pool(entry.shares)).weights.append(weights[entry.node])
    return pools.values()


def _same_node(outcome: PortOutcome, weights: Mapping[str, float]) -> dict[str, float]:
    by_node = {entry.node: entry for entry in outcome.entries}
    local: dict[str, float] = {}
    for endpoint in outcome.endpoints:
        entry = by_node.get(endpoint.node) if endpoint.node is not None else None
        if entry is not None and endpoint.key in entry.shares:
            local[endpoint.key] = weights[entry.node] * entry.shares[endpoint.key]
    return local


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

    for shares in {id(entry.shares): entry.shares for entry in outcome.entries if entry.shares}.values():
        first = root(min(shares))
        for key in shares:
            low, high = sorted((root(key), first))
            parent[high] = first = low
    return {key: root(key) for key in parent}
