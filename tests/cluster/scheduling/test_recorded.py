"""Placement against the recorded answers of kube-scheduler and the DaemonSet controller."""

import json
from collections import Counter
from typing import Any

import pytest

from tests.cluster.scheduling.asking import AskedScheduler
from tests.cluster.scheduling.lab import DATA, pod_from, recorded, records
from webapp.cluster.model import Node, Pod
from webapp.cluster.scheduling import Placement, daemonset_nodes
from webapp.manifests.objects import Container, ContainerPort, PodSpec

FILTERS = "scheduler_filters.json"
SEQUENCES = "scheduler_sequences.json"
NOT_RUN: dict[str, str] = {}
"""Records that no test runs, with the reason."""
PREFILTER_NOTE = "(PreFilter: not among the nodes named by metadata.name)"
"""The laboratory's own words in `all_plugins`; the scheduler says it as below."""
NOT_NAMED = "node(s) didn't satisfy plugin(s) [NodeAffinity]"


def cases(name: str, *needed: str) -> list[Any]:
    """Return the records that have all of these fields, as parameters."""
    chosen = [r for r in records(name) if r["name"] not in NOT_RUN and all(field in r for field in needed)]
    return [pytest.param(record, id=record["name"]) for record in chosen]


@pytest.mark.parametrize("record", cases(FILTERS, "feasible"))
def test_nodes_are_refused_for_the_recorded_reasons(record: dict[str, Any]) -> None:
    """Each node's first refusing plugin, or none, is the one that the scheduler names."""
    found = recorded(record["manifest"])
    feasible = found.schedule().feasible(found.pending)
    assert feasible == {node: tuple(record["reasons"].get(node, ())) for node in record["nodes"]}
    assert sorted(node for node, reasons in feasible.items() if not reasons) == sorted(record["feasible"])


@pytest.mark.parametrize("record", cases(FILTERS, "all_plugins"))
def test_each_plugin_alone_refuses_as_recorded(record: dict[str, Any]) -> None:
    """Every plugin, asked alone, gives the recorded reasons; they come in the scheduler's order."""
    found = recorded(record["manifest"])
    by_plugin = found.schedule().reasons_by_plugin(found.pending)
    expected = {
        node: {
            plugin: tuple(NOT_NAMED if r == PREFILTER_NOTE else r for r in texts) for plugin, texts in plugins.items()
        }
        for node, plugins in record["all_plugins"].items()
    }
    assert {node: plugins for node, plugins in by_plugin.items() if plugins} == expected
    for node, plugin in record["refused_by"].items():
        assert next(iter(by_plugin[node])) == (plugin or "NodeAffinity")


@pytest.mark.parametrize("record", cases(FILTERS, "message"))
def test_the_message_is_the_recorded_one(record: dict[str, Any]) -> None:
    """A pod that fits nowhere says so in the scheduler's words."""
    found = recorded(record["manifest"])
    assert found.schedule().message(found.pending) == record["message"]
    if found.pending.node is None and not found.pending.spec.node_name:
        placement = found.schedule().place(found.pending)
        assert (placement.node, placement.message) == (None, record["message"])


@pytest.mark.parametrize("record", cases(FILTERS, "scores"))
def test_scores_are_the_recorded_ones(record: dict[str, Any]) -> None:
    """The feasible nodes' total scores are exact."""
    found = recorded(record["manifest"])
    assert found.schedule().scores(found.pending) == record["scores"]


@pytest.mark.parametrize("record", cases(FILTERS, "scores"))
def test_a_pod_goes_to_one_of_the_best_nodes(record: dict[str, Any]) -> None:
    """Without a gate, the node taken has the highest recorded score."""
    found = recorded(record["manifest"])
    placement = found.schedule().place(found.pending)
    if "pre_enqueue" in record:
        assert record["pre_enqueue"] == f"SchedulingGates: {placement.message}"
    else:
        assert record["scores"][placement.node] == max(record["scores"].values())


@pytest.mark.parametrize("record", cases(FILTERS, "kubelet_admission"))
def test_a_pod_with_a_node_name_bypasses_the_scheduler(record: dict[str, Any]) -> None:
    """It gets its node, where the kubelet admits it or fails it, with the recorded reason."""
    found = recorded(record["manifest"])
    rejected = next(iter(record["kubelet_admission"]), "")
    assert found.schedule().place(found.pending) == Placement(found.pending.spec.node_name, rejected=rejected)


