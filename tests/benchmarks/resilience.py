"""How long resilience takes on a cluster: ``python -m tests.benchmarks.resilience [nodes services replicas]``.

The target: every single node and zone for 5,000 nodes, 10,000 services and 150,000 pods in about two seconds.
"""

import sys

from tests.benchmarks.generate import cluster, text
from tests.benchmarks.measure import processed
from webapp.cluster.build import build
from webapp.failure import Moment
from webapp.manifests import Upload, read
from webapp.resilience import matrix, outages, reaches, survival
from webapp.resilience.losses import domains
from webapp.resilience.reach import Reach


def main(sizes: list[int]) -> None:
    """Print each step, one line each."""
    of = build(read([Upload(name="cluster.yaml", data=text(cluster(*sizes)))]))
    print(f"{len(of.nodes):,} nodes, {len(of.services):,} services, {len(of.pods):,} pods")
    seconds, found = processed(lambda: tuple(reaches(of)))
    print(f"{'indexing':12} {seconds:8.3f} s  {len(found):,} service ports with a node port")
    seconds, losses = processed(lambda: sum(map(swept, found)))
    print(f"{'sweep':12} {seconds:8.3f} s  {losses:,} losses at two times by two access paths")
    for name, work in (
        ("outage sets", lambda: [outages(reach) for reach in found]),
        ("survival", lambda: survival(of)),
        ("guaranteed", lambda: survival(of, guaranteed=True)),
        ("matrix", lambda: matrix(of)),
    ):
        print(f"{name:12} {processed(work)[0]:8.3f} s")


def swept(reach: Reach) -> int:
    """Ask about every single loss, and return how many there are."""
    losses = [loss.nodes for what in ("node", "zone") for loss in domains(reach, what)]
    for lost in losses:
        reach.answer(lost, Moment.FAILED)
        reach.answer(lost, Moment.DETECTED)
    return len(losses)


if __name__ == "__main__":
    main([int(size) for size in sys.argv[1:]])
