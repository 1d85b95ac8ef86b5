"""What a large cluster costs everybody else: ``python -m tests.benchmarks.isolation [nodes services replicas]``.

One reader clicks through a sample; another uploads the cluster, opens its pages and loses a zone of it. Both ask a real
``nodefall serve`` over HTTP. What counts is the ratio: a click meanwhile beside the same click with nobody else there.
The clicks in peace are measured before and after, so that a machine that gets busier is not taken for the cluster.
"""

import contextlib
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle, product
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from tests.benchmarks.generate import cluster, text
from tests.benchmarks.measure import Figure, lines, percentile, timed

BETWEEN_CLICKS = 0.05
PATIENCE = 3600
PAGES = {
    "services": "/services",
    "matrix": "/resilience",
    "findings": "/findings",
    "a node lost, recreated": "?down=node/worker-1&at=rescheduled",
    "a zone lost, recreated": "?down=zone/eu-1a&at=rescheduled",
}
NODES, MOMENTS, WAYS = ("worker-1", "worker-2", "worker-3"), ("failed", "detected", "rescheduled"), ("dns", "lb")


def figures(*sizes: int, clicks: int = 300) -> Iterator[Figure]:
    """Yield what the other reader does, then clicks in peace and meanwhile, these beside those."""
    data = text(cluster(*sizes))
    with serving() as base, ThreadPoolExecutor(1) as other:
        times = click_times(base)
        for _ in range(20):
            next(times)  # the first ones compile templates
        peace = [next(times) for _ in range(clicks)]
        load = other.submit(lambda: list(crowd(base, data)))
        meanwhile = [next(times)]
        while not load.done():
            meanwhile.append(next(times))
        peace += [next(times) for _ in range(clicks)]
        yield from load.result()
    for name, share in (("median", 0.5), ("99th percentile", 0.99)):
        quiet, busy = percentile(peace, share), percentile(meanwhile, share)
        yield Figure(f"click alone, {name}", quiet, 1.0, remark=f"{len(peace)} clicks")
        yield Figure(f"click meanwhile, {name}", busy, busy / quiet, remark=f"{len(meanwhile)} clicks")


@contextlib.contextmanager
def serving() -> Iterator[str]:
    """Start a server with an empty database, and limits that nothing here hits."""
    with tempfile.TemporaryDirectory() as folder:
        limits = {"JOB_SECONDS": "3600", "JOB_MEGABYTES": "8192", "MAX_UPLOAD_BYTES": str(256 << 20), "RATE_LIMIT": ""}
        environ = os.environ | {f"NODEFALL_{name}": value for name, value in limits.items()}
        command = [sys.executable, "-m", "webapp.cli", "serve", "--port", "0", "--database", f"sqlite:///{folder}/db"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environ) as server:
            try:
                assert server.stdout is not None
                found = re.search(r"http://[\w.:]+", server.stdout.readline())
                assert found is not None
                yield found[0]
            finally:
                server.terminate()


def click_times(base: str) -> Iterator[float]:
    """Yield the seconds of one click after the other on a sample, each at another address."""
    for number, (node, moment, way) in enumerate(cycle(product(NODES, MOMENTS, WAYS))):
        address = f"{base}/t/sample-shop?down=node/{node}&at={moment}&via={way}&name=click-{number}"
        yield timed(lambda address=address: fetched(address))[0]
        time.sleep(BETWEEN_CLICKS)


def fetched(address: str, data: bytes | None = None) -> str:
    """Return the address that this led to; a program's request, which waits until it is answered.

    Raises:
        urllib.error.HTTPError: it failed, which nothing here may do.

    """
    kind = {"Content-Type": "application/yaml"} if data else {}
    with urlopen(Request(address, data, kind), timeout=PATIENCE) as answer:  # noqa: S310 - always http://127.0.0.1
        answer.read()
        return str(answer.url)


def crowd(base: str, data: bytes) -> Iterator[Figure]:
    """Do all that takes long with a large cluster, one thing after the other, and yield what each took."""
    seconds, address = timed(lambda: fetched(f"{base}/upload", data))
    yield Figure("meanwhile: upload and map", seconds)
    page = base + urlsplit(address).path
    asked: dict[str, Callable[[], str]] = {name: lambda path=path: fetched(page + path) for name, path in PAGES.items()}
    for name, ask in asked.items():
        yield Figure(f"meanwhile: {name}", timed(ask)[0])


if __name__ == "__main__":
    for line in lines(figures(*map(int, sys.argv[1:]))):
        print(line, flush=True)
