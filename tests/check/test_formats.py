"""Each format says the same, in a form that its readers accept."""

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from xml.etree import ElementTree as ET

import jsonschema
import pytest

from tests.check.reports import LONELY, ignoring, report
from tests.findings.given import HEALTHY
from webapp.check import json as as_json
from webapp.check import junit, markdown, sarif, text
from webapp.check.report import NO_SURVIVAL, Report, Threshold
from webapp.findings import Finding
from webapp.manifests.problems import Severity

TEXT = {"type": "object", "required": ["text"], "properties": {"text": {"type": "string", "minLength": 1}}}
URI = {"type": "string", "format": "uri-reference", "pattern": r"^[^\s\\]+$"}
SARIF = {
    # The parts of the SARIF 2.1.0 schema that concern what is written here, with its names and its strictness.
    "type": "object",
    "required": ["version", "runs"],
    "additionalProperties": False,
    "properties": {
        "$schema": {"type": "string", "format": "uri"},
        "version": {"enum": ["2.1.0"]},
        "runs": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/run"}},
    },
    "$defs": {
        "run": {
            "type": "object",
            "required": ["tool"],
            "additionalProperties": False,
            "properties": {
                "tool": {"$ref": "#/$defs/tool"},
                "columnKind": {"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
                "results": {"type": "array", "items": {"$ref": "#/$defs/result"}},
            },
        },
        "tool": {
            "type": "object",
            "required": ["driver"],
            "additionalProperties": False,
            "properties": {
                "driver": {
                    "type": "object",
                    "required": ["name"],
                    "additionalProperties": False,
                    "properties": {
                        "name": {"type": "string"},
                        "semanticVersion": {"type": "string"},
                        "rules": {"type": "array", "uniqueItems": True, "items": {"$ref": "#/$defs/rule"}},
                    },
                }
            },
        },
        "rule": {
            "type": "object",
            "required": ["id"],
            "additionalProperties": False,
            "properties": {
                "id": {"type": "string"},
                "shortDescription": TEXT,
                "fullDescription": TEXT,
                "help": TEXT,
                "defaultConfiguration": {
                    "type": "object",
                    "additionalProperties": False,
                    "properties": {"level": {"enum": ["none", "note", "warning", "error"]}},
                },
            },
        },
        "result": {
            "type": "object",
            # Of these the schema requires the message; code scanning rejects a log with a result that lacks another.
            "required": ["message", "ruleId", "locations", "partialFingerprints"],
            "additionalProperties": False,
            "properties": {
                "ruleId": {"type": "string"},
                "ruleIndex": {"type": "integer", "minimum": -1},
                "level": {"enum": ["none", "note", "warning", "error"]},
                "message": TEXT,
                "locations": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/location"}},
                "partialFingerprints": {"type": "object", "additionalProperties": {"type": "string"}},
                "suppressions": {
                    "type": "array",
                    "uniqueItems": True,
                    "items": {
                        "type": "object",
                        "required": ["kind"],
                        "additionalProperties": False,
                        "properties": {"kind": {"enum": ["inSource", "external"]}, "justification": {"type": "string"}},
                    },
                },
            },
        },
        "location": {
            "type": "object",
            "required": ["physicalLocation"],
            "additionalProperties": False,
            "properties": {
                "physicalLocation": {
                    "type": "object",
                    "required": ["artifactLocation", "region"],
                    "additionalProperties": False,
                    "properties": {
                        "artifactLocation": {
                            "type": "object",
                            "required": ["uri"],
                            "properties": {"uri": URI},
                            "additionalProperties": False,
                        },
                        "region": {
                            "type": "object",
                            "properties": {"startLine": {"type": "integer", "minimum": 1}},
                            "additionalProperties": False,
                        },
                    },
                },
                "logicalLocations": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "properties": {"fullyQualifiedName": {"type": "string"}, "kind": {"type": "string"}},
                        "additionalProperties": False,
                    },
                },
            },
        },
    },
}
REPORTS = [
    pytest.param(partial(report, *HEALTHY), id="nothing found"),
    pytest.param(partial(report, *LONELY), id="findings"),
    pytest.param(ignoring, id="ignored, accepted and lost"),
]


@pytest.mark.parametrize("make", REPORTS)
def test_sarif_follows_the_schema(make: Callable[[], Report]):
    """The log has SARIF 2.1.0's shape, and nothing that it doesn't know."""
    jsonschema.Draft202012Validator(SARIF).validate(json.loads(sarif.render(make())))


@pytest.mark.parametrize("make", REPORTS)
def test_each_sarif_result_has_its_rule(make: Callable[[], Report]):
    """Each ruleIndex leads to the rule of ruleId, and no rule stands there without a result."""
    run = json.loads(sarif.render(make()))["runs"][0]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert [rules[result["ruleIndex"]] for result in run["results"]] == [result["ruleId"] for result in run["results"]]
    assert set(rules) == {result["ruleId"] for result in run["results"]}


def test_sarif_suppresses_what_is_ignored_or_accepted():
    """Code scanning shows them as closed, with the reason."""
    results = json.loads(sarif.render(ignoring()))["runs"][0]["results"]
    suppressed = {result["ruleId"]: result["suppressions"][0]["kind"] for result in results if "suppressions" in result}
    assert suppressed == {"NP220": "inSource", "NP260": "external"}


