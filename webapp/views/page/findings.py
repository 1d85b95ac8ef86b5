"""The findings of the manifests that are open, worked out once for each cluster."""

from collections.abc import Mapping
from dataclasses import dataclass

from webapp.cluster.edits import edited
from webapp.findings import RULES, Facts, Finding
from webapp.findings.apply import by_rules, in_order
from webapp.findings.folding import folded
from webapp.findings.ignoring import Ignore, Sifted, sift
from webapp.jobs import stage
from webapp.manifests.problems import Severity
from webapp.views.page.cache import keep_latest
from webapp.views.page.stages import APPLYING_RULES
from webapp.views.page.state import PageState

# With more services than this only the page of the findings works them out: a second at 10,000.
MOST_COUNTED = 500


@dataclass(frozen=True, slots=True)
class IgnoredFinding:
    """A finding that is accepted."""

    finding: Finding
    reason: str
    by: Ignore | None
    """What of the address ignores it; None for an annotation of the file."""


@dataclass(frozen=True, slots=True)
class SettledFindings:
    """The findings, and where to see what each is about."""

    kept: tuple[Finding, ...]
    """The worst first."""
    ignored: tuple[IgnoredFinding, ...]
    service_of: Mapping[str, str]
    """By ``Deployment default/web``: a service that leads there."""

    @property
    def serious(self) -> int:
        """How many are more than notes."""
        return sum(finding.severity is not Severity.INFO for finding in self.kept)


@keep_latest(16, key=lambda page: (page.topology.id, page.options, page.ignores))
def findings_of(page: PageState) -> SettledFindings:
    """Return the findings of the manifests, edits included, apart from what is down."""
    found, leads = _found(page)
    kept: list[Finding] = []
    ignored = [IgnoredFinding(finding, reason, None) for finding, reason in found.ignored]
    for finding in found.kept:
        by = next((ignore for ignore in page.ignores if ignore.covers(finding)), None)
        if by is None:
            kept.append(finding)
        else:
            ignored.append(IgnoredFinding(finding, by.reason, by))
    return SettledFindings(folded(in_order(iter(kept))), tuple(ignored), leads)


# Another reason to ignore one of them is no reason to look for all of them again.
@keep_latest(16, key=lambda page: (page.topology.id, page.options))
def _found(page: PageState) -> tuple[Sifted, Mapping[str, str]]:
    stage(APPLYING_RULES, "of the findings")
    facts = facts_of(page)
    leads = {carrier.name: its.service.key for its in reversed(facts.services) for carrier in its.carriers}
    return sift(by_rules(facts, RULES), facts.manifests), leads


def serious_count(page: PageState) -> int | None:
    """Return how many findings are more than notes; None where counting would take too long for each page."""
    return findings_of(page).serious if len(page.cluster.services) <= MOST_COUNTED else None


def facts_of(page: PageState) -> Facts:
    """Return what rules look at."""
    return Facts(edited(page.topology.manifests, page.options.edits), page.cluster)
