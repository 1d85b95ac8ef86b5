"""The order of a StatefulSet's pods: which of them wait for one of a lower ordinal.

With podManagementPolicy OrderedReady, the default, the controller makes no pod, neither at first nor again, while one
of a lower ordinal is not running and ready or is being deleted; with Parallel it waits for none (processReplica,
pkg/controller/statefulset/stateful_set_control.go).
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace

from webapp.cluster.model import Pod, WorkloadRef


def is_ordered(pod: Pod, parallel: Collection[WorkloadRef]) -> bool:
    """Return whether the pod belongs to a StatefulSet that makes one after another."""
    return pod.owner is not None and pod.owner.kind == "StatefulSet" and pod.owner not in parallel


def ordinal(pod: Pod) -> int:
    """Return the number at the end of the pod's name, -1 if there is none (getParentNameAndOrdinal)."""
    digits = pod.name.rpartition("-")[2]
    return int(digits) if digits.isdecimal() and digits.isascii() and len(digits) < 10 else -1


def blocks(pod: Pod) -> bool:
    """Return whether pods of higher ordinals wait for this one."""
    return pod.phase != "Running" or not pod.ready or pod.terminating


def held_back(pods: Iterable[Pod], parallel: Collection[WorkloadRef]) -> Iterator[tuple[Pod, Pod]]:
    """Yield the pods of a higher ordinal than one that blocks, each with the lowest that does."""
    # The controller walks a set's pods by ordinal and stops at the first that is not running and ready.
    sets: dict[WorkloadRef | None, list[Pod]] = defaultdict(list)
    for pod in pods:
        if is_ordered(pod, parallel):
            sets[pod.owner].append(pod)
    for its in sets.values():
        blocker: Pod | None = None
        for pod in sorted(its, key=ordinal):
            # Only the first one counts: whatever comes after it is not even looked at.
            if blocker is not None:
                yield pod, blocker
            elif blocks(pod):
                blocker = pod


def not_made(pod: Pod, blocker: Pod) -> Pod:
    """Return the pod as one that does not exist yet."""
    owner = pod.owner.name if pod.owner else ""
    why = f"StatefulSet {owner} creates {pod.name} only once {blocker.name} is running and ready."
    return replace(pod, node=None, phase="Pending", ready=False, rejected="", pending=why)
