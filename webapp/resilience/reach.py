"""The reach of one service port: what it answers after any loss of nodes, mostly by plain counting."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import field
from typing import TYPE_CHECKING

from webapp.cluster.endpoints import family
from webapp.cluster.model import Cluster, Endpoint, Service, ServicePort
from webapp.failure.scenario import Moment
from webapp.records import dataclass
from webapp.resilience.entry_nodes import Answered, EntryNodes, Names, entry_nodes
from webapp.routing.plans import has_entries

if TYPE_CHECKING:
    from webapp.resilience.losses import Domain, What

NOTHING: Names = frozenset()


@dataclass(frozen=True, slots=True, eq=False)
class Reach:
    """One service port, ready for questions about losses."""

    nodes: EntryNodes
    service: Service
    index: int
    homes: Mapping[str, int]
    """How many of the usable endpoints go down with each node; those of no known node are left out."""
    usable: int
    """How many endpoints kube-proxy may use before any failure."""
    plain: bool
    """Counting is enough: see :func:`_is_plain`."""
    hinted: bool
    """Zone or node hints steer traffic, so that until detection it matters whose endpoints are dead."""
    open_homes: Names
    """Nodes with usable endpoints that listen."""
    target_homes: Names
    """Nodes with usable endpoints that a load balancer sends to."""
    losses: "dict[What, Sequence[tuple[Domain, Answered]]]" = field(default_factory=dict)
    """What :func:`webapp.resilience.losses.losses_of` has found out."""
    _known: dict[tuple[Names, bool], Answered] = field(default_factory=dict)

    @property
    def port(self) -> ServicePort:
        """The service port."""
        return self.service.ports[self.index]

    @property
    def local(self) -> bool:
        """Whether its policy is Local."""
        return self.service.external_traffic_policy == "Local"

    def answer(self, lost: Names, at: Moment) -> Answered:
        """Return what is answered once these nodes are lost, at ``failed`` or ``detected``.

        Without anything special about the service: until the loss is detected each connection may be sent to a dead
        endpoint; afterwards to none, as long as one is left. Under policy Local it only counts which nodes with
        endpoints are up. All else goes by the rules themselves.
        """
        detected = self.nodes.detected(lost, at)
        # Verdict, promises and the matrix ask about the same losses, one after another.
        found = self._known.get((lost, detected))
        if found is None:
            found = self._known[lost, detected] = self._answer(lost, at, detected=detected)
        return found

    def forget(self) -> None:
        """Give back the memory of what was asked; it is worked out again for who asks once more."""
        self.losses.clear()
        self._known.clear()

    def _answer(self, lost: Names, at: Moment, *, detected: bool) -> Answered:
        if not self.plain or (self.hinted and not detected):
            return Answered(*self.nodes.after(lost, at).shares(self.service, self.index))
        return self._local(lost) if self.local else self._cluster(lost, detected=detected)

    def gone(self, lost: Names) -> int:
        """Return how many usable endpoints go down with these nodes."""
        homes = self.homes
        if len(lost) == 1:
            (name,) = lost
            return homes.get(name, 0)
        # A zone has thousands of nodes and a service a dozen pods, or a node is one and a service has thousands.
        if len(lost) < len(homes):
            return sum(homes.get(name, 0) for name in lost)
        return sum(number for name, number in homes.items() if name in lost)

    def load(self, lost: Names) -> float | None:
        """Return by how much the load on each remaining pod grows, on average; None if none remains.

        Under policy Local a load balancer shares traffic out among nodes first, so it is these that count.
        """
        if self.local:
            before, after = len(self.target_homes), len(self.target_homes - lost)
        else:
            before, after = self.usable, self.usable - self.gone(lost)
        return before / after if after else None

    def _cluster(self, lost: Names, *, detected: bool) -> Answered:
        nodes, gone = self.nodes, self.gone(lost)
        away = nodes.counts(lost)
        left = self.usable - gone
        # Once detected no dead endpoint is listed, so one that is left is enough. Until then kube-proxy selects a dead
        # one as often as it is listed.
        share = 1.0 if left and detected else left / (self.usable or 1)
        return nodes.answered(share, away)

    def _local(self, lost: Names) -> Answered:
        # Nodes without an endpoint fail the load balancer's health check under policy Local, dead or alive.
        targets = self.target_homes - lost
        lb = len(targets & self.open_homes) / len(targets) if targets else 0.0
        return Answered(len(self.open_homes - lost) / len(self.nodes.cluster.nodes), lb)


def reaches(cluster: Cluster) -> Iterator[Reach]:
    """Yield the reach of each service port that has entries, in the cluster's order."""
    known: dict[tuple[str, ...], EntryNodes] = {}
    for service in cluster.services.values():
        for index, port in enumerate(service.ports):
            if has_entries(service, port) and cluster.nodes:
                families = service.ip_families
                nodes = known.get(families) or known.setdefault(families, entry_nodes(cluster, families))
                yield reach_of(nodes, service, index)


def reach_of(nodes: EntryNodes, service: Service, index: int) -> Reach:
    """Return the reach of one port of a service."""
    families = nodes.points.families
    listed = service.ports[index].endpoints
    mine = listed if len(families) > 1 else tuple(e for e in listed if not e.address or family(e.address) in families)
    usable = [e for e in mine if e.ready] or [e for e in mine if e.serving and e.terminating]
    homes = Counter(home for e in usable if (home := home_of(nodes, e)) is not None)
    carrying = frozenset(homes)
    hinted = any(e.zone_hints or e.node_hints for e in mine)
    return Reach(
        nodes=nodes,
        service=service,
        index=index,
        homes=homes,
        usable=len(usable),
        plain=_is_plain(nodes, service, mine),
        # kube-proxy looks at no hints under policy Local.
        hinted=hinted and service.external_traffic_policy != "Local",
        open_homes=nodes.listening & carrying,
        target_homes=nodes.targets & carrying,
    )


def home_of(nodes: EntryNodes, endpoint: Endpoint) -> str | None:
    """Return the node with which the endpoint goes down; None if that is none of the cluster's."""
    return endpoint.home if endpoint.home in nodes.cluster.nodes else None


def is_sticky(nodes: EntryNodes, service: Service, endpoint: Endpoint) -> bool:
    """Return whether the endpoint stays listed after its node is known to be dead.

    So do those that no controller manages, those of publishNotReadyAddresses, and those that name no node.
    """
    home = home_of(nodes, endpoint)
    # The node lifecycle controller marks pods by spec.nodeName, so it misses an endpoint that names another node.
    return home is not None and (not endpoint.managed or service.publish_not_ready_addresses or endpoint.node != home)


def _is_plain(nodes: EntryNodes, service: Service, endpoints: Iterable[Endpoint]) -> bool:
    """Return whether counting is enough: one IP family, each endpoint once, all that is used ready, and nothing sticky.

    And kube-proxy must be in charge of the service.

    Where terminating endpoints serve beside ready ones they take over when those are gone; that is left to the rules.
    """
    if len(nodes.points.families) > 1 or not service.proxied:
        return False
    keys: set[str] = set()
    addresses: set[tuple[str, int]] = set()
    for endpoint in endpoints:
        if endpoint.address and (endpoint.address, endpoint.port) in addresses:
            return False
        addresses.add((endpoint.address or "", endpoint.port))
        # Also one that isn't ready as given: with publishNotReadyAddresses the controller will list it as ready.
        if is_sticky(nodes, service, endpoint):
            return False
        if not endpoint.ready and not (endpoint.serving and endpoint.terminating):
            continue
        if not endpoint.ready or endpoint.key in keys:
            return False
        keys.add(endpoint.key)
    return True
