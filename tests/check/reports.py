"""Reports for the tests of the check."""

from typing import Any

from tests.findings.given import healthy, manifests, port, service, workload
from webapp.check import Report, Threshold, check
from webapp.check.baseline import Baseline
from webapp.cluster.build import build
from webapp.findings.ignoring import ANNOTATION

LONELY = healthy(workload(replicas=1), service(ports=port(nodePort=31000, targetPort="htp")), without="NetworkPolicy")
"""An error (NP204), a warning (NP220) and notes (NP231, NP260)."""


def report(*docs: dict, known: set[str] | None = None, **threshold: Any) -> Report:
    """Return the report on these objects."""
    given = manifests(*docs)
    return check(given, build(given), Threshold(**threshold), Baseline(frozenset(known or ())))


def ignoring() -> Report:
    """Return a report with something of every sort: kept, ignored, known, and not surviving."""
    lonely = workload(replicas=1)
    lonely["metadata"]["annotations"] = {ANNOTATION: 'NP220: a "test" & nothing more'}
    docs = healthy(lonely, service(ports=port(targetPort="htp")), without="NetworkPolicy")
    return report(*docs, known={"NP260 Deployment shop/web metadata.name"}, survive="node")
