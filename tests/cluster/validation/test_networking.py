"""NetworkPolicy and Ingress."""

from typing import Any

import pytest

from tests.cluster.given import SOURCE, metadata, record
from tests.cluster.validation.test_objects import faults
from webapp.manifests.objects import IngressObject, IngressSpec, NetworkPolicyObject, NetworkPolicySpec

Found = list[tuple[str, str]]
BACKEND = {"service": {"name": "web", "port": {"number": 80}}}


def policy(**spec: Any) -> Found:
    """Return what is wrong with a NetworkPolicy."""
    given = NetworkPolicyObject(metadata=metadata(), spec=record(NetworkPolicySpec, spec), source=SOURCE)
    return faults(network_policies=given)


def ingress(**spec: Any) -> Found:
    """Return what is wrong with an Ingress."""
    return faults(ingresses=IngressObject(metadata=metadata(), spec=record(IngressSpec, spec), source=SOURCE))


def test_an_ingress_leads_somewhere() -> None:
    """It has rules or a default backend, and backends have a name and a port."""
    good = {"service": {"name": "web", "port": {"number": 80}}}
    assert ingress(defaultBackend=good) == []
    assert ingress() == [("Invalid", "spec")]
    assert ingress(defaultBackend={"service": {"port": {"name": "http"}}}) == [
        ("Required", "spec.defaultBackend.service.name")
    ]
    rule = {"host": "A.example", "http": {"paths": [{"backend": {"service": {"name": "web"}}}, {"backend": {}}]}}
    rule["http"]["paths"] = [{"path": "/", "pathType": "Prefix", **path} for path in rule["http"]["paths"]]
    assert ingress(rules=[rule]) == [
        ("Invalid", "spec.rules[0].host"),
        ("Required", "spec.rules[0].http.paths[0].backend"),
    ]


def test_hosts_of_an_ingress_may_begin_with_a_star() -> None:
    """A wildcard for the first label."""
    assert ingress(rules=[{"host": "*.example.com"}]) == []


def test_selectors_of_a_network_policy() -> None:
    """Its own and its peers'."""
    wrong = {"matchLabels": {"a": "b c"}}
    spec = {"podSelector": wrong, "ingress": [{"from": [{"podSelector": wrong}, {"namespaceSelector": wrong}]}]}
    assert policy(**spec) == [
        ("Invalid", "spec.podSelector.matchLabels"),
        ("Invalid", "spec.ingress[0].from[0].podSelector.matchLabels"),
        ("Invalid", "spec.ingress[0].from[1].namespaceSelector.matchLabels"),
    ]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        pytest.param({"path": "/web", "pathType": "Prefix"}, [], id="a prefix"),
        pytest.param({"pathType": "ImplementationSpecific"}, [], id="no path where the controller decides"),
        pytest.param({"path": "/web"}, [("Required", "pathType")], id="no type"),
        pytest.param({"path": "/web", "pathType": "prefix"}, [("NotSupported", "pathType")], id="in small letters"),
        pytest.param({"path": "web", "pathType": "Exact"}, [("Invalid", "path")], id="relative"),
        pytest.param({"path": "web", "pathType": "ImplementationSpecific"}, [("Invalid", "path")], id="also there"),
        pytest.param({"path": "/a//b", "pathType": "Exact"}, [("Invalid", "path")], id="an empty part"),
        pytest.param({"path": "/a/..", "pathType": "Exact"}, [("Invalid", "path")], id="it ends above"),
    ],
)
def test_the_path_of_an_ingress(path: dict[str, Any], expected: Found) -> None:
    """networking.k8s.io/v1 wants a type with each."""
    at = "spec.rules[0].http.paths[0]"
    rules = [{"http": {"paths": [{"backend": BACKEND, **path}]}}]
    assert ingress(rules=rules) == [(kind, f"{at}.{name}") for kind, name in expected]


@pytest.mark.parametrize(
    ("port", "expected"),
    [
        pytest.param({"name": "http", "number": 80}, [("Invalid", "")], id="name and number"),
        pytest.param({"name": "Http"}, [("Invalid", ".service.port.name")], id="no name of a port"),
        pytest.param({"number": 70000}, [("Invalid", ".service.port.number")], id="no number of a port"),
    ],
)
def test_the_port_of_a_backend(port: dict[str, Any], expected: Found) -> None:
    """By name or by number."""
    found = ingress(defaultBackend={"service": {"name": "web", "port": port}})
    assert found == [(kind, f"spec.defaultBackend{name}") for kind, name in expected]


BLOCK = {"cidr": "10.0.0.0/24"}


@pytest.mark.parametrize(
    ("peer", "expected"),
    [
        pytest.param({"ipBlock": {**BLOCK, "except": ["10.0.0.128/25"]}}, [], id="a range without a part of it"),
        pytest.param({"podSelector": {}, "namespaceSelector": {}}, [], id="both selectors"),
        pytest.param({}, [("Required", "")], id="nobody"),
        pytest.param({"ipBlock": BLOCK, "podSelector": {}}, [("Forbidden", "")], id="a range and pods"),
        pytest.param({"ipBlock": {}}, [("Required", ".ipBlock.cidr")], id="an empty range"),
        pytest.param({"ipBlock": {"cidr": "10.0.0.1"}}, [("Invalid", ".ipBlock.cidr")], id="an address"),
        pytest.param(
            {"ipBlock": {**BLOCK, "except": ["10.0.0.0/24", "10.0.1.0/25", "fd00::/64", "x"]}},
            [("Invalid", f".ipBlock.except[{i}]") for i in (3, 0, 1, 2)],
            id="all of it, another, another family, none",
        ),
    ],
)
def test_a_peer_of_a_network_policy(peer: dict[str, Any], expected: Found) -> None:
    """It is a range of addresses or selectors."""
    found = policy(ingress=[{"from": [peer]}])
    assert sorted(found) == sorted((kind, f"spec.ingress[0].from[0]{name}") for kind, name in expected)


@pytest.mark.parametrize(
    ("port", "expected"),
    [
        pytest.param({"port": 80, "endPort": 90, "protocol": "SCTP"}, [], id="a range"),
        pytest.param({"port": "http"}, [], id="a name"),
        pytest.param({"protocol": "ICMP"}, [("NotSupported", "protocol")], id="no such protocol"),
        pytest.param({"port": 0}, [("Invalid", "port")], id="no number of a port"),
        pytest.param({"port": "Http"}, [("Invalid", "port")], id="no name of a port"),
        pytest.param({"port": 80, "endPort": 79}, [("Invalid", "endPort")], id="it ends before it begins"),
        pytest.param({"port": 80, "endPort": 70000}, [("Invalid", "endPort")], id="it ends too late"),
        pytest.param({"port": "http", "endPort": 90}, [("Invalid", "endPort")], id="it begins with a name"),
        pytest.param({"endPort": 90}, [("Invalid", "endPort")], id="it begins nowhere"),
    ],
)
def test_a_port_of_a_network_policy(port: dict[str, Any], expected: Found) -> None:
    """A name, a number, or a range of numbers."""
    assert policy(ingress=[{"ports": [port]}]) == [
        (kind, f"spec.ingress[0].ports[0].{name}") for kind, name in expected
    ]


def test_the_types_of_a_network_policy() -> None:
    """Each direction once at most."""
    assert policy(policyTypes=["Ingress", "Egress"]) == []
    assert policy(policyTypes=["ingress"]) == [("NotSupported", "spec.policyTypes[0]")]
    assert policy(policyTypes=["Ingress"] * 3) == [("Invalid", "spec.policyTypes")]
