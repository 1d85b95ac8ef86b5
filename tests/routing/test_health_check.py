"""The healthCheckNodePort: what nodes tell balancers, and who stays a target."""

import pytest

from tests.failure.clusters import cluster, node, pod
from webapp.cluster.model import Cluster, Refusal
from webapp.failure import state_at
from webapp.failure.words import decode
from webapp.routing import outcome
from webapp.routing.health_check import health_answers, is_checked


def _local(**service: object) -> Cluster:
    pods = [pod("web-1", "n1"), pod("web-2", "n2")]
    fields = {"external_traffic_policy": "Local", "health_check_node_port": 31000, **service}
    return cluster([node("n1"), node("n2"), node("n3")], pods, **fields)


@pytest.mark.parametrize(
    ("words", "codes"),
    [
        pytest.param({}, [200, 200, 503], id="200 where there is a ready pod"),
        pytest.param({"down": "node/n2", "at": "failed"}, [200, None, 503], id="a dead node says nothing"),
        pytest.param({"down": "unready/default/web-2"}, [200, 503, 503], id="no longer ready"),
        pytest.param(
            {"down": "deleted/default/web-2", "at": "failed"}, [200, 503, 503], id="503 while it still serves"
        ),
        pytest.param({"down": "partition/n1"}, [200, 200, 503], id="a node cut off believes what it knew"),
        pytest.param({"down": "kube-proxy/n1", "at": "failed"}, [None, 200, 503], id="kube-proxy itself answers"),
        pytest.param({"down": "kube-proxy/n1", "at": "before"}, [200, 200, 503], id="before, all is well"),
    ],
)
def test_what_each_node_answers(words: dict[str, str], codes: list[int | None]) -> None:
    """200 or 503, or nothing at all."""
    of = _local()
    answers = health_answers(state_at(of, decode(words.items(), of)), "default/web")
    assert [answer.code for answer in answers] == codes


@pytest.mark.parametrize("at", ["failed", "detected"])
def test_a_balancer_drops_a_node_that_nobody_answers_for(at: str) -> None:
    """Though its rules still work, and clients that know its address are served."""
    of = _local()
    found = outcome(state_at(of, decode([("down", "kube-proxy/n1"), ("at", at)], of)), "default/web")
    assert found.lb_targets == {"n2"}
    assert found.entries[0].answered == 1


@pytest.mark.parametrize(
    ("service", "checked"),
    [
        pytest.param({}, True, id="policy Local with the port"),
        pytest.param({"health_check_node_port": None}, False, id="without the port"),
        pytest.param({"external_traffic_policy": "Cluster"}, False, id="policy Cluster"),
    ],
)
def test_who_is_checked(service: dict[str, object], checked: bool) -> None:
    """Only LoadBalancers under policy Local have the port."""
    assert is_checked(_local(**service).services["default/web"]) is checked


@pytest.mark.parametrize(
    "service",
    [
        pytest.param({"health_check_node_port": None}, id="no such port"),
        pytest.param({"refusals": (Refusal(type="FieldValueInvalid", path="spec", detail="no"),)}, id="refused"),
    ],
)
def test_nobody_answers_for_a_service_without_the_port(service: dict[str, object]) -> None:
    """There is nothing to ask."""
    of = _local(**service)
    assert health_answers(state_at(of, decode([], of)), "default/web") == ()
