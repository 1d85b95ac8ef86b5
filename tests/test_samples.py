"""The samples: read without complaint, and the first thing to try shows what is promised."""

import functools
from urllib.parse import parse_qsl

import pytest

from webapp.cluster.build import build
from webapp.cluster.model import Cluster
from webapp.failure import state_at
from webapp.failure.words import decode
from webapp.manifests import Upload, read
from webapp.manifests.problems import Severity
from webapp.paths import resource_directory
from webapp.routing import outcome
from webapp.routing.outcome import PortOutcome
from webapp.samples import SAMPLES, Sample

BY_SLUG = {sample.slug: sample for sample in SAMPLES}


@functools.cache
def cluster(slug: str) -> Cluster:
    """Return the cluster of a sample."""
    sample = BY_SLUG[slug]
    return build(read([Upload(name=sample.file, data=sample.path.read_bytes())]))


def tried(slug: str, service: str = "", port: int = 0, **words: str) -> PortOutcome:
    """Return what the sample's first thing to try comes to, some of its words replaced."""
    asked = parse_qsl(BY_SLUG[slug].try_query)
    asked = [(key, value) for key, value in asked if key not in words] + list(words.items())
    scenario = decode(asked, cluster(slug))
    return outcome(state_at(cluster(slug), scenario), service or scenario.service or only_service(slug), port)


def only_service(slug: str) -> str:
    """Return the one service that a sample has."""
    (key,) = cluster(slug).services
    return key


def test_every_file_is_a_sample():
    """The gallery shows each file of samples/ once."""
    assert sorted(sample.file for sample in SAMPLES) == sorted(
        p.name for p in resource_directory("samples").glob("*.yaml")
    )


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.slug)
def test_each_sample_says_what_to_try(sample: Sample):
    """Its head comment tells what it shows and what to try."""
    text = sample.path.read_text(encoding="utf-8")
    assert text.startswith("# ")
    assert "\n# To try: " in text.partition("\napiVersion")[0]


@pytest.mark.parametrize("slug", sorted(BY_SLUG.keys() - {"clashing-ports"}))
def test_samples_have_no_errors_or_warnings(slug: str):
    """What is shown to a newcomer has nothing wrong with it."""
    assert [p for p in cluster(slug).problems if p.severity is not Severity.INFO] == []


@pytest.mark.parametrize("slug", BY_SLUG)
def test_every_pod_has_a_node(slug: str):
    """No sample leaves a pod pending."""
    assert [pod.key for pod in cluster(slug).pods.values() if pod.node is None] == []


def test_the_course_example_loses_its_share():
    """One of three nodes down, just failed: two thirds of the addresses, each with two thirds of its connections."""
    found = tried("webapp-service")
    assert found.port.node_port == 30080
    assert found.port.target_port == 8080
    assert (found.dns, found.lb) == pytest.approx((4 / 9, 2 / 3))
    assert tried("webapp-service", at="detected").dns == pytest.approx(2 / 3)


def test_policy_local_is_silent_without_a_pod():
    """The node without a pod times out; by DNS a third of the clients gets there, a balancer leaves it out."""
    found = tried("policy-local")
    assert [(entry.node, entry.result.value) for entry in found.entries] == [
        ("node-1", "answered"),
        ("node-2", "timeout"),
        ("node-3", "answered"),
    ]
    assert (found.answered("node/node-2"), found.dns, found.lb) == pytest.approx((0, 2 / 3, 1))


def test_a_statefulset_pod_does_not_come_back():
    """db-1 stays away after the rescheduling, and db-read goes on with the other two."""
    assert tried("statefulset", at="before").dns == 1
    found = tried("statefulset")
    assert (found.dns, found.lb) == (0, 0)
    assert tried("statefulset", "default/db-read").lb == 1


def test_two_pods_on_one_node_take_half_with_them():
    """37.5 % by DNS, 50 % by a balancer; better once it is noticed, and for services with fewer pods there."""
    found = tried("shop")
    assert (found.dns, found.lb) == (0.375, 0.5)
    assert (tried("shop", at="detected").dns, tried("shop", at="rescheduled").lb) == (0.75, 1)
    assert (tried("shop", "default/api").dns, tried("shop", "default/admin").dns) == (0.5625, 0.75)


def test_a_zone_takes_half_of_the_front_end_and_all_of_the_search():
    """Three of five addresses are left, each with half of its connections; search is refused once it is noticed."""
    found = tried("two-zones-dump")
    assert (found.dns, found.lb) == pytest.approx((0.3, 0.5))
    search = tried("two-zones-dump", "booking/search", at="detected")
    assert {entry.result.value for entry in search.entries if entry.node in ("cp-1", "worker-3")} == {"refused"}


def test_clashing_ports_are_refused_one_by_one():
    """The first keeps 30080, the second and the one out of range are refused, the last gets a number of its own."""
    services = cluster("clashing-ports").services
    assert {key: service.accepted for key, service in services.items()} == {
        "production/web": True,
        "staging/web": False,
        "staging/web-debug": False,
        "staging/web-preview": True,
    }
    assert services["staging/web-preview"].ports[0].node_port_assigned
    errors = [p.object for p in cluster("clashing-ports").problems if p.severity is Severity.ERROR]
    assert errors == ["Service staging/web", "Service staging/web-debug"]


@pytest.mark.parametrize("port", [0, 1], ids=["http", "https"])
def test_a_drain_leaves_the_ingress_controller_alone(port: int):
    """A DaemonSet's pods stay on a drained node, so every address still answers."""
    found = tried("ingress", port=port)
    assert [entry.answered for entry in found.entries] == [1, 1, 1]


def test_both_protocols_of_the_game_share_a_number():
    """UDP and TCP are on 31777, and a balancer sends new players to the two nodes that are left."""
    ports = cluster("game-server").services["games/match"].ports
    assert [(port.protocol, port.node_port) for port in ports] == [("UDP", 31777), ("TCP", 31777)]
    for index in (0, 1):
        found = tried("game-server", port=index)
        assert (found.dns, found.lb) == pytest.approx((2 / 3, 1))


def test_a_daemonset_is_not_made_elsewhere():
    """Four pods before, two after; the control plane's address answers too."""
    assert len(tried("daemonset", at="before").live) == 4
    found = tried("daemonset")
    assert (len(found.live), found.dns, found.lb) == (2, 0.6, 1)


def test_fifty_nodes_lose_a_zone():
    """Checkout is tied to the lost zone, the ingress controller is everywhere, subtitles never had a pod."""
    assert len(cluster("fifty-nodes").nodes) == 50
    assert len(cluster("fifty-nodes").services) == 24
    assert tried("fifty-nodes", "shop/checkout").lb == 0
    assert tried("fifty-nodes", "platform/ingress-http").lb == 1
    assert tried("fifty-nodes", "media/subtitles", at="before").entries[0].result.value == "refused"
    assert 0.5 < tried("fifty-nodes", "shop/web").lb < 0.8
