"""The baseline: findings that are accepted for now, kept in a file beside the manifests."""

import json
from collections.abc import Iterable

from webapp.findings import Finding
from webapp.records import dataclass

SCHEMA = "nodefall/baseline/v1"


class BaselineError(ValueError):
    """The file is not a baseline."""


@dataclass(frozen=True, slots=True)
class Baseline:
    """Fingerprints: rule, object and field, so that lines may move."""

    known: frozenset[str] = frozenset()

    def __contains__(self, finding: Finding) -> bool:
        return finding.fingerprint in self.known

    def stale(self, found: Iterable[Finding]) -> tuple[str, ...]:
        """Return the entries that no longer apply."""
        return tuple(sorted(self.known.difference(*(finding.fingerprints for finding in found))))


def load(text: str) -> Baseline:
    """Return the baseline in a file.

    Raises:
        BaselineError: it is none.

    """
    try:
        # A file of another kind must not pass for an empty baseline.
        data = json.loads(text)
        if data["schema"] != SCHEMA:
            raise BaselineError(f"its schema is not {SCHEMA}")
        return Baseline(frozenset(map(str, data["accepted"])))
    except (ValueError, KeyError, TypeError) as error:
        raise BaselineError(f"not a baseline: {error}. Write one with --write-baseline.") from error


def dump(found: Iterable[Finding]) -> str:
    """Return the file that accepts all these findings, one a line, sorted."""
    # Sorted, so that a diff of the file shows what is new in it. No lines: those move with every edit.
    accepted = sorted({known for finding in found for known in finding.fingerprints})
    return json.dumps({"schema": SCHEMA, "accepted": accepted}, indent=1, ensure_ascii=False) + "\n"
