"""A large upload read in one process and, cut between two documents, in two.

``python -m tests.benchmarks.two_processes`` measures all inputs. The second core would pay if what was read did not
have to come back: records of thousands of objects, pickled in one process and made again in the other.
"""

import multiprocessing
import pickle
from collections.abc import Callable, Iterator
from functools import partial

from tests.benchmarks.generate import INPUTS, text
from tests.benchmarks.measure import Figure, lines, timed
from webapp.garbage import collection_paused
from webapp.manifests import Manifests, Upload, read

_CUT = b"\n---\n"


def figures(name: str, documents: Callable[[], Iterator[str]], runs: int = 3) -> Iterator[Figure]:
    """Yield the time on the clock of both ways, and what of the second one is only the way back."""
    data = text(documents())
    middle = data.rfind(_CUT, 0, len(data) // 2) + 1
    # Both processes are there already, as workers of the web app would be.
    with multiprocessing.get_context("fork").Pool(2) as pool:
        pool.map(_read, [b""] * 2)
        alone = _least(partial(_read, data), runs)
        shared = _least(partial(pool.map, _read, [data[:middle], data[middle:]], 1), runs)
    manifests = _read(data)
    back = _least(lambda: pickle.loads(pickle.dumps(manifests)), runs)  # noqa: S301 - our own
    yield Figure(f"{name}: in one process", alone, 1, remark=f"{len(data) / 1e6:.1f} MB")
    yield Figure(f"{name}: in two processes", shared, shared / alone)
    yield Figure(f"{name}: of that, bringing the objects back", back, back / alone)


def _read(data: bytes) -> Manifests:
    return read([Upload("x.yaml", data)])


def _least(work: Callable[[], object], runs: int) -> float:
    with collection_paused():
        return min(timed(work)[0] for _ in range(runs))


if __name__ == "__main__":
    for which, made in INPUTS.items():
        print(*lines(figures(which, made)), sep="\n")
