"""Edits change what is wrong, and nothing else."""

import pytest
import yaml

from tests.findings.given import budget, healthy, port, service, workload
from webapp.check.fix import diff, fixed
from webapp.cluster.build import build
from webapp.findings import Finding, TextEdit, findings
from webapp.manifests import Upload, read

TEXT = """\
kind: Service
spec:
  selector:
    app: wbe # the shop
    tier: 'front'
  ports:
  - port: 80
    targetPort: "htp"
  - {port: 81, targetPort: htp, name: two}
  publishNotReadyAddresses: true
"""


def mended(line: int, old: str, new: str) -> list[str]:
    """Return the lines that differ after one edit: those that are gone, then those that came."""
    after = fixed({"a.yaml": TEXT}, [TextEdit(file="a.yaml", line=line, old=old, new=new)]).get("a.yaml", TEXT)
    before, now = TEXT.splitlines(), after.splitlines()
    return [*(f"-{each}" for each in before if each not in now), *(f"+{each}" for each in now if each not in before)]


@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        pytest.param(
            (3, "app: wbe", "app: web"), ["-    app: wbe # the shop", "+    app: web # the shop"], id="keeps comments"
        ),
        pytest.param((3, "tier: front", "tier: back"), ["-    tier: 'front'", "+    tier: back"], id="whatever quotes"),
        pytest.param(
            (8, "targetPort: htp", "targetPort: 80"), ['-    targetPort: "htp"', "+    targetPort: 80"], id="a port"
        ),
        pytest.param(
            (9, "targetPort: htp", "targetPort: http"),
            ["-  - {port: 81, targetPort: htp, name: two}", "+  - {port: 81, targetPort: http, name: two}"],
            id="inside braces",
        ),
        pytest.param(
            (10, "publishNotReadyAddresses: true", ""), ["-  publishNotReadyAddresses: true"], id="removes a line"
        ),
        pytest.param((9, "name: two", ""), [], id="never removes half a line"),
        pytest.param((3, "app: web", "app: x"), [], id="what isn't there isn't changed"),
        pytest.param((3, "publishNotReadyAddresses: true", ""), [], id="never outside the block"),
        pytest.param((3, "app: wb", "app: x"), [], id="a word is a whole word"),
        pytest.param((3, "app: wbe", "app: true"), ["-    app: wbe # the shop", '+    app: "true" # the shop'],
                     id="a label stays text"),
        pytest.param((99, "app: wbe", "app: web"), [], id="a line beyond the end"),
    ],
)  # fmt: skip
def test_one_edit(edit: tuple[int, str, str], expected: list[str]):
    """Exactly this line changes."""
    assert mended(*edit) == expected


def test_edits_do_not_shift_each_other():
    """A removed line above doesn't lead another edit astray."""
    text = "a: 1\nb: 2\nc: 3\n"
    edits = [TextEdit(file="f", line=1, old="a: 1", new=""), TextEdit(file="f", line=3, old="c: 3", new="c: 4")]
    assert fixed({"f": text}, edits) == {"f": "b: 2\nc: 4\n"}


def test_other_files_are_left_alone():
    """Files that weren't given, or don't change, aren't in the result."""
    assert fixed({"f": "a: 1\n"}, [TextEdit(file="g", line=1, old="a: 1", new="a: 2")]) == {}


def test_carriage_returns_and_a_missing_newline_stay():
    """Only the value changes, byte for byte."""
    assert fixed({"f": "a: 1\r\nb: 2"}, [TextEdit(file="f", line=1, old="a: 1", new="a: 2")]) == {"f": "a: 2\r\nb: 2"}


def test_the_diff_is_one_that_patch_takes():
    """A unified diff with the names that git gives."""
    assert (
        diff({"f": "a: 1\nb: 2\n"}, {"f": "a: 2\nb: 2\n"}) == "--- a/f\n+++ b/f\n@@ -1,2 +1,2 @@\n-a: 1\n+a: 2\n b: 2\n"
    )


@pytest.mark.parametrize("style", [pytest.param(False, id="in blocks"), pytest.param(None, id="with braces inside")])
@pytest.mark.parametrize(
    ("id_", "docs"),
    [
        pytest.param("NP201", healthy(service(selector={"run": "web"})), id="a selector's key"),
        pytest.param("NP201", healthy(service(selector={"app": "wbe"})), id="a selector's value"),
        pytest.param("NP204", healthy(service(ports=port(targetPort="htpt"))), id="a port's name"),
        pytest.param("NP206", healthy(service(ports=port(targetPort=30080))), id="the nodePort's number"),
        pytest.param("NP228", healthy(service(publishNotReadyAddresses=True)), id="publishNotReadyAddresses"),
        pytest.param("NP251", healthy(budget(minAvailable=2)), id="a budget of all replicas"),
        pytest.param("NP251", healthy(budget(minAvailable="100%")), id="a budget of 100%"),
    ],
)
def test_what_was_mended_is_found_no_more(id_: str, docs: list[dict], *, style: bool | None):
    """The finding's own edit, applied to the file, ends the finding, and the file is still good YAML."""
    text = yaml.safe_dump_all(docs, default_flow_style=style)
    (before,) = (finding for finding in findings_in(text) if finding.id == id_)
    after = fixed({"f": text}, [before.edit])["f"]
    assert id_ not in {finding.id for finding in findings_in(after)}


def findings_in(text: str) -> tuple[Finding, ...]:
    """Return the findings of one file."""
    manifests = read([Upload("f", text.encode(), picked=True)])
    return findings(manifests, build(manifests))


def test_replicas_are_never_written():
    """Whether a program bears a second one beside it only its author knows."""
    (lonely,) = (f for f in findings_in(yaml.safe_dump_all(healthy(workload(replicas=1)))) if f.id == "NP220")
    assert lonely.edit is None
