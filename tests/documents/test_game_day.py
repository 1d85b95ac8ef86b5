"""The plan of a game day: its shares are the simulation's, its commands can be typed, and chance is given its room."""

import subprocess
from dataclasses import replace
from math import comb
from shutil import which

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.cluster.build import build
from webapp.cluster.model import Cluster
from webapp.cluster.options import ClusterOptions
from webapp.documents.game_day import MOST_BY_HAND, MOST_SERVICES, GameDay, game_day, measured
from webapp.documents.game_day_markdown import game_day_markdown
from webapp.failure import Moment, Scenario, state_at
from webapp.failure.clock import clock
from webapp.failure.kinds import FAILURE_MODES, FailureKind
from webapp.failure.scenario import Target
from webapp.failure.words import decode
from webapp.manifests import Upload, read
from webapp.paths import resource_directory
from webapp.routing.outcome import outcome
from webapp.simulation.document import simulation_document
from webapp.simulation.reading import MANY_PODS


def sample(name: str, **options: int) -> Cluster:
    """Return the cluster of a sample."""
    data = (resource_directory("samples") / f"{name}.yaml").read_bytes()
    return build(read([Upload(name=f"{name}.yaml", data=data)]), ClusterOptions(**options))  # type: ignore[arg-type]


def plan(of: Cluster, *words: str) -> GameDay:
    """Return the plan of what is down or drained."""
    found = game_day(of, decode([tuple(word.split("=", 1)) for word in words], of))
    assert found is not None
    return found


SHOP = sample("shop")
BASH = which("bash") or "bash"


def test_shares_are_those_of_the_simulation() -> None:
    """At each moment, by each access path."""
    found = plan(SHOP, "down=node/worker-2")
    assert [port.name for port in found.affected] == ["default/web:80", "default/api:80", "default/admin:80"]
    for port in found.affected:
        for share in port.shares:
            scenario = decode([("down", "node/worker-2"), ("at", share.moment.value)], SHOP)
            its = outcome(state_at(SHOP, scenario), port.service, 0)
            assert (share.dns, share.lb) == pytest.approx((its.dns, its.lb))
            assert share.node == pytest.approx(its.answered("node/worker-1"))
    assert found.one_node == "worker-1"
    web = found.affected[0]
    assert [round(share.dns, 4) for share in web.shares] == [1.0, 0.375, 0.75, 0.75]
    assert [round(share.lb, 4) for share in web.shares] == [1.0, 0.5, 1.0, 1.0]


def test_moments_come_when_the_simulation_expects_them() -> None:
    """With one that never comes left out, and said."""
    assert [(its.title, its.when) for its in plan(SHOP, "down=node/worker-2").moments] == [
        ("Before", ""),
        ("Just failed", "at once"),
        ("Detected", "after about 50\u202fs"),
        ("Recreated", "after about 350\u202fs"),
    ]
    blind = plan(SHOP, "down=node/worker-2", "down=control-plane")
    assert [its.title for its in blind.moments] == ["Before", "Just failed"]
    assert any("never detected" in text for text in blind.warnings)


def test_a_drain_has_its_own_moments() -> None:
    """And is undone by uncordon."""
    found = plan(SHOP, "drain=node/worker-2")
    assert [its.moment for its in found.moments] == [
        Moment.BEFORE,
        Moment.CORDONED,
        Moment.EVICTING,
        Moment.DRAINED,
    ]
    assert found.failing[0].command == "kubectl drain worker-2 --ignore-daemonsets"
    assert found.undoing[0].command == "kubectl uncordon worker-2"


def test_nodes_are_drained_by_one_command_in_their_order() -> None:
    """It cordons all of them first, as is simulated: one after another, pods of the first would move to the second."""
    found = plan(SHOP, "drain=node/worker-2", "drain=node/worker-1")
    assert [its.command for its in found.failing] == ["kubectl drain worker-2 worker-1 --ignore-daemonsets"]
    assert [its.command for its in found.undoing] == ["kubectl uncordon worker-2 worker-1"]
    assert "kubectl get pdb -A -w" in [its.command for its in found.watching]


