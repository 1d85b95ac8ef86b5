"""How long each page and each click takes: ``python -m tests.benchmarks.clicks [nodes services replicas]``.

The app itself is asked, without a network and without workers, and each time stands beside the reading of the same
manifests. A page's first call is apart from the next ones: what holds for the whole cluster is computed once. Each
click takes another node down, so none is answered from memory.
"""

import gc
import io
import sys
import tempfile
from collections import deque
from collections.abc import Callable, Iterator
from statistics import median
from urllib.parse import urlsplit

import yaml
from flask.testing import FlaskClient

from tests.benchmarks.generate import ZONES, cluster, text
from tests.benchmarks.measure import Figure, lines, percentile, processed, resident
from webapp.cluster.build import build
from webapp.garbage import collect_rarely, collection_paused
from webapp.manifests import Upload, read
from webapp.manifests.manifests import VERSION
from webapp.storage.document import decode, encode
from webapp.views.app import create_app

AGAIN = 5
CLICKS = 40
SERVICES = "app-1", "app-2", "app-3"
FIRST = "?service=team-1/app-1"
PAGES = {
    "map of the cluster": "",
    "map of a service": FIRST,
    "services": "/services",
    "matrix": "/resilience",
    "findings": "/findings",
}
STATES = {
    "a node's pods recreated": f"{FIRST}&down=node/worker-1&at=rescheduled",
    "a zone's pods recreated": f"{FIRST}&down=zone/eu-1{ZONES[0]}&at=rescheduled",
    "a node drained": f"{FIRST}&drain=node/worker-2",
    "map of the cluster, a zone lost": f"?down=zone/eu-1{ZONES[1]}",
    "map of the cluster, that recreated": f"?down=zone/eu-1{ZONES[1]}&at=rescheduled",
    "replicas edited": f"{FIRST}&replicas=Deployment/team-1/app-1:3",
    "policy edited": f"{FIRST}&policy=team-1/app-1:Local",
}
SETTINGS = {"RATE_LIMIT": "", "SECRET_KEY": "clicks", "WORKERS": 0, "MAX_UPLOAD_BYTES": 1 << 30}
Ask = Callable[[str], float]


def figures(nodes: int = 5_000, services: int = 10_000, replicas: int = 15) -> Iterator[Figure]:
    """Yield the pages, the states and the clicks of a cluster, then the memory with three of them open.

    Meanwhile garbage is collected as rarely as in the processes that answer for large clusters.
    """
    usual = gc.get_threshold()
    collect_rarely()
    try:
        yield from _figures(nodes, services, replicas)
    finally:
        gc.set_threshold(*usual)


def _figures(nodes: int, services: int, replicas: int) -> Iterator[Figure]:
    data = text(cluster(nodes, services, replicas))
    floor = floor_of(data)
    reading, building, storing, opening, stored = read_built_and_stored(data)
    size = f"{nodes:,} nodes, {services:,} services, {services * replicas:,} pods"
    yield Figure("libyaml's events alone", floor, floor / reading, remark="the floor")
    yield Figure("reading", reading, 1, remark=f"{beside(reading, floor)}; {size}: {len(data) / 1e6:.1f} MB")
    yield Figure("building", building, building / reading, remark=beside(building, floor))
    yield Figure("storing", storing, storing / reading, remark=f"{stored / 1e6:.1f} MB, compressed")
    yield Figure("opening what is stored", opening, opening / reading)
    with tempfile.TemporaryDirectory() as folder:
        client = create_app({"DATABASE_URL": f"sqlite:///{folder}/clicks.sqlite3", **SETTINGS}).test_client()
        uploading, page = processed(lambda: opened(client, data))
        yield Figure("upload", uploading, uploading / reading)
        drawing, _ = processed(lambda: answered(client, page))
        both = uploading + drawing
        yield Figure("upload and first map", both, both / reading, remark=beside(both, floor))

        def ask(address: str) -> float:
            return processed(lambda: answered(client, page + address))[0]

        yield from asked(ask, reading, nodes)
        yield Figure("memory with one open", None, megabytes=resident())
        for more in (1, 2):
            answered(client, opened(client, text(cluster(nodes, services, max(replicas - more, 1)))) + FIRST)
        yield Figure("memory with three open", None, megabytes=resident())


def floor_of(data: bytes) -> float:
    """Return the seconds that libyaml takes for its events alone, of which nothing is made."""
    decoded = data.decode()
    with collection_paused():
        return processed(lambda: deque(yaml.parse(decoded, Loader=yaml.CSafeLoader), 0))[0]


def beside(seconds: float, floor: float) -> str:
    """Return how often the floor goes into it."""
    return f"{seconds / floor:.2f} x the floor"


def read_built_and_stored(data: bytes) -> tuple[float, float, float, float, int]:
    """Return the seconds that reading takes, building, making what is stored and opening that, and its bytes."""
    reading, manifests = processed(lambda: read([Upload(name="cluster.yaml", data=data)]))
    building = processed(lambda: build(manifests))[0]
    storing, document = processed(lambda: encode(manifests))
    opening = processed(lambda: decode(document, VERSION))[0]
    return reading, building, storing, opening, len(document)


def opened(client: FlaskClient, data: bytes) -> str:
    """Upload manifests and return the path of their map."""
    answer = client.post("/upload", data={"files": (io.BytesIO(data), "cluster.yaml")})
    return urlsplit(answer.headers["Location"]).path


def answered(client: FlaskClient, address: str) -> None:
    """Ask for a page, which must be there."""
    status = client.get(address).status_code
    if status != 200:
        raise RuntimeError(f"{address} answers {status}")


def asked(ask: Ask, reading: float, nodes: int) -> Iterator[Figure]:
    """Yield the first and the next calls of each page, each state once, and the clicks in three services."""
    for title, address in PAGES.items():
        first = ask(address)
        yield Figure(f"{title}, first", first, first / reading)
        again = median(ask(address) for _ in range(AGAIN))
        yield Figure(f"{title}, again", again, again / reading)
    for title, addresses in (("click", clicks(nodes)), ("click on the cluster", cluster_clicks(nodes))):
        times = [ask(address) for address in addresses]
        for name, share in (("median", 0.5), ("p95", 0.95)):
            each = percentile(times, share)
            yield Figure(f"{title}, {name}", each, each / reading, remark=f"of {len(times)}")
    for title, address in {**STATES, "a zone drained": zone_drained(nodes)}.items():
        first = ask(address)
        yield Figure(title, first, first / reading)


def clicks(nodes: int) -> Iterator[str]:
    """Yield addresses of the map, each with another node down."""
    for n in range(min(CLICKS, nodes - 2)):
        name = SERVICES[n % len(SERVICES)]
        yield f"?service=team-{name.removeprefix('app-')}/{name}&down=node/worker-{n + 3}"


def zone_drained(nodes: int) -> str:
    """Return the address of the map with all nodes of a zone drained, one after another."""
    return FIRST + "".join(f"&drain=node/worker-{n}" for n in range(1, nodes + 1) if ZONES[n % 3] == ZONES[2])


def cluster_clicks(nodes: int) -> Iterator[str]:
    """Yield addresses of the map of the whole cluster, each with another node down."""
    return (f"?down=node/worker-{nodes - n}" for n in range(min(CLICKS, nodes - 2)))


if __name__ == "__main__":
    for line in lines(figures(*map(int, sys.argv[1:]))):
        print(line, flush=True)
