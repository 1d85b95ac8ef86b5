"""What is known of NetworkPolicies: which select the pods behind a port, and which outside addresses they admit."""

from typing import Any

import pytest

from tests.findings.given import healthy, manifests, policy, workload
from webapp.cluster.build import build
from webapp.cluster.model import Cluster
from webapp.cluster.network_policies import isolation, policy_note
from webapp.failure.scenario import Scenario
from webapp.failure.state import State
from webapp.routing.outcome import outcome
from webapp.simulation.document import simulation_document
from webapp.topology.build import graph

SERVICE = "shop/web"


def built(*changed: dict[str, Any], without: str = "") -> Cluster:
    """Return the cluster of the healthy set with some objects changed."""
    return build(manifests(*healthy(*changed, without=without)))


def blocks(*cidrs: str, but: tuple[str, ...] = (), **rule: Any) -> dict[str, Any]:
    """Return a policy that admits some addresses."""
    peers = [{"ipBlock": {"cidr": cidr, **({"except": list(but)} if but else {})}} for cidr in cidrs]
    return policy(ingress=[{"from": peers, **rule}])


@pytest.mark.parametrize(
    ("given", "admits"),
    [
        pytest.param(policy(ingress=[]), "none", id="nobody at all"),
        pytest.param(policy(ingress=[], podSelector={}), "none", id="an empty selector selects every pod"),
        pytest.param(policy(ingress=[{"from": [{"podSelector": {}}]}]), "none", id="pods only"),
        pytest.param(policy(ingress=[{}]), "all", id="a rule without from and ports"),
        pytest.param(policy(ingress=[{"ports": [{"port": 8080}]}]), "all", id="the pod's port, not the service's"),
        pytest.param(policy(ingress=[{"ports": [{"port": 80}]}]), "none", id="the service's port is no pod's"),
        pytest.param(policy(ingress=[{"ports": [{"port": 30080}]}]), "none", id="neither is the nodePort"),
        pytest.param(policy(ingress=[{"ports": [{"port": "http"}]}]), "all", id="a port by its name"),
        pytest.param(policy(ingress=[{"ports": [{"port": "admin"}]}]), "none", id="a name that the pod lacks"),
        pytest.param(policy(ingress=[{"ports": [{"port": 8000, "endPort": 8100}]}]), "all", id="a range of ports"),
        pytest.param(policy(ingress=[{"ports": [{"protocol": "UDP"}]}]), "none", id="another protocol"),
        pytest.param(blocks("0.0.0.0/0"), "all", id="every address of the family"),
        pytest.param(blocks("0.0.0.0/1", "128.0.0.0/1"), "all", id="every address in two halves"),
        pytest.param(blocks("10.0.0.0/8"), "some", id="some addresses"),
        pytest.param(blocks("0.0.0.0/0", but=("10.0.0.0/8",)), "some", id="all but some"),
        pytest.param(blocks("10.0.0.0/8", but=("10.0.0.0/9", "10.128.0.0/9")), "none", id="a block of exceptions only"),
        pytest.param(blocks("::/0"), "none", id="addresses of another family"),
        pytest.param(blocks("0.0.0.0/0", ports=[{"port": 9}]), "none", id="every address to another port"),
    ],
)
def test_whom_a_policy_admits(given: dict[str, Any], admits: str):
    """Policies see the connection at the pod, from an address outside the cluster."""
    cluster = built(given)
    service_ = cluster.services[SERVICE]
    found = isolation(cluster, service_, service_.ports[0])
    assert found is not None
    assert (found.policies, found.admitted, found.number) == (("web",), admits, 8080)
    assert bool(policy_note(cluster, service_, service_.ports[0])) == (admits != "all")


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param([policy(policyTypes=["Egress"], ingress=[])], id="a policy of another direction"),
        pytest.param([policy(podSelector={"matchLabels": {"app": "db"}}, ingress=[])], id="other pods"),
        pytest.param([policy(podSelector={"matchLabels": {"app": "b@d"}})], id="a policy that the API server rejects"),
        pytest.param([policy(ingress=[]), workload(hostNetwork=True)], id="pods in their node's network"),
    ],
)
def test_nothing_is_said_where_no_policy_isolates_the_pods(changed: list[dict[str, Any]]):
    """No note, no assumption."""
    cluster = built(*changed)
    service_ = cluster.services[SERVICE]
    assert isolation(cluster, service_, service_.ports[0]) is None
    assert "NP315" not in {problem.id for problem in cluster.problems}


def test_policies_add_up():
    """What one of them admits is admitted."""
    cluster = built(policy(ingress=[]), policy("more", ingress=[{}]))
    service_ = cluster.services[SERVICE]
    assert policy_note(cluster, service_, service_.ports[0]) == ""


def test_of_several_workloads_only_those_selected_are_counted():
    """The note says how many pods."""
    canary = workload("canary", labels={"app": "web", "track": "canary"}, replicas=1)
    deny = policy("deny", podSelector={"matchLabels": {"track": "canary"}}, ingress=[])
    cluster = build(manifests(*healthy(without="NetworkPolicy"), canary, deny))
    note = policy_note(cluster, cluster.services[SERVICE], cluster.services[SERVICE].ports[0])
    assert note.startswith("NetworkPolicy deny selects 1 of 3 pods of shop/web and admits no address outside")


def test_the_document_and_the_picture_carry_the_note():
    """Whoever reads a share reads what may block it."""
    cluster = built(blocks("10.0.0.0/8"))
    document = simulation_document(cluster, Scenario())
    (port,) = document["services"][0]["ports"]
    assert port["networkPolicy"]["ipBlocks"] == ["10.0.0.0/8"]
    assert "admits only 10.0.0.0/8 to port 8080: clients may be blocked" in port["networkPolicy"]["note"]
    assert any("NetworkPolicy" in text for text in document["assumptions"])
    found = outcome(State(cluster=cluster, scenario=Scenario()), SERVICE)
    assert graph(State(cluster=cluster, scenario=Scenario()), found, found).graph["notes"] == (
        port["networkPolicy"]["note"],
    )


def test_a_port_that_is_open_to_all_has_no_note():
    """The policy is named all the same."""
    (port,) = simulation_document(built(), Scenario())["services"][0]["ports"]
    assert (port["networkPolicy"]["admits"], port["networkPolicy"]["note"]) == ("all", "")
