"""How long each stage takes, as a share of reading, from bytes to a picture: ``python -m tests.benchmarks.stages``.

The target: whatever follows the reading is a small fraction of it, and a click (state, outcome, drawing) stays well
under 100 ms.
"""

import sys
import time
from collections.abc import Callable
from typing import TypeVar

from tests.benchmarks.generate import INPUTS, text
from webapp.cluster.build import build
from webapp.diagram import draw
from webapp.failure import state_at
from webapp.failure.words import decode
from webapp.manifests import Upload, read
from webapp.routing import outcome

Result = TypeVar("Result")


def main(kind: str) -> None:
    """Print the stages of one input, one line each."""
    data = text(INPUTS[kind]())
    reading, manifests = timed(lambda: read([Upload(name=f"{kind}.yaml", data=data)]))
    print(f"{'reading':16} {reading:8.3f} s  {len(data) / 1e6:.1f} MB")
    building, cluster = timed(lambda: build(manifests))
    size = f"{len(cluster.nodes):,} nodes, {len(cluster.services):,} services, {len(cluster.pods):,} pods"
    report("building", building, reading, size)
    node = next(iter(cluster.nodes))
    service = next(key for key, s in cluster.services.items() if any(port.node_port for port in s.ports))
    scenario = decode([("down", f"node/{node}"), ("at", "failed"), ("service", service)], cluster)
    stating, state = timed(lambda: state_at(cluster, scenario))
    report("state", stating, reading)
    routing, _ = timed(lambda: outcome(state, service))
    report("outcome", routing, reading)
    drawing, svg = timed(lambda: draw(cluster, scenario, "svg"))
    report("click to SVG", drawing, reading, f"{len(svg) / 1e3:.0f} kB")


def timed(work: Callable[[], Result]) -> tuple[float, Result]:
    """Return the seconds that something takes, and its result."""
    start = time.perf_counter()
    result = work()
    return time.perf_counter() - start, result


def report(stage: str, seconds: float, reading: float, remark: str = "") -> None:
    """Print one line."""
    print(f"{stage:16} {seconds:8.3f} s  {seconds / reading:7.2%} of reading  {remark}")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "cluster")
