"""What the command line reads: folders of any kind, links, kustomizations, charts, and what it renders."""

import json
import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from webapp import tools
from webapp.cli import cli
from webapp.files import LOCAL_LIMITS, uploads
from webapp.manifests import Manifests, read

SERVICE = """\
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {type: NodePort, selector: {app: web}, ports: [{port: 80, nodePort: 30080}]}
"""
DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 3
  selector: {matchLabels: {app: web}}
  template: {metadata: {labels: {app: web}}, spec: {containers: [{name: web, image: web}]}}
"""
PATCH = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {replicas: 9}\n"
OVERLAY = "resources: [../../base]\npatches: [{path: patch.yaml}]\nnamespace: shop\n"
REPOSITORY = {
    "base/kustomization.yaml": "resources: [service.yaml, deployment.yaml]\n",
    "base/service.yaml": SERVICE,
    "base/deployment.yaml": DEPLOYMENT,
    "overlays/dev/kustomization.yaml": OVERLAY,
    "overlays/dev/patch.yaml": PATCH,
    "overlays/prod/kustomization.yaml": OVERLAY,
    "overlays/prod/patch.yaml": PATCH,
}


@pytest.fixture(autouse=True)
def _no_tools(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Whatever this machine has."""
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))


def tree(folder: Path, files: dict[str, str]) -> Path:
    """Write the files into a folder and return it."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def found(*paths: str | Path, render: bool = True) -> Manifests:
    """Return what the paths come to."""
    return read(uploads(map(str, paths), render=render), LOCAL_LIMITS)


def told(manifests: Manifests) -> list[str]:
    """Return the ids of the problems."""
    return [problem.id for problem in manifests.problems]


# --- folders ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path", ["{top}/.k8s/deploy", ".", "./", "../deploy", "../../.k8s/deploy/", "../deploy/../deploy"]
)
def test_a_folder_is_read_whatever_its_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    """Absolute, above, hidden, with a slash at its end."""
    folder = tree(tmp_path / ".k8s" / "deploy", {"web/service.yaml": SERVICE})
    monkeypatch.chdir(folder)
    (file,) = found(path.format(top=tmp_path)).files
    assert (file.used, Path(file.name).samefile(folder / "web" / "service.yaml")) == (1, True)


COMMANDS: dict[str, Callable[[str], list[str]]] = {
    "check": lambda path: ["check", path],
    "diff": lambda path: ["diff", path, path],
    "simulate": lambda path: ["simulate", path],
    "render": lambda path: ["render", path, "-o", "x.svg"],
}


@pytest.mark.parametrize("path", ["{top}/deploy", ".", "../deploy", "../.link"])
@pytest.mark.parametrize("command", COMMANDS)
def test_all_commands_read_all_folders(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str, path: str
) -> None:
    """Through one function."""
    folder = tree(tmp_path / "deploy", {"service.yaml": SERVICE, "deployment.yaml": DEPLOYMENT})
    (tmp_path / ".link").symlink_to("deploy")
    monkeypatch.chdir(folder)
    result = CliRunner().invoke(cli, COMMANDS[command](path.format(top=tmp_path)))
    assert (result.exit_code, "None" in result.output) == (0, False), result.output


def test_links_are_followed_and_each_real_file_is_read_once(tmp_path: Path) -> None:
    """No loops, and nothing above the folder."""
    folder = tree(tmp_path / "deploy", {"a/service.yaml": SERVICE})
    tree(tmp_path, {"elsewhere/deployment.yaml": DEPLOYMENT, "secret/other.yaml": SERVICE.replace("web", "other")})
    for name, target in {
        "0.yaml": "a/service.yaml",
        "loop": ".",
        "up": "..",
        "out": "../elsewhere",
        "gone": "x",
    }.items():
        (folder / name).symlink_to(target)
    (folder / "a" / "again").symlink_to("../a")
    os.mkfifo(folder / "fifo.yaml")
    read_ = found(folder)
    assert sorted(file.name for file in read_.files) == [f"{folder}/a/service.yaml", f"{folder}/out/deployment.yaml"]
    assert told(read_) == []


def test_a_search_does_not_look_into_what_others_wrote(tmp_path: Path) -> None:
    """Nor into what can't be read."""
    others = {f"{name}/x.yaml": SERVICE for name in ("node_modules/a", "vendor", ".git", "py")}
    folder = tree(
        tmp_path / "deploy", {"web.yaml": SERVICE, "py/pyvenv.cfg": "", "big.json": " " * 2_000_000, **others}
    )
    (folder / "dangling.yaml").symlink_to("nowhere")
    read_ = found(folder)
    assert [file.name for file in read_.files] == [f"{folder}/web.yaml"]
    (problem,) = read_.problems
    assert problem.message.startswith("5 files were skipped: hidden files (1), not manifests by their content (1)")


