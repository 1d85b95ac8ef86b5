"""The files that stage a failure: as the tools' CRDs say, each failure in them or named, and no name does anything."""

import json
import os
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from tests.kubectl_program import KubectlProgram
from tests.topology.test_paths import SAMPLES, failures, sample
from webapp.cluster.model import Cluster, Node, Pod
from webapp.documents import DOCUMENTS
from webapp.documents.chaos_mesh import chaos_mesh_yaml
from webapp.documents.drain_script import drain_script
from webapp.documents.litmus import MOST_NODES, litmus_yaml
from webapp.documents.rehearsal import MOST_STAGED, NOTHING, lasting
from webapp.failure import FailureKind, Scenario, Target
from webapp.failure.clock import clock
from webapp.failure.words import decode

FILES = {"chaos-mesh.yaml": chaos_mesh_yaml, "litmus.yaml": litmus_yaml, "drain.sh": drain_script}
MANIFESTS = ("chaos-mesh.yaml", "litmus.yaml")
SHOP = next(path for path in SAMPLES if path.stem == "shop")
WEB, ADMIN = "default/web-7c9d-4xk2p", "default/admin-9f4c-b5k7j"
HOSTILE = "a'b\"; reboot #\n$(reboot) `reboot`\r\n--all \u2028: {x}"


@cache
def schemas() -> dict[str, Any]:
    """Return the reduced schemas of the tools' resources."""
    found: dict[str, Any] = json.loads((Path(__file__).parent.parent / "data" / "chaos_schemas.json").read_text())
    return found


def objects(text: str) -> list[dict[str, Any]]:
    """Return what a file has, each object held against the schema of its kind."""
    found = [each for each in yaml.safe_load_all(text) if each is not None]
    for each in found:
        assert each.keys() == {"apiVersion", "kind", "metadata", "spec"}
        group = "litmuschaos.io" if each["kind"] == "ChaosEngine" else "chaos-mesh.org"
        assert each["apiVersion"] == f"{group}/v1alpha1"
        for part, name in (("spec", each["kind"]), ("metadata", "metadata")):
            Draft202012Validator({"$ref": f"#/$defs/{name}", "$defs": schemas()["$defs"]}).validate(each[part])
    names = [each["metadata"]["name"] for each in found]
    assert len(set(names)) == len(names)
    return found


def shop(name: str, *words: tuple[str, str]) -> str:
    """Return a file of a failure of the sample."""
    cluster = sample(SHOP)
    return FILES[name](cluster, decode(words, cluster))


def remarks(text: str) -> str:
    """Return the comments of a file as one text."""
    return " ".join(line.lstrip("# ") for line in text.splitlines() if line.startswith("#"))


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(failures())
def test_a_file_of_any_failure_is_as_the_schemas_say(asked: tuple[Cluster, Scenario]) -> None:
    """Whatever fails, together or alone; of nothing there is nothing to apply."""
    cluster, scenario = asked
    for name in MANIFESTS:
        text = FILES[name](cluster, scenario)
        found = objects(text)
        if not scenario.down and not scenario.drain:
            assert (found, NOTHING in text) == ([], True)
        else:
            assert found or "Not in this file" in text


def test_a_schema_refuses_what_is_not_so() -> None:
    """Or all the others would say nothing."""
    spec = objects(shop("chaos-mesh.yaml", ("down", "node/worker-2")))[0]["spec"]
    for wrong in ({**spec, "action": "network-off"}, {**spec, "wanted": 1}, {"mode": "all"}):
        validator = Draft202012Validator({"$ref": "#/$defs/PhysicalMachineChaos", "$defs": schemas()["$defs"]})
        assert not validator.is_valid(wrong)


CHAOS_MESH = {
    "node/worker-2": ("PhysicalMachineChaos", {"action": "network-down"}, ["worker-2"]),
    f"pod/{WEB}": ("NetworkChaos", {"action": "loss", "loss": {"loss": "100", "correlation": "0"}}, [WEB]),
    f"unready/{WEB}": ("NetworkChaos", {"action": "loss"}, [WEB]),
    f"deleted/{WEB}": ("PodChaos", {"action": "pod-kill", "gracePeriod": 30}, [WEB]),
    "kube-proxy/worker-2": ("PodChaos", {"action": "pod-failure"}, ["worker-2"]),
    "returned/worker-2": ("PhysicalMachineChaos", {"action": "network-down"}, ["worker-2"]),
}


