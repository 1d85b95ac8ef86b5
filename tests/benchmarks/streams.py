"""What hostile readers cost everybody else: ``python -m tests.benchmarks.streams [SECONDS READERS]``.

One reader clicks through a sample, while four streams come to the same ``nodefall serve``: heavy addresses, large
uploads, connections that hardly read, and broken requests. What counts is a click meanwhile beside the same click
alone, before and after; none may fail. Past saturation, what is heavy is answered 503 with
``Retry-After``, and counted.
"""

import contextlib
import socket
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPException
from itertools import count
from urllib.error import HTTPError
from urllib.parse import urlsplit

from tests.benchmarks.generate import manifests, text
from tests.benchmarks.isolation import click_times, fetched, serving
from tests.benchmarks.measure import Figure, lines, percentile

SECONDS, HEAVY = 60, 8
LARGE_PAIRS = 1_000
SLOW = 50
"""Readers that hardly read, at once."""
MALFORMED = (
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" * 20,
    b"GET /t/sample-shop?down=\xff\xfe%00%zz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    b"GET / HTTP/1.1\r\n" + b"X: " + b"y" * 200_000 + b"\r\n\r\n",
    b"POST /upload HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nffffffff\r\n",
    b"POST /upload HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
)
Said = Counter[str]


def figures(seconds: float = SECONDS, heavy: int = HEAVY) -> Iterator[Figure]:
    """Yield clicks alone and meanwhile, then what the streams were answered."""
    said: Said = Counter()
    end, numbers = threading.Event(), count()
    # The server ends first, so that nobody waits for what it still has to do.
    with ThreadPoolExecutor(heavy + 3) as others, serving() as base:
        times = _warm(base)
        alone = list(_clicks(times, seconds / 3))
        streams: list[Callable[[], None]] = [lambda: _heavy(base, numbers, said, end)] * heavy
        streams += [lambda: _upload(base, said, end), lambda: _malformed(base, said), lambda: _slow(base, end)]
        for stream in streams:
            others.submit(_until, end, stream)
        try:
            meanwhile = list(_clicks(times, seconds))
        finally:
            end.set()
    # Another one: the first would be at work for a while.
    with serving() as base:
        alone += _clicks(_warm(base), seconds / 3)
    for name, share in (("median", 0.5), ("99th percentile", 0.99)):
        quiet, busy = percentile(alone, share), percentile(meanwhile, share)
        yield Figure(f"click alone, {name}", quiet, 1.0, remark=f"{len(alone)} clicks")
        yield Figure(f"click meanwhile, {name}", busy, busy / quiet, remark=f"{len(meanwhile)} clicks")
    for what, number in sorted(said.items()):
        yield Figure(what, None, remark=f"{number} times")


def _warm(base: str) -> Iterator[float]:
    times = click_times(base)
    for _ in range(20):
        next(times)  # the first ones compile templates
    return times


def _clicks(times: Iterator[float], seconds: float) -> Iterator[float]:
    """Yield what clicks take, for so long; one that fails ends the measurement."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        yield next(times)


def _until(end: threading.Event, stream: Callable[[], None]) -> None:
    while not end.is_set():
        stream()


def _heavy(base: str, numbers: Iterator[int], said: Said, end: threading.Event) -> None:
    """Ask a sample for much, each time at another address, so that none is answered from memory."""
    nodes = 4_000 + next(numbers) % 1_000
    address = f"{base}/t/sample-shop/simulation.json?entries=summary&nodes={nodes}&{_MANY}"
    said[_answer("heavy address", end, address)] += 1


_MANY = "replicas=Deployment/default/web:9000"


def _upload(base: str, said: Said, end: threading.Event) -> None:
    said[_answer("large upload", end, f"{base}/upload", _LARGE)] += 1


_LARGE = text(manifests(LARGE_PAIRS))


def _answer(what: str, end: threading.Event, address: str, data: bytes | None = None) -> str:
    try:
        fetched(address, data)
    except HTTPError as error:
        after = "with Retry-After" if "Retry-After" in error.headers else "without Retry-After"
        error.close()
        time.sleep(0.1)
        return f"{what}: {error.code} {after}"
    except (OSError, HTTPException) as error:
        return f"{what}: under way at the end" if end.is_set() else f"{what}: {type(error).__name__}"
    return f"{what}: answered"


def _malformed(base: str, said: Said) -> None:
    """Send broken requests, and take what is said to it."""
    for sent in MALFORMED:
        with contextlib.suppress(OSError), _connected(base) as other:
            other.sendall(sent)
            said["broken request: answered" if other.recv(1_000) else "broken request: closed"] += 1
        time.sleep(0.05)


def _slow(base: str, end: threading.Event) -> None:
    """Ask for large pages on many connections, and read a byte of each now and then; others send half a header."""
    with contextlib.ExitStack() as kept:
        for number in range(SLOW):
            other = kept.enter_context(_connected(base))
            line = b"GET /t/sample-shop/diagram.svg HTTP/1.1\r\nHost: x\r\n"
            other.sendall(line + b"\r\n" if number % 2 else line)
            other.setblocking(False)
            kept.callback(lambda other=other: other.close())
        while not end.wait(1.0):
            pass


def _connected(base: str) -> socket.socket:
    at = urlsplit(base)
    return socket.create_connection((at.hostname, at.port or 80), timeout=10)


if __name__ == "__main__":
    for line in lines(figures(*map(int, sys.argv[1:]))):
        print(line, flush=True)
