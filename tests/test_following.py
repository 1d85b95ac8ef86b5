"""Files and a cluster that are read again and again: each reading that differs is kept, and says what is different."""

import itertools
import os
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.kubectl_program import KubectlProgram
from tests.snapshot.test_kubectl import FORBIDDEN
from webapp.cli import cli
from webapp.command_input import followed, read_given
from webapp.files import uploads
from webapp.following import PAUSE, FollowedSource, Following
from webapp.manifests.manifests import Manifests
from webapp.paths import resource_directory

SHOP = (resource_directory("samples") / "shop.yaml").read_text()
NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with one file."""
    (tmp_path / "shop.yaml").write_text(SHOP)
    return tmp_path


def following(source: FollowedSource) -> Following:
    """Return what follows a source; its readings are called 1, 2 and so on."""
    numbers = map(str, itertools.count(1))
    return Following(source, lambda _: next(numbers), lambda: NOON, source.read())


def of_folder(folder: Path) -> Following:
    """Return what follows a folder."""
    return following(followed([str(folder)], None, render=False))


def test_a_file_that_is_written_gives_a_new_reading(folder: Path) -> None:
    """It names the object that changed, and the reading before."""
    its = of_folder(folder)
    its.look()
    assert its.newest.id == "1"
    (folder / "shop.yaml").write_text(SHOP.replace("replicas: 3", "replicas: 4", 1))
    its.look()
    assert (its.newest.id, its.newest.before, its.newest.at) == ("2", "1", NOON)
    assert its.newest.changes.changed == ("Deployment default/admin",)
    assert its.reading("1") is not its.newest
    assert its.reading("3") is None


def test_a_file_that_comes_or_goes_gives_a_new_reading(folder: Path) -> None:
    """In any folder below."""
    its = of_folder(folder)
    below = folder / "more" / "node.yaml"
    below.parent.mkdir()
    below.write_text("apiVersion: v1\nkind: Node\nmetadata: {name: worker-9}\n")
    its.look()
    assert its.newest.changes.added == ("Node worker-9",)
    below.unlink()
    its.look()
    assert (its.newest.id, its.newest.changes.removed) == ("3", ("Node worker-9",))


def test_a_file_that_is_written_with_the_same_text_is_no_news(folder: Path) -> None:
    """Editors and checkouts do that."""
    its = of_folder(folder)
    its.look()
    os.utime(folder / "shop.yaml", ns=(1, 1))
    its.look()
    assert its.newest.id == "1"


def test_nothing_is_read_while_no_file_was_written(folder: Path) -> None:
    """A look costs what listing the files costs."""
    source = followed([str(folder)], None, render=False)
    read: list[Manifests] = []

    def counted() -> Manifests:
        read.append(source.read())
        return read[-1]

    its = following(FollowedSource(name="x", read=counted, trace=source.trace))
    for _ in range(5):
        its.look()
    assert len(read) == 2


@pytest.mark.parametrize(
    ("text", "said"),
    [("a: [", "shop.yaml:1"), ("", "The upload contains no Kubernetes object"), (None, "No such file")],
    ids=["broken", "empty", "gone"],
)
def test_what_can_not_be_read_is_said_and_the_last_reading_stays(folder: Path, text: str | None, said: str) -> None:
    """Until it can be read again."""
    file = folder / "shop.yaml"
    its = following(followed([str(file)], None, render=False))
    if text is None:
        file.unlink()
    else:
        file.write_text(text)
    its.look()
    assert its.newest.id == "1"
    assert said in its.problem
    file.write_text(SHOP)
    its.look()
    assert (its.newest.id, its.problem) == ("1", "")


def test_a_cluster_is_read_again_through_kubectl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What stands in another line is no news; another object is. A cluster that is away is said."""
    monkeypatch.setenv("PATH", str(tmp_path))
    kubectl = KubectlProgram(tmp_path)
    kubectl.says(SHOP)
    its = following(followed([], "prod", render=False))
    kubectl.says(f"# another line\n{SHOP}")
    its.look()
    assert its.newest.id == "1"
    kubectl.says("", "Unable to connect to the server: no route to host\n", 1)
    its.look()
    assert (its.newest.id, its.problem) == ("1", "kubectl: Unable to connect to the server: no route to host")
    kubectl.says(SHOP.replace("name: worker-4", "name: worker-5"))
    its.look()
    assert (its.newest.changes.added, its.problem) == (("Node worker-5",), "")


