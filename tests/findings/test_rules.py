"""Every rule speaks up where it should, and says nothing about a healthy set."""

import pytest
import yaml

from tests.findings.given import (
    HEALTHY,
    NODES,
    budget,
    container,
    found,
    healthy,
    ids,
    meta,
    node,
    only,
    pod_spec,
    policy,
    port,
    service,
    workload,
)
from webapp.cluster.build import build
from webapp.findings import RULES, findings
from webapp.manifests import Upload, read
from webapp.manifests.problems import Severity

LABELS = {"app": "web"}
SLOW = [
    {
        "key": "node.kubernetes.io/unreachable",
        "operator": "Exists",
        "effect": "NoExecute",
        "tolerationSeconds": 3600,
    }
]
HOST = container(ports=[{"name": "http", "containerPort": 8080, "hostPort": 9100}])
BARE_NODES = [node(f"node-{n}", addresses=[]) for n in (1, 2, 3)]
NOBODY = policy(ingress=[{"from": [{"namespaceSelector": {}}]}])
POOL = [node(f"pool-{n}", None, {"pool": "x"}) for n in (1, 2)]
PODS_OF_THEIR_OWN = [
    service(
        f"web-{n}",
        selector={"statefulset.kubernetes.io/pod-name": f"web-{n}"},
        ports=[{"port": 80, "targetPort": "http", "nodePort": 30081 + n}],
    )
    for n in (0, 1)
]
LIVE = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"name": "web-1", "namespace": "shop", "labels": LABELS},
    "spec": pod_spec(nodeName="node-1"),
    "status": {"phase": "Running", "podIP": "10.1.0.1", "conditions": [{"type": "Ready", "status": "False"}]},
}

CONTROL_PLANE = {"taints": [{"key": "node-role.kubernetes.io/control-plane", "effect": "NoSchedule"}]}
TAINTED = [node("node-1") | {"spec": CONTROL_PLANE}]
LEFT_ALONE = service() | {"metadata": meta("web", labels={"service.kubernetes.io/service-proxy-name": ""})}
LOST = {
    "addresses": [{"type": "InternalIP", "address": "192.0.2.9"}],
    "conditions": [{"type": "Ready", "status": "Unknown"}],
}

BARE_POD = [
    {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web", "namespace": "shop", "labels": LABELS},
     "spec": pod_spec()}
]  # fmt: skip

UNREASONED = service() | {"metadata": meta("web", annotations={"nodefall.io/ignore": "NP230"})}

KIND = {
    "kind": "Cluster",
    "apiVersion": "kind.x-k8s.io/v1alpha4",
    "metadata": {"name": "kind", "namespace": "default"},
    "nodes": [{"role": "control-plane", "extraPortMappings": [{"containerPort": 30000, "hostPort": 8080}]}],
}