@pytest.mark.parametrize("kind", [FailureKind.POD, FailureKind.UNREADY])
def test_a_pod_that_is_silent_gets_no_packet(kind: FailureKind) -> None:
    """A process that is only stopped still accepts connections, by its node's kernel: they would count as answered."""
    found = game_day(
        SHOP, Scenario(down=frozenset([Target(kind=kind, name="default/web-7c9d-4xk2p")]), at=Moment.FAILED)
    )
    assert found is not None
    assert "iptables -I INPUT -j DROP" in found.failing[0].command


def test_there_is_no_plan_with_nothing_down() -> None:
    """Which the file says."""
    assert game_day(SHOP, Scenario()) is None
    assert "Nothing is down" in game_day_markdown(SHOP, Scenario())


@pytest.mark.parametrize("kind", FailureKind)
def test_each_failure_can_be_brought_about_and_undone(kind: FailureKind) -> None:
    """By commands that a shell can read."""
    names = {"node": "worker-2", "zone": "a", "pod": "default/web-7c9d-8mmzq", "control plane": ""}
    subject = FAILURE_MODES[kind].subject
    name = next(its for word, its in names.items() if word in subject.value.replace("-", " "))
    found = game_day(SHOP, Scenario(down=frozenset([Target(kind=kind, name=name)]), at=Moment.FAILED))
    assert found is not None
    assert len(found.failing) == len(found.undoing) == 1
    for its in (*found.failing, *found.undoing, *found.watching):
        assert "{" not in its.command.replace("{}", "")
        subprocess.run([BASH, "-n", "-c", its.command], check=True, timeout=30)


def test_names_do_not_run_as_commands() -> None:
    """Whatever a manifest calls its objects."""
    name = "a'; touch /tmp/x; $(id)"
    hostile = Scenario(down=frozenset([Target(kind=FailureKind.DELETED, name=f"default/{name}")]), at=Moment.FAILED)
    found = game_day(SHOP, hostile)
    assert found is not None
    printed = subprocess.run(
        [BASH, "-c", found.failing[0].command.replace("kubectl", "printf '%s\\n'", 1)],
        capture_output=True,
        check=True,
        text=True,
        timeout=30,
    )
    assert printed.stdout.splitlines()[:5] == ["delete", "pod", "-n", "default", name]


def test_the_commands_that_count_run() -> None:
    """Against an `nc` that reaches one address of two."""
    found = plan(sample("webapp-service", assume_nodes=2), "down=node/node-2")
    (count,) = [its for its in found.watching if "each node in turn" in its.why]
    nc = 'nc() { [ "$4" = node-1 ]; }; export -f nc; '
    done = subprocess.run(
        [BASH, "-c", nc + count.command.replace("sh -c", "bash -c")],
        capture_output=True,
        check=True,
        text=True,
        timeout=60,
    )
    assert [line.split() for line in done.stdout.splitlines()] == [["200", "answered"], ["200", "lost"]]


def test_a_large_cluster_is_a_plan_that_can_be_read() -> None:
    """The worst services only, and how many more."""
    many = sample("fifty-nodes")
    found = plan(many, "down=zone/eu-west-1b")
    assert len(found.affected) <= MOST_SERVICES
    everything = simulation_document(many, decode([("down", "zone/eu-west-1b")], many), summary=True)
    ports = [port for its in everything["services"] for port in its["ports"] if port["answered"]]
    assert len(found.affected) + found.more + found.untouched == len(ports)


@given(st.integers(0, 40), st.integers(100, 400))
def test_chance_takes_few_measurements_out_of_the_bounds(fortieths: int, connections: int) -> None:
    """At least 90 of 100 lie within them, which say 95: a normal distribution stands for the exact one."""
    share = fortieths / 40
    low, high = measured(share, connections)
    assert 0 <= low <= round(share * connections) <= high <= connections
    within = sum(comb(connections, n) * share**n * (1 - share) ** (connections - n) for n in range(low, high + 1))
    assert within >= 0.9 or connections * min(share, 1 - share) < 5


def test_one_node_ip_is_that_of_a_node_that_stays_up() -> None:
    """Or the table would only say that a node that is off does not answer."""
    assert plan(SHOP, "down=node/worker-1").one_node == "worker-2"
    assert plan(SHOP, "down=node/worker-1", "via=node/worker-3").one_node == "worker-3"


