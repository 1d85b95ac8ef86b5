"""What the API server fills in before it looks at a Service."""

from typing import Any

import pytest

from tests.cluster.given import load, record
from webapp.cluster.defaulting import default_service, is_virtual
from webapp.cluster.scheduling.ports import host_ports
from webapp.cluster.scheduling.resources import pod_requests
from webapp.manifests.objects import LoadBalancerIngress, PodSpec, ServiceSpec

CASES = load("conformance/allocation_cases.json")["defaultingCases"]
OF_PODS = {
    "hostNetwork pod: hostPort defaults to containerPort": "run below, through the scheduler's host ports",
    "requests default to limits": "run below, through the scheduler's requests",
    "probe defaults": "no timing of a probe is used: a pod of a manifest is taken to be ready",
}
"""The cases that are not about Services."""


def defaulted(**spec: Any) -> ServiceSpec:
    """Return a Service's spec after defaulting."""
    return default_service(record(ServiceSpec, spec))


def one_container(container: dict[str, Any], **spec: Any) -> PodSpec:
    """Return a pod's spec with one container."""
    return record(PodSpec, {"containers": [container], **spec})


def shown(spec: ServiceSpec, field: str) -> Any:
    """Return a field as the table of cases writes it."""
    if field == "ports":
        return [{"port": p.port, "targetPort": p.target_port, "protocol": p.protocol} for p in spec.ports]
    if field == "sessionAffinityConfig":
        config = spec.session_affinity_config
        return config and {"clientIP": {"timeoutSeconds": config.client_ip.timeout_seconds}}
    return {
        "sessionAffinity": spec.session_affinity,
        "internalTrafficPolicy": spec.internal_traffic_policy,
        "allocateLoadBalancerNodePorts": spec.allocate_load_balancer_node_ports,
    }[field]


@pytest.mark.parametrize("case", [pytest.param(c, id=c["name"]) for c in CASES if c["name"] not in OF_PODS])
def test_a_service_gets_the_defaults_of_the_table(case: dict[str, Any]) -> None:
    """Each field of each case is as SetDefaults_Service leaves it."""
    spec = defaulted(**case["in"])
    assert {field: shown(spec, field) for field in case["defaulted"]} == case["defaulted"]


def test_cases_about_pods_have_a_reason_to_be_left_out_above() -> None:
    """No case of the table is dropped silently."""
    assert {case["name"] for case in CASES} >= OF_PODS.keys()
    assert len(CASES) == 12


def test_host_ports_of_a_host_network_pod_default_to_the_container_port() -> None:
    """On the host's network a container's port is the node's; other pods get none."""
    container = {"ports": [{"containerPort": 8080}]}
    assert [port.port for port in host_ports(one_container(container, hostNetwork=True))] == [8080]
    assert host_ports(one_container(container)) == ()


def test_missing_requests_are_the_limits() -> None:
    """A limit without a request is a request, too."""
    spec = one_container({"resources": {"limits": {"cpu": "500m"}}})
    assert pod_requests(spec) == pod_requests(one_container({"resources": {"requests": {"cpu": "500m"}}}))


@pytest.mark.parametrize(
    ("spec", "policy"),
    [
        pytest.param({"type": "NodePort"}, "Cluster", id="a NodePort service has policy Cluster"),
        pytest.param({"type": "LoadBalancer", "externalTrafficPolicy": ""}, "Cluster", id="empty means unset"),
        pytest.param({"externalIPs": ["1.2.3.4"]}, "Cluster", id="external IPs need a policy as well"),
        pytest.param({}, None, id="a ClusterIP service without external IPs has none"),
        pytest.param({"type": "ExternalName"}, None, id="an ExternalName has none"),
    ],
)
def test_external_traffic_policy_is_for_what_can_be_reached_from_outside(spec: dict[str, Any], policy: str) -> None:
    """Only Services that outsiders can reach have an externalTrafficPolicy."""
    assert defaulted(**spec).external_traffic_policy == policy


def test_a_single_cluster_ip_is_the_first_of_the_list() -> None:
    """Manifests that know clusterIP only fill clusterIPs as well."""
    assert defaulted(clusterIP="10.0.0.1").cluster_ips == ("10.0.0.1",)


@pytest.mark.parametrize(
    ("ingress", "virtual"),
    [
        pytest.param(LoadBalancerIngress(ip="1.2.3.4"), True, id="an address without ipMode is captured"),
        pytest.param(LoadBalancerIngress(ip="1.2.3.4", ip_mode="VIP"), True, id="VIP is captured"),
        pytest.param(LoadBalancerIngress(ip="1.2.3.4", ip_mode="Proxy"), False, id="Proxy goes out to the balancer"),
        pytest.param(LoadBalancerIngress(hostname="lb.example"), False, id="a host name can't be captured"),
    ],
)
def test_only_virtual_balancer_addresses_are_captured(ingress: LoadBalancerIngress, virtual: bool) -> None:
    """kube-proxy answers for an address of the balancer unless its mode is Proxy."""
    assert is_virtual(ingress) is virtual
