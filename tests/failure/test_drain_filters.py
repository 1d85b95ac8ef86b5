"""What kubectl drain does with each pod, and in which words it refuses."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.failure.workloads import pod
from webapp.failure.drain_filters import Treatment, errors, filtered, warnings
from webapp.manifests.objects import EmptyDir, PodSpec, Volume

CASES = json.loads(
    (Path(__file__).parent.parent / "data/kubernetes/conformance/node_failure_and_placement_cases.json").read_text()
)["drainCases"]
SCRATCH = PodSpec(volumes=(Volume(name="scratch", empty_dir=EmptyDir()),))
NOT_RUN = {
    "drain-04": "nodefall drains with --ignore-daemonsets, as every manual does",
    "drain-06": "nodefall drains without --force",
}


@pytest.mark.parametrize(
    "case", [pytest.param(c, id=f"{c['id']} {c['name']}") for c in CASES if c["id"] not in NOT_RUN]
)
def test_what_drain_does_with_a_pod(case: dict[str, Any]) -> None:
    """Every case of the table whose outcome no other flag decides."""
    given = case["pod"]
    owner, _, missing = given.get("owner", "").partition(" ")
    subject = pod(
        "p",
        "n1",
        f"{owner}/own" if owner else None,
        phase=given.get("phase", "Running"),
        static=given.get("mirror", False),
        spec=SCRATCH if given.get("emptyDir") else PodSpec(),
    )
    assert filtered(subject, daemonset_exists=not missing).treatment == case["expected"]


def test_daemonset_pods_are_never_evicted() -> None:
    """They would be back at once: the DaemonSet controller ignores cordons."""
    assert filtered(pod("agent-x", "n1", "DaemonSet/agent")).treatment is Treatment.KEEP


def test_errors_name_all_pods_of_a_reason() -> None:
    """The words are those of kubectl."""
    pods = [pod("a", "n1", None), pod("b", "n1", None), pod("web-1", "n1", spec=SCRATCH)]
    assert errors([(p, filtered(p)) for p in pods]) == (
        "cannot delete Pods that declare no controller (use --force to override): default/a, default/b",
        "cannot delete Pods with local storage (use --delete-emptydir-data to override): default/web-1",
    )


def test_a_daemonset_that_is_not_there_is_named() -> None:
    """Its orphan is an error."""
    orphan = pod("agent-x", "n1", "DaemonSet/agent")
    assert filtered(orphan, daemonset_exists=False).message == 'daemonsets.apps "agent" not found'


def test_warnings_say_what_is_ignored() -> None:
    """DaemonSets, but not mirror pods, which kubectl passes over in silence."""
    pods = [pod("web-1", "n1"), pod("agent-x", "n1", "DaemonSet/agent"), pod("etcd-n1", "n1", None, static=True)]
    assert warnings([(p, filtered(p)) for p in pods]) == ("ignoring DaemonSet-managed Pods: default/agent-x",)
