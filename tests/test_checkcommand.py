"""The commands check and diff: exit status, files and formats."""

import json
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result

from tests.findings.given import HEALTHY, healthy, service, workload
from webapp.cli import cli


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an empty folder, which is the current one."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(path: Path, docs: list[dict]) -> None:
    """Write the objects as one file."""
    path.parent.mkdir(exist_ok=True)
    path.write_text(yaml.safe_dump_all(docs), encoding="utf-8")


def run(*arguments: str, text: str = "") -> Result:
    """Return what the command line does."""
    return CliRunner().invoke(cli, arguments, input=text)


def test_findings_are_ignored_with_a_reason(folder: Path) -> None:
    """Of one object, of a namespace or all of a rule; without a reason nothing is."""
    write(folder / "a.yaml", healthy(workload(replicas=1)))
    found = json.loads(run("check", "a.yaml", "-o", "json", "--max-severity", "none").stdout)["findings"]
    alone = next(each for each in found if each["id"] == "NP220")
    for where in (
        "",
        f"/{alone['object'].partition(' ')[2].partition('/')[0]}",
        f"/{alone['object'].replace(' ', '/')}",
    ):
        told = run("check", "a.yaml", "-o", "json", "--ignore", f"NP220{where}: one replica is enough")
        document = json.loads(told.stdout)
        assert "NP220" not in [each["id"] for each in document["findings"]]
        assert [(each["id"], each["reason"]) for each in document["ignored"]] == [("NP220", "one replica is enough")]
        assert "no such finding" not in told.stderr
    unused = run("check", "a.yaml", "--ignore", "NP220/nowhere: one replica is enough")
    assert "--ignore NP220/nowhere:one replica is enough: there is no such finding." in unused.stderr
    refused = run("check", "a.yaml", "--ignore", "NP220:no")
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert "--ignore is ID:REASON" in refused.stderr


WRONG = healthy(service(selector={"app": "wbe"}))


@pytest.mark.parametrize(
    ("docs", "options", "status"),
    [
        pytest.param(HEALTHY, ["--max-severity", "none", "--survive", "zone"], 0, id="passed"),
        pytest.param(WRONG, [], 1, id="the threshold is missed"),
        pytest.param(healthy(workload(replicas=1)), ["--survive", "node"], 1, id="doesn't survive"),
        pytest.param(HEALTHY, ["--survive", "node", "--guaranteed"], 0, id="survives wherever the pods are put"),
        pytest.param(
            healthy(workload(topologySpreadConstraints=[])), ["--survive", "node", "--guaranteed"], 1, id="no promise"
        ),
        pytest.param(HEALTHY, ["--guaranteed"], 2, id="a question that makes no sense"),
        pytest.param(HEALTHY, ["--baseline", "none.json"], 2, id="no such baseline"),
        pytest.param([service()], ["--survive", "zone"], 2, id="no zone is known"),
        pytest.param([service()], ["--assume-nodes", "0"], 2, id="no nodes to assume"),
        pytest.param([], [], 2, id="nothing to read"),
    ],
)
def test_the_exit_status(folder: Path, docs: list[dict], options: list[str], status: int):
    """0 passed, 1 the threshold is missed, 2 nothing usable was given."""
    write(folder / "deploy" / "all.yaml", docs)
    assert run("check", "deploy", *options).exit_code == status


def test_a_path_that_is_not_there(folder: Path):
    """It is named."""
    result = run("check", str(folder / "gone.yaml"))
    assert (result.exit_code, "gone.yaml" in result.stderr) == (2, True)


@pytest.mark.parametrize("path", ["deploy", "deploy/all.yaml", "."])
def test_files_are_named_as_they_are_found(folder: Path, path: str):
    """By their path from here, so that an editor or a code scanner finds them."""
    write(folder / "deploy" / "all.yaml", WRONG)
    document = json.loads(run("check", path, "-o", "json").stdout)
    assert {finding["file"] for finding in document["findings"]} == {"deploy/all.yaml"}


def test_standard_input():
    """A dash reads what another command prints."""
    document = json.loads(run("check", "-", "-o", "json", text=yaml.safe_dump_all(WRONG)).stdout)
    assert {finding["file"] for finding in document["findings"]} == {"standard input"}


@pytest.mark.parametrize("output", ["text", "json", "sarif", "junit", "markdown"])
def test_each_format_can_be_asked_for(folder: Path, output: str):
    """All of them name the rule that was broken."""
    write(folder / "all.yaml", WRONG)
    result = run("check", "all.yaml", "-o", output)
    assert result.exit_code == 1
    assert "NP201" in result.stdout


def test_the_baseline_accepts_what_is_there(folder: Path):
    """Written once, it lets the same findings pass, and nothing new."""
    write(folder / "all.yaml", WRONG)
    assert run("check", "all.yaml", "--write-baseline", "known.json").exit_code == 0
    assert run("check", "all.yaml", "--baseline", "known.json", "--max-severity", "none").exit_code == 0
    write(folder / "all.yaml", [*WRONG, workload("other", replicas=1), service("other", selector={"x": "y"})])
    assert run("check", "all.yaml", "--baseline", "known.json", "--max-severity", "none").exit_code == 1


def test_fix_shows_the_diff_and_asks(folder: Path):
    """Without a terminal and without --yes nothing is written."""
    write(folder / "all.yaml", WRONG)
    before = (folder / "all.yaml").read_bytes()
    result = run("check", "all.yaml", "--fix")
    assert "-    app: wbe\n+    app: web\n" in result.stderr
    assert (folder / "all.yaml").read_bytes() == before


def test_fix_writes_and_checks_again(folder: Path):
    """With --yes the files are mended, and the report is about what is left."""
    write(folder / "all.yaml", WRONG)
    result = run("check", "all.yaml", "--fix", "--yes", "--max-severity", "none")
    assert result.exit_code == 0
    assert list(yaml.safe_load_all((folder / "all.yaml").read_text(encoding="utf-8"))) == healthy()


def test_fix_with_nothing_to_mend(folder: Path):
    """It says so, and the report follows."""
    write(folder / "all.yaml", HEALTHY)
    result = run("check", "all.yaml", "--fix", "--yes")
    assert "Nothing can be fixed" in result.stderr
    assert result.stdout.endswith("passed.\n")


@pytest.mark.parametrize(
    ("new", "status"),
    [
        pytest.param(HEALTHY, 0, id="the same"),
        pytest.param(healthy(workload(replicas=3)), 0, id="better"),
        pytest.param(WRONG, 1, id="worse"),
        pytest.param([], 2, id="nothing to read"),
    ],
)
def test_diff_says_whether_something_got_worse(folder: Path, new: list[dict], status: int):
    """0 nothing got worse, 1 something did, 2 nothing usable."""
    write(folder / "old.yaml", HEALTHY)
    write(folder / "new.yaml", new)
    assert run("diff", "old.yaml", "new.yaml").exit_code == status
