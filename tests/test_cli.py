"""The command line: what it prints, how it exits, and the contract of its JSON."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from webapp.cli import cli
from webapp.limits import ClusterLimits
from webapp.paths import resource_directory
from webapp.samples import SAMPLES
from webapp.simulation import document

SHOP = str(resource_directory("samples") / "shop.yaml")
LONE = """
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {type: NodePort, selector: {app: web}, ports: [{port: 80, nodePort: 30080}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: c, image: x}]}
"""
WEB = ("--service", "default/web", "--down", "node/worker-2")
NODE_PORT = """
apiVersion: v1
kind: Service
metadata: {{name: {name}}}
spec: {{type: NodePort, selector: {{app: web}}, ports: [{{port: 80{more}}}]}}
---
"""


def run(*arguments: str, stdin: str | None = None) -> Result:
    """Run nodefall with these arguments."""
    return CliRunner().invoke(cli, arguments, input=stdin)


def simulated(*arguments: str, stdin: str | None = None) -> dict[str, Any]:
    """Return the document that `simulate` prints."""
    result = run("simulate", *arguments, "--output", "json", stdin=stdin)
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def test_the_document_tells_the_story_of_the_readmes_picture() -> None:
    """The whole contract on one service: belief, truth, shares and both ways in."""
    found = simulated(SHOP, *WEB, "--at", "failed")
    assert (found["schema"], found["at"], found["down"], found["drain"]) == (
        "nodefall/simulation/v1",
        "failed",
        ["node/worker-2"],
        [],
    )
    assert [(n["name"], n["up"], n["ready"], n["assumed"]) for n in found["nodes"]] == [
        ("worker-1", True, True, False),
        ("worker-2", False, True, False),
        ("worker-3", True, True, False),
        ("worker-4", True, True, False),
    ]
    (service,) = found["services"]
    (port,) = service["ports"]
    assert (service["accepted"], port["nodePort"], port["nodePortAssigned"]) == (True, 30080, False)
    assert port["answered"] == {"dns": 0.375, "lb": 0.5}
    assert [(e["outcome"], e["answered"], sum(e["endpoints"].values())) for e in port["entries"]] == [
        ("degraded", 0.5, 1.0),
        ("timeout", 0.0, 0),
        ("degraded", 0.5, 1.0),
        ("degraded", 0.5, 1.0),
    ]


def test_the_sentence_of_several_nodes_names_none_of_them() -> None:
    """What holds for a group is not said of its first node; the folded JSON neither."""
    local = ("--service", "default/web", "--policy", "default/web:Local", "--assume-nodes", "6")
    text = run("simulate", "-", *local, stdin=LONE).output
    assert "node-1, node-2: Healthy 100\u202f%. kube-proxy sends everything to the only endpoint on the node" in text
    assert "node-3, node-4, node-5, node-6: Unavailable 0\u202f%. externalTrafficPolicy Local: the node has no" in text
    (port,) = simulated("-", *local, "--entries", "summary", stdin=LONE)["services"][0]["ports"]
    assert [entry["reason"].count("node-") for entry in port["entries"] if entry["count"] > 1] == [0]


def test_belief_changes_with_the_moment_and_truth_does_not() -> None:
    """`ready` turns false at detected; `up` was false all along; at before all is up."""
    seen = {}
    for at in ("before", "failed", "detected"):
        node = simulated(SHOP, *WEB, "--at", at)["nodes"][1]
        seen[at] = (node["up"], node["ready"])
    assert seen == {"before": (True, True), "failed": (False, True), "detected": (False, False)}


KEYS = {
    "document": {"schema", "at", "down", "drain", "nodes", "services", "assumptions", "problems"},
    "node": {"name", "addresses", "zone", "up", "ready", "assumed"},
    "service": {"namespace", "name", "type", "externalTrafficPolicy", "accepted", "ports"},
    "port": {
        "name",
        "protocol",
        "port",
        "targetPort",
        "nodePort",
        "nodePortAssigned",
        "endpoints",
        "entries",
        "answered",
    },
    "endpoint": {"pod", "address", "port", "node", "ready", "serving", "terminating", "assumed"},
    "entry": {"node", "address", "answered", "outcome", "reason", "clientIP", "endpoints"},
    "problem": {"id", "severity", "file", "line", "object", "message", "hint"},
}


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.slug)
def test_every_part_of_the_document_has_the_keys_of_the_contract(sample: Any) -> None:
    """More may be added, none renamed."""
    found = simulated(str(sample.path))
    ports = [port for service in found["services"] for port in service["ports"]]
    parts = {
        "document": [found],
        "node": found["nodes"],
        "service": found["services"],
        "port": ports,
        "endpoint": [endpoint for port in ports for endpoint in port["endpoints"]],
        "entry": [entry for port in ports for entry in port["entries"]],
        "problem": found["problems"],
    }
    for name, listed in parts.items():
        assert all(part.keys() >= KEYS[name] for part in listed), name
    for port in ports:
        assert (port["answered"] is None) == (not port["entries"])
        assert {entry["outcome"] for entry in port["entries"]} <= {"answered", "degraded", "refused", "timeout"}


def test_standard_input_is_read_for_a_dash() -> None:
    """As kubectl pipes it."""
    assert len(simulated("-", stdin=Path(SHOP).read_text())["nodes"]) == 4


def test_a_folder_is_read_recursively_without_what_is_hidden(tmp_path: Path) -> None:
    """Sub-folders too; names with blanks are names."""
    deep = tmp_path / "a folder" / "deeper"
    deep.mkdir(parents=True)
    (deep / "shop 1.yaml").write_text(Path(SHOP).read_text())
    (tmp_path / ".hidden.yaml").write_text("kind: [")
    found = simulated(str(tmp_path))
    assert len(found["services"]) == 3
    assert not [problem for problem in found["problems"] if problem["severity"] == "error"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        pytest.param((SHOP, "--down", "node/nowhere"), "There is: worker-1", id="a node that isn't there"),
        pytest.param((SHOP, "--at", "later"), "at is one of before", id="no such moment"),
        pytest.param((SHOP, "--drain", "node/worker-1", "--down", "zone/a"), "combined", id="a crash and a drain"),
        pytest.param((SHOP, "--service", "web"), "There is: default/admin", id="no such service"),
        pytest.param((SHOP, "--assume-nodes", "0"), "from 1 to 5000", id="no node at all"),
        pytest.param(("nowhere.yaml",), "No such file", id="no such file"),
        pytest.param(("-",), "nothing could be read", id="nothing to read"),
    ],
)
def test_what_cannot_be_simulated_exits_with_2_and_says_why(arguments: tuple[str, ...], says: str) -> None:
    """On standard error, so that a pipe stays clean."""
    result = run("simulate", *arguments, "--output", "json", stdin="")
    assert (result.exit_code, result.stdout) == (2, "")
    assert says in result.stderr


def test_a_template_alone_is_nothing_that_could_be_read() -> None:
    """And the message says what to do with it."""
    result = run("simulate", "-", stdin="{{ .Values.everything }}\n")
    assert result.exit_code == 2
    assert "helm template" in result.stderr


@pytest.mark.parametrize(
    "command", [["simulate", "-"], ["why", "-", "worker-1:30080"], ["render", "-", "-o", "x.svg"], ["check", "-"]]
)
def test_kinds_that_are_not_used_alone_are_nothing_to_answer_from(command: list[str]) -> None:
    """A pipeline whose path is wrong must not pass: every command exits with 2 and names the kinds."""
    result = run(*command, stdin="apiVersion: v1\nkind: Secret\nmetadata: {name: web}\n")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "none of a kind that nodefall draws: 1 Secret" in result.stderr


def test_too_many_entries_ask_for_a_service_or_a_summary(monkeypatch: pytest.MonkeyPatch) -> None:
    """Instead of hundreds of megabytes."""
    monkeypatch.setattr(document, "CLUSTER", ClusterLimits(entries=3))
    result = run("simulate", SHOP, "--output", "json")
    assert result.exit_code == 2
    assert "--entries summary" in result.stderr
    assert run("simulate", SHOP, "--entries", "summary", "--output", "json").exit_code == 0


def test_a_summary_folds_nodes_that_fare_alike_and_counts_them() -> None:
    """Three live nodes in one row, the dead one in another."""
    (service,) = simulated(SHOP, *WEB, "--at", "failed", "--entries", "summary")["services"]
    entries = service["ports"][0]["entries"]
    assert [(e["count"], e["outcome"]) for e in entries] == [(3, "degraded"), (1, "timeout")]
    assert entries[0]["nodes"] == ["worker-1", "worker-3", "worker-4"]


def test_text_says_the_same_in_words() -> None:
    """The verdict of the picture."""
    result = run("simulate", SHOP, *WEB, "--at", "failed")
    assert "DNS 37.5\N{NARROW NO-BREAK SPACE}%, load balancer 50\N{NARROW NO-BREAK SPACE}%" in result.stdout
    assert "worker-2: Unavailable 0\N{NARROW NO-BREAK SPACE}%. worker-2 is down" in result.stdout


def test_settings_of_the_cluster_are_options() -> None:
    """kube-proxy's own words for them."""
    found = simulated(SHOP, "--nodeport-addresses", "10.0.0.0/8", "--proxy-mode", "nftables")
    outcomes = {entry["outcome"] for s in found["services"] for p in s["ports"] for entry in p["entries"]}
    assert outcomes == {"refused"}


