"""What the script of an offline page says is what the server says: every number and every word."""

from pathlib import Path
from random import Random

import pytest

from tests.diagram.offline.generated import cluster_of, generated
from tests.diagram.offline.sides import NODE, same, script_views, server_map, server_view
from tests.real_manifests import FOLDERS
from webapp.cluster.model import Cluster
from webapp.diagram.offline.document import document
from webapp.diagram.offline.plan import port_keys
from webapp.diagram.offline.recovery import recoveries
from webapp.failure import FailureKind, Moment, Scenario, Target
from webapp.paths import resource_directory

pytestmark = pytest.mark.skipif(NODE is None, reason="There is no node to run the script with")
SAMPLES = sorted(resource_directory("samples").glob("*.yaml"))
MOST_PORTS = 12
WORKED_OUT = (Moment.BEFORE, Moment.FAILED, Moment.DETECTED)
"""What the script works out itself, for any set of nodes, zones and pods."""


def assert_equal(its: Cluster, chance: Random, sets: int, saved: Scenario | None = None) -> None:
    """Compare both sides in so many random failures, and in each state that was worked out beforehand."""
    ports, whole = list(port_keys(its)), True
    # Tables and the map of the cluster are compared with all ports; those of a set of hundreds take minutes.
    if len(ports) > MOST_PORTS:
        ports = ports[:MOST_PORTS]
        whole = False
    saved = saved or Scenario()
    plan = document(its, saved, ports)
    first = -1 if len(ports) > 1 and whole else 0
    asked = [(chance.randrange(first, len(ports)), scenario(its, chance)) for _ in range(sets if ports else 0)]
    cordoned = [Scenario(drain=(name,), at=Moment.CORDONED) for name in its.nodes][:4]
    for state in (*recoveries(its, saved), *cordoned):
        seen = Scenario(down=state.down, drain=state.drain, at=state.at, via=path(its, chance))
        asked += [(number, seen) for number in range(first, len(ports))]
    if not asked:
        return
    for (number, each), script in zip(asked, script_views(plan, asked), strict=True):
        server = server_map(its, each) if number < 0 else server_view(its, each, ports[number])
        same(server, script, f"{ports[number] if number >= 0 else 'cluster'} {each}")


def scenario(its: Cluster, chance: Random) -> Scenario:
    """Return a random failure of nodes, zones and pods, at a moment that the script works out."""
    zones = sorted({node.zone for node in its.nodes.values() if node.zone is not None})
    pods = [pod for pod in its.pods if its.services_of.get(pod)] or list(its.pods)
    targets = [(FailureKind.NODE, list(its.nodes)), (FailureKind.ZONE, zones), (FailureKind.POD, pods)]
    kinds = [(kind, names) for kind, names in targets if names]
    down = frozenset(
        Target(kind=kind, name=chance.choice(names))
        for kind, names in (chance.choice(kinds) for _ in range(chance.randint(1, 4)))
    )
    return Scenario(down=down, at=chance.choice(WORKED_OUT), via=path(its, chance))


def path(its: Cluster, chance: Random) -> str:
    """Return one of the ways in which clients connect."""
    return chance.choice(["dns", "dns", "lb", "lb", f"node/{chance.choice(list(its.nodes))}"])


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
def test_samples_say_the_same_in_any_failure(sample: Path) -> None:
    """Random sets of nodes, zones and pods, and the recovery of every single node and zone."""
    assert_equal(cluster_of(sample), Random(sample.stem), 150)  # noqa: S311 - no secret


@pytest.mark.parametrize("seed", range(60))
def test_generated_clusters_say_the_same_in_any_failure(seed: int, tmp_path: Path) -> None:
    """With policies, hints, two IP families, slices written by hand, pods that are unready or end."""
    assert_equal(generated(seed, tmp_path), Random(seed), 40)  # noqa: S311 - no secret


@pytest.mark.corpus
@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: path.name)
def test_real_manifests_say_the_same_in_any_failure(folder: Path) -> None:
    """As the samples do."""
    assert_equal(cluster_of(folder), Random(folder.name), 40)  # noqa: S311 - no secret
