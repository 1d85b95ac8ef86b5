"""Sentences of a picture that need no whole cluster to be tested."""

from collections.abc import Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, cast

import pytest

from tests.topology.scenes import explorer
from webapp.diagram import wording
from webapp.diagram.lanes import Tone
from webapp.diagram.outline import TONE_COLOURS
from webapp.failure import Moment
from webapp.routing import Result
from webapp.topology.attributes import EndpointState, NodeState

if TYPE_CHECKING:
    from webapp.topology.attributes import Question

NODES = tuple(f"node/worker-{i}" for i in range(1, 6))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        pytest.param({"down": ()}, "nothing is down", id="nothing"),
        pytest.param({"at": "before"}, "nothing is down", id="before, whatever the words name"),
        pytest.param({"down": ("node/worker-2",)}, "worker-2 down · just failed", id="a node"),
        pytest.param({"down": NODES}, "worker-1, worker-2, worker-3 and 2 more down · just failed", id="many nodes"),
        pytest.param({"down": ("zone/a",)}, "zone a down · just failed", id="a zone"),
        pytest.param({"down": ("pod/default/web-1",)}, "pod default/web-1 down · just failed", id="a pod"),
        pytest.param(
            {"down": ("node/worker-1", "unready/default/web-1"), "at": "detected"},
            "worker-1 down, pod default/web-1 not ready · failure detected",
            id="different things",
        ),
        pytest.param({"down": ("partition/worker-1",)}, "worker-1 partitioned · just failed", id="a partition"),
        pytest.param({"down": ("returned/worker-1",)}, "worker-1 down · just failed", id="it isn't back yet"),
        pytest.param(
            {"down": ("returned/worker-1",), "at": "rescheduled"}, "worker-1 back · pods recreated", id="it is back"
        ),
        pytest.param({"down": ("control-plane",)}, "the control plane down · just failed", id="the control plane"),
        pytest.param(
            {"drain": ("worker-1",), "down": (), "at": "evicting"}, "drain of worker-1 · being drained", id="a drain"
        ),
    ],
)
def test_the_situation_says_what_befell_what(changes: dict[str, object], words: str) -> None:
    """What is down, and when one looks."""
    question = cast("Question", explorer().graph().graph | changes)
    assert wording.situation(question) == f"{words} · clients connect via DNS round robin"


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        pytest.param(["web-7c9d-4xk2p", "web-7c9d-8mmzq"], "web-7c9d-*", id="whole parts"),
        pytest.param(["worker-1", "worker-10"], "worker-*", id="never half a number"),
        pytest.param(["ip-10-0-1-7.internal", "ip-10-0-1-8.internal"], "ip-10-0-1-*", id="up to the first difference"),
        pytest.param(["alpha", "beta"], "*", id="nothing in common"),
        pytest.param(["web-1"], "web-*", id="one name"),
    ],
)
def test_names_are_put_into_one_pattern(names: list[str], expected: str) -> None:
    """What they have in common."""
    assert wording.pattern(names) == expected


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        pytest.param({}, "80 → 8080 · policy Cluster · 1 of 4 pods at random", id="one of several"),
        pytest.param(
            {"protocol": "UDP", "node_port_assigned": True},
            "80 → 8080 UDP · nodePort auto-assigned · policy Cluster · 1 of 4 pods at random",
            id="auto-assigned",
        ),
        pytest.param({"policy": "Local"}, "80 → 8080 · the rule", id="policy Local"),
        pytest.param({"picked": 1}, "80 → 8080 · the rule", id="one pod"),
        pytest.param({"alike": False}, "80 → 8080 · the rule", id="nodes know different pods"),
        pytest.param({"accepted": False}, "the rule", id="rejected"),
    ],
)
def test_the_header_says_ports_policy_and_selection(changes: dict[str, object], line: str) -> None:
    """In one line; where kube-proxy does not simply select one of several, the rule that it follows."""
    service = explorer().graph().nodes["service"] | changes
    assert wording.header_line(service, "the rule") == line


@pytest.mark.parametrize(
    ("via", "entries", "line"),
    [
        ("dns", 4, "DNS, 4\N{NO-BREAK SPACE}node\N{NO-BREAK SPACE}IPs"),
        ("dns", 1, "DNS, 1\N{NO-BREAK SPACE}node\N{NO-BREAK SPACE}IP"),
        ("dns", 0, "DNS"),
        ("lb", 1200, "load balancer, 1,200\N{NO-BREAK SPACE}targets"),
        ("node/worker-1", 1, "worker-1's IP"),
    ],
)
def test_clients_say_how_they_connect_and_to_how_many(via: str, entries: int, line: str) -> None:
    """A number stays beside what it counts."""
    assert wording.client_line(via, entries) == line


def test_nodes_that_know_different_endpoints_are_told() -> None:
    """Where a kube-proxy is stale, there is no one number to pick from."""
    service = explorer().graph().nodes["service"] | {"alike": False}
    assert wording.service_line(service, [explorer().graph().nodes["entry/worker-1"]]) == (
        "kube-proxy selects at random; nodes know different endpoints"
    )


@pytest.mark.parametrize(
    ("words", "members"),
    [
        pytest.param(wording.NODE_WORDS, NodeState, id="states of a node"),
        pytest.param(wording.POD_TONES, EndpointState, id="tones of a pod"),
        pytest.param(wording._POD_WORDS, EndpointState, id="words of a pod"),
        pytest.param(wording.ENTRY_TONES, Result, id="tones of an entry point"),
        pytest.param(wording._MOMENTS, Moment, id="times after the failure"),
        pytest.param({Tone.QUIET: "", **TONE_COLOURS}, Tone, id="colours of the formats"),
    ],
)
def test_every_member_has_its_word(words: Mapping[str, str], members: type[StrEnum]) -> None:
    """One more member without its word is found here, and not as a KeyError in somebody's picture."""
    assert set(words) == set(members)
