"""Pictures of real manifests: the samples, and those that NODEFALL_CORPUS points at, through the whole way."""

from itertools import islice
from pathlib import Path

import pytest

from tests.diagram.pictures import LINKS, Drawn
from tests.diagram.test_arrange import assert_sound
from tests.real_manifests import FOLDERS
from webapp.cluster.build import build
from webapp.cluster.model import Cluster
from webapp.cluster.options import ClusterOptions
from webapp.diagram import arrange, describe, port_graph
from webapp.diagram.svg import draw, export
from webapp.failure import CRASH_MOMENTS, DRAIN_MOMENTS, Moment, Scenario, Target
from webapp.failure.kinds import FailureKind
from webapp.files import uploads
from webapp.manifests import read
from webapp.paths import resource_directory

SAMPLES = sorted(resource_directory("samples").glob("*.yaml"))
MOST_SERVICES = 12


def cluster(path: Path) -> Cluster:
    """Return the cluster that manifests come to."""
    return build(read(uploads([str(path)], render=False)), ClusterOptions())


def services(its: Cluster) -> list[str]:
    """Return the keys of some services with ports."""
    return list(islice((key for key, service in its.services.items() if service.ports), MOST_SERVICES))


def assert_drawn(its: Cluster, scenario: Scenario) -> None:
    """Assert that the picture is sound, as a file and on the page."""
    layout = arrange(describe(port_graph(its, scenario)))
    assert_sound(layout)
    for svg in (export(layout), draw(layout, LINKS)):
        ids = Drawn.of(svg).ids
        assert len(ids) == len(set(ids))


@pytest.mark.parametrize("at", CRASH_MOMENTS, ids=str)
@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_samples_are_drawn_at_every_moment_of_a_crash(path: Path, at: Moment) -> None:
    """Each service, with its first node down."""
    its = cluster(path)
    down = frozenset({Target(kind=FailureKind.NODE, name=next(iter(its.nodes)))})
    for service in services(its):
        assert_drawn(its, Scenario(down=down, at=at, service=service))


@pytest.mark.parametrize("at", DRAIN_MOMENTS, ids=str)
@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_samples_are_drawn_at_every_moment_of_a_drain(path: Path, at: Moment) -> None:
    """Each service, with its first node drained, behind a balancer."""
    its = cluster(path)
    for service in services(its):
        assert_drawn(its, Scenario(drain=(next(iter(its.nodes)),), at=at, via="lb", service=service))


@pytest.mark.corpus
@pytest.mark.parametrize("path", FOLDERS, ids=lambda path: path.name)
def test_real_manifests_are_drawn(path: Path) -> None:
    """Whatever people wrote: before, and with a node down after its pods moved."""
    its = cluster(path)
    down = frozenset({Target(kind=FailureKind.NODE, name=next(iter(its.nodes)))})
    for service in services(its):
        assert_drawn(its, Scenario(at=Moment.BEFORE, service=service))
        assert_drawn(its, Scenario(down=down, at=Moment.RESCHEDULED, service=service))
