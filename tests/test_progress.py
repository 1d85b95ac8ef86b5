"""How much of a loop is done is told to whoever listens, and to nobody else."""

from tests.benchmarks.generate import cluster as large_cluster
from tests.benchmarks.generate import text
from webapp.cluster.build import build
from webapp.diagram.whole_cluster import port_changes
from webapp.failure import Scenario, state_at
from webapp.failure.words import decode
from webapp.jobs import Stage, counted_stage
from webapp.jobs.stages import observed
from webapp.manifests import Upload, read
from webapp.paths import resource_directory
from webapp.progress import counted_off, counting
from webapp.resilience.matrix import matrix
from webapp.views.app import create_app
from webapp.views.page.stages import WORKING


def test_each_item_is_told_before_it_is_done() -> None:
    """As the share that is done by then."""
    told: list[float] = []
    with counting(told.append):
        assert [(item, list(told)) for item in counted_off("ab")] == [("a", [0.0]), ("b", [0.0, 0.5])]
    assert list(counted_off("ab")) == ["a", "b"]
    assert told == [0.0, 0.5]


def test_a_loop_inside_an_item_is_not_told() -> None:
    """It would lead the share back to the beginning; the next loop is told again."""
    told: list[float] = []
    with counting(told.append):
        assert [list(counted_off(range(3))) for _ in counted_off("ab")] == [[0, 1, 2]] * 2
        assert list(counted_off("c")) == ["c"]
    assert told == [0.0, 0.5, 0.0]


def test_placing_pods_and_weighing_failures_are_counted() -> None:
    """From nothing to nearly all, never back: the page about long work shows it."""
    manifests = read([Upload("x.yaml", text(large_cluster(12, 30, 2)))])
    told: list[Stage] = []
    with observed(told.append):
        with counted_stage("Placing"):
            built = build(manifests)
        with counted_stage("Weighing"):
            matrix(built)
    for title in ("Placing", "Weighing"):
        shares = [stage.share for stage in told if stage.title == title][1:]
        assert len(shares) >= 10
        assert shares[0] == 0
        assert shares == sorted(shares)
        assert shares[-1] > 0.9


def test_working_out_access_paths_is_counted() -> None:
    """The service ports that have an endpoint on what fails, each of which is worked out by itself."""
    built = build(read([Upload("x.yaml", text(large_cluster(12, 30, 2)))]))
    state = state_at(built, decode([("down", "zone/eu-1a"), ("at", "failed")], built))
    told: list[float] = []
    port_changes(state_at(built, Scenario()))
    with counting(told.append):
        changes = port_changes(state)
    hit = sum(any(endpoint.node in state.down_nodes for endpoint in c.service.ports[0].endpoints) for c in changes)
    assert 1 < hit < len(changes)
    assert told == [number / hit for number in range(hit)]


def test_the_map_of_a_cluster_tells_how_many_access_paths_are_worked_out() -> None:
    """Under the name of that stage."""
    app = create_app({"DATABASE_URL": "sqlite://", "SECRET_KEY": "progress", "WORKERS": 0})
    client, told = app.test_client(), list[Stage]()
    # A set of its own: what is worked out of a sample may be remembered by this process.
    shop = (resource_directory("samples") / "shop.yaml").read_text()
    path = client.post("/upload", data={"text": shop}).headers["Location"]
    with observed(told.append):
        assert client.get(f"{path}?down=node/worker-2&at=failed").status_code == 200
    app.extensions["nodefall"].store.close()
    shares = [stage.share for stage in told if stage.title == WORKING and stage.share is not None]
    assert shares[0] == 0.0
    assert max(shares) > 0.0
