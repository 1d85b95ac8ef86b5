"""What a change does: two clusters compared by what clients reach, and by what they survive."""

from collections.abc import Iterator, Mapping
from enum import StrEnum

from webapp.cluster.model import Cluster, Service, ServicePort
from webapp.failure import Moment
from webapp.numbers import apart
from webapp.records import dataclass
from webapp.resilience import What, reaches, survival
from webapp.routing import has_entries

_LOSSES: tuple[What, ...] = ("node", "zone")


class Effect(StrEnum):
    """Whether a difference is good for clients."""

    WORSE = "worse"
    BETTER = "better"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Change:
    """One difference in what clients get."""

    service: str
    port: str
    """The port's name, else its number; empty for the service as a whole."""
    what: str
    """``gained``, ``lost``, or the field or property that differs."""
    before: str | None
    after: str | None
    effect: Effect

    @property
    def where(self) -> str:
        """``default/web:http``."""
        return f"{self.service}:{self.port}" if self.port else self.service


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """All differences, service by service."""

    changes: tuple[Change, ...]

    @property
    def worse(self) -> tuple[Change, ...]:
        """What clients lose."""
        return tuple(change for change in self.changes if change.effect is Effect.WORSE)


def compare(old: Cluster, new: Cluster) -> Comparison:
    """Return what happens to each NodePort service: gained, lost, ports changed, reached and surviving more or less.

    Only services through which clients connect from outside count, before or after. Less reached, less survived, an
    access path that is gone and a number that changed are worse: somebody's clients would notice.
    """
    before, after = _Side(old), _Side(new)
    keys = dict.fromkeys((*before.services, *after.services))
    return Comparison(changes=tuple(change for key in keys for change in _service(key, before, after)))


class _Side:
    """One of the two clusters, with what it results in."""

    def __init__(self, cluster: Cluster) -> None:
        self.services: dict[str, Service] = {
            key: service
            for key, service in cluster.services.items()
            if any(has_entries(service, port) for port in service.ports)
        }
        self.refused = {key: s.refusals[0].detail for key, s in cluster.services.items() if not s.accepted}
        self._now = {
            (reach.service.key, reach.index): reach.answer(frozenset(), Moment.DETECTED) for reach in reaches(cluster)
        }
        self._survivals = {
            what: {(each.service, each.port_index): each for each in survival(cluster, what, "lb")} for what in _LOSSES
        }
        self._zones = {node.zone for node in cluster.nodes.values()} - {None}

    def ports(self, key: str) -> dict[tuple[int, str], tuple[int, ServicePort]]:
        """Return the ports with entries, by number and protocol, with their index."""
        service = self.services[key]
        found = ((i, port) for i, port in enumerate(service.ports) if has_entries(service, port))
        return {(port.port, port.protocol): (i, port) for i, port in found}

    def properties(self, key: str, index: int) -> dict[str, float]:
        """Return shares from 0 to 1: what clients get now, and at worst after losing a node or a zone."""
        now = self._now[key, index]
        found = {"answered by DNS": now.dns, "answered by a load balancer": now.lb}
        for what, survivals in self._survivals.items():
            # The loss of the only zone is that of everything: it says nothing of one set against the other.
            if what == "node" or len(self._zones) > 1:
                found[f"left after losing any one {what}"] = survivals[key, index].answered
        return found


def _service(key: str, before: _Side, after: _Side) -> Iterator[Change]:
    if key not in after.services:
        refusal = after.refused.get(key)
        yield Change(key, "", "lost", "there", f"rejected: {refusal}" if refusal else None, Effect.WORSE)
        return
    if key not in before.services:
        yield Change(key, "", "gained", None, "there", Effect.BETTER)
        return
    yield from _policies(before.services[key], after.services[key])
    old, new = before.ports(key), after.ports(key)
    # By number and protocol, not by index or name: these are what clients of the Service know a port by.
    for each in dict.fromkeys((*old, *new)):
        if each not in new:
            yield Change(key, _name(old[each][1]), "lost", _way(old[each][1]), None, Effect.WORSE)
        elif each not in old:
            yield Change(key, _name(new[each][1]), "gained", None, _way(new[each][1]), Effect.BETTER)
        else:
            (i, was), (j, now) = old[each], new[each]
            yield from _port(key, was, now)
            yield from _shares(key, _name(now), before.properties(key, i), after.properties(key, j))


def _policies(was: Service, now: Service) -> Iterator[Change]:
    fields = {
        "type": (was.type, now.type),
        "externalTrafficPolicy": (was.external_traffic_policy, now.external_traffic_policy),
        "sessionAffinity": (was.session_affinity, now.session_affinity),
    }
    for what, (old, new) in fields.items():
        if old != new:
            yield Change(was.key, "", what, old, new, Effect.OTHER)


def _port(key: str, was: ServicePort, now: ServicePort) -> Iterator[Change]:
    if was.node_port != now.node_port and not (was.node_port_assigned and now.node_port_assigned):
        # Nobody could rely on a number that was auto-assigned: a cluster assigns another one.
        effect = Effect.OTHER if was.node_port_assigned else Effect.WORSE
        old, new = (str(p.node_port) + (" (assigned)" if p.node_port_assigned else "") for p in (was, now))
        yield Change(key, _name(now), "nodePort", old, new, effect)
    if was.target_port != now.target_port:
        yield Change(key, _name(now), "targetPort", str(was.target_port), str(now.target_port), Effect.OTHER)
    if (old_count := len(was.endpoints)) != (count := len(now.endpoints)):
        # Fewer endpoints may be meant; what clients lose by it shows in the shares.
        effect = Effect.BETTER if count > old_count else Effect.WORSE if count == 0 else Effect.OTHER
        yield Change(key, _name(now), "endpoints", str(old_count), str(count), effect)


def _shares(key: str, port: str, old: Mapping[str, float], new: Mapping[str, float]) -> Iterator[Change]:
    for what in (each for each in old if each in new):
        # Shares are sums of floats: less than this is rounding, not traffic.
        if abs(old[what] - new[what]) > 1e-9:
            effect = Effect.BETTER if new[what] > old[what] else Effect.WORSE
            yield Change(key, port, what, *apart(old[what], new[what]), effect)


def _name(port: ServicePort) -> str:
    return port.name or f"{port.port}/{port.protocol}"


def _way(port: ServicePort) -> str:
    return f"nodePort {port.node_port}"