@pytest.mark.parametrize("record", cases(FILTERS, "daemonset"))
def test_daemonsets_run_where_recorded(record: dict[str, Any]) -> None:
    """The DaemonSet controller's two decisions are the recorded ones on each node."""
    found = recorded(record["manifest"])
    decided = daemonset_nodes(pod_from(found.manifests.workloads[0], "ds"), found.nodes)
    assert decided == {node: (d["should_run"], d["should_continue"]) for node, d in record["daemonset"].items()}


@pytest.mark.parametrize("record", cases(SEQUENCES))
def test_each_step_of_a_sequence_has_the_recorded_nodes_and_scores(record: dict[str, Any]) -> None:
    """After the recorded choices, feasible nodes and scores of each next replica are the recorded ones."""
    found = recorded(record["manifest"])
    schedule = found.schedule()
    for step in record["first_run_steps"]:
        pod = found.replica(step["pod"])
        feasible = sorted(node for node, reasons in schedule.feasible(pod).items() if not reasons)
        assert feasible == sorted(step["feasible"] or [])
        assert not step.get("scores") or schedule.scores(pod) == step["scores"]
        if step["node"]:
            schedule.add(
                Pod(
                    namespace=pod.namespace,
                    name=pod.name,
                    labels=pod.labels,
                    spec=pod.spec,
                    owner=pod.owner,
                    node=step["node"],
                )
            )


@pytest.mark.parametrize("record", cases(SEQUENCES))
def test_each_step_of_a_sequence_takes_one_of_the_best_nodes(record: dict[str, Any]) -> None:
    """As long as the same choices are made, the node taken is in the recorded `best`."""
    found = recorded(record["manifest"])
    schedule = found.schedule()
    for step in record["first_run_steps"]:
        node = schedule.place(found.replica(step["pod"])).node
        assert node in (step["best"] or [None])
        if node != (step["node"] or None):
            return


@pytest.mark.parametrize("record", cases(SEQUENCES))
def test_a_sequence_ends_in_recorded_numbers_per_node(record: dict[str, Any]) -> None:
    """How many replicas the fullest, the next fullest ... node has agrees with one of the recorded runs."""
    found = recorded(record["manifest"])
    pods = [found.replica(step["pod"]) for step in record["first_run_steps"]]
    placed = Counter(placement.node or "" for placement in found.schedule().place_many(pods))
    runs = record["outcomes"] + record["outcomes_shuffled"]
    assert sorted(placed.values()) in [sorted(run["counts"].values()) for run in runs]


def host_port_cases() -> list[Any]:
    """Return Kubernetes' own host port cases."""
    given = json.loads((DATA / "conformance" / "node_failure_and_placement_cases.json").read_text())["hostPortCases"]
    return [pytest.param(case, id=case["name"]) for case in given]


def _with_ports(name: str, ports: list[dict[str, Any]], node: str | None) -> Pod:
    found = tuple(
        ContainerPort(container_port=1, host_port=p["hostPort"], host_ip=p.get("hostIP"), protocol=p.get("protocol"))
        for p in ports
    )
    return Pod(namespace="default", name=name, spec=PodSpec(containers=(Container(name="c", ports=found),)), node=node)


@pytest.mark.parametrize("case", host_port_cases())
def test_host_ports_clash_as_upstream_tests_say(case: dict[str, Any]) -> None:
    """The NodePorts plugin refuses exactly the nodes on which a wanted host port is taken."""
    schedule = AskedScheduler(
        [Node(name="n", allocatable={"pods": "110"})], [_with_ports("old", case["usedOnNode"], "n")]
    )
    assert (not schedule.feasible(_with_ports("new", case["podHostPorts"], None))["n"]) is case["fits"]


def test_every_record_is_run_or_listed_with_a_reason() -> None:
    """No record is left out silently: each is decided by filters or by the DaemonSet controller."""
    assert [
        r["name"] for r in records(FILTERS) if not ({"feasible", "daemonset"} & r.keys() or r["name"] in NOT_RUN)
    ] == []
    assert NOT_RUN.keys() <= {r["name"] for r in (*records(FILTERS), *records(SEQUENCES))}
