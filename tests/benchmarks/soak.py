"""Whether memory grows for ever: ``python -m tests.benchmarks.soak [REQUESTS SETS]``.

Uploads of different sets and the pages about them, mixed, all asked of one real ``nodefall serve``. Measured is the
resident memory of the server and of its workers after the first sixth of the requests, when everything has been
imported and what is kept is full, and at the end.
"""

import random
import sys
from collections.abc import Iterator
from urllib.parse import urlsplit

import psutil

from tests.benchmarks.isolation import fetched, serving
from tests.benchmarks.measure import Figure, lines

REQUESTS, SETS = 3_000, 200
WARM = 6
"""The first of so many parts of the requests is not counted."""
LARGE = 10
"""Of so many sets one is for the workers."""
PATHS = (
    "",
    "?down=node/node-1",
    "?down=node/node-2&at=rescheduled",
    "?drain=node/node-1",
    "?drawer=table",
    "/services",
    "/resilience",
    "/findings",
    "/simulation.json",
    "/diagram.svg",
    "/diagram.html",
)


def figures(requests: int = REQUESTS, sets: int = SETS) -> Iterator[Figure]:
    """Yield the memory early and at the end."""
    chosen, pages, early = random.Random(1), list[str](), 0.0  # noqa: S311 - the same each time
    with serving() as base:
        server = next(process for process in psutil.Process().children() if "serve" in process.cmdline())
        for number in range(requests):
            # All sets are there by the time at which the first figure is taken, so that later ones only replace them.
            if len(pages) < sets and number % max(requests // WARM // sets, 1) == 0:
                address = fetched(f"{base}/upload", made(len(pages)))
                pages.append(base + urlsplit(address).path)
            else:
                fetched(chosen.choice(pages) + chosen.choice(PATHS))
            if number == requests // WARM:
                early = resident(server)
                yield Figure(f"memory after {number:,} requests", None, 1.0, early, f"{len(pages)} sets")
        last = resident(server)
        yield Figure(f"memory after {requests:,} requests", None, last / early, last, f"{len(pages)} sets")


def made(number: int) -> bytes:
    """Return a set of its own: Services, each with its Deployment."""
    pairs, replicas = 3 + number % 20, 300 if number % LARGE == 0 else 3
    parts = (
        f"apiVersion: v1\nkind: Service\nmetadata: {{name: web-{number}-{n}}}\n"
        f"spec: {{type: NodePort, selector: {{app: web-{number}-{n}}}, ports: [{{port: 80}}]}}\n---\n"
        f"apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: web-{number}-{n}}}\n"
        f"spec: {{replicas: {replicas}, selector: {{matchLabels: {{app: web-{number}-{n}}}}}, template: {{metadata: "
        f"{{labels: {{app: web-{number}-{n}}}}}, spec: {{containers: [{{name: c, image: x}}]}}}}}}\n"
        for n in range(pairs)
    )
    return "---\n".join(parts).encode()


def resident(server: psutil.Process) -> float:
    """Return the resident memory of the server and all that it has started, in MB."""
    return sum(process.memory_info().rss for process in (server, *server.children(recursive=True))) / 1e6


if __name__ == "__main__":
    for line in lines(figures(*map(int, sys.argv[1:]))):
        print(line, flush=True)
