"""Minimal outage sets: the smallest sets of nodes whose loss leaves a service port without any answer."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations, product
from typing import NamedTuple

from webapp.cluster.endpoints import family
from webapp.cluster.model import Endpoint
from webapp.cluster.order import natural
from webapp.failure.scenario import Moment
from webapp.records import dataclass
from webapp.resilience.entry_nodes import Names
from webapp.resilience.reach import NOTHING, Reach, home_of, is_sticky
from webapp.routing.categorize import CategorizedEndpoints, categorize_endpoints

MAX_CHOICES = 12
"""Parts of a service that fail apart; each doubles the work (4,096 sets for a dozen)."""
SEARCHED_SIZE = 3
"""Up to this size sets are tried one by one where no formula holds ..."""
MAX_TRIED = 2_000
"""... but never more than this many: about a tenth of a millisecond each."""


@dataclass(frozen=True, slots=True)
class Outages:
    """The minimal outage sets of one service port: each stops it, no part of one does."""

    sets: tuple[Names, ...]
    """The smallest first. One empty set: nobody gets an answer even now. None at all: no loss of nodes stops it."""
    exact_to: int | None = None
    """All sets up to this size are listed; None: all sets of any size."""

    @property
    def minimum(self) -> int | None:
        """The size of the smallest, None if there is none."""
        return len(self.sets[0]) if self.sets else None

    @property
    def smallest(self) -> tuple[Names, ...]:
        """All that have this size."""
        return tuple(names for names in self.sets if len(names) == self.minimum)


class _Part(NamedTuple):
    """Entry points that use the same endpoints: they answer as long as one of each is left."""

    entry_points: Names
    homes: Names | None
    """None: an endpoint is on no known node, so they can't all be lost."""

    @property
    def sets(self) -> tuple[Names, ...]:
        """The smallest sets whose loss stops this part."""
        if self.homes is None or self.entry_points <= self.homes:
            return (self.entry_points,)
        return (self.homes,) if self.homes < self.entry_points else (self.entry_points, self.homes)


def outages(reach: Reach, via: str = "lb") -> Outages:
    """Return all minimal sets of nodes whose loss stops the service port at ``detected``.

    It stops when not one connection by this access path is answered any more: the entry points are all gone, or the
    endpoints that they may use. Policy Cluster: all entry points or all homes of endpoints. Policy Local: all nodes
    that are both. Where the control plane can be lost as well nothing is detected (Kubernetes, "Nodes"): hints and
    terminating endpoints then count as they stood before, so smaller sets may do that contain all of it.
    """
    if reach.answer(NOTHING, Moment.DETECTED).by(via) == 0:
        return Outages((NOTHING,))
    # Formulas hold for what ordinary services do; the few others are tried set by set.
    detected = _detected(reach, via)
    if detected is None:
        return _tried(reach, via)
    sets, exact = _unions(detected)
    # Losing all of the control plane as well freezes the EndpointSlices, so a smaller set of others may do.
    blind = reach.nodes.control_plane
    if blind and not reach.local and not _same_undetected(reach):
        more, also = _unions(list(_undetected(reach, via)))
        sets, exact = [*sets, *(names | blind for names in more)], exact and also
    found = minimal(sets)
    return Outages(found, None if exact else len(found[0]) - 1)


def minimal(sets: Iterable[Names]) -> tuple[Names, ...]:
    """Return those of the sets that contain no other, the smallest first."""
    found: list[Names] = []
    for names in sorted(set(sets), key=_order):
        if not any(known <= names for known in found):
            found.append(names)
    return tuple(found)


def _order(names: Names) -> tuple[int, list[str]]:
    return len(names), sorted(map(natural, names)) if len(names) < 20 else []


def _unions(parts: Sequence[_Part]) -> tuple[list[Names], bool]:
    """Return the sets that stop every part, and whether these are all the minimal ones."""
    certain: Names = frozenset().union(*(part.sets[0] for part in parts if len(part.sets) == 1))
    open_parts = [part for part in parts if len(part.sets) > 1]
    # The smallest way for each part is still an outage set, though perhaps not one of the smallest.
    if len(open_parts) > MAX_CHOICES:
        return [certain.union(*(min(part.sets, key=len) for part in open_parts))], False
    return [certain.union(*sets) for sets in product(*(part.sets for part in open_parts))], True


def _detected(reach: Reach, via: str) -> list[_Part] | None:
    """Return the parts once the loss is detected; None where no formula holds.

    All that is listed then is alive, so hints don't matter: but for sticky endpoints with hints, and for a pod that
    is listed on two nodes.
    """
    used = reach.nodes.used(via)
    if reach.plain and not reach.local:
        # An endpoint on no known node can't be lost, so then only the entry points can.
        homes = frozenset(reach.homes) if sum(reach.homes.values()) == reach.usable else None
        return [_Part(used, homes)]
    if not reach.plain and _irregular(reach):
        return None
    found = []
    for of, among in _categorized(reach):
        mine = frozenset(name for name in used if reach.nodes.points.at(name)[0] == of)
        if reach.local:
            found += [_Part(frozenset({name}), frozenset({name})) for name in _answering(among, mine, via)]
        elif mine and among.usable:
            found.append(_Part(mine, _homes(reach, _ever_used(reach, among))))
    return found


