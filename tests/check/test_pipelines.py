"""The snippets to copy are right: they parse, and name commands and options that exist."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.check.reports import ignoring
from webapp.check import json as as_json
from webapp.check.compare import Change, Comparison, Effect
from webapp.check.comparison_formats import COMPARISON_FORMATS
from webapp.cli import cli
from webapp.paths import resource_directory

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


GH = """#!/bin/sh
printf '%s\\n' "$*" >> "$GH_LOG"
case "$*" in *--jq*) cat "$GH_COMMENTS" ;; *) cp comment.md "$GH_BODY" ;; esac
"""


@pytest.fixture
def pull_request(tmp_path: Path) -> Path:
    """Return a checkout whose branch has one service less exposed than its base, with a fake gh on its PATH."""
    git = shutil.which("git")
    if git is None:
        pytest.skip("there is no git")
    shop = (resource_directory("samples") / "shop.yaml").read_text()
    (checkout := tmp_path / "checkout" / "deploy").mkdir(parents=True)
    (checkout / "shop.yaml").write_text(shop)
    who = ["-c", "user.name=Ann", "-c", "user.email=ann@example.com"]
    for words in (
        ["init", "-q"],
        ["add", "."],
        [*who, "commit", "-qm", "base"],
        ["update-ref", "refs/remotes/origin/main", "HEAD"],
    ):
        subprocess.run([git, *words], cwd=checkout.parent, check=True)
    (checkout / "shop.yaml").write_text(shop.replace("type: NodePort", "type: ClusterIP", 1))
    (gh := tmp_path / "bin" / "gh").parent.mkdir()
    gh.write_text(GH)
    gh.chmod(0o755)
    (tmp_path / "comments").write_text("")
    return tmp_path


def run_workflow(folder: Path, only: str = "") -> tuple[str, list[str]]:
    """Run the shell steps of the workflow that comments, or one; return the comment, and what gh was asked."""
    workflow = next(config for text in SNIPPETS if "compare" in (config := yaml.safe_load(text)).get("jobs", {}))  # noqa: TID251
    job = workflow["jobs"]["compare"]
    environ = {name: str(value) for name, value in os.environ.items()}
    programs = [str(folder / "bin"), str(Path(sys.executable).parent), environ["PATH"]]
    given = {
        "BASE": "main",
        "NUMBER": "7",
        "GH_TOKEN": "x",
        "GH_REPO": "ann/shop",
    }
    assert set(given) == set(job["env"])
    environ |= given | {"PATH": os.pathsep.join(programs), "PICTURES": "https://example.com/pictures"}
    environ |= {name: str(folder / name.lower()) for name in ("GH_LOG", "GH_BODY")} | {
        "GH_COMMENTS": f"{folder}/comments",
        "GITHUB_STEP_SUMMARY": f"{folder}/summary",
    }
    for step in job["steps"]:
        if "run" in step and not step["run"].startswith("pip") and only in ("", step["name"]):
            shell = ["bash", "-e", "-o", "pipefail", "-c", step["run"]]
            subprocess.run(shell, cwd=folder / "checkout", env=environ, check=True)
    return (folder / "gh_body").read_text(), (folder / "gh_log").read_text().splitlines()


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash")
def test_the_workflow_comments_once_with_the_change_and_both_pictures(pull_request: Path) -> None:
    """As GitHub runs its steps, with a gh that notes what it is asked."""
    comment, asked = run_workflow(pull_request)
    assert comment.startswith("<!-- nodefall -->\n### nodefall: what clients get")
    assert "| ❌ worse | default/web |" in comment
    assert comment.endswith("Both pictures: <https://example.com/pictures>\n")
    assert asked[-1] == "pr comment 7 --body-file comment.md"
    assert (pull_request / "checkout" / "pictures" / "before.svg").read_bytes().startswith(b"<svg")
    assert comment.startswith((pull_request / "summary").read_text())


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash")
def test_a_comment_that_is_too_long_for_github_is_cut(pull_request: Path) -> None:
    """It refuses more than 65,536 characters; the job's summary has it all."""
    (pull_request / "checkout" / "comment.md").write_text("<!-- nodefall -->\n" + "häß " * 20_000)
    comment, _ = run_workflow(pull_request, only="Comment")
    assert 60_000 < len(comment.encode()) < 65_000
    assert comment.endswith("… It goes on in the summary of this job.\nBoth pictures: <https://example.com/pictures>\n")


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash")
def test_the_workflow_replaces_its_comment(pull_request: Path) -> None:
    """Found by its first line, so that no other bot's is touched."""
    (pull_request / "comments").write_text("41\n42\n")
    _, asked = run_workflow(pull_request)
    assert asked[-1] == "api --method PATCH repos/ann/shop/issues/comments/42 --field body=@comment.md"
    assert 'startswith("<!-- nodefall -->")' in asked[0]


def test_the_json_documents_are_described():
    """Every key of a finding, of survival and of a change is on the page."""
    document = as_json.document(ignoring())
    comparison = Comparison(changes=(Change("a", "", "x", None, None, Effect.OTHER),))
    changes = json.loads(COMPARISON_FORMATS["json"](comparison))
    parts = (document, document["bar"], *document["ignored"], *document["survival"], changes, *changes["changes"])
    assert {key for part in parts for key in part} <= set(re.findall(r'"(\w+)"', PAGE))
