"""Resource requests and limits of containers: names, quantities, and requests against limits.

Rules: ``ValidateContainerResourceRequirements`` in ``pkg/apis/core/validation/validation.go``.
"""

from collections.abc import Iterator, Mapping
from fractions import Fraction

from webapp.cluster.model import Refusal
from webapp.cluster.scheduling.quantity import parse_quantity
from webapp.cluster.validation.errors import forbidden, invalid, required
from webapp.cluster.validation.memo import remembered
from webapp.cluster.validation.names import qualified_name_faults
from webapp.manifests.objects import Resources

# Whose resources they are.
CONTAINER, POD = "container", "pod"
CONTAINER_RESOURCES = frozenset({"cpu", "memory", "ephemeral-storage"})
STANDARD_RESOURCES = CONTAINER_RESOURCES | {
    *(f"{prefix}.{name}" for prefix in ("requests", "limits") for name in CONTAINER_RESOURCES),
    *("pods", "services", "replicationcontrollers", "resourcequotas", "secrets", "configmaps"),
    *("persistentvolumeclaims", "storage", "requests.storage", "services.nodeports", "services.loadbalancers"),
}


def resource_faults(resources: Resources, path: str, scope: str = CONTAINER) -> Iterator[Refusal]:
    """Yield what is wrong with a container's ``resources``, or with those of a pod as a whole (KEP-2837)."""
    for name, text in resources.limits.items():
        yield from _amount_faults(name, text, f"{path}.limits[{name}]", scope)
    for name, text in resources.requests.items():
        yield from _amount_faults(name, text, f"{path}.requests[{name}]", scope)
        yield from _limit_faults(name, text, resources.limits, path)
    named = resources.limits.keys() | resources.requests.keys()
    if not named & {"cpu", "memory"} and any(name.startswith("hugepages-") for name in named):
        yield forbidden(path, "HugePages require cpu or memory")


def overhead_faults(overhead: Mapping[str, str], path: str) -> Iterator[Refusal]:
    """Yield what is wrong with a pod's ``overhead``, which the API server checks as if it were limits."""
    yield from resource_faults(Resources(limits=overhead), path)


def is_extended(name: str) -> bool:
    """Return whether the resource is someone's own (a GPU, say): whole numbers only, and no overcommitment.

    >>> is_extended("nvidia.com/gpu"), is_extended("cpu")
    (True, False)
    """
    return "/" in name and "kubernetes.io/" not in name and not name.startswith("requests.")


def _amount_faults(name: str, text: str, path: str, scope: str) -> Iterator[Refusal]:
    for value, fault in _name_and_amount(name, text, scope):
        yield invalid(path, value, fault)


def _limit_faults(name: str, text: str, limits: Mapping[str, str], path: str) -> Iterator[Refusal]:
    if name in limits:
        if fault := _beyond_limit(name, text, limits[name]):
            yield invalid(f"{path}.requests", text, fault)
    elif _is_fixed(name):
        yield required(f"{path}.limits", "Limit must be set for non overcommitable resources")


@remembered
def _name_and_amount(name: str, text: str, scope: str) -> tuple[tuple[str, str], ...]:
    """Return the values in question and what is wrong with them; a snapshot's pods ask for the same few amounts."""
    return (
        *((name, fault) for fault in _name_faults(name, scope)),
        *((text, fault) for fault in _quantity_faults(name, text)),
    )


def _name_faults(name: str, scope: str) -> Iterator[str]:
    faults = qualified_name_faults(name)
    yield from faults
    if "/" in name:
        if "kubernetes.io/" not in name and not is_extended(name):
            yield "doesn't follow extended resource name standard"
        return
    huge = name.startswith("hugepages-")
    if not faults and name not in STANDARD_RESOURCES and not huge and not name.startswith("requests.hugepages-"):
        yield "must be a standard resource type or fully qualified"
    if scope == CONTAINER and name not in CONTAINER_RESOURCES and not huge:
        yield "must be a standard resource for containers"


def _quantity_faults(name: str, text: str) -> Iterator[str]:
    amount = _quantity(text)
    if amount is None:  # the decoder's business
        return
    if amount < 0:
        yield "must be greater than or equal to 0"
    elif is_extended(name) and amount.denominator != 1:
        yield "must be an integer"


@remembered
def _beyond_limit(name: str, text: str, limit: str) -> str:
    """Return how a request and its limit don't fit; empty if they do."""
    asked, most = _quantity(text), _quantity(limit)
    if asked is None or most is None:
        return ""
    if _is_fixed(name):
        return f"must be equal to {name} limit of {limit}" if asked != most else ""
    return f"must be less than or equal to {name} limit of {limit}" if asked > most else ""


def _is_fixed(name: str) -> bool:
    """Return whether requests and limits must be the same."""
    return is_extended(name) or name.startswith("hugepages-")


def _quantity(text: str) -> Fraction | None:
    try:
        return parse_quantity(text)
    except ValueError:
        return None
