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
spec: {nodeName: n1, containers: [{name: main, image: nginx}]}
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


NODE = """
apiVersion: v1
kind: Node
metadata: {name: n1}
status: {addresses: [{type: InternalIP, address: 192.0.2.1}]}
---
"""
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


@pytest.mark.parametrize(
    ("written", "by_cluster", "count"),
    [
        pytest.param("name: web", "name: web, uid: abc", 3, id="a dump's uid"),
        pytest.param("{ip: 10.0.0.1}", "{ip: 10.0.0.1, targetRef: {kind: Pod, name: web-9}}", 3, id="a dump's pod"),
        pytest.param("name: web", "name: web", 0, id="written by hand: the controller overwrites it"),
    ],
)
def test_endpoints_of_a_service_with_selector_count_in_a_dump_alone(written: str, by_cluster: str, count: int) -> None:
    """A dump of services and endpoints alone; with pods the pods count."""
    dumped = ENDPOINTS.replace(written, by_cluster)
    assert len(_endpoints(dumped, selector="selector: {app: web}, ")) == count
    assert [e.key for e in _endpoints(dumped, POD, selector="selector: {app: web}, ")] == ["default/web-1"]


@pytest.mark.parametrize(
    ("value", "count"),
    [pytest.param("true", 0, id="not mirrored"), pytest.param("false", 3, id="mirrored, unless the label says true")],
)
def test_endpoints_with_the_skip_mirror_label_are_not_mirrored(value: str, count: int) -> None:
    """They get no EndpointSlice, so kube-proxy never hears of them."""
    label = f'{{name: web, labels: {{endpointslice.kubernetes.io/skip-mirror: "{value}"}}}}'
    assert len(_endpoints(ENDPOINTS.replace("{name: web}", label))) == count


def test_endpoints_are_mirrored_beside_slices_written_by_hand() -> None:
    """But a dump's slice of the mirroring controller is that mirror already."""
    by_hand = _slice("{addresses: [10.0.0.9]}")
    assert len(_endpoints(ENDPOINTS, by_hand)) == 4
    mirror = ", endpointslice.kubernetes.io/managed-by: endpointslicemirroring-controller.k8s.io"
    assert len(_endpoints(ENDPOINTS, _slice("{addresses: [10.0.0.1]}", mirror))) == 1


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param("service-name: web", "service-name: web, service.kubernetes.io/headless: ''", id="headless"),
        pytest.param("addressType: IPv4", "addressType: FQDN", id="host names"),
    ],
)
def test_some_slices_never_reach_kube_proxy(old: str, new: str) -> None:
    """It asks for slices without the headless label, and can't send packets to a name."""
    address = "10.0.0.1" if "IPv4" not in old else "web.example.com"
    assert _endpoints(_slice(f"{{addresses: [{address}]}}").replace(old, new)) == ()


@pytest.mark.parametrize(
    ("endpoint", "documents", "home"),
    [
        pytest.param("{addresses: [10.0.0.1], nodeName: n2}", [POD], "n1", id="the pod with that address is elsewhere"),
        pytest.param("{addresses: [10.0.0.1]}", [POD], "n1", id="no node named"),
        pytest.param("{addresses: [10.0.0.9], nodeName: n2}", [POD], "n2", id="an address of nobody known"),
        pytest.param(
            "{addresses: [10.0.0.1], nodeName: n2}",
            [POD.replace("phase: Running", "phase: Succeeded")],
            "n2",
            id="a pod that has finished gave its address back",
        ),
        pytest.param(
            "{addresses: [192.0.2.1], nodeName: n2}",
            [NODE],
            "n1",
            id="an address of another node",
        ),
    ],
)
def test_an_endpoint_is_where_its_address_is(endpoint: str, documents: list[str], home: str) -> None:
    """What the slice says decides only what is local."""
    (found,) = _endpoints(*documents, _slice(endpoint))
    assert found.home == home