def test_a_file_that_is_named_is_read_whatever_it_is(tmp_path: Path) -> None:
    """And whatever is wrong with it is an error."""
    folder = tree(tmp_path / "deploy", {"README.md": "Hi: [\n", "web.yaml": SERVICE})
    assert told(found(folder)) == ["NP022"]
    assert told(found(folder / "README.md", folder)) == ["NP001"]


def test_where_nothing_is_checked_it_says_so(tmp_path: Path) -> None:
    """With exit status 2, which no pipeline takes for a pass."""
    config_map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\n"
    for number, files in enumerate(({"web.yaml": config_map}, {"README.md": "hello"}, {})):
        result = CliRunner().invoke(cli, ["check", str(tree(tmp_path / str(number), files) if files else tmp_path)])
        assert (result.exit_code, "0 services: nothing checked" in result.stderr) == (2, True)
        assert "None:" not in result.output


# --- kustomizations as they stand -------------------------------------------------------------------------------------


def test_patches_are_no_objects_and_one_overlay_is_read(tmp_path: Path) -> None:
    """The one for production; what was not applied is said."""
    read_ = found(tree(tmp_path / "repo", REPOSITORY))
    assert [workload.spec.replicas for workload in read_.workloads] == [3]
    assert told(read_) == ["NP033", "NP012", "NP022"]
    said = " ".join(problem.message for problem in read_.problems)
    assert f"only {tmp_path}/repo/overlays/prod was read" in said
    assert "Not applied: namespace, 1 patch." in said


@pytest.mark.parametrize("path", ["overlays/dev", "overlays/dev/kustomization.yaml"])
def test_an_overlay_that_is_named_is_read_with_its_base(tmp_path: Path, path: str) -> None:
    """Wherever the base is."""
    read_ = found(tree(tmp_path / "repo", REPOSITORY) / path)
    assert [workload.spec.replicas for workload in read_.workloads] == [3]
    assert [service.metadata.name for service in read_.services] == ["web"]
    assert set(told(read_)) - {"NP022"} == {"NP012"}


# --- rendered ---------------------------------------------------------------------------------------------------------


def tool(folder: Path, name: str, script: str) -> None:
    """Write a program of this name that the PATH finds."""
    path = folder / "bin" / name
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


def rendering(folder: Path, *names: str) -> None:
    """Let these programs print a Service, called after what they are called with."""
    text = SERVICE.replace("web", "$1-${2##*/}").replace("\n", "\\n")
    for name in names:
        tool(folder, name, f'printf "{text}"')


@pytest.mark.parametrize(("programs", "name"), [(["kubectl"], "kustomize"), (["kubectl", "kustomize"], "build")])
def test_a_kustomization_is_built_where_the_tool_is_there(tmp_path: Path, programs: list[str], name: str) -> None:
    """Its own files don't count then, and that is said."""
    rendering(tmp_path, *programs)
    read_ = found(tree(tmp_path / "repo", REPOSITORY))
    assert [service.metadata.name for service in read_.services] == [f"{name}-prod"]
    assert (read_.workloads, sorted(told(read_))) == ((), ["NP022", "NP031", "NP033"])
    assert "2 files were skipped: other overlays (1), patches of kustomizations (1)." in read_.problems[-1].message
    assert read_.services[0].source.file == f"{programs[-1]} {name} {tmp_path}/repo/overlays/prod"
    assert [one.spec.replicas for one in found(tmp_path / "repo", render=False).workloads] == [3]