SPEAKING = [
    pytest.param("NP201", healthy(service(selector={"app": "wbe"})), id="a value with letters swapped"),
    pytest.param("NP201", healthy(service(selector={"run": "web"})), id="another key with the same value"),
    pytest.param("NP201", healthy(service(selector={"app": "webapp"})), id="a value that is longer"),
    pytest.param("NP201", healthy(service(namespace="other")), id="another namespace, both written"),
    pytest.param("NP202", healthy(service(selector={"app": "mail"})), id="labels of nothing at all"),
    pytest.param("NP202", healthy(service("two", selector={"app": "wbe"})), id="near what has a service already"),
    pytest.param("NP202", healthy(service(selector={**LABELS, "role": "main"})), id="one label too many"),
    pytest.param("NP203", [service()], id="no workload was given"),
    pytest.param("NP204", healthy(service(ports=port(targetPort="htpt"))), id="a name that no container has"),
    pytest.param("NP204", healthy(service(ports=port(targetPort="http", protocol="UDP"))), id="a name for TCP only"),
    pytest.param("NP205", healthy(workload("old", containers=container(ports=[]))), id="a name that some pods lack"),
    pytest.param("NP206", healthy(service(ports=port(targetPort=30080))), id="the nodePort's number as targetPort"),
    pytest.param("NP207", healthy(service(ports=port(targetPort=8080, protocol="UDP"))), id="declared for TCP only"),
    pytest.param("NP207", healthy(service(ports=port(targetPort="http", name="udp"))), id="a TCP port named udp"),
    pytest.param(
        "NP207",
        healthy(service(ports=port(targetPort=9, name="udp"))),
        id="a TCP port named udp, and no container says otherwise",
    ),
    pytest.param("NP208", healthy(service(ports=port(targetPort=9999))), id="a number that nobody declares"),
    pytest.param(
        "NP209",
        healthy(service(ports=port(targetPort=8080)), workload("side", containers=container(ports=[]))),
        id="one workload of two declares the port",
    ),
    pytest.param("NP210", healthy(workload("canary")), id="two workloads behind one service"),
    pytest.param("NP211", healthy(service(selector=None)), id="no selector and no endpoints"),
    pytest.param("NP212", [*NODES, service(), LIVE], id="a dump whose only pod isn't ready"),
    pytest.param("NP213", healthy(LEFT_ALONE), id="a label, whatever its value"),
    pytest.param("NP214", healthy(workload(nodeSelector={"disk": "ssd"})), id="a node label that no node has"),
    pytest.param("NP214", [*TAINTED, service(), workload()], id="a taint on the only node"),
    pytest.param("NP215", healthy(workload(replicas=0)), id="0 replicas"),
    pytest.param("NP215", [service(), workload(nodeSelector={"disk": "ssd"})], id="assumed nodes have no such label"),
    pytest.param(
        "NP216",
        healthy(workload(containers=container(readinessProbe={"httpGet": {"port": "web"}}))),
        id="a probe of a name that the container doesn't have",
    ),
    pytest.param("NP220", healthy(workload(replicas=1)), id="one replica"),
    pytest.param("NP220", healthy(workload(replicas=None)), id="no replicas written, which is one"),
    pytest.param("NP220", healthy(*BARE_POD, without="Deployment"), id="a bare Pod"),
    pytest.param(
        "NP221", healthy(workload(nodeName="node-1", topologySpreadConstraints=[])), id="a template names its node"
    ),
    pytest.param(
        "NP222",
        healthy(workload(nodeSelector={"topology.kubernetes.io/zone": "b"})),
        id="a template names its zone",
    ),
    pytest.param("NP223", healthy(workload(topologySpreadConstraints=[])), id="nothing spreads the pods"),
    pytest.param("NP224", healthy(service(externalTrafficPolicy="Local")), id="Local, and a node without pod"),
    pytest.param("NP225", healthy(workload(containers=container(readinessProbe=None))), id="no readiness probe"),
    pytest.param("NP226", healthy(workload(tolerations=SLOW)), id="an hour on a dead node"),
    pytest.param("NP226", healthy(workload(tolerations=[{"operator": "Exists"}])), id="for ever on a dead node"),
    pytest.param("NP227", healthy(workload(kind="StatefulSet")), id="a StatefulSet"),
    pytest.param("NP228", healthy(service(publishNotReadyAddresses=True)), id="publishNotReadyAddresses"),
    pytest.param("NP229", healthy(service(sessionAffinity="ClientIP")), id="session affinity, policy Cluster"),
    pytest.param("NP230", healthy(service(ports=[{"port": 5432, "targetPort": 8080}])), id="PostgreSQL"),
    pytest.param(
        "NP230",
        healthy(service("kubernetes-dashboard", ports=port(nodePort=30081, targetPort="http"))),
        id="a dashboard",
    ),
    pytest.param("NP231", healthy(service(ports=port(nodePort=31234))), id="fixed in the dynamic band"),
    pytest.param("NP232", healthy(service(ports=[{"port": 80, "targetPort": "http"}])), id="no nodePort written"),
    pytest.param(
        "NP233", healthy(service(type="LoadBalancer", ports=[{"port": 80, "targetPort": "http"}])), id="a balancer"
    ),
    pytest.param(
        "NP234",
        healthy(service(type="LoadBalancer", loadBalancerSourceRanges=["10.0.0.0/8"])),
        id="source ranges beside a nodePort",
    ),
    pytest.param("NP235", healthy(*BARE_NODES), id="nodes without addresses"),
    pytest.param("NP236", healthy({**node("node-9"), "status": LOST}), id="a node whose Ready is Unknown"),
    pytest.param("NP237", healthy(KIND), id="a nodePort that kind doesn't map"),
    pytest.param(
        "NP240",
        healthy(
            workload("one", kind="DaemonSet", labels={"app": "one"}, containers=HOST),
            workload("two", kind="DaemonSet", labels={"app": "two"}, containers=HOST),
        ),
        id="two DaemonSets with one host port",
    ),
    pytest.param(
        "NP241",
        healthy(
            workload(
                "agent",
                labels={"app": "agent"},
                containers=container(ports=[{"containerPort": 30080}]),
                hostNetwork=True,
            )
        ),
        id="a host port that is a nodePort",
    ),
    pytest.param("NP250", healthy(without="PodDisruptionBudget"), id="no budget"),
    pytest.param("NP251", healthy(budget(minAvailable=2)), id="minAvailable of all replicas"),
    pytest.param("NP251", healthy(budget(maxUnavailable=0)), id="maxUnavailable 0"),
    pytest.param("NP251", healthy(budget(minAvailable="100%")), id="minAvailable 100%"),
    pytest.param("NP252", healthy(budget("other")), id="two budgets for the same pods"),
    pytest.param("NP253", healthy(budget("other", labels={"app": "wbe"})), id="a budget for nothing"),
    pytest.param("NP260", healthy(without="NetworkPolicy"), id="no policy"),
    pytest.param("NP261", healthy(NOBODY), id="only pods may come in"),
    pytest.param("NP261", healthy(policy(ingress=[])), id="nobody may come in"),
    pytest.param("NP261", healthy(policy(ingress=[{"ports": [{"port": 9}]}])), id="another port is let in"),
    pytest.param("NP290", healthy(UNREASONED), id="an annotation without a reason"),
]
"""A rule, and manifests of which it has something to say."""


