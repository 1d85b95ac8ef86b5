"""Which pods are endpoints, on which port, with which conditions and hints: the EndpointSlice controller's cases."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from webapp.cluster.endpoints import from_pods, index_pods, target_port
from webapp.cluster.model import Node, Pod, Service, ServicePort
from webapp.manifests.objects import Container, ContainerPort, PodSpec, Taint

CASES = json.loads(
    (Path(__file__).parents[1] / "data" / "kubernetes" / "conformance" / "endpoint_cases.json").read_text()
)
APART = {
    "sliceSizeCases": "how many EndpointSlices there are changes no traffic; nodefall lists endpoints, not slices",
    "namedPortSlices": "run below as one test, by port number instead of by slice",
    "addressTypeCases": "run with the API server's treatment of services: tests/cluster/test_admission.py",
    "hintAnnotationCases": "run with the API server's treatment of services: tests/cluster/test_admission.py",
    "nilConditionCases": "run below on uploaded slices",
    "readinessGateCases": "a dump's Ready condition already holds the gates: run in tests/cluster/test_pods.py",
}
RUN = {
    "inclusionCases",
    "conditionCases",
    "findPortCases",
    "endpointPortCases",
    "missingNodeCases",
    "trafficDistributionCases",
    "selectionCases",
}


def test_every_group_of_cases_is_run_or_has_its_reason() -> None:
    """Nothing is left out silently."""
    assert set(CASES) - {"header"} == RUN | set(APART)


def _ids(case: dict[str, Any]) -> str:
    return f"{case['id']} {case['name']}"


def _spec(case: dict[str, Any]) -> PodSpec:
    def container(given: dict[str, Any]) -> Container:
        ports = tuple(
            ContainerPort(name=p["name"] or None, container_port=p["containerPort"], protocol=p["protocol"])
            for p in given["ports"]
        )
        return Container(ports=ports, restart_policy=given.get("restartPolicy"))

    return PodSpec(
        containers=tuple(map(container, case["containers"])),
        init_containers=tuple(map(container, case["initContainers"])),
    )


def _service(**fields: Any) -> Service:
    return Service(namespace="test", name="web", selector={"app": "web"}, **fields)


def _pod(name: str = "web", node: str = "node-0", **fields: Any) -> Pod:
    return Pod(
        **{"namespace": "test", "name": name, "labels": {"app": "web"}, "spec": PodSpec(), "node": node, **fields}
    )


PORT = ServicePort(port=80, target_port=8080)


@pytest.mark.parametrize("case", CASES["findPortCases"], ids=_ids)
def test_a_target_port_means_the_number_that_kubernetes_finds(case: dict[str, Any]) -> None:
    """Numbers as they are; names by name and protocol, app containers first, then sidecars."""
    port = case["servicePort"]
    assert target_port(_spec(case), port["targetPort"], port["protocol"]) == case["expectedPort"]


@pytest.mark.parametrize("case", CASES["endpointPortCases"], ids=_ids)
def test_a_pod_has_the_service_ports_that_it_can_resolve(case: dict[str, Any]) -> None:
    """A port that the pod doesn't have is left out for that pod alone."""
    pod = _pod(spec=_spec(case), ips=("10.0.0.1",))
    found = []
    for given in case["servicePorts"]:
        port = ServicePort(
            name=given["name"], protocol=given["protocol"], port=given["port"], target_port=given["targetPort"]
        )
        found += [(port.name, e.port) for e in from_pods(_service(), port, [pod], {"node-0": Node(name="node-0")})]
    assert found == [(port["name"], port["port"]) for port in case["expected"]]


@pytest.mark.parametrize("case", CASES["inclusionCases"], ids=_ids)
def test_a_pod_is_an_endpoint_while_it_may_serve(case: dict[str, Any]) -> None:
    """Finished pods and pods without an address are none; terminating ones are."""
    given = case["pod"]
    ips = tuple(filter(None, [given["podIP"], *given["podIPs"]]))
    pod = _pod(phase=given["phase"], ips=ips, terminating=given["deletionTimestampSet"])
    included = bool(from_pods(_service(), PORT, [pod], {"node-0": Node(name="node-0")}))
    # The table's `includeTerminating: false` is the legacy Endpoints controller's; slices list terminating pods.
    assert included == (case["expected"] or (given["deletionTimestampSet"] and not case["includeTerminating"]))


@pytest.mark.parametrize("case", CASES["conditionCases"], ids=_ids)
def test_an_endpoint_has_the_conditions_of_its_pod(case: dict[str, Any]) -> None:
    """Serving is the pod's Ready condition, terminating its deletion, ready both or publishNotReadyAddresses."""
    given, expected = case["pod"], case["expected"]
    labels = {"topology.kubernetes.io/zone": case["nodeZone"]} if case["nodeZone"] else {}
    node = Node(name=given["nodeName"], labels=labels)
    pod = _pod(
        node=node.name,
        ips=tuple(given["podIPs"]),
        ready=given["readyCondition"],
        terminating=given["deletionTimestampSet"],
    )
    service = _service(
        publish_not_ready_addresses=case["service"]["publishNotReadyAddresses"], ip_families=(case["addressType"],)
    )
    (endpoint,) = from_pods(service, PORT, [pod], {node.name: node})
    assert [endpoint.address] == expected["addresses"]
    found = (endpoint.ready, endpoint.serving, endpoint.terminating, endpoint.node, endpoint.zone)
    assert found == tuple(expected[key] for key in ("ready", "serving", "terminating", "nodeName", "zone"))


