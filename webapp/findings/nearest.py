"""What was probably meant: the labels nearest to a selector, the name nearest to a name."""

from collections.abc import Iterable, Iterator, Mapping
from difflib import SequenceMatcher

from webapp.findings.facts import Carrier
from webapp.records import dataclass

LabelPair = tuple[str, str]
_ALIKE = 0.8
"""Similarity from which two words count as one with a slip of the keyboard: `ngnix` and `nginx` have just that."""


@dataclass(frozen=True, slots=True)
class Near:
    """The nearest carrier of labels, and what keeps the selector from matching it."""

    carrier: Carrier
    changes: Mapping[LabelPair, LabelPair]
    """Pairs of the selector and what the carrier has instead."""
    missing: tuple[LabelPair, ...]
    """Pairs whose key isn't there at all."""
    elsewhere: bool
    """It is in another namespace."""
    cost: int

    @property
    def is_slip(self) -> bool:
        """Whether all that differs is a key, a spelling or the namespace, so that nothing else can have been meant."""
        return not self.missing

    @property
    def difference(self) -> str:
        """What differs, in words."""
        return "; ".join(self._differences())

    def _differences(self) -> Iterator[str]:
        if self.elsewhere:
            yield f"in the namespace {self.carrier.namespace}"
        for (key, value), (found_key, found) in self.changes.items():
            what = "another key, the same value" if found == value else "spelled differently"
            yield f"{found_key}={found} instead of {key}={value} ({what})"
        for key, value in self.missing:
            yield f"no label {key}={value}"


def nearest(selector: Mapping[str, str], namespace: str, carriers: Iterable[Carrier]) -> Near | None:
    """Return the carrier whose labels come nearest to a selector that matches none; None if nothing is near.

    Near is: all pairs in another namespace; or, in the same one, pairs that agree but for a key, a spelling, or, where
    others agree, one that is missing.
    """
    candidates = (near for c in carriers if (near := _compared(selector, namespace, c)) is not None)
    return min(candidates, key=lambda near: near.cost, default=None)


def similar(one: str, other: str) -> bool:
    """Return whether two words differ by a typo: letters swapped or missing, or something added at the end."""
    shorter, longer = sorted((one.lower(), other.lower()), key=len)
    # Swapped letters and a suffix (web, webapp) are what people mistype; the ratio would miss both in short words.
    if sorted(shorter) == sorted(longer) or (len(shorter) > 2 and longer.startswith(shorter)):
        return True
    return SequenceMatcher(None, one, other).ratio() >= _ALIKE


def did_you_mean(word: str, words: Iterable[str]) -> str | None:
    """Return the most similar of the words, or None if none is similar.

    >>> did_you_mean("fronted", ["backend", "frontend"])
    'frontend'
    """
    # At equal similarity the name decides, so that the answer doesn't depend on the order of the words.
    ranked = sorted((SequenceMatcher(None, word, each).ratio(), each) for each in words if similar(word, each))
    return ranked[-1][1] if ranked else None


def _compared(selector: Mapping[str, str], namespace: str, carrier: Carrier) -> Near | None:
    labels, elsewhere = carrier.labels, carrier.namespace != namespace
    differing = [(k, v) for k, v in selector.items() if labels.get(k) != v]
    # In another namespace only all the same labels are a sign: many apps have a label in common.
    if elsewhere:
        return None if differing or not selector else Near(carrier, {}, (), True, 1)
    changes = {pair: found for pair in differing if (found := _instead(pair, labels)) is not None}
    # A pair that merely isn't there costs more than two that differ: it may be set at runtime.
    missing = tuple(pair for pair in differing if pair not in changes)
    if any(key in labels for key, _ in missing) or (missing and len(differing) == len(selector)):
        return None
    return Near(carrier, changes, missing, False, 2 * len(changes) + 5 * len(missing))


def _instead(pair: LabelPair, labels: Mapping[str, str]) -> LabelPair | None:
    key, value = pair
    if key in labels:
        return (key, labels[key]) if similar(value, labels[key]) else None
    same_value = [each for each, has in labels.items() if has == value]
    return (same_value[0], value) if same_value else None