def test_a_healthy_set_has_no_finding():
    """Two pods on two nodes and in two zones, with probe, budget and policy: nothing to say."""
    assert found(*HEALTHY) == ()


@pytest.mark.parametrize(("id_", "docs"), SPEAKING)
def test_the_rule_speaks_up(id_: str, docs: list[dict]):
    """The change makes this finding."""
    assert id_ in ids(*docs)


@pytest.mark.parametrize(
    ("id_", "docs"),
    [
        pytest.param(
            "NP201",
            healthy(workload("web2", labels={"app": "web2"}), service("mail", selector={"app": "w3b2"})),
            id="a selector unlike everything",
        ),
        pytest.param(
            "NP202",
            healthy(
                {"apiVersion": "x.io/v1", "kind": "Mail", "metadata": {"name": "m"}},
                service("mail", selector={"app": "mail"}),
            ),
            id="pods that an operator may make",
        ),
        pytest.param("NP203", healthy(), id="the workload is there"),
        pytest.param(
            "NP206",
            healthy(
                service(ports=port(targetPort=30080)), workload(containers=container(ports=[{"containerPort": 30080}]))
            ),
            id="the pod listens at the nodePort's number",
        ),
        pytest.param(
            "NP206",
            healthy(service(ports=port(targetPort=30080)), workload(containers=container(ports=[]))),
            id="nothing is declared, so it may listen there",
        ),
        pytest.param(
            "NP220",
            healthy(
                workload(replicas=None),
                {
                    "apiVersion": "autoscaling/v2",
                    "kind": "HorizontalPodAutoscaler",
                    "metadata": {"name": "web", "namespace": "shop"},
                    "spec": {
                        "minReplicas": 2,
                        "maxReplicas": 4,
                        "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"},
                    },
                },
            ),
            id="an autoscaler keeps two",
        ),
        pytest.param(
            "NP221",
            healthy(workload(nodeName="node-1"), workload("canary", nodeName="node-2")),
            id="another workload answers from another node",
        ),
        pytest.param(
            "NP221",
            healthy(*PODS_OF_THEIR_OWN, workload(kind="StatefulSet"), without="Deployment"),
            id="each service has one pod, and each pod its node",
        ),
        pytest.param(
            "NP222",
            healthy(workload(nodeSelector={"pool": "x"}), *POOL),
            id="nodes without a zone, though others have one",
        ),
        pytest.param(
            "NP222",
            healthy(
                workload(nodeSelector={"topology.kubernetes.io/zone": "b"}),
                workload("canary", nodeSelector={"topology.kubernetes.io/zone": "a"}),
            ),
            id="another workload answers from another zone",
        ),
        pytest.param(
            "NP224",
            healthy(service(externalTrafficPolicy="Local", type="LoadBalancer")),
            id="a balancer asks each node",
        ),
        pytest.param(
            "NP224",
            healthy(service(externalTrafficPolicy="Local"), workload(kind="DaemonSet"), without="Deployment"),
            id="a pod on every node",
        ),
        pytest.param(
            "NP226",
            healthy(workload(tolerations=[{"key": "gpu", "operator": "Exists"}])),
            id="a toleration of something else",
        ),
        pytest.param("NP230", healthy(service(type="ClusterIP", ports=[{"port": 5432}])), id="inside the cluster only"),
        pytest.param("NP231", healthy(service(ports=port(nodePort=30085))), id="the last of the static band"),
        pytest.param("NP237", healthy({**KIND, "nodes": [{"role": "worker"}]}), id="a kind cluster that maps nothing"),
        pytest.param(
            "NP237",
            healthy({**KIND, "nodes": [{"extraPortMappings": [{"containerPort": 30080, "protocol": "TCP"}]}]}),
            id="a nodePort that kind maps",
        ),
        pytest.param(
            "NP233",
            healthy(
                service(
                    type="LoadBalancer", allocateLoadBalancerNodePorts=False, ports=[{"port": 80, "targetPort": "http"}]
                )
            ),
            id="no node ports asked",
        ),
        pytest.param("NP251", healthy(budget(minAvailable="50%")), id="half of them may go"),
        pytest.param(
            "NP261",
            healthy(policy(ingress=[{"from": [{"ipBlock": {"cidr": "0.0.0.0/0"}}]}])),
            id="addresses may come in",
        ),
        pytest.param(
            "NP261",
            healthy(policy(ingress=[{"ports": [{"port": 8000, "endPort": 9000}]}])),
            id="a range of ports that holds it",
        ),
        pytest.param("NP261", healthy(NOBODY, policy("more")), id="a second policy lets them in"),
    ],
)
def test_the_rule_keeps_silent(id_: str, docs: list[dict]):
    """What looks like it, but isn't, makes no such finding."""
    assert id_ not in ids(*docs)


