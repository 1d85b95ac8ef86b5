"""The check holds findings and survival against the threshold."""

import pytest

from tests.check.reports import LONELY, report
from tests.findings.given import HEALTHY, NODES, healthy, node, service, workload
from webapp.check.run import ThresholdError
from webapp.manifests.problems import Severity

ERROR = healthy(service(selector={"app": "wbe"}))


@pytest.mark.parametrize(
    ("docs", "threshold", "failed"),
    [
        pytest.param(HEALTHY, {"max_severity": None}, False, id="nothing at all was found"),
        pytest.param(ERROR, {}, True, id="an error misses the usual threshold"),
        pytest.param(ERROR, {"max_severity": Severity.ERROR}, False, id="errors may be allowed"),
        pytest.param(healthy(workload(replicas=1)), {}, False, id="a warning passes the usual threshold"),
        pytest.param(healthy(workload(replicas=1)), {"max_severity": Severity.INFO}, True, id="but not a stricter one"),
        pytest.param(healthy(without="NetworkPolicy"), {"max_severity": Severity.INFO}, False, id="a note passes"),
        pytest.param(healthy(without="NetworkPolicy"), {"max_severity": None}, True, id="unless nothing may be there"),
        pytest.param(HEALTHY, {"survive": "node"}, False, id="two pods on two nodes survive a node"),
        pytest.param(HEALTHY, {"survive": "zone"}, False, id="and in two zones, a zone"),
        pytest.param(HEALTHY, {"survive": "node", "via": "dns"}, True, id="round robin sends clients to the dead node"),
        pytest.param(
            healthy(workload(replicas=1)),
            {"survive": "node", "max_severity": Severity.ERROR},
            True,
            id="one pod doesn't",
        ),
        pytest.param([service()], {}, False, id="a service whose pods weren't given"),
        pytest.param([*NODES], {"max_severity": None}, False, id="no service is no failure"),
    ],
)
def test_the_threshold(docs: list[dict], threshold: dict, *, failed: bool):
    """Whether the threshold is missed."""
    assert report(*docs, **threshold).failed is failed


def test_a_broken_document_misses_the_threshold():
    """Problems of reading count like findings."""
    broken = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "x"}, "spec": {"ports": "none"}}
    assert [finding.id for finding in report(*HEALTHY, broken).failures] == ["NP005"]


def test_zones_are_needed_to_survive_one():
    """Without zone labels the question makes no sense, and says so."""
    bare = [node(f"node-{n}", "") for n in (1, 2, 3)]
    with pytest.raises(ThresholdError, match=r"topology\.kubernetes\.io/zone"):
        report(*healthy(*bare), survive="zone")


def test_the_culprit_is_named():
    """A service port that doesn't survive says why."""
    (lost,) = report(*healthy(workload(replicas=1)), survive="node").lost
    assert lost.service == "shop/web"
    assert len(lost.culprits) == 1
    assert lost.culprits[0] in lost.reason


def test_what_is_in_the_baseline_is_accepted():
    """Known findings are set apart, and entries that are mended are named."""
    before = report(*LONELY)
    known = {finding.fingerprint for finding in before.findings} | {"NP999 Service shop/gone"}
    after = report(*LONELY, known=known, max_severity=None)
    assert (after.failed, after.findings, after.accepted) == (False, (), before.findings)
    assert after.stale == ("NP999 Service shop/gone",)


def test_the_summary_counts():
    """One line says how much of each was found."""
    assert report(*HEALTHY).summary == "0 errors, 0 warnings, 0 notes"
    assert report(*ERROR).summary.startswith("1 error, ")
