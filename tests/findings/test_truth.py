"""What findings say is true in every state that shows it: times, given endpoints, terminating pods, numbers."""

from typing import Any

import pytest

from tests.findings.given import (
    NODES,
    Doc,
    container,
    facts,
    found,
    healthy,
    ids,
    manifests,
    meta,
    only,
    pod_spec,
    policy,
    port,
    service,
    workload,
)
from tests.findings.test_rules import BARE_POD
from webapp.cluster.build import build
from webapp.cluster.options import ClusterOptions
from webapp.findings import findings

UNREACHABLE = {"key": "node.kubernetes.io/unreachable", "operator": "Exists", "effect": "NoExecute"}


def live(name: str, *, ready: bool, node: str = "node-1", **meta: Any) -> Doc:
    """Return a pod of a dump."""
    condition = {"type": "Ready", "status": str(ready)}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": "shop", "labels": {"app": "web"}, **meta},
        "spec": pod_spec(nodeName=node),
        "status": {"phase": "Running", "podIP": f"10.1.0.{len(name)}", "conditions": [condition]},
    }


def endpoints(name: str, *ports: Doc, ready: bool = True) -> Doc:
    """Return Endpoints for the service web."""
    addresses = {"addresses" if ready else "notReadyAddresses": [{"ip": "10.9.0.1"}]}
    subsets = [{**addresses, "ports": list(ports)}]
    return {
        "apiVersion": "v1",
        "kind": "Endpoints",
        "metadata": {"name": name, "namespace": "shop"},
        "subsets": subsets,
    }


ALONE = {"replicas": 1}


@pytest.mark.parametrize(
    ("docs", "said"),
    [
        pytest.param(healthy(workload(replicas=1)), "the pod is recreated after about 350 s", id="by default"),
        pytest.param(
            healthy(workload(replicas=1, tolerations=[{**UNREACHABLE, "tolerationSeconds": 30}])),
            "the pod is recreated after about 80 s",
            id="a shorter toleration",
        ),
        pytest.param(
            healthy(workload(replicas=1, tolerations=[UNREACHABLE])),
            "the pod is not recreated",
            id="tolerated forever",
        ),
        pytest.param(
            healthy(workload(kind="StatefulSet", replicas=1), without="Deployment"),
            "the pod is not recreated until the node is back",
            id="a StatefulSet waits",
        ),
        pytest.param(
            healthy(workload(replicas=1, nodeName="node-1")), "350 s, for the same node", id="bound to its node"
        ),
        pytest.param(healthy(*BARE_POD, without="Deployment"), "nothing recreates it", id="a bare Pod"),
        pytest.param(
            healthy(workload(replicas=1, nodeSelector={"no": "node"})), "It has no node", id="a pod that is pending"
        ),
    ],
)
def test_when_another_pod_is_made(docs: list[Doc], said: str):
    """By the toleration, the controller and the template of the pod."""
    assert said in only("NP220", *docs).message


def test_when_another_pod_is_made_goes_by_the_version():
    """Before 1.32 a lost node is noticed after 40 s."""
    given = manifests(*healthy(workload(replicas=1)))
    told = findings(given, build(given, ClusterOptions(minor_version=28)))
    assert "about 340 s" in next(finding.message for finding in told if finding.id == "NP220")


@pytest.mark.parametrize(
    "docs",
    [
        pytest.param(healthy(*BARE_POD, workload(replicas=1)), id="a bare Pod beside a workload"),
        pytest.param(healthy(workload(kind="DaemonSet"), without="Deployment"), id="a DaemonSet"),
        pytest.param(
            healthy(workload(replicas=1), service(selector=None), endpoints("web", {"port": 80})), id="no pod of theirs"
        ),
        pytest.param([*NODES, service(), workload(replicas=2), live("web", ready=True)], id="more are wanted"),
    ],
)
def test_no_pod_is_called_alone_that_is_not(docs: list[Doc]):
    """Others answer beside it, or are wanted."""
    assert "NP220" not in ids(*docs)


