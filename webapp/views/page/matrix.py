"""The matrix of resilience of a page's cluster, worked out once."""

from webapp.failure import Moment
from webapp.jobs import counted_stage
from webapp.numbers import counted
from webapp.resilience import Matrix, matrix
from webapp.views.page.cache import keep_latest
from webapp.views.page.stages import WEIGHING_FAILURES
from webapp.views.page.state import PageState


@keep_latest(8, key=lambda page, moment, via: (page.topology.id, page.options, moment, via))
def matrix_of(page: PageState, moment: Moment, via: str) -> Matrix:
    """Return what each service port answers if one node or zone fails."""
    with counted_stage(WEIGHING_FAILURES, f"of {counted(len(page.cluster.nodes), 'node')} and each zone"):
        return matrix(page.cluster, moment, via)