@pytest.mark.parametrize(
    ("ports", "accepted", "numbers"),
    [
        pytest.param("30000-32767", False, range(30086, 32768), id="the default refuses 8080"),
        pytest.param("8000-8999", True, range(8031, 9000), id="its own bands: 31 of 1,000 are for fixed numbers"),
        pytest.param("8080+1", True, [8081], id="a small range has no bands"),
    ],
)
def test_the_node_port_range_decides_what_is_accepted_and_assigned(
    ports: str, accepted: bool, numbers: Sequence[int]
) -> None:
    """Validation and allocation go by kube-apiserver's setting; the refusal says how to give it."""
    text = "".join(NODE_PORT.format(name=name, more=more) for name, more in (("a", ", nodePort: 8080"), ("b", "")))
    found = simulated("-", "--service-node-port-range", ports, stdin=text)
    fixed, automatic = found["services"]
    assert fixed["accepted"] is accepted
    assert automatic["ports"][0]["nodePort"] in numbers
    hints = [problem["hint"] for problem in found["problems"] if problem["id"] == "NP102"]
    assert [("--service-node-port-range" in hint) for hint in hints] == [True] * (not accepted)


def test_check_and_diff_know_the_node_port_range(tmp_path: Path) -> None:
    """What kube-apiserver accepts is no error there either."""
    path = tmp_path / "web.yaml"
    path.write_text(NODE_PORT.format(name="a", more=", nodePort: 8080"))
    option = "--service-node-port-range"
    assert [run("check", str(path), *more).exit_code for more in ((), (option, "8000-8999"))] == [1, 0]
    assert run("diff", str(path), str(path), option, "8000-8999").exit_code == 0
    for paths in (["check", str(path)], ["diff", str(path), str(path)]):
        assert run(*paths, option, "many").exit_code == 2


