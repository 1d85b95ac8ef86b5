"""How long each stage takes, beside the reading, from bytes to a picture: ``python -m tests.benchmarks.stages``.

The target: whatever follows the reading is a small fraction of it, and a click (state, outcome, drawing) stays well
under 100 ms.
"""

import sys
from collections.abc import Iterator

from tests.benchmarks.generate import INPUTS, text
from tests.benchmarks.measure import Figure, lines, processed
from webapp.cluster.build import build
from webapp.diagram import draw
from webapp.failure import state_at
from webapp.failure.words import decode
from webapp.manifests import Upload, read
from webapp.routing import outcome


def figures(data: bytes) -> Iterator[Figure]:
    """Yield the stages of one input, each beside its reading."""
    reading, manifests = processed(lambda: read([Upload(name="cluster.yaml", data=data)]))
    yield Figure("reading", reading, 1, remark=f"{len(data) / 1e6:.1f} MB")
    building, cluster = processed(lambda: build(manifests))
    size = f"{len(cluster.nodes):,} nodes, {len(cluster.services):,} services, {len(cluster.pods):,} pods"
    yield Figure("building", building, building / reading, remark=size)
    node = next(iter(cluster.nodes))
    service = next(key for key, s in cluster.services.items() if any(port.node_port for port in s.ports))
    scenario = decode([("down", f"node/{node}"), ("at", "failed"), ("service", service)], cluster)
    stating, state = processed(lambda: state_at(cluster, scenario))
    yield Figure("state", stating, stating / reading)
    routing, _ = processed(lambda: outcome(state, service))
    yield Figure("outcome", routing, routing / reading)
    drawing, svg = processed(lambda: draw(cluster, scenario, "svg"))
    yield Figure(
        "click", drawing, drawing / reading, remark=f"state, outcome and drawing: {len(svg) / 1e3:.0f} kB of SVG"
    )


if __name__ == "__main__":
    print(*lines(figures(text(INPUTS[sys.argv[1] if len(sys.argv) > 1 else "cluster"]()))), sep="\n")
