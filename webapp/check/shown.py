"""What to draw of a comparison: the service that a change concerns most, in the failure that shows it best."""

from collections.abc import Mapping

from webapp.check.compare import Comparison
from webapp.cluster.model import Cluster
from webapp.failure import Moment, Scenario
from webapp.failure.kinds import FailureKind
from webapp.failure.scenario import Target
from webapp.records import dataclass
from webapp.resilience import Reach, reaches

_Ports = Mapping[tuple[int, str], Reach]
"""By number and protocol, as clients know a port."""


@dataclass(frozen=True, slots=True)
class ShownDifference:
    """What both pictures show."""

    scenario: Scenario
    port: int | None
    """None where only one side has the service, or they have no port in common."""

    @property
    def where(self) -> str:
        """``default/web:80``."""
        return f"{self.scenario.service}:{self.port}" if self.port else str(self.scenario.service)

    @property
    def said(self) -> str:
        """``default/web:80 by DNS, worker-2 down``."""
        way = "by DNS" if self.scenario.via == "dns" else "by a load balancer"
        return ", ".join([f"{self.where} {way}", *(f"{target.name} down" for target in self.scenario.down)])


def shown_difference(comparison: Comparison, old: Cluster, new: Cluster) -> ShownDifference | None:
    """Return what to draw of both clusters; None where no service differs.

    What gets worse goes first, then what is changed first. Down is that node of both clusters whose loss, once it is
    detected, tells them apart most, for clients behind a load balancer or those who go by DNS; nothing, where that
    tells them apart as well.
    """
    changes = comparison.worse or comparison.changes
    if not changes:
        return None
    key = changes[0].service
    before, after = _ports(old, key), _ports(new, key)
    losses = [frozenset[str](), *(frozenset([name]) for name in old.nodes if name in new.nodes)]
    asked = [(port, down, via) for down in losses for via in ("lb", "dns") for port in before if port in after]
    # The first of equals: nothing down, then the cluster's order.
    port, down, via = max(
        asked,
        key=lambda each: abs(_answered(before[each[0]], *each[1:]) - _answered(after[each[0]], *each[1:])),
        default=(None, losses[0], "lb"),
    )
    targets = frozenset(Target(kind=FailureKind.NODE, name=name) for name in down)
    scenario = Scenario(down=targets, at=Moment.DETECTED, via=via, service=key)
    return ShownDifference(scenario, port[0] if port else None)


def _ports(cluster: Cluster, key: str) -> _Ports:
    found = (reach for reach in reaches(cluster) if reach.service.key == key)
    return {(of.service.ports[of.index].port, of.service.ports[of.index].protocol): of for of in found}


def _answered(reach: Reach, down: frozenset[str], via: str) -> float:
    return reach.answer(down, Moment.DETECTED).by(via)
