"""Edits change what is wrong, and nothing else."""

import pytest

from webapp.check.fix import diff, fixed
from webapp.findings import Edit

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
    after = fixed({"a.yaml": TEXT}, [Edit(file="a.yaml", line=line, old=old, new=new)]).get("a.yaml", TEXT)
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
    edits = [Edit(file="f", line=1, old="a: 1", new=""), Edit(file="f", line=3, old="c: 3", new="c: 4")]
    assert fixed({"f": text}, edits) == {"f": "b: 2\nc: 4\n"}


def test_other_files_are_left_alone():
    """Files that weren't given, or don't change, aren't in the result."""
    assert fixed({"f": "a: 1\n"}, [Edit(file="g", line=1, old="a: 1", new="a: 2")]) == {}


def test_carriage_returns_and_a_missing_newline_stay():
    """Only the value changes, byte for byte."""
    assert fixed({"f": "a: 1\r\nb: 2"}, [Edit(file="f", line=1, old="a: 1", new="a: 2")]) == {"f": "a: 2\r\nb: 2"}


def test_the_diff_is_one_that_patch_takes():
    """A unified diff with the names that git gives."""
    assert (
        diff({"f": "a: 1\nb: 2\n"}, {"f": "a: 2\nb: 2\n"}) == "--- a/f\n+++ b/f\n@@ -1,2 +1,2 @@\n-a: 1\n+a: 2\n b: 2\n"
    )
