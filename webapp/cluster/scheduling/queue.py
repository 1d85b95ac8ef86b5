"""The scheduling queue: whose turn comes when, of pods that all wait at the same time."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from webapp.cluster.order import natural, natural_again
from webapp.cluster.scheduling.template import Template


class QueuedPods(NamedTuple):
    """Pods whose turn comes together."""

    key: tuple[object, ...]
    template: Template | None
    """None for pods that a DaemonSet has tied to their nodes."""
    indices: Sequence[int]
    """Which of the single pods they are."""
    replicas: int | None = None
    """Or else, which replicas."""


def workloads_of(turns: Iterable[QueuedPods]) -> Iterator[tuple[Template, int]]:
    """Yield the templates of the first turns, each with its replicas, up to a turn that is of single pods."""
    for turn in turns:
        if turn.template is None or turn.replicas is None:
            return
        yield turn.template, turn.replicas


def queue_key(template: Template, priority: int, *, hosts_unique: bool) -> tuple[object, ...]:
    """Return the sort key of a template's pods, but for the name of the first one, which comes last."""
    # PrioritySort: higher priority first, and then the older pod. How old a pod would be no manifest says; that larger
    # requests come first, and then names, makes the order of the documents change nothing.
    pod, pod_resources = template.pod, template.pod_resources
    return (
        -priority,
        True,
        pod_resources.largest_first,
        # Pods that ask for the same follow one another: the nodes are put in order for them once.
        pod_resources.key,
        sorted(template.keys(frozenset(), hosts_unique=hosts_unique)),
        natural_again(pod.namespace),
        (pod.owner.kind, natural(pod.owner.name)) if pod.owner else ("", ""),
    )


def daemons_key(priority: int) -> tuple[object, ...]:
    """Return the sort key of pods that DaemonSets have tied to their nodes: first among their priority."""
    return -priority, False


def by_length(name: str) -> tuple[int, str]:
    """Return a sort key that puts web-2 before web-10, cheaper than the natural one."""
    return len(name), name
