"""nodefall in Python: its documentation's examples, its errors, and that it answers as the command line does."""

import doctest
import json
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner

import webapp as nodefall
from webapp.cli import cli
from webapp.limits import ClusterLimits
from webapp.simulation import document

TOP = Path(__file__).resolve().parent.parent
SHOP = str(TOP / "samples" / "shop.yaml")
CLUSTER_IP = "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {ports: [{port: 80}]}\n"


def test_the_examples_of_its_documentation_are_true(monkeypatch: pytest.MonkeyPatch):
    """Each prints what stands below it, in a checkout."""
    monkeypatch.chdir(TOP)
    assert doctest.testfile(str(TOP / "docs" / "python.md"), module_relative=False).failed == 0


@pytest.mark.parametrize(
    ("code", "absent"),
    [
        pytest.param("import webapp", {"networkx", "flask", "msgspec", "yaml", "click"}, id="import webapp"),
        pytest.param("import webapp; webapp.read", {"networkx", "flask", "sqlalchemy", "click"}, id="reading"),
    ],
)
def test_importing_it_is_cheap(code: str, absent: set[str]):
    """NetworkX comes with the first graph, and the web app never."""
    command = f"import sys; {code}; print(*{{name.split('.')[0] for name in sys.modules}})"
    loaded = subprocess.run([sys.executable, "-c", command], capture_output=True, text=True, check=True, cwd=TOP)
    assert set(loaded.stdout.split()) & absent == set()


def test_a_notebook_completes_its_names():
    """Before they are first used, too."""
    assert set(dir(nodefall)) >= set(nodefall.__all__) >= {"read", "NodefallError"}


def test_it_answers_as_the_command_line_does():
    """The same document for the same words, settings and what-ifs included."""
    words = ["--drain", "node/worker-3", "--at", "evicting", "--service", "default/web"]
    settings = ["--proxy-mode", "nftables", "--policy", "default/web:Local", "--kubernetes", "1.31"]
    printed = CliRunner().invoke(cli, ["simulate", SHOP, *words, *settings, "-o", "json"]).stdout
    cluster = nodefall.read(SHOP, proxy_mode="nftables", policy=["default/web:Local"], kubernetes="1.31")
    assert cluster.simulate(drain="node/worker-3", at="evicting", service="default/web").document == json.loads(printed)


def errors(*words: str) -> str:
    """Return the last line that the command line prints of its own error."""
    result = CliRunner().invoke(cli, ["simulate", *words])
    assert result.exit_code == 2
    return result.stderr.splitlines()[-1]


def test_what_cannot_be_read_is_said_as_on_the_command_line(tmp_path: Path):
    """A path that isn't there, a file that isn't a manifest, a setting that can't be."""
    broken = tmp_path / "broken.yaml"
    broken.write_text("kind: [")
    for path, setting in ((str(tmp_path / "none"), "3"), (str(broken), "3"), (SHOP, "0")):
        with pytest.raises(nodefall.NodefallError) as raised:
            nodefall.read(path, assume_nodes=setting)
        assert errors(path, "--assume-nodes", setting) == f"nodefall: {raised.value}"
        assert {problem.file for problem in raised.value.problems} == ({path} if path == str(broken) else set())


@pytest.mark.parametrize(
    ("words", "options"),
    [
        pytest.param({"down": ["node/x"]}, ["--down", "node/x"], id="nothing of that name"),
        pytest.param({"at": "noon"}, ["--at", "noon"], id="no such moment"),
        pytest.param(
            {"down": "node/worker-1", "drain": "node/worker-2"},
            ["--down", "node/worker-1", "--drain", "node/worker-2"],
            id="both at once",
        ),
    ],
)
def test_a_wrong_scenario_is_said_as_on_the_command_line(words: dict, options: list[str]):
    """The message says what there is."""
    with pytest.raises(nodefall.NodefallError) as raised:
        nodefall.read(SHOP).simulate(**words)
    assert errors(SHOP, *options) == f"nodefall: {raised.value}"


@pytest.mark.parametrize("asked", ["answered", "graph"])
@pytest.mark.parametrize(("service", "port"), [("default/none", None), ("default/web", 81)])
def test_a_service_or_port_that_is_not_there_is_one_error(asked: str, service: str, port: int | None):
    """Whoever is asked, in the same words."""
    simulation = nodefall.read(SHOP).simulate()
    with pytest.raises(nodefall.NodefallError, match=r"There is no service default/none|has no port 81"):
        getattr(simulation, asked)(service, port)
    with pytest.raises(nodefall.NodefallError):
        simulation.draw("svg", service, port)


def test_a_setting_that_does_not_exist_is_a_wrong_argument():
    """A slip of the pen isn't left alone."""
    with pytest.raises(TypeError, match="assume_node'"):
        nodefall.read(SHOP, assume_node=3)
    with pytest.raises(AttributeError, match="simulate"):
        nodefall.simulate  # noqa: B018


def test_a_notebook_shows_the_picture():
    """That of the Scenario differs from that with nothing down; both are images with a title."""
    cluster = nodefall.read(SHOP)
    pictures = [shown._repr_svg_() for shown in (cluster, cluster.simulate(down="node/worker-2"))]
    assert all(ET.fromstring(picture).find("{*}title") is not None for picture in pictures)  # noqa: S314
    assert pictures[0] != pictures[1]


def test_without_a_service_there_is_no_picture(tmp_path: Path):
    """The notebook then prints the words; a Service without nodePort is drawn, and answers nobody outside."""
    (tmp_path / "pod.yaml").write_text("apiVersion: v1\nkind: Pod\nmetadata: {name: web}\n")
    alone = nodefall.read(tmp_path)
    assert (alone._repr_svg_(), repr(alone.simulate())) == (None, "<Simulation: nothing is down>")
    (tmp_path / "service.yaml").write_text(CLUSTER_IP)
    assert nodefall.read(tmp_path).simulate().answered() is None


def test_a_document_that_would_be_too_large_is_an_error_and_its_summary_is_not(monkeypatch: pytest.MonkeyPatch):
    """As on the command line."""
    monkeypatch.setattr(document, "CLUSTER", ClusterLimits(entries=2))
    simulation = nodefall.read(SHOP).simulate(service="default/web")
    with pytest.raises(nodefall.NodefallError, match="4 entries are too many"):
        _ = simulation.services
    assert simulation.summary["services"][0]["ports"][0]["entries"][0]["count"] == 4
