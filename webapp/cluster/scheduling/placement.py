"""What the scheduler says of pods: where they go, or why they go nowhere."""

from collections.abc import Iterator
from dataclasses import field

from webapp.cluster.model import Pod
from webapp.records import dataclass


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a pod goes, or why it goes nowhere."""

    node: str | None
    message: str = ""
    """In the words of ``kubectl describe pod``, without the half about preemption; empty where there is a node."""
    rejected: str = ""
    """Why the node's kubelet fails the pod, which went past the scheduler; empty where it runs."""
    victims: tuple[Pod, ...] = ()
    """The pods of lower priority that it preempts: they no longer count."""


@dataclass(slots=True)
class PlacedTemplate:
    """Where the pods of one template go, in their order."""

    places: list[str | None] = field(default_factory=list)
    message: str = ""
    """Why those without a node have none."""
    victims: dict[int, tuple[Pod, ...]] = field(default_factory=dict)
    """By pod those that it preempts."""

    def __iter__(self) -> Iterator[Placement]:
        for at, node in enumerate(self.places):
            yield Placement(node, "" if node else self.message, victims=self.victims.get(at, ()))
