"""The baseline is a file of fingerprints."""

import pytest

from tests.check.reports import LONELY, report
from tests.findings.given import NODES
from webapp.check.baseline import Baseline, BaselineError, dump, load


def test_what_is_written_is_read_again():
    """Every finding that was accepted is known afterwards."""
    findings = report(*LONELY).findings
    assert all(finding in load(dump(findings)) for finding in findings)


def test_the_file_is_sorted_and_without_doubles():
    """The same findings in another order give the same file, so that its diffs are small."""
    findings = report(*LONELY).findings
    assert dump(findings) == dump((*reversed(findings), *findings))


def test_lines_may_move():
    """The same objects further down are still known."""
    before, after = report(*LONELY), report(*NODES, *LONELY)
    assert Baseline(frozenset(f.fingerprint for f in before.findings)).stale(after.findings) == ()


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("[]", id="a list"),
        pytest.param("{}", id="no schema"),
        pytest.param('{"schema": "nodefall/baseline/v2", "accepted": []}', id="another version"),
        pytest.param('{"schema": "nodefall/baseline/v1", "accepted": 3}', id="no list"),
    ],
)
def test_anything_else_is_refused(text: str):
    """The message says how to write one."""
    with pytest.raises(BaselineError, match="--write-baseline"):
        load(text)
