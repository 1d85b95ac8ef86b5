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
from statistics import median, quantiles
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from tests.benchmarks.generate import cluster, text

PEACE_SECONDS = 20
BETWEEN_CLICKS = 0.05
PATIENCE = 1200
PAGES = (
    "",
    "/services",
    "/resilience",
    "/findings",
    "?down=node/worker-1&at=rescheduled",
    "?down=zone/eu-1a&at=rescheduled",
)
NODES, MOMENTS, WAYS = ("worker-1", "worker-2", "worker-3"), ("failed", "detected", "rescheduled"), ("dns", "lb")


def main(sizes: list[int]) -> float:
    """Print the clicks in peace and meanwhile, and return the ratio of their 99th percentiles."""
    data = text(cluster(*sizes))
    with serving() as base:
        clicks = clicking(base)
        for _, _ in zip(range(20), clicks, strict=False):
            pass  # the first ones compile templates
        before = timed(clicks, until=after(PEACE_SECONDS))
        with ThreadPoolExecutor(1) as other:
            load = other.submit(crowd, base, data)
            meanwhile = timed(clicks, until=load.done)
            load.result()  # raises what went wrong
        after_it = timed(clicks, until=after(PEACE_SECONDS))
    peace = before + after_it
    report("in peace", peace)
    report("meanwhile", meanwhile)
    ratio = percentile(meanwhile) / percentile(peace)
    print(f"{'ratio':10} p50 {median(meanwhile) / median(peace):.2f}  p99 {ratio:.2f}")
    return ratio


@contextlib.contextmanager
def serving() -> Iterator[str]:
    """Start a server with an empty database, and limits that nothing here hits."""
    with tempfile.TemporaryDirectory() as folder:
        limits = {"NODEFALL_JOB_SECONDS": "3600", "NODEFALL_JOB_MEGABYTES": "8192", "NODEFALL_RATE_LIMIT": ""}
        environ = os.environ | limits | {"NODEFALL_MAX_UPLOAD_BYTES": str(256 << 20)}
        command = [sys.executable, "-m", "webapp.cli", "serve", "--port", "0", "--database", f"sqlite:///{folder}/db"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environ) as server:
            try:
                assert server.stdout is not None
                found = re.search(r"http://[\w.:]+", server.stdout.readline())
                assert found is not None
                yield found[0]
            finally:
                server.terminate()


def clicking(base: str) -> Iterator[float]:
    """Yield the seconds of one click after the other on a sample, each in another state, in no more than one thread."""
    for number, (node, moment, way) in enumerate(cycle(product(NODES, MOMENTS, WAYS))):
        address = f"{base}/t/sample-shop?down=node/{node}&at={moment}&via={way}&name=click-{number}"
        start = time.perf_counter()
        fetched(address)
        yield time.perf_counter() - start
        time.sleep(BETWEEN_CLICKS)


def fetched(address: str, data: bytes | None = None) -> str:
    """Return the address that this led to; a program's request, which waits until it is answered."""
    kind = {"Content-Type": "application/yaml"} if data else {}
    with urlopen(Request(address, data, kind), timeout=PATIENCE) as answer:  # noqa: S310 - always http://127.0.0.1
        answer.read()
        return str(answer.url)


def crowd(base: str, data: bytes) -> None:
    """Do all that takes long with a large cluster, one thing after the other."""
    page = base + urlsplit(done("upload, map", lambda: fetched(f"{base}/upload", data))).path
    for address in PAGES:
        done(address, lambda address=address: fetched(page + address))


def done(title: str, work: Callable[[], str]) -> str:
    """Do something and print how long it took."""
    start = time.perf_counter()
    result = work()
    print(f"  {title:40} {time.perf_counter() - start:8.2f} s", flush=True)
    return result


def after(seconds: float) -> Callable[[], bool]:
    """Return what becomes true after so many seconds."""
    end = time.perf_counter() + seconds
    return lambda: time.perf_counter() > end


def timed(clicks: Iterator[float], until: Callable[[], bool]) -> list[float]:
    """Return the times of clicks until something is true, but at least a hundred."""
    times: list[float] = []
    while len(times) < 100 or not until():
        times.append(next(clicks))
    return times


def percentile(times: list[float]) -> float:
    """Return the 99th percentile."""
    return quantiles(times, n=100)[98]


def report(title: str, times: list[float]) -> None:
    """Print one line."""
    figures = (
        f"p50 {median(times) * 1e3:.0f} ms  p99 {percentile(times) * 1e3:.0f} ms  longest {max(times) * 1e3:.0f} ms"
    )
    print(f"{title:10} {len(times)} clicks  {figures}")


if __name__ == "__main__":
    main([int(size) for size in sys.argv[1:]])
