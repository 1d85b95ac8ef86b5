"""What controllers make in place of pods that go."""

from typing import Any

import pytest

from tests.failure.workloads import cluster, nodes, pod
from webapp.cluster.model import Pod, WorkloadRef
from webapp.failure.replacement import Controllers, Leaving, replacement_of
from webapp.failure.state import PodFate
from webapp.manifests.objects import Container, PodSpec, Toleration, Volume

WEB = WorkloadRef(kind="Deployment", namespace="default", name="web")


def dumped(name: str, on: str, **spec: Any) -> Pod:
    """Return a pod as a dump has it: bound to its node, with a token volume of its own."""
    its_own = PodSpec(node_name=on, volumes=(Volume(name=f"kube-api-access-{name}"),), **spec)
    return pod(name, on, spec=its_own, assumed=False, ips=("10.0.0.1",))


@pytest.mark.parametrize(
    ("given", "same_name", "bound_to"),
    [
        pytest.param(pod("web-1", "n1"), False, None, id="a Deployment's pod: any name, any node"),
        pytest.param(pod("db-0", "n1", "StatefulSet/db"), True, None, id="a StatefulSet's: its name, any node"),
        pytest.param(pod("agent-n1", "n1", "DaemonSet/agent"), False, "n1", id="a DaemonSet's: its node"),
        pytest.param(pod("etcd-n1", "n1", None, static=True), True, "n1", id="a static pod: its name and node"),
    ],
)
def test_what_a_pod_leaves_behind(given: Pod, *, same_name: bool, bound_to: str | None) -> None:
    """Which name the next one has, and whether the scheduler has a say."""
    left = replacement_of(given, ())
    assert (left.same_name, left.bound_to) == (same_name, bound_to)


def test_a_template_that_names_its_node_binds_the_next_pod_to_it() -> None:
    """It passes by the scheduler."""
    assert replacement_of(pod("web-1", "n1"), {WEB}).bound_to == "n1"


def test_successors_of_dumped_pods_share_the_spec_of_their_template() -> None:
    """The node and the token's volume are a pod's own; a pod that differs otherwise keeps its spec."""
    odd = dumped("web-3", "n1", tolerations=(Toleration(operator="Exists"),))
    here = cluster(nodes("n1", "n2"), [dumped("web-1", "n1"), dumped("web-2", "n2"), odd])
    controllers = Controllers.of(here, here.nodes)
    controllers.remove(list(here.pods))
    specs = {state.replaces: state.pod.spec for state in controllers.fill(map(Leaving.of, here.pods.values()))}
    assert specs["default/web-1"] is specs["default/web-2"]
    assert (specs["default/web-1"].node_name, specs["default/web-3"].tolerations) == (None, odd.spec.tolerations)


def test_the_successor_of_a_dumped_pod_may_run_anywhere() -> None:
    """Its spec no longer names the node, its address is unknown, its labels are the same."""
    here = cluster(nodes("n1", "n2"), [dumped("web-1", "n1", containers=(Container(name="c"),))])
    controllers = Controllers.of(here, {"n2": here.nodes["n2"]})
    controllers.remove(["default/web-1"])
    (state,) = controllers.fill([Leaving.of(here.pods["default/web-1"])])
    assert (state.fate, state.pod.node, state.pod.ips) == (PodFate.MOVED, "n2", ())
    assert (state.pod.spec.node_name, state.pod.labels, state.pod.assumed) == (None, {"app": "web"}, True)


def test_a_successor_of_a_successor_is_named_after_the_first() -> None:
    """And says that it takes the place of that one."""
    here = cluster(nodes("n1"), [pod("web-1", "n1")])
    controllers = Controllers.of(here, here.nodes)
    controllers.remove(["default/web-1"])
    (second,) = controllers.fill([Leaving.of(here.pods["default/web-1"])])
    controllers.remove([second.pod.key])
    (third,) = controllers.fill([Leaving.of(second.pod)])
    assert (third.pod.name, third.replaces) == ("web-1-new-2", "default/web-1")


def test_only_missing_replicas_are_owed() -> None:
    """One is on its way out already and counts no more; unknown workloads get all of theirs."""
    pods = [pod("web-1", "n1"), pod("web-2", "n1"), pod("web-3", "n1", terminating=True)]
    strangers = [pod("x-1", "n1", "Sandbox/x")]
    here = cluster(nodes("n1"), [*pods, *strangers], {"Deployment/web": 2})
    controllers = Controllers.of(here, here.nodes)
    controllers.remove(["default/web-1", "default/x-1"])
    assert [one.name for one in controllers.owed(map(Leaving.of, [pods[0], pods[1], strangers[0]]))] == ["web-1", "x-1"]