@pytest.mark.parametrize(
    ("pods", "speaks"),
    [
        pytest.param([live("a", ready=False)], True, id="one that isn't ready"),
        pytest.param([live("a", ready=True)], False, id="one that is"),
        pytest.param([live("a", ready=True, deletionTimestamp="2026-01-01T00:00:00Z")], False, id="it still serves"),
        pytest.param([live("a", ready=False, deletionTimestamp="2026-01-01T00:00:00Z")], True, id="it ends, not ready"),
    ],
)
def test_connections_are_refused_only_where_nothing_serves(pods: list[Doc], *, speaks: bool):
    """Terminating pods that serve stand in for ready ones (KEP-1669)."""
    told = [finding for finding in found(*NODES, service(), *pods) if finding.id == "NP212"]
    assert bool(told) is speaks
    assert all("none ready: connections are refused" in finding.message for finding in told)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        pytest.param([], "no EndpointSlice or Endpoints for it is in this upload", id="nothing was given"),
        pytest.param(
            [endpoints("web", {"name": "x", "port": 80})],
            'have the TCP port "x", not a TCP port without a name',
            id="a name",
        ),
        pytest.param(
            [endpoints("web", {"port": 80, "protocol": "UDP"})],
            "a UDP port without a name, not a TCP port",
            id="a protocol",
        ),
        pytest.param([{**endpoints("web"), "subsets": []}], "have no usable address", id="no address at all"),
    ],
)
def test_endpoints_that_were_given_are_named(given: list[Doc], said: str):
    """What keeps them from counting, not that there are none."""
    finding = only("NP211", *healthy(service(selector=None), *given))
    assert said in finding.message
    assert (finding.remedy == "") == bool(given)


def test_what_a_dump_does_not_hold_may_be_in_the_cluster():
    """`kubectl get services` lists no EndpointSlices: that is no reason to say that there are none."""
    stored = service(selector=None)
    stored["metadata"]["uid"] = "1"
    assert "NP211" not in ids(*NODES, stored)
    assert "NP211" in ids(*NODES, service(selector=None))


@pytest.mark.parametrize("id_", ["NP250", "NP260"])
def test_what_is_missing_from_an_upload_is_not_taken_as_missing(id_: str):
    """The sentence says where there is none, and what follows only if the cluster has none either."""
    lacking = only(id_, *healthy(without={"NP250": "PodDisruptionBudget", "NP260": "NetworkPolicy"}[id_]))
    assert "none in this upload" in lacking.message
    assert "Unless the cluster has one" in lacking.message


def test_policies_of_a_network_plugin_are_not_taken_as_none():
    """A CiliumNetworkPolicy isn't read, so nothing is said of what it may close."""
    cilium = {"apiVersion": "cilium.io/v2", "kind": "CiliumNetworkPolicy", "metadata": {"name": "web"}}
    assert "NP260" not in ids(*healthy(cilium, without="NetworkPolicy"))


@pytest.mark.parametrize(
    ("ports", "said"),
    [
        pytest.param([{"port": 5432, "targetPort": 8080}], "on an auto-assigned port", id="no number written"),
        pytest.param([{"port": 5432, "nodePort": 30543}], "on port 30543", id="a number"),
    ],
)
def test_a_sensitive_port_names_no_number_that_nobody_wrote(ports: list[Doc], said: str):
    """And what is behind it is a guess by its number, said as one."""
    message = only("NP230", *healthy(service(ports=ports), without="NetworkPolicy")).message
    assert said in message
    assert "what looks like PostgreSQL (port 5432)" in message


def test_a_sensitive_port_that_a_policy_closes_is_not_called_open():
    """The policy is named by NP261."""
    told = ids(*healthy(service(ports=[{"port": 5432, "targetPort": "http", "nodePort": 30543}]), policy(ingress=[])))
    assert "NP261" in told
    assert "NP230" not in told