@pytest.mark.parametrize("case", CASES["missingNodeCases"], ids=_ids)
def test_a_pod_whose_node_object_is_gone_is_left_out(case: dict[str, Any]) -> None:
    """Unless the service publishes addresses that aren't ready."""
    pods = [_pod(p["name"], p["nodeName"], ips=(f"10.0.0.{i}",)) for i, p in enumerate(case["pods"])]
    nodes = {name: Node(name=name) for name in case["existingNodes"]}
    service = _service(publish_not_ready_addresses=case["publishNotReadyAddresses"])
    assert len(from_pods(service, PORT, pods, nodes)) == case["expected"]["endpoints"]


@pytest.mark.parametrize("case", CASES["selectionCases"], ids=_ids)
def test_a_selector_picks_pods_of_its_own_namespace_that_have_all_its_labels(case: dict[str, Any]) -> None:
    """Every pair, and never across namespaces."""
    pod = _pod(namespace=case["podNamespace"], labels=case["podLabels"])
    service = Service(namespace=case["serviceNamespace"], name="s", selector=case["serviceSelector"] or {})
    assert bool(list(index_pods({pod.key: pod}).selected(service))) == case["selected"]


@pytest.mark.parametrize("case", CASES["trafficDistributionCases"], ids=_ids)
def test_hints_are_those_that_the_controller_writes(case: dict[str, Any]) -> None:
    """With trafficDistribution hints name each endpoint's own zone or node; the Auto annotation shares out by CPU."""
    zones = {name: given["zone"] for name, given in case["topology"].items()}
    nodes = {
        name: Node(name=name, labels={"topology.kubernetes.io/zone": zone}, allocatable={"cpu": "100m"})
        for name, zone in zones.items()
    }
    pods = [_pod(p, name, ips=(f"10.0.0.{p[-1]}",)) for name, given in case["topology"].items() for p in given["pods"]]
    distribution = case["trafficDistribution"]
    if distribution not in (None, "PreferClose") and not case["preferSameTrafficDistributionGate"]:
        distribution = None  # before 1.34 the API server refuses the value: tests/cluster/test_admission.py
    service = _service(
        traffic_distribution=distribution, topology_mode="Auto" if case["topologyAnnotation"] == "Auto" else None
    )
    found = from_pods(service, PORT, pods, nodes)
    by_zone = Counter(next(iter(e.zone_hints), "") for e in found)
    by_node = Counter(next(iter(e.node_hints)) for e in found if e.node_hints)
    crossing = sum(1 for e in found if e.zone_hints and e.zone not in e.zone_hints)
    expected = case["expected"]
    assert by_zone == expected["endpointsByZoneHint"]
    assert by_node == (expected["endpointsByNodeHint"] or {})
    assert crossing == expected["endpointsWithCrossZoneHint"]


def test_pods_may_resolve_one_name_to_different_numbers() -> None:
    """300 pods, five numbers: 60 endpoints on each (the case `named-01`)."""
    pods = [
        _pod(
            f"p{i}",
            ips=(f"10.1.{i // 250}.{i % 250}",),
            spec=PodSpec(containers=(Container(ports=(ContainerPort(name="http", container_port=8080 + i % 5),)),)),
        )
        for i in range(300)
    ]
    port = ServicePort(port=80, target_port="http")
    found = from_pods(_service(), port, pods, {"node-0": Node(name="node-0")})
    (case,) = CASES["namedPortSlices"]
    counts = dict(zip(case["expected"]["slicePorts"], case["expected"]["endpointsPerSlice"], strict=True))
    assert Counter(e.port for e in found) == counts


@pytest.mark.parametrize(
    ("cpu", "pods", "hinted"),
    [
        pytest.param({"a": "8", "b": "2"}, 3, False, id="0.8 * 3 / 1.2 is just above 2, so 3 + 1 of 3 are needed"),
        pytest.param({"a": "8", "b": "2"}, 5, True, id="4 + 1 of 5 are enough"),
        pytest.param({"a": "500m", "b": "1500m"}, 4, True, id="milli-CPU"),
    ],
)
def test_zones_are_allocated_endpoints_in_float64(cpu: dict[str, str], pods: int, hinted: bool) -> None:
    """As the controller's Go computes it (pkg/topologycache)."""
    nodes = {z: Node(name=z, labels={"topology.kubernetes.io/zone": z}, allocatable={"cpu": c}) for z, c in cpu.items()}
    made = [_pod(f"p{i}", "a" if i % 3 else "b", ips=(f"10.0.0.{i}",)) for i in range(pods)]
    found = from_pods(_service(topology_mode="Auto"), PORT, made, nodes)
    assert {bool(endpoint.zone_hints) for endpoint in found} == {hinted}


@pytest.mark.parametrize(
    ("fields", "hinted"),
    [
        pytest.param({"labels": {"node-role.kubernetes.io/control-plane": ""}}, True, id="a label leaves it out"),
        pytest.param({"taints": (Taint(key="node-role.kubernetes.io/control-plane"),)}, False, id="a taint doesn't"),
    ],
)
def test_a_control_plane_node_is_left_out_of_the_zones_cpu_by_its_label(fields: dict[str, Any], hinted: bool) -> None:
    """Without zone and CPU it would end all hints."""
    zone = "topology.kubernetes.io/zone"
    nodes = {z: Node(name=z, labels={zone: z}, allocatable={"cpu": "4"}) for z in "ab"} | {
        "c": Node(name="c", **fields)
    }
    found = from_pods(_service(topology_mode="Auto"), PORT, [_pod(z, z, ips=(f"10.0.0.{z}",)) for z in "ab"], nodes)
    assert {bool(endpoint.zone_hints) for endpoint in found} == {hinted}
