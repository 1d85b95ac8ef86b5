"""What the API server would have made of the manifests."""

from dataclasses import replace
from typing import Any

import pytest

from tests.cluster.given import admitted, admitted_one, fields, load, node_port, pod, service, workload
from webapp.cluster.admission import admit_others, admit_services, refused_objects, topology_mode
from webapp.cluster.options import ClusterOptions
from webapp.manifests.manifests import Manifests
from webapp.manifests.objects import PodStatus, ServiceObject, Source
from webapp.manifests.problems import Severity

ENDPOINT_CASES = load("conformance/endpoint_cases.json")
WHERE = Source(file="clash.yaml", line=10, lines={"spec.ports[0].nodePort": 17, "spec.loadBalancerSourceRanges": 21})


def at(given: ServiceObject) -> ServiceObject:
    """Return the Service as if it had been read from a file."""
    return replace(given, source=WHERE)


def test_a_clash_is_a_problem_at_the_line_of_the_number() -> None:
    """The problem names the later Service and quotes the API server."""
    (problem,) = admitted(node_port(30080, name="a"), at(node_port(30080, name="b"))).problems
    assert (problem.id, problem.severity, problem.object) == ("NP101", Severity.ERROR, "Service default/b")
    assert (problem.file, problem.line) == ("clash.yaml", 17)
    assert problem.message.endswith("spec.ports[0].nodePort: Invalid value: 30080: provided port is already allocated")
    assert problem.hint.startswith("Service default/a has 30080.")


def test_a_clash_inside_one_service_names_nobody_else() -> None:
    """TCP and UDP share a number only for the same port."""
    ports = [{"name": "a", "port": 53, "nodePort": 30053}, {"name": "b", "port": 54, "nodePort": 30053}]
    (problem,) = admitted(service({"type": "NodePort", "ports": ports})).problems
    assert problem.id == "NP101"
    assert problem.hint.startswith("Give one of the two")


def test_source_ranges_are_found_in_spite_of_the_capital_letter() -> None:
    """The API server spells the field's path unlike the field."""
    spec = {"ports": [{"port": 80}], "loadBalancerSourceRanges": ["10.0.0.0/8"]}
    (problem,) = admitted(at(service(spec))).problems
    assert problem.line == 21


def test_allocation_errors_hide_those_of_validation() -> None:
    """The API server allocates before it validates."""
    refused = admitted_one(service({"type": "NodePort", "ports": [{"port": 0, "nodePort": 1}]}))
    assert fields(refused.refusals) == [("Invalid", "spec.ports[0].nodePort")]


def test_an_undecodable_service_is_refused_with_the_decoders_words() -> None:
    """Reading has made the problem already, so there is no second one."""
    text = "json: cannot unmarshal string into Go struct field ServicePort.spec.ports.port of type int32"
    result = admit_services([service({"ports": []})], {"Service default/web": text}, ClusterOptions())
    assert [(r.type, r.detail) for r in result.services[0].refusals] == [("Decode", text)]
    assert result.problems == ()


def test_a_refused_service_keeps_what_was_written() -> None:
    """The page shows what was asked for."""
    refused = admitted_one(service({"ports": [{"port": 80, "nodePort": 30080}]}))
    assert not refused.accepted
    assert (refused.ports[0].node_port, refused.ports[0].node_port_assigned) == (30080, False)


def test_an_external_name_keeps_no_node_port_and_warns() -> None:
    """The API server takes it and nothing listens."""
    spec = {"type": "ExternalName", "externalName": "a.example", "ports": [{"port": 80, "nodePort": 30080}]}
    result = admitted(service(spec))
    assert result.services[0].accepted
    assert result.services[0].ports[0].node_port is None
    assert [(p.id, p.severity) for p in result.problems] == [("NP180", Severity.WARNING)]


def test_two_services_cannot_have_one_cluster_ip() -> None:
    """Whatever the cluster's range is, each address in it belongs to one Service."""
    spec = {"clusterIP": "10.0.0.1", "ports": [{"port": 80}]}
    first, second = admitted(service(spec, name="a"), service(spec, name="b")).services
    assert first.accepted
    assert fields(second.refusals) == [("Invalid", "spec.clusterIPs")]


