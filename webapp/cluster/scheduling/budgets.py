"""PodDisruptionBudgets: which pods each covers, and its status as the disruption controller computes it."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence

from webapp.cluster.model import REPLICATED, Pod, WorkloadRef
from webapp.cluster.scheduling.selectors import NOTHING, Selector, selector_of
from webapp.manifests.objects import IntOrString, LabelSelector, LabelSelectorRequirement, PodDisruptionBudgetObject
from webapp.records import dataclass

_UNSCALED = {"DaemonSet": "daemonsets.apps", "Job": "jobs.batch", "CronJob": "jobs.batch"}
WantedReplicas = Mapping[WorkloadRef, int]


class SyncError(ValueError):
    """The disruption controller can't compute a budget; the message is its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetStatus:
    """``status`` of a PodDisruptionBudget."""

    expected_pods: int = 0
    current_healthy: int = 0
    desired_healthy: int = 0
    disruptions_allowed: int = 0
    sync_error: str = ""
    """Why the controller could not compute it; then all numbers are 0."""
    unmanaged_pods: tuple[str, ...] = ()
    """Pods without a controller, which don't count where replicas do."""

    @property
    def condition(self) -> str:
        """The DisruptionAllowed condition's reason: SufficientPods, InsufficientPods or SyncFailed."""
        if self.sync_error:
            return "SyncFailed"
        return "SufficientPods" if self.disruptions_allowed > 0 else "InsufficientPods"


def coverage(budget: PodDisruptionBudgetObject) -> Callable[[Pod], bool]:
    """Return the test whether the budget covers a pod: same namespace and the selector matches its labels."""
    namespace, selector = budget.metadata.effective_namespace, selector_of_budget(budget)
    return lambda pod: pod.namespace == namespace and selector.matches(pod.labels)


def selector_of_budget(budget: PodDisruptionBudgetObject) -> Selector:
    """Return what selects a budget's pods.

    No selector covers nothing, an empty one everything in the namespace, in policy/v1beta1 nothing (policy/v1
    PodDisruptionBudgetSpec). One that the API server would refuse covers nothing either.
    """
    given = budget.spec.selector
    if given is not None and budget.api_version.endswith("v1beta1") and given == LabelSelector():
        return NOTHING
    return selector_of(given)


def budget_status(budget: PodDisruptionBudgetObject, pods: Sequence[Pod], replicas: WantedReplicas) -> BudgetStatus:
    """Return the status of a budget that covers `pods`, as the disruption controller writes it."""
    # Healthy is what is Ready and not being deleted. Nothing may be disrupted while no pod is expected, or no more are
    # healthy than desired; when the controller can't tell how many are expected, it allows nothing
    # (pkg/controller/disruption/disruption.go, trySync, updatePdbStatus and failSafe).
    try:
        _check_selector(budget.spec.selector)
        expected, desired, unmanaged = _expected(budget, pods, replicas)
    except SyncError as error:
        return BudgetStatus(sync_error=str(error))
    healthy = sum(pod.ready and not pod.terminating for pod in pods)
    return BudgetStatus(
        expected_pods=expected,
        current_healthy=healthy,
        desired_healthy=desired,
        disruptions_allowed=max(healthy - desired, 0) if expected > 0 else 0,
        unmanaged_pods=unmanaged,
    )


def selector_error(selector: LabelSelector) -> str:
    """Return what is wrong with a label selector, in the API machinery's words; empty if nothing is."""
    return next(filter(None, map(_requirement_error, selector.match_expressions)), "")


def _check_selector(selector: LabelSelector | None) -> None:
    if selector is not None and (error := selector_error(selector)):
        raise SyncError(error)


def _expected(
    budget: PodDisruptionBudgetObject, pods: Sequence[Pod], replicas: WantedReplicas
) -> tuple[int, int, tuple[str, ...]]:
    """Return expected and desired pods, and those without a controller."""
    spec = budget.spec
    if spec.max_unavailable is not None:
        expected, unmanaged = _scale(pods, replicas)
        return expected, max(expected - _scaled(spec.max_unavailable, expected), 0), unmanaged
    if isinstance(spec.min_available, int):
        return len(pods), spec.min_available, ()
    if spec.min_available is not None:
        expected, unmanaged = _scale(pods, replicas)
        return expected, _scaled(spec.min_available, expected), unmanaged
    return 0, 0, ()


def _scale(pods: Iterable[Pod], replicas: WantedReplicas) -> tuple[int, tuple[str, ...]]:
    """Return the sum of the replicas of the pods' controllers, each counted once, and the pods without one."""
    scales: dict[WorkloadRef, int] = {}
    unmanaged: list[str] = []
    for pod in pods:
        if not pod.controlled:
            unmanaged.append(pod.name)
            continue
        owner = _scaled_controller(pod, replicas)
        scales[owner] = replicas[owner]
    return sum(scales.values()), tuple(unmanaged)


def _scaled_controller(pod: Pod, replicas: WantedReplicas) -> WorkloadRef:
    owner = pod.owner
    if owner is not None and owner.kind in _UNSCALED:
        raise SyncError(f"{_UNSCALED[owner.kind]} does not implement the scale subresource")
    if owner is not None and owner.kind in REPLICATED and owner in replicas:
        return owner
    raise SyncError(f'found no controllers for pod "{pod.name}"')


def _scaled(value: IntOrString, total: int) -> int:
    """Return a number, or a percentage of the total, rounded up (apimachinery util/intstr)."""
    if isinstance(value, int):
        return value
    if not value.endswith("%"):
        raise SyncError("invalid value for IntOrString: invalid type: string is not a percentage")
    digits = value.removesuffix("%")
    if not re.fullmatch(r"[+-]?[0-9]{1,18}", digits):
        problem = f'invalid value "{value}": strconv.Atoi: parsing "{digits}": invalid syntax'
        raise SyncError(f"invalid value for IntOrString: {problem}")
    return -(-int(digits) * total // 100)


def _requirement_error(requirement: LabelSelectorRequirement) -> str:
    match requirement.operator:
        case "In" | "NotIn":
            nothing = "values: Invalid value: null: for 'in', 'notin' operators, values set can't be empty"
            return "" if requirement.values else nothing
        case "Exists" | "DoesNotExist":
            return "values set must be empty for exists and does not exist" if requirement.values else ""
        case operator:
            return f'"{operator}" is not a valid label selector operator'
