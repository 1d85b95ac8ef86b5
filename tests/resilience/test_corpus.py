"""Real manifests that people wrote: their matrices say what the simulation says."""

import os
from pathlib import Path

import pytest

from webapp.cluster.build import build
from webapp.failure import Kind, Scenario, Target, state_at
from webapp.files import uploads
from webapp.manifests import read
from webapp.resilience import matrix
from webapp.routing import outcome

pytestmark = pytest.mark.corpus
CORPUS = os.environ.get("NODEFALL_CORPUS")


def _folders() -> list[object]:
    if not CORPUS:
        reason = "NODEFALL_CORPUS names no folder of real manifests"
        return [pytest.param(Path(), id="corpus", marks=pytest.mark.skip(reason=reason))]
    return [pytest.param(path, id=path.name) for path in sorted(Path(CORPUS).iterdir()) if path.is_dir()]


@pytest.mark.parametrize("folder", _folders())
def test_each_cell_is_what_the_simulation_says(folder: Path) -> None:
    """After detection, through a balancer; of a large set the first twenty services."""
    of = build(read(uploads([str(folder)], render=False)))
    found = matrix(of)
    for column_at, column in enumerate(found.columns[:6]):
        down = frozenset({Target(kind=Kind(column.what), name=column.name)})
        state = state_at(of, Scenario(down=down))
        for row in found.rows[:20]:
            reach = row.verdict.reach
            assert row.cells[column_at] == pytest.approx(outcome(state, reach.service.key, reach.index).lb)
