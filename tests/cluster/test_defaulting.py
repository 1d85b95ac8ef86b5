"""What the API server fills in before it looks at an object."""

from typing import Any

import pytest

from tests.cluster.given import load, record
from webapp.cluster.defaulting import default_pod, default_probe, default_service, is_virtual
from webapp.manifests.objects import LoadBalancerIngress, PodSpec, Probe, ServiceSpec

CASES = load("conformance/allocation_cases.json")["defaultingCases"]
OF_PODS = {
    "hostNetwork pod: hostPort defaults to containerPort",
    "probe defaults",
    "requests default to limits",
}
"""Run below by name: they are not about Services."""


def defaulted(**spec: Any) -> ServiceSpec:
    """Return a Service's spec after defaulting."""
    return default_service(record(ServiceSpec, spec))


def one_container(container: dict[str, Any], **spec: Any) -> PodSpec:
    """Return a pod's spec with one container, after defaulting."""
    return default_pod(record(PodSpec, {"containers": [container], **spec}))


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


def test_every_case_about_pods_has_a_test_here() -> None:
    """No case of the table is left out."""
    assert {case["name"] for case in CASES} >= OF_PODS
    assert len(CASES) == 12


def test_host_ports_of_a_host_network_pod_default_to_the_container_port() -> None:
    """On the host's network a container's port is the node's."""
    spec = one_container({"ports": [{"containerPort": 8080}]}, hostNetwork=True)
    assert spec.containers[0].ports[0].host_port == 8080


def test_other_pods_get_no_host_port() -> None:
    """A pod with a network of its own takes no port of its node unless it says so."""
    assert one_container({"ports": [{"containerPort": 8080}]}).containers[0].ports[0].host_port is None


def test_a_probe_gets_the_defaults_of_the_table() -> None:
    """Timeout 1 s, every 10 s, up after one success, down after three failures."""
    probe = default_probe(Probe())
    timing = (probe.timeout_seconds, probe.period_seconds, probe.success_threshold, probe.failure_threshold)
    assert timing == (1, 10, 1, 3)


def test_a_readiness_probe_of_a_pod_is_defaulted_with_it() -> None:
    """What the probe says stays."""
    probe = one_container({"readinessProbe": {"periodSeconds": 5}}).containers[0].readiness_probe
    assert probe is not None
    assert (probe.period_seconds, probe.failure_threshold) == (5, 3)


def test_missing_requests_are_the_limits() -> None:
    """A limit without a request is a request, too."""
    spec = one_container({"resources": {"limits": {"cpu": "500m", "memory": "1Gi"}, "requests": {"memory": "1Mi"}}})
    assert spec.containers[0].resources.requests == {"cpu": "500m", "memory": "1Mi"}


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
