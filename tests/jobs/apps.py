"""An app for workers that does what long work may do: take its time, take memory, die."""

import os
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from webapp.jobs import Pool, stage


def create(settings: Mapping[str, object]) -> Any:
    """Return the app."""
    eaten: list[bytes] = []

    def app(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        word, _, amount = environ["PATH_INFO"].strip("/").partition("/")
        if word == "sleep":
            stage("Asleep", share=0.5)
            time.sleep(float(amount))
        elif word == "write":
            with Path(environ["QUERY_STRING"]).open("a") as file:
                file.write(f"{os.getpid()}\n")
            stage("Written", share=0.5)
            time.sleep(float(amount))
        elif word == "eat":
            eaten.append(b"x" * int(amount))
            time.sleep(1)
        elif word == "die":
            os._exit(1)
        body = environ["wsgi.input"].read() or f"{os.getpid()} {settings['word']}".encode()
        # Its database is away until there is such a file.
        is_away = word == "away" and not Path(environ["QUERY_STRING"]).exists()
        status = "503 Service Unavailable" if is_away else "200 OK"
        start_response(status, [("Content-Type", "text/plain"), ("X-Word", word)])
        return [body]

    return app


def pids(pool: Pool) -> list[int]:
    """Return the process ids of the workers that there are."""
    workers = (slot.worker for slot in pool._slots)
    return [worker._meter.pid for worker in workers if worker is not None]


def broken(settings: Mapping[str, object]) -> Any:
    """Fail to make an app."""
    raise ValueError(settings)