def test_what_does_not_survive_is_shown_at_its_service():
    """Survival is about no single line; the Service's first one is where a reader begins, in SARIF and in JUnit."""
    results = json.loads(sarif.render(ignoring()))["runs"][0]["results"]
    (lost,) = (result for result in results if result["ruleId"] == NO_SURVIVAL.id)
    file, line = ignoring().place("shop/web")
    physical = lost["locations"][0]["physicalLocation"]
    assert physical == {"artifactLocation": {"uri": file}, "region": {"startLine": line}}
    assert line > 1
    assert f'name="shop/web:30080" file="{file}" line="{line}"' in junit.render(ignoring())


def test_what_no_file_says_is_shown_in_the_first_one():
    """As a finding about a node that is only assumed."""
    nowhere = Finding(id="NP200", severity=Severity.INFO, message="A node is assumed.")
    made = sarif.render(Report(threshold=Threshold(), findings=(nowhere,), first_file="deploy/all.yaml"))
    jsonschema.Draft202012Validator(SARIF).validate(json.loads(made))
    assert '"uri": "deploy/all.yaml"' in made


@pytest.mark.parametrize(
    ("file", "uri"),
    [
        pytest.param("./deploy/web.yaml", "deploy/web.yaml", id="relative"),
        pytest.param("{here}/deploy/web.yaml", "deploy/web.yaml", id="absolute, in the repository"),
        pytest.param("deploy/../a b.yaml", "a%20b.yaml", id="a way round, a space"),
        pytest.param("../base/web.yaml", "file://{above}/base/web.yaml", id="outside"),
        pytest.param("bad\udcff.zip/x.yaml", "bad%3F.zip/x.yaml", id="not UTF-8"),
    ],
)
def test_sarif_names_files_as_seen_from_the_repository(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file: str, uri: str
):
    """Code scanning finds a file by its path from the root, which is where the command runs."""
    monkeypatch.chdir(tmp_path)
    assert sarif._uri(file.format(here=tmp_path)) == uri.format(above=tmp_path.parent)


def test_json_says_all_of_it():
    """The document has findings, ignored and accepted ones, and survival."""
    document = json.loads(as_json.render(ignoring()))
    assert (document["schema"], document["passed"]) == ("nodefall/check/v1", False)
    assert [finding["id"] for finding in document["findings"]] == ["NP204"]
    assert [(finding["id"], finding["reason"]) for finding in document["ignored"]] == [
        ("NP220", 'a "test" & nothing more')
    ]
    assert [finding["id"] for finding in document["accepted"]] == ["NP260"]
    assert [(s["service"], s["survives"]) for s in document["survival"]] == [("shop/web", False)]


def test_junit_counts_what_it_holds():
    """Failures are what misses the threshold; ignored ones are skipped; the numbers are right."""
    suites = ET.fromstring(junit.render(ignoring()))  # noqa: S314 - our own text
    counted = {suite.get("name"): (suite.get("failures"), suite.get("skipped")) for suite in suites}
    assert counted == {"findings": ("1", "1"), "survives any node": ("1", "0")}
    for suite in suites:
        assert int(suite.get("tests")) == len(suite.findall("testcase"))
        assert int(suite.get("failures")) == len(suite.findall("testcase/failure"))
        assert int(suite.get("skipped")) == len(suite.findall("testcase/skipped"))


def test_junit_passes_what_passes():
    """A warning within the threshold is a test that passes and says so; without findings one test passes."""
    suites = ET.fromstring(junit.render(report(*LONELY)))  # noqa: S314 - our own text
    assert len(suites.findall("testsuite/testcase/system-out")) == len(report(*LONELY).findings) - 1
    assert "no findings" in junit.render(report(*HEALTHY))


def test_markdown_has_verdict_table_and_remedies():
    """A row for each finding, and the remedies of errors and warnings to unfold."""
    made = markdown.render(report(*LONELY))
    assert made.startswith("### nodefall: failed")
    assert made.count("<details>") == sum(bool(f.remedy) and f.severity != "info" for f in report(*LONELY).findings)
    assert all(f"| {finding.id} |" in made for finding in report(*LONELY).findings)


def test_markdown_says_nothing_of_its_own():
    """Names of files and objects can't make tags, mentions or new cells."""
    assert markdown.cell("a|b <img> @someone *x*") == r"a\|b &lt;img&gt; &#64;someone \*x\*"


def test_text_shows_the_offending_line():
    """The line stands below the finding; colours only if they are wanted."""
    found = report(*LONELY)
    lines = [f"line {n}" for n in range(1, 400)]
    plain, coloured = (text.render(found, {"all.yaml": lines}, colour=colour) for colour in (False, True))
    assert f"{found.findings[0].line:>5} | line {found.findings[0].line}\n" in plain
    assert "\033[" in coloured
    assert "\033[" not in plain
    assert plain.splitlines()[-1] == f"{found.summary}: failed."


def test_text_of_a_healthy_set_is_one_line():
    """Nothing found, nothing said."""
    assert text.render(report(*HEALTHY), {}) == "0 errors, 0 warnings, 0 notes: passed.\n"