@pytest.mark.parametrize("word", CHAOS_MESH)
def test_chaos_mesh_stages_a_failure_by_what_comes_nearest(word: str) -> None:
    """On the nodes or pods that fail and on no others."""
    kind, has, names = CHAOS_MESH[word]
    (found,) = objects(shop("chaos-mesh.yaml", ("down", word)))
    assert found["kind"] == kind
    assert has.items() <= found["spec"].items()
    assert selected(found["spec"]["selector"]) == names


def selected(selector: Mapping[str, Any]) -> list[str]:
    """Return the names that a selector names."""
    if "pods" in selector:
        return [f"{namespace}/{name}" for namespace, names in selector["pods"].items() for name in names]
    return list(selector.get("nodes") or selector["physicalMachines"]["chaos-mesh"])


LITMUS = {
    "node/worker-2": ("node-poweroff", {"TARGET_NODE": "worker-2", "TARGET_NODE_IP": "192.168.1.102"}),
    "returned/worker-2": ("node-poweroff", {"TARGET_NODE": "worker-2"}),
    "partition/worker-2": ("kubelet-service-kill", {"TARGET_NODE": "worker-2"}),
    f"pod/{WEB}": ("pod-network-loss", {"NETWORK_PACKET_LOSS_PERCENTAGE": "100"}),
    f"unready/{WEB}": ("pod-network-loss", {"NETWORK_PACKET_LOSS_PERCENTAGE": "100"}),
    f"deleted/{WEB}": ("pod-delete", {"FORCE": "false"}),
}


@pytest.mark.parametrize("word", LITMUS)
def test_litmus_stages_a_failure_by_what_comes_nearest(word: str) -> None:
    """With the variables of the fault's chart."""
    name, has = LITMUS[word]
    (found,) = objects(shop("litmus.yaml", ("down", word)))
    (experiment,) = found["spec"]["experiments"]
    assert experiment["name"] == name
    variables = {each["name"]: each["value"] for each in experiment["spec"]["components"]["env"]}
    assert has.items() <= variables.items()
    pods = [f"{its['namespace']}/{its['names']}" for its in found["spec"].get("selectors", {}).get("pods", [])]
    assert pods == ([WEB] if WEB in word else [])


def test_every_way_to_fail_is_in_the_file_or_named_as_missing() -> None:
    """Nothing is left out silently, also not the next way that somebody adds."""
    cluster = sample(SHOP)
    for kind in FailureKind:
        name = {"zone": "a", "control-plane": "", "pod": WEB, "unready": WEB, "deleted": WEB}.get(kind, "worker-2")
        scenario = Scenario(down=frozenset({Target(kind=kind, name=name)}))
        zoned = replace(cluster, nodes={key: replace(node, zone="a") for key, node in cluster.nodes.items()})
        for file in MANIFESTS:
            text = FILES[file](zoned, scenario)
            assert bool(objects(text)) is not ("Not in this file" in text), (file, kind)


@pytest.mark.parametrize(
    ("file", "word"),
    [
        ("chaos-mesh.yaml", ("drain", "node/worker-2")),
        ("chaos-mesh.yaml", ("down", "control-plane")),
        ("chaos-mesh.yaml", ("down", "partition/worker-2")),
        ("litmus.yaml", ("down", "kube-proxy/worker-2")),
    ],
)
def test_what_a_tool_cannot_do_is_said(file: str, word: tuple[str, str]) -> None:
    """Beside how it is done instead."""
    text = shop(file, word)
    assert not objects(text)
    assert "Not in this file" in remarks(text)


def test_a_partition_drops_packets_to_each_control_plane_node() -> None:
    """Where the manifests have their addresses."""
    cluster = sample(SHOP)
    planes = {f"cp-{at}": Node(name=f"cp-{at}", internal_ips=(f"10.0.0.{at}",), control_plane=True) for at in (1, 2)}
    scenario = Scenario(down=frozenset({Target(kind=FailureKind.PARTITION, name="worker-2")}))
    found = objects(chaos_mesh_yaml(replace(cluster, nodes={**cluster.nodes, **planes}), scenario))
    assert [each["spec"]["network-partition"]["ip-address"] for each in found] == ["10.0.0.1", "10.0.0.2"]


def test_a_failure_is_kept_up_until_the_last_of_its_times() -> None:
    """Or nobody would see pods recreated."""
    cluster = sample(SHOP)
    scenario = decode([("down", "node/worker-2")], cluster)
    assert lasting(cluster, scenario) > max(clock(cluster, scenario).seconds_at.values())
    spec = objects(chaos_mesh_yaml(cluster, scenario))[0]["spec"]
    assert spec["duration"] == spec["network-down"]["duration"] == f"{lasting(cluster, scenario)}s"


