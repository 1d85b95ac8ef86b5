"""The words of a Scenario: read, written, toggled, and refused with what exists."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.failure.clusters import explorer
from webapp.cluster.options import ClusterOptions, Edits
from webapp.failure.kinds import FailureKind
from webapp.failure.scenario import Moment, Scenario, Target
from webapp.failure.word_values import ScenarioError
from webapp.failure.words import (
    OPTION_WORDS,
    SCENARIO_WORDS,
    decode,
    decode_options,
    encode,
    encode_options,
    prune,
    toggle,
    with_drain,
)

CLUSTER = explorer()
WORKER_2 = Target(kind=FailureKind.NODE, name="worker-2")


def test_no_words_ask_for_the_cluster_as_it_is() -> None:
    """The defaults: nothing down, detected, DNS."""
    assert decode([], CLUSTER) == Scenario()


def test_all_words_together() -> None:
    """Repeatable ones add up, whatever their order."""
    words = [
        ("down", "pod/default/web-1"),
        ("service", "default/web"),
        ("via", "node/worker-3"),
        ("down", "node/worker-2"),
        ("down", "zone/b"),
        ("at", "failed"),
    ]
    zone, one = Target(kind=FailureKind.ZONE, name="b"), Target(kind=FailureKind.POD, name="default/web-1")
    expected = Scenario(
        down=frozenset({WORKER_2, zone, one}), at=Moment.FAILED, via="node/worker-3", service="default/web"
    )
    assert decode(words, CLUSTER) == expected


@pytest.mark.parametrize(
    ("words", "says"),
    [
        pytest.param([("down", "node/worker-9")], "There is: worker-1, worker-2", id="a node that isn't there"),
        pytest.param([("down", "zone/c")], "There is: a, b", id="a zone that isn't there"),
        pytest.param([("down", "pod/web-1")], "There is: default/web-1", id="a pod without its namespace"),
        pytest.param([("down", "worker-2")], "node/NAME", id="a name without its kind"),
        pytest.param([("down", "node/worker-1"), ("drain", "node/worker-2")], "combined", id="a crash and a drain"),
        pytest.param([("drain", "zone/a")], "Only a node", id="a zone can't be drained"),
        pytest.param([("at", "later")], "before, failed", id="an unknown moment"),
        pytest.param([("down", "node/worker-1"), ("at", "drained")], "belongs to a drain", id="a drain's moment"),
        pytest.param([("drain", "node/worker-1"), ("at", "failed")], "belongs to a failure", id="a crash's moment"),
        pytest.param([("via", "phone")], "dns, lb or node/NAME", id="an unknown way in"),
        pytest.param([("via", "node/worker-9")], "There is: worker-1", id="a way in by a node that isn't there"),
        pytest.param([("service", "web")], "There is: default/web", id="a service without its namespace"),
    ],
)
def test_what_cannot_be_is_refused_with_what_exists(words: list[tuple[str, str]], says: str) -> None:
    """The message tells what could have been said."""
    with pytest.raises(ScenarioError, match=says):
        decode(words, CLUSTER)


def test_words_of_a_page_are_left_alone() -> None:
    """A page may keep words of its own in the same query."""
    assert decode([("port", "80"), ("unfold", "x")], CLUSTER) == Scenario()


@st.composite
def scenarios(draw: st.DrawFn) -> Scenario:
    """Draw a scenario that the explorer's cluster can have."""
    nodes = [
        Target(kind=kind, name=f"worker-{i}") for kind in (FailureKind.NODE, FailureKind.PARTITION) for i in range(1, 5)
    ]
    others = [Target(kind=FailureKind.ZONE, name="a"), Target(kind=FailureKind.POD, name="default/web-1")]
    lonely = Target(kind=FailureKind.CONTROL_PLANE)
    via = draw(st.sampled_from(["dns", "lb", "node/worker-1"]))
    service = draw(st.sampled_from([None, "default/web"]))
    if draw(st.booleans()):
        drain = draw(st.lists(st.sampled_from(list(CLUSTER.nodes)), unique=True, min_size=1))
        at = draw(st.sampled_from([Moment.CORDONED, Moment.EVICTING, Moment.DRAINED]))
        return Scenario(drain=tuple(drain), at=at, via=via, service=service)
    at = draw(st.sampled_from([Moment.BEFORE, Moment.FAILED, Moment.DETECTED, Moment.RESCHEDULED]))
    down = draw(st.frozensets(st.sampled_from([*nodes, *others, lonely])))
    return Scenario(down=down, at=at, via=via, service=service)