def test_pending_pods_are_said_with_what_keeps_them_off_the_nodes():
    """The scheduler's own verdict names neither taints nor labels."""
    by_label = only("NP214", *healthy(workload(nodeSelector={"disk": "ssd"})))
    by_taint = only("NP214", *TAINTED, service(), workload())
    assert not ids(service(), workload(containers=[{"name": "no-image"}])) & {"NP214", "NP215"}
    assert "on no node: disk=ssd" in by_label.message
    assert "not tolerated: node-role.kubernetes.io/control-plane:NoSchedule" in by_taint.message


def test_a_second_replica_is_the_autoscalers_business_where_there_is_one():
    """It would take away what a patch of the workload adds, so none is offered."""
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}
    scaler = {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": "web", "namespace": "shop"},
        "spec": {"maxReplicas": 4, "scaleTargetRef": target},
    }
    finding = only("NP220", *healthy(workload(replicas=None), scaler))
    assert "HorizontalPodAutoscaler web decides how many there are: set minReplicas to at least 2" in finding.hint
    assert finding.remedy is None or "replicas" not in str(finding.remedy)


def test_all_pods_of_the_services_are_counted_and_only_those_that_have_a_node():
    """Two of web on one node, one of canary beside them; one of web fits nowhere."""
    full = {"allocatable": {"cpu": "4", "memory": "8Gi", "pods": "3"}}
    pinned = {"nodeSelector": {"kubernetes.io/hostname": "node-1"}, "topologySpreadConstraints": []}
    docs = healthy(node("node-1", **full), workload("canary", replicas=1, **pinned), workload(replicas=3, **pinned))
    finding = only("NP221", *docs)
    assert finding.object == "Deployment shop/web"
    assert finding.message.startswith("All 3 pods behind shop/web are on node node-1.")


def test_the_ids_are_in_order_and_unique():
    """No id stands twice in the table, and all belong to findings."""
    table = [rule.id for rule in RULES]
    assert table == sorted(set(table))
    assert all(id_.startswith("NP2") for id_ in table)


def test_each_rule_speaks_up_in_a_test():
    """The table of examples above names every rule."""
    examples = {case.values[0] for case in test_the_rule_speaks_up.pytestmark[0].args[1]}
    assert examples == {rule.id for rule in RULES}


@pytest.mark.parametrize("severity", list(Severity))
def test_there_are_rules_of_each_severity(severity: Severity):
    """The bar of a check can tell all three apart."""
    assert any(rule.severity is severity for rule in RULES)


def test_a_kind_configuration_found_by_a_search_counts_also():
    """The file is no manifest, so nothing is said of it; what it maps is known all the same."""
    text = yaml.safe_dump_all(healthy())
    uploads = [Upload("it/kind.yaml", yaml.safe_dump(KIND).encode()), Upload("it/all.yaml", text.encode())]
    given = read(uploads)
    assert [problem.id for problem in given.problems] == ["NP022"]
    (finding,) = findings(given, build(given))
    assert finding.message == "extraPortMappings in it/kind.yaml maps 30000 (host port 8080), not nodePort 30080."
    assert "nodePort: 30000" in finding.remedy
