"""Pod priority: who comes first in the scheduler's queue, and who may preempt whom."""

from collections.abc import Iterable
from typing import NamedTuple

from webapp.manifests.objects import PodSpec, PriorityClassObject

_NEVER = "Never"


class Priority(NamedTuple):
    """What the Priority admission plugin makes of a pod."""

    value: int = 0
    preempts: bool = True


# The PriorityClasses that every cluster has.
SYSTEM_PRIORITIES = {"system-node-critical": 2_000_001_000, "system-cluster-critical": 2_000_000_000}
_SYSTEM = {name: Priority(value) for name, value in SYSTEM_PRIORITIES.items()}
_NONE = Priority()


class Priorities:
    """The PriorityClasses of a cluster."""

    def __init__(self, classes: Iterable[PriorityClassObject] = ()) -> None:
        given = tuple(classes)
        self._classes = _SYSTEM | {one.metadata.name: _priority(one) for one in given}
        # Of several global defaults the one with the lowest value counts.
        self._default = min((_priority(one) for one in given if one.global_default), default=_NONE)

    def of(self, spec: PodSpec) -> Priority:
        """Return the pod's priority: `spec.priority`, else its class's, else the global default's, else 0."""
        # plugin/pkg/admission/priority/admission.go; Kubernetes, "Pod Priority and Preemption". In a dump admission has
        # set `spec.priority`. A class that was not uploaded is taken to have the value 0.
        name = spec.priority_class_name
        found = self._classes.get(name, _NONE) if name else self._default
        value = found.value if spec.priority is None else spec.priority
        policy = spec.preemption_policy
        return Priority(value, policy != _NEVER if policy else found.preempts)


def _priority(given: PriorityClassObject) -> Priority:
    return Priority(given.value or 0, given.preemption_policy != _NEVER)
