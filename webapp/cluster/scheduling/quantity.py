"""Kubernetes quantities: ``100m``, ``1.5Gi``, ``2e3``."""

import re
from fractions import Fraction
from functools import lru_cache

_SUFFIXES = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_BINARY = {"Ki": 10, "Mi": 20, "Gi": 30, "Ti": 40, "Pi": 50, "Ei": 60}
_FORM = re.compile(r"([+-]?(?:\d+(?:\.\d*)?|\.\d+))(?:[eE]([+-]?\d{1,3})|([numkMGTPE]|[KMGTPE]i)?)")


@lru_cache(maxsize=4096)
def parse_quantity(text: str) -> Fraction:
    """Return the exact number that a quantity means; 0 for what is none.

    The form is that of ``resource.Quantity`` in k8s.io/apimachinery: a decimal number with a decimal suffix, a binary
    suffix or an exponent.
    """
    match = _FORM.fullmatch(text.strip()) if len(text) < 64 else None
    if match is None:
        return Fraction(0)
    number, exponent, suffix = Fraction(match[1]), match[2], match[3] or ""
    if exponent is not None:
        return number * Fraction(10) ** int(exponent)
    if suffix in _BINARY:
        return number * (1 << _BINARY[suffix])
    return number * Fraction(10) ** _SUFFIXES[suffix]
