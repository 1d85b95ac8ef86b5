"""The sweep: one service port against every single node and every zone."""

from collections.abc import Iterator
from dataclasses import dataclass

from webapp.failure.scenario import Moment
from webapp.resilience.entrances import Names
from webapp.resilience.losses import What, carriers, domains
from webapp.resilience.reach import Reach
from webapp.resilience.weighing import Answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """What losing one node or zone does to a service port."""

    what: What
    name: str
    nodes: Names
    failed: Answer
    """What is answered in the first minute."""
    detected: Answer
    """What is answered once Kubernetes has noticed."""
    load: float | None
    """By how much the load on each remaining pod grows; None if none remains."""
    alike: int = 1
    """How many nodes fare like this one; it stands for those that have nothing of the service."""


def sweep(reach: Reach) -> Iterator[Loss]:
    """Yield every single loss: the nodes that carry something of the service, one for each kind of the others, zones.

    5,000 nodes differ for a service only by what it has on them, so the cost goes with its endpoints.
    """
    carrying, crowds = carriers(reach), reach.entrances.crowds
    for domain in domains(reach, "node"):
        members = crowds[reach.entrances.crowd_of[domain.name]].members
        alike = 1 if domain.name in carrying else sum(name not in carrying for name in members)
        yield _loss(reach, "node", domain.name, domain.nodes, alike)
    for domain in domains(reach, "zone"):
        yield _loss(reach, "zone", domain.name, domain.nodes, 1)


def _loss(reach: Reach, what: What, name: str, nodes: Names, alike: int) -> Loss:
    return Loss(
        what=what,
        name=name,
        nodes=nodes,
        failed=reach.answer(nodes, Moment.FAILED),
        detected=reach.answer(nodes, Moment.DETECTED),
        load=reach.load(nodes),
        alike=alike,
    )