@pytest.mark.parametrize("extension", ["svg", "json", "mmd", "dot"])
def test_a_picture_is_written_by_its_extension(extension: str, tmp_path: Path) -> None:
    """The Scenario's words are the same as for simulate."""
    target = tmp_path / f"picture.{extension}"
    assert run("render", SHOP, *WEB, "-o", str(target)).exit_code == 0
    assert "worker-2" in target.read_text()


@pytest.mark.parametrize("more", [(), ("-o", "-")])
def test_a_picture_goes_to_standard_output_in_the_format_that_is_named(more: tuple[str, ...]) -> None:
    """For a pipe, and nothing else with it."""
    result = run("render", SHOP, *WEB, "--format", "dot", *more)
    assert result.exit_code == 0
    assert result.stdout.startswith("digraph nodefall {")
    assert result.stdout.endswith("}\n")


@pytest.mark.parametrize("name", ["services.csv", "shop-services.csv"])
def test_a_document_is_written_by_the_name_of_its_file(name: str, tmp_path: Path) -> None:
    """There are several tables, so the extension alone would not say which."""
    assert run("render", SHOP, *WEB, "-o", str(tmp_path / name)).exit_code == 0
    assert (tmp_path / name).read_text().startswith("namespace,service,port")


def test_a_format_that_is_named_counts_more_than_the_name_of_the_file(tmp_path: Path) -> None:
    """A file may be called anything."""
    assert (
        run("render", SHOP, *WEB, "--format", "mmd", "--names", "hidden", "-o", str(tmp_path / "x.txt")).exit_code == 0
    )
    text = (tmp_path / "x.txt").read_text()
    assert "flowchart LR" in text
    assert "worker" not in text


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        pytest.param((SHOP,), "say -o FILE or --format FORMAT", id="neither a file nor a format"),
        pytest.param((SHOP, "--format", "gif"), "--format must be one of", id="a named format that isn't there"),
        pytest.param((SHOP, "-o", "x.csv"), "documents are services.csv", id="a table that isn't there"),
        pytest.param(
            (SHOP, "--format", "entries.csv", "--names", "hidden"), "names does nothing", id="names in a document"
        ),
        pytest.param((SHOP, "--format", "dot", "--scale", "3"), "scale does nothing for dot", id="no such choice"),
        pytest.param((SHOP, "-o", "picture.gif"), "the extension must be one of", id="a format that isn't there"),
        pytest.param((SHOP, "--port", "1", "-o", "picture.svg"), "port", id="a port that isn't there"),
        pytest.param((SHOP, "-o", "nowhere/picture.svg"), "No such file", id="a folder that isn't there"),
    ],
)
def test_what_cannot_be_drawn_exits_with_2(arguments: tuple[str, ...], says: str) -> None:
    """With a message, not a traceback."""
    result = run("render", *arguments)
    assert result.exit_code == 2
    assert says in result.stderr


