"""Which endpoints the entry points of a service port may use: one set for all nodes, or several.

With policy Cluster it is one. Policy Local, zone and node hints, and the rules of a stale kube-proxy give nodes sets
of their own, which may overlap.
"""

from collections.abc import Iterable, Mapping, Sequence

import networkx as nx

from webapp.cluster.model import Endpoint
from webapp.records import dataclass
from webapp.routing.equal_entry_points import EntryPointGroup
from webapp.routing.outcome import PortOutcome


@dataclass(frozen=True, slots=True)
class EndpointSet:
    """Endpoints from which some entry points select."""

    shares: Mapping[str, float]
    """By endpoint key, in the order of the port's endpoints: what such an entry point sends to each."""
    users: tuple[EntryPointGroup, ...]
    """The entry points that do."""


def endpoint_sets(outcome: PortOutcome, endpoints: Sequence[Endpoint]) -> tuple[EndpointSet, ...]:
    """Return the sets in use, in the order of `endpoints`, whatever the order of the nodes.

    Linear in entry points that differ plus the sizes of the sets.
    """
    # Entry points that use the same set share one mapping, so each is looked at once.
    mappings = {id(group.entry.shares): group.entry.shares for group in outcome.groups if group.entry.shares}
    rank = {endpoint.key: i for i, endpoint in enumerate(endpoints)}
    # By rank and not by key: sets come in the order of the endpoints, and exports stay the same to the byte whatever
    # the order of the manifests.
    contents = {of: tuple(sorted((rank[key], share) for key, share in its.items())) for of, its in mappings.items()}
    users: dict[tuple[tuple[int, float], ...], list[EntryPointGroup]] = {}
    for group in outcome.groups:
        if group.entry.shares:
            users.setdefault(contents[id(group.entry.shares)], []).append(group)
    return tuple(
        EndpointSet({endpoints[i].key: share for i, share in content}, tuple(its))
        for content, its in sorted(users.items(), key=lambda pair: pair[0])
    )


def pools(sets: Iterable[EndpointSet]) -> dict[str, str]:
    """Return for each endpoint of a set the name of its pool: the smallest key of those that share traffic with it.

    Sets that overlap are one pool; zone and node hints (kube-proxy pkg/proxy/topology.go) and policy Local may cut
    the endpoints into pools that exchange no traffic.
    """
    # Sets are numbers and endpoints names, joined where a set has an endpoint: linear, where comparing each set with
    # each other would be quadratic in the nodes of policy Local.
    joined: nx.Graph[str | int] = nx.Graph((i, key) for i, its in enumerate(sets) for key in its.shares)
    names: dict[str, str] = {}
    for component in nx.connected_components(joined):
        keys = [vertex for vertex in component if isinstance(vertex, str)]
        names |= dict.fromkeys(keys, min(keys))
    return names
