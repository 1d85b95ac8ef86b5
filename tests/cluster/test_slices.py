"""EndpointSlices and Endpoints that were uploaded: what kube-proxy makes of them."""

import json
from pathlib import Path
from typing import Any

import pytest

from webapp.cluster.build import build
from webapp.cluster.model import Endpoint
from webapp.manifests import Upload, read

DATA = Path(__file__).parents[1] / "data" / "kubernetes" / "conformance" / "endpoint_cases.json"
NIL = json.loads(DATA.read_text())["nilConditionCases"]
SERVICE = """
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {type: NodePort, SELECTOR ports: [{name: http, port: 80, targetPort: 8080, nodePort: 30080}]}
---
"""
POD = """
apiVersion: v1
kind: Pod
metadata: {name: web-1, labels: {app: web}}
spec: {nodeName: n1, containers: [{name: main}]}
status: {phase: Running, podIP: 10.0.0.1, conditions: [{type: Ready, status: "True"}]}
---
"""


def _slice(endpoint: str, labels: str = "", port: str = "{name: http, port: 9090}", api: str = "v1") -> str:
    return f"""
apiVersion: discovery.k8s.io/{api}
kind: EndpointSlice
metadata: {{name: web-x, labels: {{kubernetes.io/service-name: web{labels}}}}}
addressType: IPv4
ports: [{port}]
endpoints: [{endpoint}]
---
"""


def _endpoints(*documents: str, selector: str = "") -> tuple[Endpoint, ...]:
    text = SERVICE.replace("SELECTOR ", selector) + "".join(documents)
    cluster = build(read([Upload(name="all.yaml", data=text.encode())]))
    return cluster.services["default/web"].ports[0].endpoints


@pytest.mark.parametrize("case", NIL, ids=lambda case: f"{case['condition']} missing")
def test_a_missing_condition_means_what_the_api_says(case: dict[str, Any]) -> None:
    """Ready and serving, not terminating."""
    (endpoint,) = _endpoints(_slice("{addresses: [10.0.0.1]}"))
    assert getattr(endpoint, case["condition"]) == case["means"]


def test_a_slices_port_number_beats_the_target_port() -> None:
    """The slice is what kube-proxy sees."""
    assert [e.port for e in _endpoints(_slice("{addresses: [10.0.0.1]}"))] == [9090]


@pytest.mark.parametrize(
    "port",
    [
        pytest.param("{name: other, port: 8080}", id="another name"),
        pytest.param("{port: 8080}", id="no name"),
        pytest.param("{name: http, port: 8080, protocol: UDP}", id="another protocol"),
    ],
)
def test_a_slice_port_must_have_the_name_and_protocol_of_the_service_port(port: str) -> None:
    """Else the service port has no endpoint, silently."""
    assert _endpoints(_slice("{addresses: [10.0.0.1]}", port=port)) == ()


def test_only_the_first_of_several_addresses_counts() -> None:
    """The API demands that all are of one pod."""
    assert [e.address for e in _endpoints(_slice("{addresses: [10.0.0.1, 10.0.0.2]}"))] == ["10.0.0.1"]


def test_a_slice_of_another_namespace_is_not_the_services() -> None:
    """Nothing crosses namespaces."""
    elsewhere = _slice("{addresses: [10.0.0.1]}").replace("name: web-x", "name: web-x, namespace: other")
    assert _endpoints(elsewhere) == ()


def test_a_slice_of_the_controller_stands_for_the_pods() -> None:
    """What the controller wrote is what kube-proxy has, even if the pods say otherwise by now."""
    managed = ", endpointslice.kubernetes.io/managed-by: endpointslice-controller.k8s.io"
    endpoint = "{addresses: [10.0.0.1], conditions: {ready: false}, targetRef: {kind: Pod, name: web-1}}"
    (found,) = _endpoints(POD, _slice(endpoint, managed), selector="selector: {app: web}, ")
    assert (found.pod, found.ready, found.managed) == ("default/web-1", False, True)


def test_a_slice_written_by_hand_comes_on_top_of_the_pods() -> None:
    """The controller leaves it alone, and kube-proxy uses both."""
    found = _endpoints(POD, _slice("{addresses: [10.0.0.9]}"), selector="selector: {app: web}, ")
    assert [(e.key, e.managed) for e in found] == [("default/web-1", True), ("10.0.0.9:9090", False)]


def test_an_address_is_known_by_the_pod_that_has_it() -> None:
    """Where the slice has no targetRef."""
    assert [e.pod for e in _endpoints(POD, _slice("{addresses: [10.0.0.1]}"))] == ["default/web-1"]


def test_the_old_topology_map_names_node_and_zone() -> None:
    """discovery.k8s.io/v1beta1 had no nodeName."""
    old = "{addresses: [10.0.0.1], topology: {kubernetes.io/hostname: n7, topology.kubernetes.io/zone: z}}"
    (found,) = _endpoints(_slice(old, api="v1beta1"))
    assert (found.node, found.zone) == ("n7", "z")


ENDPOINTS = """
apiVersion: v1
kind: Endpoints
metadata: {name: web}
subsets:
- addresses: [{ip: 10.0.0.1}, {ip: 10.0.0.2, nodeName: n2}]
  notReadyAddresses: [{ip: 10.0.0.3}]
  ports: [{name: http, port: 8080}]
---
"""


def test_endpoints_by_hand_are_mirrored_for_a_service_without_selector() -> None:
    """Nobody keeps them up to date; those not ready are listed, too."""
    found = _endpoints(ENDPOINTS)
    assert [(e.key, e.node, e.ready, e.managed) for e in found] == [
        ("10.0.0.1:8080", None, True, False),
        ("10.0.0.2:8080", "n2", True, False),
        ("10.0.0.3:8080", None, False, False),
    ]


def test_endpoints_of_a_service_with_selector_count_where_no_pods_are_given() -> None:
    """A dump of services and endpoints alone; with pods the pods count."""
    assert len(_endpoints(ENDPOINTS, selector="selector: {app: web}, ")) == 3
    assert [e.key for e in _endpoints(ENDPOINTS, POD, selector="selector: {app: web}, ")] == ["default/web-1"]