@pytest.mark.parametrize(
    ("address", "options", "status", "says"),
    [
        ("worker-1:30080", (), 0, "worker-1:30080 should answer"),
        (
            "http://worker-1:30080/",
            ("--down", "node/worker-2", "--at", "failed"),
            0,
            "answers 50\u202f% of new connections",
        ),
        ("worker-2:30080", ("--down", "node/worker-2"), 1, "BREAKS HERE   node: worker-2 is down"),
        (
            "worker-4:30080",
            ("--policy", "default/web:Local"),
            1,
            "BREAKS HERE   kube-proxy: externalTrafficPolicy Local",
        ),
        ("worker-1:30080", ("--protocol", "udp"), 1, "for TCP, not for UDP"),
        ("localhost:30080", (), 2, "UNKNOWN       your machine"),
    ],
)
def test_why_says_what_breaks_the_path(address: str, options: tuple[str, ...], status: int, says: str) -> None:
    """Exit 0 when it is answered, 1 when not, 2 when it can't be told."""
    result = run("why", SHOP, address, *options)
    assert result.exit_code == status, result.output
    assert says in result.output
    assert "What no manifest shows:" in result.output


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((SHOP, "30080"), '"30080" is not an address'),
        ((SHOP, "worker-1:30080", "--down", "node/nope"), "There is no node"),
        (("/nowhere.yaml", "worker-1:30080"), "No such file"),
    ],
)
def test_why_exits_with_2_when_it_was_asked_wrongly(arguments: tuple[str, ...], says: str) -> None:
    """An address that is none, a Scenario that names what isn't there, a file that isn't."""
    result = run("why", *arguments)
    assert result.exit_code == 2
    assert says in result.output


def test_the_document_of_why_has_what_the_simulation_says() -> None:
    """The share and the outcome of the entry."""
    options = ("--down", "node/worker-2", "--at", "failed")
    told = json.loads(run("why", SHOP, "worker-3:30080", *options, "-o", "json").stdout)
    assert (told["schema"], told["answered"], told["outcome"]) == ("nodefall/why/v1", 0.5, "degraded")
    assert (told["node"], told["service"], told["told"]) == ("worker-3", "default/web", True)
    assert [step["mark"] for step in told["steps"]] == ["ok", "ok", "ok", "ok", "loses"]
