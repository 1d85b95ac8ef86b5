"""A program that opens one database in ten processes at the same moment and stores a set in each: prints their ids.

It imports everything once and forks: ten programs that each import would start one after the other.
"""

import multiprocessing
import sys
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import alembic.command  # noqa: F401 - now, and not in each process
import sqlalchemy as sa

from webapp.manifests.manifests import Manifests
from webapp.storage import Store

if TYPE_CHECKING:
    from multiprocessing.queues import Queue
    from multiprocessing.synchronize import Barrier

MANY = 10


def save(url: str, start: "Barrier", done: "Queue[str]") -> None:
    """Open the database when all others do, and store something."""
    start.wait()
    try:
        store = Store(url).prepare()
        done.put(store.save(Manifests(), name="a.yaml", keep=timedelta(days=1), now=datetime.now(UTC)))
        store.close()
    except Exception as error:  # noqa: BLE001 - whatever it is, the test shows it
        done.put(repr(error).replace("\n", " "))


def main(url: str) -> None:
    """Start them and print what each says."""
    sa.make_url(url).get_dialect().import_dbapi()
    forking = multiprocessing.get_context("fork")
    start, done = forking.Barrier(MANY), forking.Queue()
    started = [forking.Process(target=save, args=(url, start, done)) for _ in range(MANY)]
    for each in started:
        each.start()
    sys.stdout.write("".join(f"{done.get()}\n" for _ in started))
    for each in started:
        each.join()


if __name__ == "__main__":
    main(sys.argv[1])
