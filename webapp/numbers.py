"""How numbers are written for people, in one place, so that a page, a picture and a report never disagree."""

from collections.abc import Sequence

_NARROW = "\N{NARROW NO-BREAK SPACE}"
# Shares are sums of floats; a difference smaller than this is rounding, not traffic.
_NOISE = 1e-9


def percent(share: float) -> str:
    """Return a share from 0 to 1 as ``37.5 %``: at most two decimals, and 0 and 100 only where that is exact.

    What would be rounded to nothing or to everything is written ``<0.01 %`` or ``>99.99 %``: one lost connection in
    a million is still a lost connection.
    """
    return f"{figure(share)}{_NARROW}%"


def figure(share: float) -> str:
    """Return the number that stands before the per cent sign, ``37.5``.

    >>> figure(0.375), figure(0.999999)
    ('37.5', '>99.99')
    """
    if share <= _NOISE:
        return "0"
    if share >= 1 - _NOISE:
        return "100"
    text = f"{share * 100:.2f}"
    if text == "0.00":
        return "<0.01"
    if text == "100.00":
        return ">99.99"
    return text.rstrip("0").rstrip(".")


def whole_percent(share: float) -> str:
    """Return a share for where there is little room: ``33 %``, never 0 or 100 where that is not exact.

    >>> whole_percent(1 / 3).replace(_NARROW, " "), whole_percent(0.001).replace(_NARROW, " ")
    ('33 %', '<1 %')
    """
    text = "<1" if not nothing(share) and share < 0.01 else ">99" if share > 0.99 and not everything(share) else ""
    return f"{text or round(share * 100)}{_NARROW}%"


def apart(before: float, after: float) -> tuple[str, str]:
    """Return two shares as ``100%`` and ``66.7%``, with as many decimals as it takes to tell them apart.

    As in :func:`percent`, 0 and 100 stand only where that is exact.

    >>> apart(0.6667, 0.6666)
    ('66.67%', '66.66%')
    """
    # Twelve decimals tell apart whatever isn't rounding (`_NOISE`).
    for digits in range(12):
        one, other = (f"{share * 100:.{digits}f}" for share in (before, after))
        if one != other and not (_pretends(one, before) or _pretends(other, after)):
            break
    short = (text.rstrip("0").rstrip(".") if "." in text else text for text in (one, other))
    return f"{next(short)}%", f"{next(short)}%"


def _pretends(text: str, share: float) -> bool:
    """Return whether a number says nothing or all of a share that is neither."""
    return float(text) in (0, 100) and not (nothing(share) or everything(share))


def nothing(share: float) -> bool:
    """Return whether a share is zero but for rounding."""
    return share <= _NOISE


def everything(share: float) -> bool:
    """Return whether a share is one but for rounding."""
    return share >= 1 - _NOISE


def counted(number: int, noun: str, plural: str = "") -> str:
    """Return ``1 pod``, ``1,629 nodes``.

    >>> counted(1, "pod"), counted(1629, "node")
    ('1 pod', '1,629 nodes')
    """
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def some(names: Sequence[str], shown: int = 3) -> str:
    """Return ``a, b, c and 2 more``.

    >>> some(["a", "b", "c", "d", "e"])
    'a, b, c and 2 more'
    """
    rest = len(names) - shown
    return ", ".join(names[:shown]) + (f" and {rest:,} more" if rest > 0 else "")


def duration(seconds: float) -> str:
    """Return ``50 s``, ``12 min``, ``4.6 h``: seconds up to ten minutes, then what has two figures."""
    # Up to ten minutes seconds are what kube-controller-manager's flags are given in.
    if seconds <= 600:
        return f"{seconds:.0f}{_NARROW}s"
    if seconds < 7200:
        return f"{seconds / 60:.0f}{_NARROW}min"
    return f"{seconds / 3600:.2g}{_NARROW}h" if seconds < 36000 else f"{seconds / 3600:.0f}{_NARROW}h"
