"""How many pods, as a number or a percentage of all: of a PodDisruptionBudget, of a rolling update.

Rules: ``ValidatePositiveIntOrPercent`` and ``IsNotMoreThan100Percent`` in ``pkg/apis/apps/validation/validation.go``.
"""

import re
from collections.abc import Iterator

from webapp.cluster.model import Refusal
from webapp.cluster.validation.errors import invalid
from webapp.manifests.objects import IntOrString

_PERCENT = re.compile("[0-9]+%")
_NOT_A_PERCENT = (
    "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', "
    "regex used for validation is '[0-9]+%')"
)


def amount_faults(value: IntOrString, path: str) -> Iterator[Refusal]:
    """Yield what keeps the value from being a number of pods or a percentage."""
    if isinstance(value, int):
        if value < 0:
            yield invalid(path, value, "must be greater than or equal to 0")
    elif not _PERCENT.fullmatch(value):
        yield invalid(path, value, _NOT_A_PERCENT)


def more_than_all_faults(value: IntOrString, path: str) -> Iterator[Refusal]:
    """Yield the error of a percentage above 100 %."""
    if isinstance(value, str) and _PERCENT.fullmatch(value) and int(_shortened(value) or "0") > 100:
        yield invalid(path, value, "must not be greater than 100%")


def is_none(value: IntOrString) -> bool:
    """Return whether the value is 0 or 0 %."""
    return value == 0 or (isinstance(value, str) and bool(_PERCENT.fullmatch(value)) and not _shortened(value))


def _shortened(percentage: str) -> str:
    """Return the digits without leading zeros, four at most: some write thousands of them."""
    return percentage[:-1].lstrip("0")[:4]
