"""How long each page and each click takes: ``python -m tests.benchmarks.clicks [nodes services replicas]``.

The app itself is asked, without a network, and each time stands beside the reading of the same manifests. A page's
first call is apart from the next ones: what holds for the whole cluster is computed once. Each click takes another
node down, so none is answered from memory.
"""

import io
import sys
import tempfile
from collections.abc import Callable, Iterator
from statistics import median
from urllib.parse import urlsplit

from flask.testing import FlaskClient

from tests.benchmarks.generate import cluster, text
from tests.benchmarks.stages import report, timed
from webapp.manifests import Upload, read
from webapp.views.app import create_app

CLICKS = 9
SERVICES = "app-1", "app-2", "app-3"
PAGES = {"map": "", "services": "/services", "matrix": "/resilience", "findings": "/findings"}
Ask = Callable[[str], float]


def main(sizes: list[int]) -> None:
    """Print the pages and the clicks, one line each."""
    data = text(cluster(*sizes))
    reading, _ = timed(lambda: read([Upload(name="cluster.yaml", data=data)]))
    print(f"{'reading':16} {reading:8.3f} s  {len(data) / 1e6:.1f} MB")
    with tempfile.TemporaryDirectory() as folder:
        database = f"sqlite:///{folder}/clicks.sqlite3"
        client = create_app({"DATABASE_URL": database, "RATE_LIMIT": "", "SECRET_KEY": "clicks"}).test_client()
        uploading, page = timed(lambda: opened(client, data))
        report("upload", uploading, reading)

        def ask(address: str) -> float:
            return timed(lambda: answered(client, page + address))[0]

        measured(ask, reading)


def opened(client: FlaskClient, data: bytes) -> str:
    """Upload manifests and return the path of their map."""
    answer = client.post("/upload", data={"files": (io.BytesIO(data), "cluster.yaml")})
    return urlsplit(answer.headers["Location"]).path


def answered(client: FlaskClient, address: str) -> None:
    """Ask for a page, which must be there."""
    status = client.get(address).status_code
    if status != 200:
        raise RuntimeError(f"{address} answers {status}")


def measured(ask: Ask, reading: float) -> None:
    """Print the first and the next calls of each page, and a click in three services."""
    for title, address in PAGES.items():
        report(f"{title}, first", ask(address), reading)
        report(f"{title}, again", median(ask(address) for _ in range(CLICKS)), reading)
    for name in SERVICES:
        times = [ask(address) for address in clicks(name)]
        report(f"click, {name}", median(times), reading, f"the longest of {CLICKS}: {max(times):.3f} s")


def clicks(name: str) -> Iterator[str]:
    """Yield addresses of the map, each with another node down."""
    for n in range(1, CLICKS + 1):
        yield f"?service=team-{name.removeprefix('app-')}/{name}&down=node/worker-{n}"


if __name__ == "__main__":
    main([int(size) for size in sys.argv[1:]])