def test_pods_are_deleted_with_their_own_grace_periods() -> None:
    """Chaos Mesh has one for each experiment, and kills at once where it is told none."""
    cluster = sample(SHOP)
    slow = replace(cluster.pods[ADMIN], spec=replace(cluster.pods[ADMIN].spec, termination_grace_period_seconds=120))
    changed = replace(cluster, pods={**cluster.pods, ADMIN: slow})
    scenario = decode([("down", f"deleted/{WEB}"), ("down", f"deleted/{ADMIN}")], changed)
    found = objects(chaos_mesh_yaml(changed, scenario))
    assert [(each["spec"]["gracePeriod"], selected(each["spec"]["selector"])) for each in found] == [
        (30, [WEB]),
        (120, [ADMIN]),
    ]


@pytest.mark.parametrize("file", MANIFESTS)
def test_the_network_of_a_node_is_not_cut_off_for_a_pod_that_shares_it(file: str) -> None:
    """That would be a node without a network, which nobody has asked for."""
    cluster = sample(SHOP)
    shared = replace(cluster.pods[ADMIN], spec=replace(cluster.pods[ADMIN].spec, host_network=True))
    changed = replace(cluster, pods={**cluster.pods, ADMIN: shared})
    text = FILES[file](changed, decode([("down", f"pod/{WEB}"), ("down", f"pod/{ADMIN}")], changed))
    (found,) = objects(text)
    assert (WEB.partition("/")[2] in str(found), ADMIN.partition("/")[2] in str(found)) == (True, False)
    assert f"Not in this file: {ADMIN}. A pod with hostNetwork" in remarks(text)
    alone = FILES[file](changed, decode([("down", f"unready/{ADMIN}")], changed))
    assert not objects(alone)
    assert f"Not in this file: {ADMIN}." in remarks(alone)


def test_litmus_drains_one_node_after_another() -> None:
    """All at once would be another failure than the one that was simulated."""
    found = objects(shop("litmus.yaml", ("drain", "node/worker-2"), ("drain", "node/worker-1")))
    assert [each["spec"]["engineState"] for each in found] == ["active", "stop"]
    targets = [each["spec"]["experiments"][0]["spec"]["components"]["env"][-1]["value"] for each in found]
    assert targets == ["worker-2", "worker-1"]


def test_a_large_failure_says_what_is_not_in_the_file() -> None:
    """A zone of thousands of nodes: nobody starts thousands of engines."""
    nodes = {f"n-{at}": Node(name=f"n-{at}", zone="a") for at in range(MOST_STAGED + 7)}
    cluster = Cluster(nodes=nodes, pods={}, services={})
    scenario = Scenario(down=frozenset({Target(kind=FailureKind.ZONE, name="a")}))
    chaos, litmus = chaos_mesh_yaml(cluster, scenario), litmus_yaml(cluster, scenario)
    assert len(selected(objects(chaos)[0]["spec"]["selector"])) == MOST_STAGED
    assert "Not in this file: 7 more" in remarks(chaos)
    assert len(objects(litmus)) == MOST_NODES
    assert f"Not in this file: {MOST_STAGED + 7 - MOST_NODES} more" in remarks(litmus)
    assert "Not in this script: 7 more nodes." in remarks(drain_script(cluster, scenario))


# --- hostile names ----------------------------------------------------------------------------------------------------


def hostile(name: str) -> Cluster:
    """Return a cluster in which a node and a pod have this name."""
    pod = replace(sample(SHOP).pods[WEB], name=name, node=name)
    return Cluster(nodes={name: Node(name=name, zone=name)}, pods={pod.key: pod}, services={})


def everything(name: str, pod: Pod) -> Iterator[Scenario]:
    """Yield scenarios that fail what has the name in each way, and one that drains it."""
    for kind in FailureKind:
        said = pod.key if kind in ("pod", "unready", "deleted") else "" if kind == "control-plane" else name
        yield Scenario(down=frozenset({Target(kind=kind, name=said)}))
    yield Scenario(drain=(name,))


@settings(max_examples=25, deadline=None)
@given(st.text(min_size=1, max_size=30) | st.just(HOSTILE))
def test_a_name_in_a_manifest_is_that_name_and_nothing_else(name: str) -> None:
    """It ends no comment and begins no object."""
    cluster = hostile(name)
    for scenario in everything(name, next(iter(cluster.pods.values()))):
        for file in MANIFESTS:
            text = FILES[file](cluster, scenario)
            for each in objects(text.encode(errors="replace").decode()):
                assert each["kind"] in schemas()["$defs"]