@given(scenarios())
def test_what_is_written_reads_back_the_same(scenario: Scenario) -> None:
    """The codec loses nothing."""
    assert decode(encode(scenario), CLUSTER) == scenario


@given(scenarios())
def test_removing_a_failure_word_gives_the_first_scenario_back(scenario: Scenario) -> None:
    """Down and up again is where one was, for anything that isn't drained."""
    if not scenario.drain:
        assert toggle(toggle(scenario, WORKER_2), WORKER_2) == scenario


def test_toggling_a_drained_node_ends_its_drain() -> None:
    """And the moment is no longer a drain's."""
    drained = with_drain(Scenario(), ("worker-2",))
    assert drained.at is Moment.DRAINED
    assert toggle(drained, WORKER_2) == Scenario()


def test_words_that_no_longer_fit_are_dropped_and_named() -> None:
    """A corrected upload keeps what still exists."""
    words = [("down", "node/worker-2"), ("down", "node/old"), ("at", "failed"), ("service", "default/gone")]
    scenario, dropped = prune(words, CLUSTER)
    assert scenario == Scenario(down=frozenset({WORKER_2}), at=Moment.FAILED)
    assert dropped == ("down=node/old", "service=default/gone")


OPTIONS = ClusterOptions(
    assume_nodes=5,
    node_names=("a", "b"),
    proxy_mode="nftables",
    nodeport_addresses=("primary", "10.0.0.0/8"),
    node_port_range=(20000, 22767),
    minor_version=31,
)


def test_every_word_is_among_those_that_there_are() -> None:
    """So that an address can tell a word from a slip."""
    edits = Edits(zones=2, control_planes=1, replicas=(("Deployment/a/b", 2),), policies=(("a/b", "Local"),))
    edits = replace(
        edits,
        patches=(("Service/a/b", '{"spec":{}}'),),
        moves=(("a/b-1", "node-1"),),
        cordons=("node-1",),
        taints=(("node-1", "a=b:NoSchedule"),),
        added_nodes=("node-9",),
        deleted_nodes=("node-2",),
    )
    options = replace(OPTIONS, assume_pods=2, edits=edits)
    assert {key for key, _ in encode_options(options)} == OPTION_WORDS
    down = Scenario(down=frozenset({WORKER_2}), at=Moment.FAILED, via="lb", service="default/web")
    written = encode(down) + encode(with_drain(Scenario(), ("worker-2",)))
    assert {key for key, _ in written} == SCENARIO_WORDS


def test_cluster_options_read_back_the_same() -> None:
    """The same codec for settings."""
    assert decode_options(encode_options(OPTIONS)) == OPTIONS
    assert encode_options(ClusterOptions()) == []


@pytest.mark.parametrize(
    ("text", "ends"),
    [
        pytest.param("20000-22767", (20000, 22767), id="both ends"),
        pytest.param("30000+2767", (30000, 32767), id="an offset"),
        pytest.param("30000 2767", (30000, 32767), id="an offset, as an address has the plus"),
        pytest.param(" 80 ", (80, 80), id="one port"),
        pytest.param("", (30000, 32767), id="nothing is the default"),
    ],
)
def test_a_node_port_range_is_read_as_kube_apiserver_reads_it(text: str, ends: tuple[int, int]) -> None:
    """Inclusive at both ends (apimachinery, PortRange)."""
    assert decode_options([("service-node-port-range", text)]).node_port_range == ends


@pytest.mark.parametrize(
    "word",
    [
        ("nodes", "0"),
        ("nodes", "many"),
        ("nodes", "9" * 50),
        ("proxy-mode", "ipvs"),
        ("nodeport-addresses", "x/y"),
        ("kubernetes", "2.0"),
        ("service-node-port-range", "30000-29999"),
        ("service-node-port-range", "65000+1000"),
        ("service-node-port-range", "0-100"),
        ("service-node-port-range", "30000-"),
        ("service-node-port-range", "1-2-3"),
    ],
)
def test_settings_that_cannot_be_are_refused(word: tuple[str, str]) -> None:
    """With the word that was wrong."""
    with pytest.raises(ScenarioError, match=word[0]):
        decode_options([word])
