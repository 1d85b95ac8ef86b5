"""A cluster read through kubectl: a program of this name on the PATH, which says what it is called with."""

import tomllib
from functools import partial
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.kubectl_program import KubectlProgram
from webapp.capture import CAPTURE
from webapp.cli import cli
from webapp.command_input import files_of, read_given
from webapp.paths import resource_directory

TOP = Path(__file__).parent.parent.parent
SHOP = resource_directory("samples") / "shop.yaml"
FORBIDDEN = (
    'Error from server (Forbidden): nodes is forbidden: User "ann" cannot list resource "nodes" in API group "" at the '
    "cluster scope"
)


@pytest.fixture
def kubectl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> KubectlProgram:
    """Return a kubectl that is the only program on the PATH."""
    monkeypatch.setenv("PATH", str(tmp_path))
    return KubectlProgram(tmp_path)


def run(*arguments: str) -> Result:
    """Return what the command line does."""
    return CliRunner().invoke(cli, ["snapshot", *arguments])


def test_a_cluster_is_read_with_one_get(kubectl: KubectlProgram) -> None:
    """The one that the README names, in the context asked for; the result is that of the same file."""
    kubectl.says(SHOP.read_text())
    result = run("--context", "prod")
    assert (result.exit_code, result.stdout) == (0, run(str(SHOP)).stdout)
    assert kubectl.asked == ["--context=prod", "--request-timeout=1m", *CAPTURE.split()[1:-1], "json"]


@pytest.mark.parametrize(("current", "named"), [("prod", ["--context=prod"]), ("", [])], ids=["one", "none"])
def test_without_a_name_it_is_the_current_context(kubectl: KubectlProgram, current: str, named: list[str]) -> None:
    """By its name, so that a cluster that is followed stays the same one; in a Pod there is none."""
    kubectl.says(SHOP.read_text(), context=current)
    assert run("--context").exit_code == 0
    assert kubectl.asked[: len(named) + 2] == [*named, "--request-timeout=1m", "get"]


def test_as_a_plugin_of_kubectl_it_reads_the_current_context(kubectl: KubectlProgram) -> None:
    """Files where they are named; it is called as its users call it."""
    kubectl.says(SHOP.read_text(), context="prod")
    as_plugin = partial(CliRunner().invoke, cli, prog_name="kubectl nodefall")
    assert as_plugin(["snapshot"]).stdout == run(str(SHOP)).stdout
    assert kubectl.asked[0] == "--context=prod"
    assert as_plugin(["snapshot", str(SHOP)]).exit_code == 0
    assert "Usage: kubectl nodefall snapshot" in as_plugin(["snapshot", "--help"]).stdout
    assert run().exit_code == 2


def test_a_context_can_not_be_an_option(kubectl: KubectlProgram) -> None:
    """Whatever it is called."""
    kubectl.says(SHOP.read_text())
    run("--context=--kubeconfig=x")
    assert "--kubeconfig=x" not in kubectl.asked


def test_kinds_that_the_account_may_not_list_are_named(kubectl: KubectlProgram) -> None:
    """The others are read, although kubectl ends with an error."""
    kubectl.says(SHOP.read_text(), f"{FORBIDDEN}\n{FORBIDDEN.replace('nodes', 'pods')}\n", 1)
    result = run("--context", "prod")
    assert result.exit_code == 0
    assert "your account may not list nodes, pods: what follows is without them" in result.stderr


def test_a_cluster_that_is_too_large_is_captured_without_its_pods(
    kubectl: KubectlProgram, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cut off somewhere it would be broken JSON."""
    kubectl.says(SHOP.read_text())
    monkeypatch.setattr("webapp.kubectl.MAX_FILE_BYTES", 1000)
    result = run("--context", "prod")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "kubectl get nodes,services," in result.stderr


def test_the_map_says_which_kinds_are_not_in_it(kubectl: KubectlProgram) -> None:
    """Among its problems, for whoever has not seen the terminal; not in a snapshot, which is for others."""
    kubectl.says(SHOP.read_text(), f"{FORBIDDEN}\n", 1)
    manifests, _ = read_given(files_of((), "prod", render=False))
    (told,) = [each for each in manifests.problems if each.id == "NP035"]
    assert told.message == "Your account may not list nodes: what is shown is without them."
    assert "The ClusterRole view has no nodes" in told.hint


def test_what_kubectl_says_again_and_again_is_passed_on_once(kubectl: KubectlProgram) -> None:
    """As it does when a cluster is away, each time with another time before it."""
    line = '"Unhandled Error" err="couldn\'t get current server API group list"'
    kubectl.says("", "".join(f"E1201 04:39:38.42884{n}    9393 memcache.go:265] {line}\n" for n in range(3)), 1)
    assert run("--context", "prod").stderr.count(f"kubectl: {line}") == 1


def test_what_kubectl_says_is_passed_on(kubectl: KubectlProgram) -> None:
    """How to log in, and that not all was read."""
    kubectl.says(SHOP.read_text(), "To sign in, open https://login.example\n", 1)
    result = run("--context", "prod")
    assert result.exit_code == 0
    assert "kubectl: To sign in, open https://login.example" in result.stderr
    assert "may be incomplete" in result.stderr
    kubectl.says(SHOP.read_text())
    assert "incomplete" not in run("--context", "prod").stderr


@pytest.mark.parametrize(
    ("output", "errors", "said"),
    [
        pytest.param("", "error: context does not exist", "kubectl: error: context does not exist", id="its reason"),
        pytest.param("", FORBIDDEN, "may not list nodes", id="nothing is allowed"),
        pytest.param('{"apiVersion": "v1", "kind": "List", "items": []}', "", "nothing could be read", id="empty"),
    ],
)
def test_a_cluster_that_gives_nothing_ends_with_2(kubectl: KubectlProgram, output: str, errors: str, said: str) -> None:
    """And what kubectl says of it is passed on."""
    kubectl.says(output, errors, 1)
    result = run("--context", "prod")
    assert (result.exit_code, result.stdout) == (2, "")
    assert said in result.stderr


def test_without_kubectl_the_command_is_named_that_captures_a_cluster(kubectl: KubectlProgram) -> None:
    """So that it can be run where kubectl is."""
    assert kubectl
    result = run("--context", "prod")
    assert result.exit_code == 2
    assert CAPTURE in result.stderr


@pytest.mark.parametrize("arguments", [[], [str(SHOP), "--context", "prod"]], ids=["neither", "both"])
def test_a_path_or_a_context_is_named(arguments: list[str]) -> None:
    """One of them."""
    assert run(*arguments).exit_code == 2


def test_serve_takes_paths_or_a_context() -> None:
    """Not both: nothing starts."""
    result = CliRunner().invoke(cli, ["serve", str(SHOP), "--context", "prod"])
    assert (result.exit_code, "not both" in result.stderr) == (2, True)


def test_kubectl_finds_the_command_as_its_plugin() -> None:
    """By its name, ``kubectl-nodefall``."""
    scripts = tomllib.loads((TOP / "pyproject.toml").read_text())["project"]["scripts"]
    assert scripts["kubectl-nodefall"] == scripts["nodefall"]
