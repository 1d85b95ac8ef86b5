"""A program that kills processes while they store sets: prints the ids of all that they had confirmed.

Each opens the database, as after a restart, and stores until it is killed. All is imported once, and forked.
"""

import os
import random
import signal
import sys
import time
from datetime import UTC, datetime, timedelta

import alembic.command  # noqa: F401 - now, and not in each process
import sqlalchemy as sa

from tests.storage.test_faults import nodes
from webapp.storage import Store

KILLS = 10
PATIENCE = 60


def save_until_killed(url: str, confirmed: int) -> None:
    """Store sets, small and large in turn, and write each id when it is confirmed."""
    store = Store(url).prepare()
    for number in range(100_000):
        saved = store.save(nodes(number % 4 * 100_000), name="a.yaml", keep=timedelta(days=1), now=datetime.now(UTC))
        os.write(confirmed, f"{saved}\n".encode())


def main(url: str) -> None:
    """Start one, kill it in the midst of its work, and again."""
    sa.make_url(url).get_dialect().import_dbapi()
    chance = random.Random(7)  # noqa: S311 - no secret
    for _ in range(KILLS):
        reading, writing = os.pipe()
        child = os.fork()
        if not child:
            os.close(reading)
            save_until_killed(url, writing)
            os._exit(1)
        os.close(writing)
        with os.fdopen(reading) as said:
            confirmed = said.readline()
            time.sleep(chance.uniform(0, 0.05))
            os.kill(child, signal.SIGKILL)
            # What it wrote before it was killed is still in the pipe.
            confirmed += said.read()
        os.waitpid(child, 0)
        sys.stdout.write(confirmed)


if __name__ == "__main__":
    main(sys.argv[1])