def test_steps_are_those_of_the_clock_and_each_window_can_be_missed() -> None:
    """What begins the failure has none; nor has what takes as long as it takes."""
    found = plan(SHOP, "down=node/worker-2")
    assert found.steps == clock(SHOP, decode([("down", "node/worker-2")], SHOP)).steps
    windows = [f"Not within {step.when}: {step.event}" for step in found.steps if step.seconds_to]
    assert [text for text in found.wrong_if if text.startswith("Not within")] == windows
    assert len(windows) == 3


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["down=node/worker-2"], "More or fewer than 3 pods are recreated and run."),
        (["down=node/worker-2", "down=control-plane"], "A node turns NotReady"),
        (["drain=node/worker-2"], "The drain of worker-2 does not end, or ends with an error."),
    ],
)
def test_a_prediction_can_be_wrong(words: list[str], said: str) -> None:
    """By what is expected of this failure."""
    assert any(text.startswith(said) for text in plan(SHOP, *words).wrong_if)


def test_where_nothing_is_lost_any_loss_refutes_it() -> None:
    """There is no table then, and one line for all drains that end alike."""
    found = plan(SHOP, "drain=node/worker-2", "drain=node/worker-1").wrong_if
    assert found[:2] == (
        "A service port loses a connection.",
        "The drain of worker-2, worker-1 does not end, or ends with an error.",
    )
    assert plan(SHOP, "down=node/worker-2").wrong_if[0] == "A service port that is not in the table loses a connection."


def test_a_drain_that_is_refused_is_refuted_by_one_that_is_not() -> None:
    """A pod without a controller: kubectl evicts none."""
    pods = {key: replace(pod, controlled=False, owner=None) for key, pod in SHOP.pods.items()}
    assert (
        "The drain of worker-2 evicts a pod: kubectl is expected to refuse it."
        in plan(replace(SHOP, pods=pods), "drain=node/worker-2").wrong_if
    )


def test_a_moment_that_takes_long_to_compute_is_named_unless_it_is_asked_for() -> None:
    """A zone of a large cluster: nobody waits for it, and the file says what is not in it."""
    pod = next(pod for pod in SHOP.pods.values() if pod.node == "worker-2")
    crowd = {f"default/x-{at}": replace(pod, name=f"x-{at}") for at in range(MANY_PODS + 1)}
    crowded = replace(SHOP, pods={**SHOP.pods, **crowd}, pods_on={**SHOP.pods_on, "worker-2": tuple(crowd)})
    found = plan(crowded, "down=node/worker-2")
    assert Moment.RESCHEDULED not in [its.moment for its in found.moments]
    assert f"{MANY_PODS + 1} pods would have to be placed" in found.notes[0]
    assert not any("recreated and run" in text for text in found.wrong_if)


def test_a_failure_of_very_many_nodes_is_a_plan_that_can_be_read() -> None:
    """A command for each would be a book."""
    many = sample("fifty-nodes")
    for word in ("down", "drain"):
        found = plan(many, *(f"{word}=node/{name}" for name in many.nodes))
        assert len(found.failing) == len(found.undoing) == (MOST_BY_HAND if word == "down" else 1)
        assert sum(len(set(its.command.split()) & many.nodes.keys()) for its in found.undoing) <= MOST_BY_HAND
        assert f"{len(many.nodes) - MOST_BY_HAND} more fail the same way" in " ".join(found.notes)
        assert len(found.title) < 200


@pytest.mark.parametrize("words", [["down=node/worker-2"], ["drain=node/worker-2"], ["down=control-plane"]])
def test_every_row_has_as_many_cells_as_its_head(words: list[str]) -> None:
    """Or a wiki shows no table."""
    text = game_day_markdown(SHOP, decode([tuple(word.split("=", 1)) for word in words], SHOP))
    tables = [part.splitlines() for part in text.split("\n\n") if part.startswith("|")]
    assert tables
    for rows in tables:
        assert {row.count("|") for row in rows} == {rows[0].count("|")}


def test_a_name_ends_no_line_of_the_file() -> None:
    """What would follow it would be Markdown of somebody else."""
    name = "a\n\n# b\n\n[x](http://example.com)"
    scenario = Scenario(down=frozenset([Target(kind=FailureKind.DELETED, name=f"default/{name}")]))
    assert not [line for line in game_day_markdown(SHOP, scenario).splitlines() if line.startswith(("# b", "[x]"))]
