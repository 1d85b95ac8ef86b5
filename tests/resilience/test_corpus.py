"""Real manifests that people wrote: their matrices say what the simulation says."""

from pathlib import Path

import pytest

from tests.real_manifests import FOLDERS
from webapp.cluster.build import build
from webapp.failure import Scenario, Target, state_at
from webapp.failure.kinds import FailureKind
from webapp.files import uploads
from webapp.manifests import read
from webapp.resilience import matrix
from webapp.routing import outcome

pytestmark = pytest.mark.corpus


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: path.name)
def test_each_cell_is_what_the_simulation_says(folder: Path) -> None:
    """After detection, through a balancer; of a large set the first twenty services."""
    of = build(read(uploads([str(folder)], render=False)))
    found = matrix(of)
    for column_at, column in enumerate(found.columns[:6]):
        down = frozenset({Target(kind=FailureKind(column.what), name=column.name)})
        state = state_at(of, Scenario(down=down))
        for row in found.rows[:20]:
            reach = row.verdict.reach
            assert row.cells[column_at] == pytest.approx(outcome(state, reach.service.key, reach.index).lb)
