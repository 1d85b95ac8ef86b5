"""What ``kubectl drain --ignore-daemonsets`` does with each pod of a node, in its own words.

After kubectl's pkg/drain/filters.go. No other flag is given: who drains with ``--force`` or ``--delete-emptydir-data``
accepts losses that nodefall is there to show.
"""

from collections import defaultdict
from collections.abc import Iterable
from enum import StrEnum

from webapp.cluster.model import FINISHED, Pod
from webapp.records import dataclass

_DAEMONSET_IGNORED = "ignoring DaemonSet-managed Pods"
_LOCAL_STORAGE = "Pods with local storage (use --delete-emptydir-data to override)"
_UNMANAGED = "Pods that declare no controller (use --force to override)"


class Treatment(StrEnum):
    """What drain does with a pod."""

    EVICT = "evict"
    KEEP = "keep"
    ERROR = "error"
    """One such pod, and nothing is evicted from the node; it stays cordoned."""


@dataclass(frozen=True, slots=True)
class Filtered:
    """What drain does with a pod, with the error or the warning that it prints."""

    treatment: Treatment
    message: str = ""


def filtered(pod: Pod, *, daemonset_exists: bool = True) -> Filtered:
    """Return what drain does with the pod.

    The filters run in kubectl's order, and the first that keeps the pod back has the last word: DaemonSets, mirror
    pods, local storage, no controller. Finished pods may always go.
    """
    if pod.phase in FINISHED:
        return Filtered(Treatment.KEEP if pod.static else Treatment.EVICT)
    if pod.owner is not None and pod.owner.kind == "DaemonSet":
        if not daemonset_exists:
            return Filtered(Treatment.ERROR, f'daemonsets.apps "{pod.owner.name}" not found')
        return Filtered(Treatment.KEEP, _DAEMONSET_IGNORED)
    if pod.static:
        return Filtered(Treatment.KEEP)
    if any(volume.empty_dir is not None for volume in pod.spec.volumes):
        return Filtered(Treatment.ERROR, _LOCAL_STORAGE)
    return Filtered(Treatment.EVICT) if pod.controlled else Filtered(Treatment.ERROR, _UNMANAGED)


def errors(pods: Iterable[tuple[Pod, Filtered]]) -> tuple[str, ...]:
    """Return the errors that drain prints, one for each reason with all its pods."""
    return tuple(f"cannot delete {reason}: {names}" for reason, names in _listed(pods, Treatment.ERROR))


def warnings(pods: Iterable[tuple[Pod, Filtered]]) -> tuple[str, ...]:
    """Return the warnings that drain prints before it goes on."""
    return tuple(f"{reason}: {names}" for reason, names in _listed(pods, Treatment.KEEP))


def _listed(pods: Iterable[tuple[Pod, Filtered]], treatment: Treatment) -> list[tuple[str, str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for pod, verdict in pods:
        if verdict.treatment is treatment and verdict.message:
            found[verdict.message].append(pod.key)
    return [(message, ", ".join(keys)) for message, keys in found.items()]
