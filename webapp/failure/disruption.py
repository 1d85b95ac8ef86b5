"""What the Eviction API answers where PodDisruptionBudgets cover a pod.

Budgets bind evictions only: no crash, no taint and no deletion asks them (Kubernetes, API-initiated Eviction).
"""

from collections.abc import Sequence
from dataclasses import replace

from webapp.cluster.model import Pod
from webapp.cluster.scheduling.budgets import BudgetStatus
from webapp.manifests.objects import PodDisruptionBudgetObject
from webapp.records import dataclass

_BYPASS = ("Pending", "Succeeded", "Failed")
_VIOLATION = "Cannot evict pod as it would violate the pod's disruption budget."
_TWO_BUDGETS = "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support."


@dataclass(frozen=True, slots=True, kw_only=True)
class EvictionResponse:
    """The Eviction API's answer for one pod."""

    code: int = 201
    """201 granted, 429 not now (kubectl tries again every five seconds), 500 never."""
    message: str = ""
    cause: str = ""
    budget: str | None = None
    """The budget that decides, by name; None where none is asked."""
    spent: bool = False
    """Whether it takes one of the budget's disruptions."""
    sync_error: str = ""
    """Why the budget could not be computed, where that is the reason."""

    @property
    def allowed(self) -> bool:
        """Whether the pod is deleted."""
        return self.code == 201


_GRANTED = EvictionResponse()


def eviction_response(pod: Pod, budgets: Sequence[tuple[PodDisruptionBudgetObject, BudgetStatus]]) -> EvictionResponse:
    """Return the Eviction API's answer for a pod and the budgets that cover it.

    Pods that are pending, finished or on their way out are deleted without asking. Two budgets are one too many.
    A pod that is not ready goes without being counted, if the policy is AlwaysAllow or else the budget is met
    (pkg/registry/core/pod/storage/eviction.go).
    """
    # They serve nobody, so the handler asks no budget (canIgnorePDB in eviction.go).
    if pod.phase in _BYPASS or pod.terminating or not budgets:
        return _GRANTED
    # The handler counts one budget down with the eviction and can't do two at once, so it refuses for good.
    if len(budgets) > 1:
        return EvictionResponse(code=500, message=_TWO_BUDGETS)
    budget, status = budgets[0]
    name = budget.metadata.name
    if not pod.ready and _unready_may_go(budget, status):
        return EvictionResponse(budget=name)
    if status.disruptions_allowed > 0:
        return EvictionResponse(budget=name, spent=True)
    cause, why = _cause(name, status), status.sync_error
    return EvictionResponse(code=429, message=_VIOLATION, cause=cause, budget=name, sync_error=why)


def after_eviction(status: BudgetStatus, verdict: EvictionResponse) -> BudgetStatus:
    """Return the status right after an eviction, before the controller counts again: one disruption is spent."""
    if not verdict.spent:
        return status
    return replace(status, disruptions_allowed=status.disruptions_allowed - 1)


def _unready_may_go(budget: PodDisruptionBudgetObject, status: BudgetStatus) -> bool:
    if budget.spec.unhealthy_pod_eviction_policy == "AlwaysAllow":
        return True
    # IfHealthyBudget, the default: an unready pod may still be one on its way up, needed where the budget is not met.
    return status.current_healthy >= status.desired_healthy > 0


def _cause(name: str, status: BudgetStatus) -> str:
    if status.sync_error:
        # The controller never gets to write observedGeneration, so the handler takes it for not processed yet.
        return f"The disruption budget {name} is still being processed by the server."
    # The wording of the API server, which people search for.
    if status.current_healthy <= status.desired_healthy:
        return (
            f"The disruption budget {name} needs {status.desired_healthy} healthy pods "
            f"and has {status.current_healthy} currently"
        )
    return f"The disruption budget {name} does not allow evicting pods currently"