def test_a_file_that_was_away_and_is_back_as_it_was_is_no_problem_any_more(folder: Path) -> None:
    """Moved away and back it has the same time; what was said of it meanwhile is taken back."""
    file, aside = folder / "shop.yaml", folder / "aside"
    its = following(followed([str(file)], None, render=False))
    its.look()
    file.rename(aside)
    its.look()
    assert "No such file" in its.problem
    aside.rename(file)
    its.look()
    assert (its.newest.id, its.problem) == ("1", "")


@pytest.mark.parametrize("whole", [True, False], ids=["a file", "a folder"])
def test_an_editor_that_writes_another_file_in_its_place_gives_a_new_reading(folder: Path, whole: bool) -> None:
    """Even one of the same size, with the time of the one before."""
    file, other = folder / "shop.yaml", folder / "shop.yaml.swp"
    its = following(followed([str(file if whole else folder)], None, render=False))
    its.look()
    before = file.stat()
    other.write_text(SHOP.replace("replicas: 3", "replicas: 4", 1))
    os.utime(other, ns=(before.st_atime_ns, before.st_mtime_ns))
    other.replace(file)
    its.look()
    assert its.newest.changes.changed == ("Deployment default/admin",)


def test_a_file_that_is_still_being_written_is_not_read(folder: Path) -> None:
    """Of the part that is there one would think that the rest is gone."""
    traces = itertools.cycle("ab")
    source = followed([str(folder)], None, render=False)
    its = following(replace(source, trace=lambda: next(traces)))
    (folder / "shop.yaml").write_text(SHOP.partition("---")[0])
    its.look()
    assert its.newest.id == "1"


def test_a_source_that_takes_long_is_looked_at_less_often() -> None:
    """A large cluster takes minutes: it is not read all the time."""
    its = following(FollowedSource(name="x", read=Manifests, every=1))
    assert its.pause_after(0.01) == 1
    assert its.pause_after(60) == 60 * PAUSE


def test_the_same_output_of_kubectl_is_not_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading it takes longer than fetching it."""
    monkeypatch.setenv("PATH", str(tmp_path))
    kubectl = KubectlProgram(tmp_path)
    kubectl.says(SHOP)
    source, read = followed([], "prod", render=False), []
    its = following(replace(source, read=lambda: read.append(source.read()) or read[-1]))
    for _ in range(3):
        its.look()
    assert len(read) == 2


@pytest.mark.parametrize(
    "said",
    [
        "Error from server (InternalError): etcdserver: request timed out",
        "Unable to connect to the server: net/http: TLS handshake timeout",
        "The connection to the server 10.0.0.1:6443 was refused - did you specify the right host or port?",
    ],
)
def test_half_a_cluster_is_no_reading(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str) -> None:
    """Of what kubectl has not got one would think that it is gone; kinds that are forbidden always were."""
    monkeypatch.setenv("PATH", str(tmp_path))
    kubectl = KubectlProgram(tmp_path)
    kubectl.says(SHOP)
    its = following(followed([], "prod", render=False))
    half = SHOP.partition("---")[0]
    kubectl.says(half, f"{FORBIDDEN}\n{said}\n", 1)
    its.look()
    assert (its.newest.id, its.problem) == ("1", f"kubectl: {said}")
    kubectl.says(half, f"Warning: v1 Endpoints is deprecated\n{FORBIDDEN}\n", 1)
    its.look()
    assert (its.newest.id, its.problem) == ("2", "")


def test_what_kubectl_says_each_time_is_said_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every fifteen seconds it would fill the terminal."""
    monkeypatch.setenv("PATH", str(tmp_path))
    kubectl = KubectlProgram(tmp_path)
    kubectl.says(SHOP, "Warning: old\n")
    its = following(followed([], "prod", render=False))
    its.look()
    kubectl.says(SHOP, "Warning: new\n")
    its.look()
    assert capsys.readouterr().err.splitlines() == ["kubectl: Warning: old", "kubectl: Warning: new"]


def test_the_first_reading_is_what_the_command_line_shows(folder: Path) -> None:
    """The same files by the same rules."""
    given = read_given(uploads([str(folder)], render=False))[0]
    assert followed([str(folder)], None, render=False).read() == given


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--watch",), "name what to --watch"),
        (("-", "--watch"), "standard input can be read once"),
    ],
)
def test_what_can_not_be_watched_is_refused(arguments: tuple[str, ...], said: str) -> None:
    """Before a server starts."""
    result = CliRunner().invoke(cli, ["serve", *arguments], input=SHOP)
    assert result.exit_code == 2
    assert said in result.output
