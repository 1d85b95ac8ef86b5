"""What kubectl drain does with each pod, and in which words it refuses."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.failure.workloads import pod
from webapp.failure.drain_filters import DrainOptions, Treatment, errors, filtered, warnings
from webapp.manifests.objects import EmptyDir, PodSpec, Volume

CASES = json.loads(
    (Path(__file__).parent.parent / "data/kubernetes/conformance/node_failure_and_placement_cases.json").read_text()
)["drainCases"]
SCRATCH = PodSpec(volumes=(Volume(name="scratch", empty_dir=EmptyDir()),))
NO_FLAGS = DrainOptions(ignore_daemonsets=False)
FLAGS = {
    "--force": "force",
    "--ignore-daemonsets": "ignore_daemonsets",
    "--delete-emptydir-data": "delete_emptydir_data",
}


@pytest.mark.parametrize("case", [pytest.param(c, id=f"{c['id']} {c['name']}") for c in CASES])
def test_what_drain_does_with_a_pod(case: dict[str, Any]) -> None:
    """Every case of the table, with its flags and no others."""
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
    options = DrainOptions(**{"ignore_daemonsets": False} | dict.fromkeys(map(FLAGS.get, case["flags"]), True))
    assert filtered(subject, options, daemonset_exists=not missing).treatment == case["expected"]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        pytest.param(DrainOptions(), Treatment.KEEP, id="the DaemonSet's pod is ignored"),
        pytest.param(NO_FLAGS, Treatment.ERROR, id="without the flag it is an error"),
    ],
)
def test_daemonset_pods_are_never_evicted(options: DrainOptions, expected: Treatment) -> None:
    """They would be back at once: the DaemonSet controller ignores cordons."""
    assert filtered(pod("agent-x", "n1", "DaemonSet/agent"), options).treatment is expected


def test_flags_turn_errors_into_warnings() -> None:
    """With both flags a bare pod with an emptyDir goes, and both losses are named."""
    options = DrainOptions(force=True, delete_emptydir_data=True)
    said = filtered(pod("p", "n1", None, spec=SCRATCH), options)
    assert said.treatment is Treatment.EVICT
    assert said.messages == ("deleting Pods with local storage", "deleting Pods that declare no controller")


def test_errors_name_all_pods_of_a_reason() -> None:
    """The words are those of kubectl."""
    pods = [pod("a", "n1", None), pod("b", "n1", None), pod("agent-x", "n1", "DaemonSet/agent")]
    assert errors([(p, filtered(p, NO_FLAGS)) for p in pods]) == (
        "cannot delete Pods that declare no controller (use --force to override): default/a, default/b",
        "cannot delete DaemonSet-managed Pods (use --ignore-daemonsets to ignore): default/agent-x",
    )


def test_a_daemonset_that_is_not_there_is_named() -> None:
    """Its orphan is an error, with --force a warning."""
    orphan = pod("agent-x", "n1", "DaemonSet/agent")
    assert filtered(orphan, DrainOptions(), daemonset_exists=False).messages == ('daemonsets.apps "agent" not found',)


def test_warnings_say_what_is_kept_and_what_is_lost() -> None:
    """Ignored DaemonSets, and data that goes."""
    options = DrainOptions(delete_emptydir_data=True)
    pods = [pod("web-1", "n1", spec=SCRATCH), pod("agent-x", "n1", "DaemonSet/agent")]
    assert warnings([(p, filtered(p, options)) for p in pods]) == (
        "ignoring DaemonSet-managed Pods: default/agent-x",
        "deleting Pods with local storage: default/web-1",
    )
