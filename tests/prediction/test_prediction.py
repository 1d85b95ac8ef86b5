"""Questions about a failure: one choice is right, and what is said of each is true by the model."""

from collections.abc import Mapping
from dataclasses import replace
from functools import cache

import pytest

from tests.failure.clusters import cluster as small_cluster
from tests.failure.clusters import node, pod
from webapp.cluster.build import build
from webapp.cluster.model import Cluster
from webapp.failure import CRASH_MOMENTS, DRAIN_MOMENTS, Moment, state_at
from webapp.failure.clock import clock
from webapp.failure.words import PAGE, decode
from webapp.library import read_manifests
from webapp.numbers import percent
from webapp.paths import resource_directory
from webapp.prediction import (
    ClusterPrediction,
    PortPrediction,
    PredictionQuestion,
    ServiceLoss,
    cluster_questions,
    port_questions,
)
from webapp.prediction.until import LOST, until_question
from webapp.routing import outcome


@cache
def sample(name: str) -> Cluster:
    """Return the cluster of a sample, as its page shows it."""
    return build(read_manifests([str(resource_directory("samples") / f"{name}.yaml")]), PAGE)


def asked(cluster: Cluster, service: str, words: str) -> Mapping[str, PredictionQuestion]:
    """Return the questions on a service's first port in a state, by their words."""
    pairs = [(word.partition("=")[0], word.partition("=")[2]) for word in words.split("&")]
    scenario = replace(decode(pairs, cluster), service=service)
    moments = DRAIN_MOMENTS if scenario.drain else CRASH_MOMENTS
    seconds = clock(cluster, scenario).seconds_at or {moment: float(at) for at, moment in enumerate(moments)}
    found = port_questions(
        PortPrediction(
            state=state_at(cluster, scenario),
            outcomes={at: outcome(state_at(cluster, replace(scenario, at=at)), service) for at in moments},
            when={at: f"≈ {second:.0f} s" for at, second in seconds.items()},
            comes_at=tuple((at, seconds[at]) for at in moments[1:] if at in seconds),
            via=scenario.via,
            paths={via: f"via {via}" for via in ("dns", "lb", "node/worker-1") if via != scenario.via},
            seed=words,
        )
    )
    return {question.word: question for question in found}


def right(question: PredictionQuestion) -> tuple[str, str]:
    """Return the right answer, and why."""
    (its,) = [choice for choice in question.choices if choice.right]
    return its.answer, its.because


WEB = "default/web"


@pytest.mark.parametrize(
    ("words", "answers"),
    [
        pytest.param(
            "down=node/worker-2&at=failed",
            (
                "Those to worker-2’s IP, and some of the others: those that kube-proxy sends to a pod on worker-2",
                "37.5 %",
                "For as long as the failure lasts",
            ),
            id="a node goes down: its IP and its pods",
        ),
        pytest.param(
            "down=node/worker-2&at=detected",
            ("Only those to worker-2’s IP", "75 %", "For as long as the failure lasts"),
            id="detected, its pods are no longer selected",
        ),
        pytest.param(
            "down=node/worker-2&at=failed&via=lb",
            (
                "Some of them: those that kube-proxy sends to a pod on worker-2",
                "50 %",
                "Until Kubernetes has detected the failure, ≈ 50 s",
            ),
            id="a load balancer skips its IP at once",
        ),
        pytest.param(
            "down=node/worker-2&at=failed&via=node/worker-2",
            ("All of them", "0 %", "For as long as the failure lasts"),
            id="clients that know this node only",
        ),
        pytest.param(
            "down=kube-proxy/worker-2&at=failed",
            ("None: all are answered", "100 %", "At no time"),
            id="rules in the kernel stay",
        ),
        pytest.param(
            "drain=node/worker-2&at=drained",
            ("None: all are answered", "100 %", "At no time"),
            id="a drain moves pods one after the other",
        ),
        pytest.param(
            "down=pod/default/web-7c9d-4xk2p&at=failed",
            (
                "Some of them: those that kube-proxy sends to web-7c9d-4xk2p",
                "75 %",
                "Until pods are recreated elsewhere, ≈ 25 s",
            ),
            id="a pod hangs",
        ),
    ],
)
def test_the_right_choices_are_those_of_the_model(words: str, answers: tuple[str, str, str]) -> None:
    """Which connections, what share, until when."""
    found = asked(sample("shop"), WEB, words)
    assert tuple(right(question)[0].replace("\u202f", " ") for question in found.values()) == answers


def test_each_wrong_choice_is_refuted() -> None:
    """By what it misses or by what it adds; another time or access path is named."""
    found = asked(sample("shop"), WEB, "down=node/worker-2&at=failed")
    why = {choice.answer: choice.because for its in found.values() for choice in its.choices if not choice.right}
    assert why["Only those to worker-2’s IP"].startswith("2 of 4 endpoints are dead but still listed")
    assert (
        why["None: all are answered"] == "worker-2 is down, and nothing answers at its IP, which DNS still gives out."
    )
    assert why["At no time"] == f"Right after the failure, {percent(0.625)} of new connections are lost."
    shares = {choice.answer: choice.because for choice in found["how-much"].choices}
    assert shares.keys() <= {percent(share) for share in (0, 0.375, 0.5, 0.75, 1)}
    assert shares.get(percent(0.5), "via lb").endswith(("via lb.", "2 of 4.", "via lb"))