@pytest.mark.parametrize(
    ("ports", "speaks"),
    [
        pytest.param(port(targetPort=8080, protocol="UDP"), True, id="UDP, declared for TCP"),
        pytest.param(
            [
                {"name": "a", "port": 80, "targetPort": 8080},
                {"name": "b", "port": 80, "targetPort": 8080, "protocol": "UDP"},
            ],
            False,
            id="both protocols of one number",
        ),
    ],
)
def test_what_a_container_declares_is_only_a_doubt(ports: list[Doc], *, speaks: bool):
    """ContainerPort is informational: the message says what is declared, not what the pods speak."""
    told = [finding for finding in found(*healthy(service(ports=ports))) if finding.id == "NP207"]
    assert bool(told) is speaks
    assert all("the pods declare 8080 for TCP only" in finding.message for finding in told)


def test_host_ports_keep_pods_apart():
    """Two pods with one host port are never on one node, whatever spreads them."""
    opening = container(ports=[{"name": "http", "containerPort": 8080, "hostPort": 9100}])
    assert "NP223" not in ids(*healthy(workload(containers=opening, topologySpreadConstraints=[])))


def test_a_host_port_that_a_kubelet_finds_taken_is_a_clash():
    """Both name their node, so the second one has failed there; it still wants the port."""
    opening = container(ports=[{"name": "http", "containerPort": 8080, "hostPort": 9100}])
    rivals = [workload(name=name, replicas=1, containers=opening, nodeName="node-1") for name in ("web", "other")]
    assert "NP240" in ids(*healthy(*rivals))


@pytest.mark.parametrize(
    ("said", "spec"),
    [
        pytest.param("NP220", {}, id="nobody answers"),
        pytest.param("NP224", {"externalTrafficPolicy": "Local"}, id="nodes drop what arrives"),
        pytest.param("NP228", {"publishNotReadyAddresses": True}, id="clients get pods that are not ready"),
        pytest.param("NP229", {"sessionAffinity": "ClientIP"}, id="a node keeps the affinity"),
        pytest.param("NP230", {"ports": [{"port": 5432, "targetPort": 8080}]}, id="the nodes open a port"),
    ],
)
def test_what_kube_proxy_does_is_not_said_of_a_service_left_to_another_proxy(said: str, spec: Doc):
    """Which traffic gets where is then not known; that its nodePort is auto-assigned is."""
    own = service(**{"ports": port(nodePort=None, targetPort=8080), **spec})
    left = own | {"metadata": meta("web", labels={"service.kubernetes.io/service-proxy-name": "other"})}
    others = [workload(replicas=1), *NODES]
    assert said in ids(own, *others)
    assert ids(left, *others) & {said, "NP213", "NP232"} == {"NP213", "NP232"}


def test_policy_local_without_any_usable_pod_refuses_instead_of_dropping():
    """Then NP212 speaks."""
    local = service(externalTrafficPolicy="Local")
    assert "NP224" not in ids(*NODES, local, live("a", ready=False))
    assert "NP224" in ids(*NODES, local, live("a", ready=True))


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param(workload(replicas=0), id="scaled to zero"),
        pytest.param(workload(containers=container(readinessProbe=None, name="N!")), id="rejected by the API server"),
    ],
)
def test_what_runs_no_pod_is_behind_no_service(changed: Doc):
    """Nothing is said of clients that are sent to its pods."""
    assert facts(*healthy(changed)).backends == ()


def test_pods_that_are_replaced_only_on_a_node_that_says_so_itself():
    """A toleration of not-ready alone holds nothing on an unreachable node, which is tainted unreachable."""
    slow = {
        "key": "node.kubernetes.io/not-ready",
        "operator": "Exists",
        "effect": "NoExecute",
        "tolerationSeconds": 900,
    }
    assert (
        "stay on a node whose kubelet reports NotReady for 900 s"
        in only("NP226", *healthy(workload(tolerations=[slow]))).message
    )
