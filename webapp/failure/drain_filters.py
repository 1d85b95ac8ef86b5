"""What ``kubectl drain`` does with each pod of a node, by its flags and in its words (kubectl pkg/drain/filters.go)."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from webapp.cluster.model import FINISHED, Pod

_DAEMONSET = "DaemonSet-managed Pods (use --ignore-daemonsets to ignore)"
_DAEMONSET_IGNORED = "ignoring DaemonSet-managed Pods"
_LOCAL_STORAGE = "Pods with local storage (use --delete-emptydir-data to override)"
_LOCAL_STORAGE_DELETED = "deleting Pods with local storage"
_UNMANAGED = "Pods that declare no controller (use --force to override)"
_UNMANAGED_DELETED = "deleting Pods that declare no controller"


@dataclass(frozen=True, slots=True, kw_only=True)
class DrainOptions:
    """The flags of ``kubectl drain`` that decide about pods."""

    ignore_daemonsets: bool = True
    delete_emptydir_data: bool = False
    force: bool = False
    disable_eviction: bool = False
    """Delete pods outright, so that no budget is asked."""


class Treatment(StrEnum):
    """What drain does with a pod."""

    EVICT = "evict"
    KEEP = "keep"
    ERROR = "error"
    """One such pod, and nothing is evicted from the node; it stays cordoned."""


@dataclass(frozen=True, slots=True)
class Filtered:
    """What drain does with a pod, with the error or the warnings that it prints."""

    treatment: Treatment
    messages: tuple[str, ...] = ()


def filtered(pod: Pod, options: DrainOptions, *, daemonset_exists: bool = True) -> Filtered:
    """Return what drain does with the pod.

    The filters run in kubectl's order, and the first that keeps the pod back has the last word: DaemonSets, mirror
    pods, local storage, no controller. Finished pods may always go.
    """
    finished = pod.phase in FINISHED
    if pod.owner is not None and pod.owner.kind == "DaemonSet" and not finished:
        return _daemonset(pod.owner.name, options, exists=daemonset_exists)
    if pod.static:
        return Filtered(Treatment.KEEP)
    warnings: list[str] = []
    if not finished and any(volume.empty_dir is not None for volume in pod.spec.volumes):
        if not options.delete_emptydir_data:
            return Filtered(Treatment.ERROR, (_LOCAL_STORAGE,))
        warnings.append(_LOCAL_STORAGE_DELETED)
    if not finished and not pod.controlled:
        if not options.force:
            return Filtered(Treatment.ERROR, (_UNMANAGED,))
        warnings.append(_UNMANAGED_DELETED)
    return Filtered(Treatment.EVICT, tuple(warnings))


def errors(pods: Iterable[tuple[Pod, Filtered]]) -> tuple[str, ...]:
    """Return the errors that drain prints, one for each reason with all its pods."""
    return tuple(f"cannot delete {reason}: {names}" for reason, names in _listed(pods, Treatment.ERROR))


def warnings(pods: Iterable[tuple[Pod, Filtered]]) -> tuple[str, ...]:
    """Return the warnings that drain prints before it goes on."""
    told = [*_listed(pods, Treatment.KEEP), *_listed(pods, Treatment.EVICT)]
    return tuple(f"{reason}: {names}" for reason, names in told)


def _daemonset(name: str, options: DrainOptions, *, exists: bool) -> Filtered:
    if not exists:
        missing = f'daemonsets.apps "{name}" not found'
        return Filtered(Treatment.EVICT if options.force else Treatment.ERROR, (missing,))
    if not options.ignore_daemonsets:
        return Filtered(Treatment.ERROR, (_DAEMONSET,))
    return Filtered(Treatment.KEEP, (_DAEMONSET_IGNORED,))


def _listed(pods: Iterable[tuple[Pod, Filtered]], treatment: Treatment) -> list[tuple[str, str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for pod, verdict in pods:
        if verdict.treatment is treatment:
            for message in verdict.messages:
                found[message].append(pod.key)
    return [(message, ", ".join(keys)) for message, keys in found.items()]
