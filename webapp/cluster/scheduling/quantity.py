"""Kubernetes quantities, ``100m``, ``1.5Gi``, ``2e3``, read exactly."""

import re
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

_FORM = re.compile(r"([+-]?)(\d{1,400}\.?\d{0,400}|\.\d{1,400})(?:[eE]([+-]?\d{1,9})|([KMGTPE]i|[numkMGTPE]?))")
_SUFFIXES = {
    **{
        suffix: Fraction(1000) ** power
        for power, suffix in enumerate(("n", "u", "m", "", "k", "M", "G", "T", "P", "E"), -3)
    },
    **{suffix: Fraction(1024) ** power for power, suffix in enumerate(("Ki", "Mi", "Gi", "Ti", "Pi", "Ei"), 1)},
}
_LARGEST = 2**63 - 1
# More would change nothing (everything is cut off at `_LARGEST`) but cost time: 1e999999999 is a valid quantity.
_EXPONENT = 420


def parse_quantity(text: str) -> Fraction:
    """Return the exact value of a quantity.

    >>> parse_quantity("1500m"), parse_quantity("2Ki")
    (Fraction(3, 2), Fraction(2048, 1))

    Raises:
        ValueError: the text is no quantity, so the API server could not even decode the object.

    """
    # resource.ParseQuantity (apimachinery, pkg/api/resource/quantity.go): a decimal number with a binary (Ki..Ei) or
    # decimal suffix (n..E) or an exponent, but not both; values beyond 2^63-1 are cut off there.
    if (found := _FORM.fullmatch(text)) is None:
        raise ValueError(f"{text[:40]!r} is not a quantity")
    sign, number, exponent, suffix = found.groups()
    scale = _power_of_ten(int(exponent)) if exponent else _SUFFIXES[suffix or ""]
    value = min(Fraction(Decimal(number)) * scale, Fraction(_LARGEST))
    return -value if sign == "-" else value


def _power_of_ten(exponent: int) -> Fraction:
    return Fraction(10) ** max(-_EXPONENT, min(exponent, _EXPONENT))


@lru_cache(maxsize=4096)
def thousandths(text: str) -> int:
    """Return the quantity in thousandths, rounded up; 0 for what is no quantity or negative.

    >>> thousandths("0.5"), thousandths("1n"), thousandths("much")
    (500, 1, 0)
    """
    # what is stored is rounded up to thousandths (SetDefaults_ResourceList, pkg/apis/core/v1/defaults.go). An invalid
    # or negative quantity never gets as far as the scheduler, because the API server refuses the object.
    try:
        return max(0, -(-parse_quantity(text) * 1000 // 1))
    except ValueError:
        return 0