def test_the_script_does_nothing_but_what_it_says(tmp_path: Path) -> None:
    """The shell gives kubectl the name as one word, whatever is in it; nothing else is run."""
    kubectl = KubectlProgram(tmp_path)
    kubectl.says()
    script = drain_script(hostile(HOSTILE), Scenario(drain=(HOSTILE,)))
    ran = run(script, tmp_path, "start")
    assert ran.returncode == 0
    assert kubectl.asked[:3] == ["drain", "--ignore-daemonsets", "--"]
    assert kubectl.asked[3:] == ["a'b\"; reboot # $(reboot) `reboot` --all : {x}"]


# --- the script -------------------------------------------------------------------------------------------------------


def run(script: str, folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run a script with the kubectl of a folder and no other program, after the shell has read it as valid."""
    path = folder / "drain.sh"
    path.write_text(script)
    subprocess.run(["/bin/sh", "-n", path], check=True)
    return subprocess.run(
        ["/bin/sh", path, *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PATH": str(folder)},
    )


def test_a_drain_is_the_command_that_was_simulated(tmp_path: Path) -> None:
    """The nodes in their order, no flag that would delete data; what to watch is printed before."""
    kubectl = KubectlProgram(tmp_path)
    kubectl.says()
    ran = run(shop("drain.sh", ("drain", "node/worker-2"), ("drain", "node/worker-1")), tmp_path, "start")
    assert ran.returncode == 0
    assert kubectl.asked == ["drain", "--ignore-daemonsets", "--", "worker-2", "worker-1"]
    assert "kubectl get pdb -A -w" in ran.stdout
    assert "sh drain.sh undo" in ran.stdout


def test_a_crash_is_rehearsed_by_cordoning_only(tmp_path: Path) -> None:
    """Nothing in kubectl lets a node fail, and the script says so."""
    kubectl = KubectlProgram(tmp_path)
    kubectl.says()
    script = shop("drain.sh", ("down", "node/worker-2"), ("down", f"pod/{WEB}"))
    assert run(script, tmp_path, "start").returncode == 0
    assert kubectl.asked == ["cordon", "--", "worker-2"]
    assert f"Not in this script: pod {WEB}." in remarks(script)


def test_the_undo_makes_the_nodes_schedulable_that_were(tmp_path: Path) -> None:
    """One that was cordoned before stays so."""
    kubectl = KubectlProgram(tmp_path)
    kubectl.says()
    cluster = sample(SHOP)
    nodes = {**cluster.nodes, "worker-1": replace(cluster.nodes["worker-1"], unschedulable=True)}
    script = drain_script(replace(cluster, nodes=nodes), Scenario(drain=("worker-1", "worker-2")))
    assert run(script, tmp_path, "undo").returncode == 0
    assert kubectl.asked == ["uncordon", "--", "worker-2"]
    assert "worker-1 is cordoned already" in remarks(script)


def test_a_drain_that_fails_stops_and_says_how_to_undo(tmp_path: Path) -> None:
    """With the status of kubectl's."""
    KubectlProgram(tmp_path).says(errors="error: cannot delete Pods with local storage", status=1)
    ran = run(shop("drain.sh", ("drain", "node/worker-2")), tmp_path, "start")
    assert ran.returncode == 1
    assert "To make the nodes schedulable again: sh drain.sh undo" in ran.stderr
    assert "Done." not in ran.stdout


@pytest.mark.parametrize("arguments", [(), ("stop",), ("--help",)])
def test_nothing_happens_unless_it_is_asked_for(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    """A script that drains when somebody looks what it does would be a trap."""
    kubectl = KubectlProgram(tmp_path)
    kubectl.says()
    ran = run(shop("drain.sh", ("drain", "node/worker-2")), tmp_path, *arguments)
    assert (ran.returncode, kubectl.asked) == (2, [])
    assert "usage: sh drain.sh start|undo|watch" in ran.stderr


@pytest.mark.parametrize("words", [(), (("down", "control-plane"),)])
def test_without_nodes_the_script_only_says_so(tmp_path: Path, words: tuple[tuple[str, str], ...]) -> None:
    """It can be started all the same."""
    kubectl = KubectlProgram(tmp_path)
    kubectl.says()
    ran = run(shop("drain.sh", *words), tmp_path, "start")
    assert (ran.returncode, kubectl.asked) == (0, [])
    assert ran.stdout.strip() == ("Nothing to drain or cordon." if words else NOTHING)


@pytest.mark.parametrize("name", FILES)
def test_each_is_a_document(name: str) -> None:
    """The page, the API and the command line have it from there."""
    assert name in DOCUMENTS
