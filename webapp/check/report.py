"""The report of a check: what was found, what was accepted, and whether the threshold was missed."""

from __future__ import annotations

from collections import Counter
from dataclasses import field
from typing import TYPE_CHECKING

from webapp.findings.rule import Rule
from webapp.manifests.problems import Severity
from webapp.numbers import counted
from webapp.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping

    from webapp.findings import Finding
    from webapp.resilience import Survival, What

NO_SURVIVAL = Rule(
    id="NP291",
    severity=Severity.ERROR,
    title="Service that does not survive",
    why="Losing one node or zone leaves connections without an answer.",
    fix="Run more pods on separate nodes: NP220 to NP223 say how. Reported only with `--survive`.",
)
"""As what formats list a service port that does not survive."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold:
    """What is asked of the manifests."""

    max_severity: Severity | None = Severity.WARNING
    """The worst severity that findings may have; None: there may be none at all."""
    survive: What | None = None
    """What every service port must survive the loss of any one of."""
    guaranteed: bool = False
    """In the worst placement that the scheduler's rules allow, not only with the current placement."""
    via: str = "lb"

    def is_missed_by(self, finding: Finding) -> bool:
        """Return whether a finding is worse than what is allowed."""
        return self.max_severity is None or finding.severity.rank < self.max_severity.rank


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """All that a format needs to say."""

    threshold: Threshold
    findings: tuple[Finding, ...]
    """What is left, the worst first."""
    ignored: tuple[tuple[Finding, str], ...] = ()
    """Ignored by an annotation or by whoever asked, with the reason."""
    accepted: tuple[Finding, ...] = ()
    """Known from the baseline."""
    stale: tuple[str, ...] = ()
    """Entries of the baseline that are fixed by now."""
    survivals: tuple[Survival, ...] = ()
    """One for each service port with a nodePort, if survival was asked for."""
    services: int = 0
    nodes: int = 0
    places: Mapping[str, tuple[str, int]] = field(default_factory=dict)
    """File and line of each Service given, by its ``NAMESPACE/NAME``."""
    first_file: str = ""
    """The first file that was read: the place of what no file says."""
    rendered: Mapping[str, str] = field(default_factory=dict)
    """By the name of what was rendered, the file that it was rendered from."""

    def place(self, service: str) -> tuple[str, int]:
        """Return the real file and the line of a Service, else the beginning of the first file."""
        return self.real_place(*self.places.get(service, (None, None)))

    def real_place(self, file: str | None, line: int | None) -> tuple[str, int]:
        """Return a file that is there and a line of it: what was rendered stands for the file that it is made from."""
        # Code scanning and editors need a file that is in the repository: what was rendered exists nowhere, and what
        # the API server says of the whole set stands in no file.
        file = file or self.first_file
        return (self.rendered[file], 1) if file in self.rendered else (file, max(line or 1, 1))

    @property
    def failures(self) -> tuple[Finding, ...]:
        """The findings that exceed the threshold."""
        return tuple(finding for finding in self.findings if self.threshold.is_missed_by(finding))

    @property
    def lost(self) -> tuple[Survival, ...]:
        """The service ports that don't survive."""
        return tuple(survival for survival in self.survivals if not survival.survives)

    @property
    def failed(self) -> bool:
        """Whether the threshold was missed."""
        return bool(self.failures or self.lost)

    @property
    def counts(self) -> Mapping[Severity, int]:
        """How many findings there are of each severity, the worst first."""
        found = Counter(finding.severity for finding in self.findings)
        return {severity: found[severity] for severity in Severity}

    @property
    def summary(self) -> str:
        """One line: what was found."""
        parts = [counted(count, severity.noun) for severity, count in self.counts.items()]
        aside = [f"{len(self.ignored)} ignored"] if self.ignored else []
        aside += [f"{len(self.accepted)} in the baseline"] if self.accepted else []
        return ", ".join(parts) + (f" ({', '.join(aside)})" if aside else "")

    @property
    def survival_summary(self) -> str:
        """One line on survival; empty if it wasn't asked for."""
        if self.threshold.survive is None:
            return ""
        # Without --guaranteed the answer is one of several placements that the scheduler may choose.
        placed = "in any placement" if self.threshold.guaranteed else "with the current placement"
        total, lost, what = len(self.survivals), len(self.lost), self.threshold.survive
        return f"{total - lost} of {total} service ports survive the loss of any one {what}, {placed}."


def port_name(survival: Survival) -> str:
    """Return ``default/web:http`` or, without a name, ``default/web:30080``."""
    return f"{survival.service}:{survival.port_name or survival.node_port}"