CHART = {
    "chart/Chart.yaml": "apiVersion: v2\nname: shop\nversion: 1.0.0\n",
    "chart/templates/web.yaml": SERVICE.replace("name: web", "name: {{ .Release.Name }}"),
    "chart/charts/db/Chart.yaml": "apiVersion: v2\nname: db\nversion: 1.0.0\n",
    "chart/charts/db/templates/db.yaml": SERVICE.replace("name: web", "name: {{ .Release.Name }}-db"),
    "library/Chart.yaml": "apiVersion: v2\nname: library\nversion: 1.0.0\ntype: library\n",
}


def test_a_chart_is_rendered_where_helm_is_there(tmp_path: Path) -> None:
    """Once, with those inside of it; a library chart makes nothing."""
    repository = tree(tmp_path / "repo", CHART)
    assert told(found(repository)) == ["NP011", "NP023"]
    rendering(tmp_path, "helm")
    read_ = found(repository)
    assert [service.metadata.name for service in read_.services] == ["template-chart"]
    assert told(read_) == ["NP031"]


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("echo first >&2; echo 'Error: no such patch' >&2; exit 1", "Error: no such patch"),
        ("exec /bin/sleep 9", "it took more than"),
    ],
)
def test_what_can_not_be_rendered_is_read_as_it_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, said: str
) -> None:
    """And the reason is told."""
    monkeypatch.setattr(tools, "TIMEOUT", 0.2)
    tool(tmp_path, "kubectl", script)
    read_ = found(tree(tmp_path / "repo", REPOSITORY))
    assert [workload.spec.replicas for workload in read_.workloads] == [3]
    (problem,) = (problem for problem in read_.problems if problem.id == "NP032")
    assert said in problem.message


@pytest.mark.parametrize(
    "text",
    [
        "resources: [service.yaml, 'https://example.org/x.yaml']\n",
        "resources: [service.yaml, 'github.com/org/repo//base?ref=v1']\n",
        "resources: [service.yaml, ../missing]\n",
        "resources: [service.yaml]\npatches: [{path: 'https://example.org/patch.yaml'}]\n",
        "resources: [service.yaml]\ntransformers: [transformers]\n",
    ],
)
def test_nothing_is_ever_fetched(tmp_path: Path, text: str) -> None:
    """What needs something from elsewhere is not rendered at all."""
    tool(tmp_path, "kubectl", f"echo ran >> {tmp_path}/ran")
    tree(tmp_path / "repo", {"service.yaml": SERVICE, "transformers/x.yaml": "a: b\n"})
    read_ = found(tree(tmp_path / "repo", {"kustomization.yaml": text}))
    assert ([one.metadata.name for one in read_.services], (tmp_path / "ran").exists()) == (["web"], False)
    assert "NP032" in told(read_)


def test_what_was_rendered_is_said_on_the_terminal(tmp_path: Path) -> None:
    """By every command, apart from its result."""
    rendering(tmp_path, "kubectl")
    repository = str(tree(tmp_path / "repo", REPOSITORY))
    for command in ("simulate", "check"):
        said = CliRunner().invoke(cli, [command, repository]).stderr
        assert "was rendered: nodefall uses the output of `kubectl kustomize" in said
        assert "rendered" not in CliRunner().invoke(cli, [command, repository, "--no-render"]).stderr


def test_code_scanning_is_given_the_files_of_the_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It knows nothing of what was rendered."""
    rendering(tmp_path, "kubectl")
    monkeypatch.chdir(tree(tmp_path / "repo", REPOSITORY))
    log = json.loads(CliRunner().invoke(cli, ["check", ".", "-o", "sarif", "--survive", "node"]).stdout)
    places = [result["locations"][0]["physicalLocation"] for result in log["runs"][0]["results"]]
    assert {place["artifactLocation"]["uri"] for place in places} == {"overlays/prod/kustomization.yaml"}


def test_a_fix_says_why_it_changes_nothing_that_was_rendered(tmp_path: Path) -> None:
    """There is no file to write."""
    rendering(tmp_path, "kubectl")
    repository = str(tree(tmp_path / "repo", REPOSITORY))
    assert "try --no-render" in CliRunner().invoke(cli, ["check", repository, "--fix", "--yes"]).stderr
