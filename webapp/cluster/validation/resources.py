"""Resource requests and limits of containers: names, quantities, and requests against limits.

Rules: ``ValidateContainerResourceRequirements`` in ``pkg/apis/core/validation/validation.go``.
"""

from collections.abc import Iterator, Mapping
from fractions import Fraction

from webapp.cluster.model import Refusal
from webapp.cluster.scheduling.quantity import parse_quantity
from webapp.cluster.validation.errors import invalid, invalid_each, required
from webapp.cluster.validation.names import qualified_name_faults
from webapp.manifests.objects import Resources

CONTAINER_RESOURCES = frozenset({"cpu", "memory", "ephemeral-storage"})
STANDARD_RESOURCES = CONTAINER_RESOURCES | {
    *(f"{prefix}.{name}" for prefix in ("requests", "limits") for name in CONTAINER_RESOURCES),
    *("pods", "services", "replicationcontrollers", "resourcequotas", "secrets", "configmaps"),
    *("persistentvolumeclaims", "storage", "requests.storage", "services.nodeports", "services.loadbalancers"),
}


def quantity(text: str) -> Fraction | None:
    """Return the value of a resource.Quantity; None where the text is none."""
    try:
        return parse_quantity(text)
    except ValueError:
        return None


def resource_faults(resources: Resources, path: str) -> Iterator[Refusal]:
    """Yield what is wrong with a container's ``resources``."""
    for name, text in resources.limits.items():
        yield from _amount_faults(name, text, f"{path}.limits[{name}]")
    for name, text in resources.requests.items():
        yield from _amount_faults(name, text, f"{path}.requests[{name}]")
        yield from _limit_faults(name, text, resources.limits, path)


def overhead_faults(overhead: Mapping[str, str], path: str) -> Iterator[Refusal]:
    """Yield what is wrong with a pod's ``overhead``, which the API server checks as if it were limits."""
    yield from resource_faults(Resources(limits=overhead), path)


def is_extended(name: str) -> bool:
    """Return whether the resource is someone's own (a GPU, say): whole numbers only, and no overcommitment."""
    return "/" in name and "kubernetes.io/" not in name and not name.startswith("requests.")


def _amount_faults(name: str, text: str, path: str) -> Iterator[Refusal]:
    yield from _resource_name_faults(name, path)
    amount = quantity(text)
    if amount is None:  # the decoder's business
        return
    if amount < 0:
        yield invalid(path, text, "must be greater than or equal to 0")
    elif is_extended(name) and amount.denominator != 1:
        yield invalid(path, text, "must be an integer")


def _resource_name_faults(name: str, path: str) -> Iterator[Refusal]:
    faults = qualified_name_faults(name)
    yield from invalid_each(path, name, faults)
    if "/" in name:
        if "kubernetes.io/" not in name and not is_extended(name):
            yield invalid(path, name, "doesn't follow extended resource name standard")
        return
    huge = name.startswith("hugepages-")
    if not faults and name not in STANDARD_RESOURCES and not huge and not name.startswith("requests.hugepages-"):
        yield invalid(path, name, "must be a standard resource type or fully qualified")
    if name not in CONTAINER_RESOURCES and not huge:
        yield invalid(path, name, "must be a standard resource for containers")


def _limit_faults(name: str, text: str, limits: Mapping[str, str], path: str) -> Iterator[Refusal]:
    fixed = is_extended(name) or name.startswith("hugepages-")
    if name not in limits:
        if fixed:
            yield required(f"{path}.limits", "Limit must be set for non overcommitable resources")
        return
    asked, limit = quantity(text), quantity(limits[name])
    if asked is None or limit is None:
        return
    if fixed and asked != limit:
        yield invalid(f"{path}.requests", text, f"must be equal to {name} limit of {limits[name]}")
    elif not fixed and asked > limit:
        yield invalid(f"{path}.requests", text, f"must be less than or equal to {name} limit of {limits[name]}")