def _irregular(reach: Reach) -> bool:
    endpoints, service = reach.port.endpoints, reach.service
    keys = [e.key for e in endpoints]
    if len(set(keys)) < len(keys):
        return True
    if reach.local:
        return any(e.elsewhere for e in endpoints)
    # A sticky dead endpoint with hints keeps the nodes of its zone to itself, which no formula counts.
    steered = any(e.zone_hints or e.node_hints for e in endpoints) or service.topology_mode is not None
    return steered and any(is_sticky(reach.nodes, service, e) for e in endpoints)


def _answering(among: CategorizedEndpoints, mine: Names, via: str) -> Iterator[str]:
    """Yield the nodes that answer under policy Local; a load balancer asks for ready endpoints."""
    # A load balancer stops at nodes whose only pods terminate; who knows the address still gets answers there.
    sets = [among.local_ready] if via == "lb" else [among.local_ready, among.local_terminating]
    return (name for name in dict.fromkeys(name for found in sets for name in found) if name in mine)


def _ever_used(reach: Reach, among: CategorizedEndpoints) -> tuple[Endpoint, ...]:
    """Return the endpoints that get traffic at some time as others vanish: terminating ones follow the ready ones."""
    usable = among.usable
    # While one endpoint stays listed as ready, terminating ones are never used.
    if not usable[0].ready or any(is_sticky(reach.nodes, reach.service, e) for e in usable):
        return usable
    return (*usable, *(e for found in among.local_terminating.values() for e in found), *_homeless(reach))


def _homeless(reach: Reach) -> Iterator[Endpoint]:
    return (e for e in reach.port.endpoints if e.node is None and not e.ready and e.serving and e.terminating)


def _homes(reach: Reach, endpoints: Iterable[Endpoint]) -> Names | None:
    homes = [home_of(reach.nodes, e) for e in endpoints]
    return None if None in homes else frozenset(home for home in homes if home is not None)


def _same_undetected(reach: Reach) -> bool:
    """Return whether detection changes nothing about which losses stop it."""
    endpoints = reach.port.endpoints
    waiting = any(not e.ready and e.serving and e.terminating for e in endpoints) and any(e.ready for e in endpoints)
    return not reach.hinted and not waiting


def _undetected(reach: Reach, via: str) -> Iterator[_Part]:
    """Yield the parts while nothing is detected: each node goes on using what it used before."""
    for of, among in _categorized(reach):
        hinted = frozenset(among.by_node_hint)
        for zone, names in reach.nodes.used_by_zone(via, of).items():
            named = names & hinted
            for name in named:
                yield _Part(frozenset({name}), _homes(reach, among.by_node_hint[name]))
            if (others := names - named) and (chosen := among.cluster("", zone)):
                yield _Part(others, _homes(reach, chosen))


def _categorized(reach: Reach) -> Iterator[tuple[str, CategorizedEndpoints]]:
    """Yield kube-proxy's choice for each IP family, before any failure."""
    for of in reach.nodes.points.families:
        mine = tuple(e for e in reach.port.endpoints if not e.address or family(e.address) == of)
        yield of, categorize_endpoints(mine)


def _tried(reach: Reach, via: str) -> Outages:
    """Return the minimal outage sets of a few nodes, found by trying."""
    candidates = sorted(_concerned(reach, via))
    found: list[Names] = []
    tried = 0
    for size in range(1, SEARCHED_SIZE + 1):
        for names in map(frozenset, combinations(candidates, size)):
            tried += 1
            if tried > MAX_TRIED:
                return Outages(tuple(sorted(found, key=_order)), size - 1)
            if not any(known <= names for known in found) and reach.answer(names, Moment.DETECTED).by(via) == 0:
                found.append(names)
    return Outages(tuple(sorted(found, key=_order)), SEARCHED_SIZE)


def _concerned(reach: Reach, via: str) -> Iterator[str]:
    """Return the nodes that a minimal set of the searched size can hold: entry points only where few are equal."""
    nodes, endpoints = reach.nodes, reach.port.endpoints
    # Where a slice names another node than the one at which the address is, losing either may stop the port.
    names = {name for e in endpoints for name in (home_of(nodes, e), e.node, *e.node_hints)}
    for of in nodes.points.families:
        for equal in nodes.used_by_zone(via, of).values():
            names |= equal if len(equal) <= SEARCHED_SIZE else NOTHING
    return (name for name in names | nodes.control_plane if name is not None and name in nodes.cluster.nodes)
