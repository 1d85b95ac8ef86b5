"""The findings of what one looks at, worked out once for each cluster."""

from collections.abc import Mapping
from dataclasses import dataclass

from webapp.cluster.edits import edited
from webapp.findings import Facts, Finding, findings
from webapp.findings.apply import in_order
from webapp.findings.folding import folded
from webapp.findings.ignoring import sift
from webapp.manifests.problems import Severity
from webapp.views.page.kept import Kept
from webapp.views.page.state import PageState

MOST_COUNTED = 500
"""With more services than this only the page of the findings works them out: a second at 10,000."""


@dataclass(frozen=True, slots=True)
class Found:
    """The findings, and where to see what each is about."""

    kept: tuple[Finding, ...]
    """The worst first."""
    ignored: tuple[tuple[Finding, str], ...]
    """Those that an annotation accepts, with its reason."""
    service_of: Mapping[str, str]
    """By ``Deployment default/web``: a service that leads there."""

    @property
    def grave(self) -> int:
        """How many are more than notes."""
        return sum(finding.severity is not Severity.INFO for finding in self.kept)


_found: "Kept[Found]" = Kept(16)


def found(look: PageState) -> Found:
    """Return the findings of the manifests, edits included, apart from what is down."""
    return _found.get((look.topology.id, look.options), lambda: _find(look))


def grave_count(look: PageState) -> int | None:
    """Return how many findings are more than notes; None where counting would take too long for each page."""
    return found(look).grave if len(look.cluster.services) <= MOST_COUNTED else None


def facts_of(look: PageState) -> Facts:
    """Return what rules look at."""
    return Facts(edited(look.topology.manifests, look.options.edits), look.cluster)


def _find(look: PageState) -> Found:
    facts = facts_of(look)
    sifted = sift(findings(facts.manifests, facts.cluster), facts.manifests)
    leads = {carrier.name: its.service.key for its in reversed(facts.services) for carrier in its.carriers}
    return Found(folded(in_order(iter(sifted.kept))), sifted.ignored, leads)