@pytest.mark.parametrize(
    ("words", "why"),
    [
        pytest.param("down=node/worker-2&at=detected", "no longer ready endpoints", id="gone from the EndpointSlices"),
        pytest.param("down=partition/worker-2&at=failed", "Its pods answer.", id="partitioned"),
        pytest.param("down=control-plane&at=failed", "All pods keep running.", id="control plane"),
        pytest.param("drain=node/worker-2&at=cordoned", "A drained node is still up", id="drained"),
    ],
)
def test_what_is_not_lost_is_explained(words: str, why: str) -> None:
    """Why kube-proxy sends nothing to pods that are down."""
    which = asked(sample("shop"), WEB, words)["which"]
    assert any(why in choice.because for choice in which.choices)


@pytest.mark.parametrize("name", ["shop", "policy-local", "webapp-service", "daemonset", "statefulset"])
def test_one_choice_is_right_and_no_two_say_the_same(name: str) -> None:
    """On each node of a sample, at each time, by each access path; shares and times stand in their order."""
    cluster = sample(name)
    nodes, service = list(cluster.nodes), next(key for key, its in cluster.services.items() if its.ports)
    states = [
        f"{how}={target}&at={at}&via={via}"
        for target in (f"node/{each}" for each in nodes[:3])
        for how, moments in (("down", CRASH_MOMENTS), ("drain", DRAIN_MOMENTS))
        for at in moments[1:]
        for via in ("dns", "lb", f"node/{nodes[0]}")
    ]
    places = set()
    for words in states:
        found = asked(cluster, service, words)
        assert found == asked(cluster, service, words)
        for question in found.values():
            said = [choice.answer for choice in question.choices]
            assert 2 <= len(set(said)) == len(said) <= 4
            right(question)
            assert all(choice.because for choice in question.choices)
        shares = [float(choice.answer.rstrip(" %\u202f").strip("<>")) for choice in found["how-much"].choices]
        assert shares == sorted(shares)
        places.add([choice.right for choice in found["which"].choices].index(True))
    assert len(places) > 1


def test_what_policy_local_drops_at_the_only_node_that_loses_is_lost_at_its_ip() -> None:
    """Both answers would be right, so one is offered."""
    pods = [pod("web-1", "node-1"), pod("web-2", "node-2")]
    local = small_cluster([node("node-1"), node("node-2")], pods, external_traffic_policy="Local")
    which = asked(local, WEB, "down=unready/default/web-1&at=detected")["which"]
    assert right(which)[0] == "Only those to a node without a usable endpoint of this Service"
    assert "Only those to node-1’s IP" not in [choice.answer for choice in which.choices]


def test_a_time_that_never_comes_is_offered_as_a_wrong_choice() -> None:
    """And what ends in the second in which it begins is not offered."""
    still = {Moment.FAILED: "half are lost", Moment.DETECTED: "half are lost", Moment.RESCHEDULED: ""}
    never = until_question(LOST, still, [(Moment.FAILED, 0.0)], {}, drain=False)
    assert never is not None
    assert right(never) == ("For as long as the failure lasts", "Right after the failure, half are lost.")
    assert [choice.because for choice in never.choices[1:3]] == ["For this failure that time never comes."] * 2
    at_once = [(Moment.FAILED, 0.0), (Moment.DETECTED, 30.0), (Moment.RESCHEDULED, 30.0)]
    together = until_question(LOST, still, at_once, {}, drain=False)
    assert together is not None
    assert [choice.answer for choice in together.choices] == [
        "At no time",
        "Until pods are recreated elsewhere",
        "For as long as the failure lasts",
    ]


def test_without_all_times_there_is_no_question_until_when() -> None:
    """Of very many pods it is not worked out where they go."""
    assert (
        until_question(LOST, {Moment.FAILED: "some"}, [(Moment.FAILED, 0), (Moment.DETECTED, 50)], {}, drain=False)
        is None
    )


def of_cluster(*affected: str) -> Mapping[str, PredictionQuestion]:
    """Return the questions on a cluster of web, api and db, of which these are affected."""
    now = tuple(
        ServiceLoss(name=name, share=0.5 if name in affected else 1.0, affected=name in affected)
        for name in ("web", "api", "db")
    )
    calm = tuple(replace(its, share=1.0, affected=False) for its in now)
    given = ClusterPrediction(
        at=Moment.FAILED,
        moments={Moment.BEFORE: calm, Moment.FAILED: now, Moment.DETECTED: calm, Moment.RESCHEDULED: calm},
        paths={"via DNS": now},
        placed=frozenset({"web"}),
        why=lambda name: f"the reason of {name}.",
        why_this_share=lambda name: f"the product of {name}.",
        when={Moment.DETECTED: "≈ 50 s"},
        comes_at=((Moment.FAILED, 0.0), (Moment.DETECTED, 50.0), (Moment.RESCHEDULED, 350.0)),
        drain=False,
        seed="",
    )
    return {question.word: question for question in cluster_questions(given)}


@pytest.mark.parametrize(
    ("affected", "answer", "because"),
    [
        ((), "None of them", "web: the reason of web."),
        (("web",), "Only web", "web: the reason of web."),
        (("web", "db"), "web and db", "web: the reason of web."),
        (("web", "api", "db"), "All 3 of them", "web: the reason of web."),
    ],
)
def test_which_services_lose_connections(affected: tuple[str, ...], answer: str, because: str) -> None:
    """Each wrong choice names the first service that it misses or that it should not have."""
    which = of_cluster(*affected)["which"]
    assert right(which) == (answer, because)
    for choice in which.choices:
        assert choice.right or " loses " in choice.because


def test_the_service_that_is_hit_most_and_until_when() -> None:
    """With its name, told afterwards only."""
    found = of_cluster("api")
    assert right(found["how-much"]) == (percent(0.5), "That is api. the product of api.")
    assert "api" not in found["how-much"].text + "".join(choice.answer for choice in found["how-much"].choices)
    assert right(found["until"])[0] == "Until Kubernetes has detected the failure, ≈ 50 s"