def test_headless_services_do_not_compete_for_none() -> None:
    """``None`` is no address."""
    spec = {"clusterIP": "None", "ports": [{"port": 80}]}
    assert all(s.accepted and s.headless for s in admitted(service(spec, name="a"), service(spec, name="b")).services)


def test_a_missing_name_was_reported_by_reading() -> None:
    """The refusal stays, so that the Service is drawn as refused."""
    result = admitted(service({"ports": [{"port": 80}]}, name=""))
    assert fields(result.services[0].refusals) == [("Required", "metadata.name")]
    assert result.problems == ()


def test_balancer_addresses_are_told_apart_by_mode() -> None:
    """kube-proxy captures VIP addresses; host names and Proxy addresses are only shown."""
    ingress = [{"ip": "1.1.1.1"}, {"ip": "2.2.2.2", "ipMode": "Proxy"}, {"hostname": "lb.example"}]
    spec = {"type": "LoadBalancer", "ports": [{"port": 80}]}
    given = admitted_one(service(spec, status={"loadBalancer": {"ingress": ingress}}))
    assert given.load_balancer_ips == ("1.1.1.1",)
    assert given.load_balancer_addresses == ("1.1.1.1", "2.2.2.2", "lb.example")


def test_other_types_ignore_a_stale_balancer_status() -> None:
    """A Service that is no LoadBalancer has no balancer's addresses."""
    stale = {"loadBalancer": {"ingress": [{"ip": "1.1.1.1"}]}}
    given = admitted_one(service({"type": "NodePort", "ports": [{"port": 80}]}, status=stale))
    assert given.load_balancer_ips == given.load_balancer_addresses == ()


def test_session_affinity_has_its_seconds() -> None:
    """Three hours unless the manifest says otherwise."""
    given = admitted_one(service({"sessionAffinity": "ClientIP", "ports": [{"port": 80}]}))
    assert (given.session_affinity, given.session_affinity_seconds) == ("ClientIP", 10800)
    assert admitted_one(node_port()).session_affinity_seconds is None


@pytest.mark.parametrize("case", [pytest.param(c, id=c["id"]) for c in ENDPOINT_CASES["hintAnnotationCases"]])
def test_topology_annotations_ask_for_hints(case: dict[str, Any]) -> None:
    """Exactly Auto and auto do, and the deprecated annotation goes first."""
    expected = "Auto" if case["topologyAwareHintsEnabled"] else None
    assert topology_mode(case["annotations"]) == expected


def test_a_refused_deployment_is_named() -> None:
    """Its selector does not match its own template."""
    wrong = workload(
        "Deployment",
        {
            "selector": {"matchLabels": {"app": "web"}},
            "template": {
                "metadata": {"labels": {"app": "wbe"}},
                "spec": {"containers": [{"name": "web", "image": "nginx"}]},
            },
        },
    )
    problems = admit_others(Manifests(workloads=(wrong,)), ClusterOptions())
    assert [(p.id, p.object, p.severity) for p in problems] == [("NP107", "Deployment default/web", Severity.ERROR)]
    assert refused_objects(problems) == {"Deployment default/web"}


def test_an_api_version_that_is_gone_is_a_warning_only() -> None:
    """People upload what runs on old clusters; nothing else about it is checked by today's rules."""
    old = replace(workload("Deployment", {}), api_version="extensions/v1beta1")
    problems = admit_others(Manifests(workloads=(old,)), ClusterOptions())
    assert [(p.id, p.severity) for p in problems] == [("NP190", Severity.WARNING)]
    assert "apps/v1" in problems[0].hint
    assert refused_objects(problems) == frozenset()


def test_objects_that_did_not_decode_are_not_looked_at_again() -> None:
    """What could not be read of them would only give wrong errors."""
    broken = pod({"containers": []})
    manifests = Manifests(pods=(broken,), undecodable={"Pod default/web": "json: ..."})
    assert admit_others(manifests, ClusterOptions()) == ()


def test_a_pod_with_a_status_was_accepted_whatever_its_dump_lacks() -> None:
    """Images are often trimmed away."""
    trimmed = pod({"containers": [{"name": "web", "image": ""}]})
    manifests = Manifests(pods=(trimmed, replace(trimmed, status=PodStatus(phase="Running"))))
    assert [problem.object for problem in admit_others(manifests, ClusterOptions())] == ["Pod default/web"]
