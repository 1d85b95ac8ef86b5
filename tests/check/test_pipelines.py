"""The snippets to copy are right: they parse, and name commands and options that exist."""

import json
import re
from pathlib import Path

import pytest
import yaml

from tests.check.reports import ignoring
from webapp.check import json as as_json
from webapp.check.compare import Change, Comparison, Effect
from webapp.check.comparison_formats import COMPARISON_FORMATS
from webapp.cli import cli

TOP = Path(__file__).resolve().parents[2]
PAGE = (TOP / "docs" / "pipelines.md").read_text(encoding="utf-8")
SNIPPETS = re.findall(r"^```yaml\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("snippet", SNIPPETS, ids=lambda text: text.split("\n", 1)[0])
def test_each_snippet_is_yaml(snippet: str):
    """It can be copied as it stands."""
    assert yaml.safe_load(snippet)  # noqa: TID251


@pytest.mark.parametrize("line", re.findall(r"nodefall (?:check|diff) [^`>|\n]*", PAGE))
def test_each_command_exists(line: str):
    """With all its options."""
    name, *words = line.removeprefix("nodefall ").split()
    known = {option for parameter in cli.commands[name].params for option in parameter.opts}
    assert {word for word in words if word.startswith("--")} <= known


def test_the_hook_is_the_one_that_the_page_uses():
    """The hook's id is the page's, and it runs the check on whole folders."""
    (hook,) = yaml.safe_load((TOP / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))  # noqa: TID251
    used = next(config for text in SNIPPETS if "repos" in (config := yaml.safe_load(text)))  # noqa: TID251
    assert hook["id"] == used["repos"][0]["hooks"][0]["id"]
    assert (hook["entry"], hook["pass_filenames"]) == ("nodefall check", False)


def test_the_json_documents_are_described():
    """Every key of a finding, of survival and of a change is on the page."""
    document = as_json.document(ignoring())
    comparison = Comparison(changes=(Change("a", "", "x", None, None, Effect.OTHER),))
    changes = json.loads(COMPARISON_FORMATS["json"](comparison))
    parts = (document, document["bar"], *document["ignored"], *document["survival"], changes, *changes["changes"])
    assert {key for part in parts for key in part} <= set(re.findall(r'"(\w+)"', PAGE))
