"""kube-proxy's choice of endpoints: which ones a node may use for one service port.

After ``CategorizeEndpoints`` in kubernetes/pkg/proxy/topology.go, with its names. What does not depend on the node
is worked out once, so that asking for 5,000 nodes costs little more than asking for one.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from webapp.cluster.model import Endpoint
from webapp.records import dataclass

Endpoints = tuple[Endpoint, ...]


@dataclass(frozen=True, slots=True)
class CategorizedEndpoints:
    """The endpoints of one service port, sorted for questions about single nodes."""

    usable: Endpoints
    """The ready ones, else those that terminate but still serve."""
    has_any: bool
    by_node_hint: Mapping[str, Endpoints]
    """Empty unless every ready endpoint has node hints."""
    by_zone_hint: Mapping[str, Endpoints]
    """Empty unless every ready endpoint has zone hints."""
    local_ready: Mapping[str, Endpoints]
    local_terminating: Mapping[str, Endpoints]

    def cluster(self, node: str, zone: str | None) -> Endpoints:
        """Return the Cluster set: hinted for this node, else for its zone, else all usable ones.

        Hints count only while every ready endpoint has some and one of them names this node or zone (KEP-2433,
        KEP-3015). "This node" is the one whose kube-proxy handles the packet.
        """
        # PreferSameNode sets hints of both kinds; those of the node come first, and none for it falls through to its
        # zone.
        if hinted := self.by_node_hint.get(node):
            return hinted
        return (self.by_zone_hint.get(zone) if zone else None) or self.usable

    def local(self, node: str) -> Endpoints:
        """Return the Local set: ready ones on the node, else terminating ones that serve there; never others."""
        # A pod that is shutting down answers; a dropped packet does not (KEP-1669).
        return self.local_ready.get(node) or self.local_terminating.get(node) or ()


def categorize_endpoints(
    endpoints: Sequence[Endpoint],
) -> CategorizedEndpoints:
    """Return the choice that kube-proxy has among these endpoints.

    An endpoint is usable when ready; if none at all is ready in a set, those serving and terminating stand in
    (KEP-1669), worked out for the Cluster and the Local set apart. An endpoint without node is never local.

    >>> web = [Endpoint(pod=f"default/web-{node}", port=80, node=node) for node in "ab"]
    >>> [endpoint.pod for endpoint in categorize_endpoints(web).local("a")]
    ['default/web-a']
    """
    known = _distinct(endpoints)
    ready = tuple(e for e in known if e.ready)
    terminating = tuple(e for e in known if not e.ready and e.serving and e.terminating)
    # The fall-back for the Cluster set takes any endpoint that serves and terminates; none is ready then.
    return CategorizedEndpoints(
        usable=ready or terminating,
        has_any=bool(ready or terminating),
        by_node_hint=_by_hint(ready, "node_hints"),
        by_zone_hint=_by_hint(ready, "zone_hints"),
        local_ready=_by_node(ready),
        local_terminating=_by_node(terminating),
    )


def _distinct(endpoints: Sequence[Endpoint]) -> list[Endpoint]:
    """Return the endpoints once for each address and port, as kube-proxy's endpoint set does; the first one counts."""
    first: dict[tuple[str, int], Endpoint] = {}
    for endpoint in endpoints:
        # A pod of which nodefall knows no address will have one of its own.
        first.setdefault((endpoint.address or endpoint.key, endpoint.port), endpoint)
    return list(first.values())


def _by_hint(ready: Endpoints, which: str) -> dict[str, Endpoints]:
    found: dict[str, list[Endpoint]] = defaultdict(list)
    for endpoint in ready:
        hints: frozenset[str] = getattr(endpoint, which)
        # One ready endpoint without a hint turns hints off for all: the controller may be between two updates, and
        # traffic must not be steered by half of them (KEP-2433).
        if not hints:
            return {}
        for hint in hints:
            found[hint].append(endpoint)
    return {hint: tuple(listed) for hint, listed in found.items()}


def _by_node(endpoints: Endpoints) -> dict[str, Endpoints]:
    found: dict[str, list[Endpoint]] = defaultdict(list)
    for endpoint in endpoints:
        if endpoint.node is not None:
            found[endpoint.node].append(endpoint)
    return {node: tuple(listed) for node, listed in found.items()}
