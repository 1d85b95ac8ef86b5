"""Findings without chatter: what copies of one file repeat is said once, and notes of one kind once for the whole set.

Ignoring and baselines come first: they go by single findings, whose fingerprints a folded one keeps.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from webapp.findings.finding import Finding
from webapp.findings.rules import BY_ID
from webapp.numbers import counted, some

_DEFINED_AGAIN = "NP021"
_TOGETHER = {
    **{rule.id: rule.together for rule in BY_ID.values() if rule.together},
    _DEFINED_AGAIN: "{count} objects are defined again, and the last one of each counts: {names}.",
}
_ALWAYS = frozenset({"NP208", "NP231", "NP232"})
"""Notes on ports, said together from two on: most services have such ports, and nobody reads one for each."""
_FEW = 3
"""So many notes of any other kind are still listed one by one, each with its own details."""
_SHOWN = 5


def folded(found: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return the findings in their order, those that repeat themselves folded into the first of them."""
    once = _without_copies(found)
    by_id: dict[str, list[Finding]] = defaultdict(list)
    for finding in once:
        by_id[finding.id].append(finding)
    seen: set[str] = set()
    kept = []
    for finding in once:
        alike = by_id[finding.id]
        if len(alike) <= (1 if finding.id in _ALWAYS else _FEW) or finding.id not in _TOGETHER:
            kept.append(finding)
        elif finding.id not in seen:
            seen.add(finding.id)
            kept.append(_together(alike))
    return tuple(kept)


def _without_copies(found: Iterable[Finding]) -> list[Finding]:
    """Return each finding once though several files have it: the same words about the same object."""
    copies: dict[tuple[str, ...], list[Finding]] = defaultdict(list)
    for finding in found:
        words = (finding.id, finding.object or "", finding.path if finding.object else "", finding.message)
        copies[words].append(finding)
    return [each for alike in copies.values() for each in _once(alike)]


def _once(alike: list[Finding]) -> list[Finding]:
    # Two of one file aren't copies: a line each, so both are listed.
    files = dict.fromkeys(finding.file for finding in alike if finding.file)
    if len(files) < len(alike) or len(alike) == 1:
        return alike
    first, *others = alike
    where = some([finding.file or "" for finding in others], _SHOWN)
    message = f"{first.message} The same in {counted(len(others), 'other file')}: {where}."
    return [replace(first, message=message, also=_fingerprints(first, others))]


def _together(alike: list[Finding]) -> Finding:
    first, *others = alike
    names = dict.fromkeys(finding.brief or (finding.object or "").partition(" ")[2] for finding in alike)
    message = _TOGETHER[first.id].format(count=len(alike), names=some(list(names), _SHOWN))
    shown = next((finding for finding in alike if finding.remedy), first)
    hint = f"{first.hint} The remedy shown is for one of them." if shown.remedy else first.hint
    return replace(
        first,
        message=message,
        hint=hint,
        write_remedy=shown.write_remedy,
        fix=shown.fix,
        also=_fingerprints(first, others),
    )


def _fingerprints(first: Finding, others: Iterable[Finding]) -> tuple[str, ...]:
    every = dict.fromkeys(known for finding in (first, *others) for known in finding.fingerprints)
    return tuple(known for known in every if known != first.fingerprint)
