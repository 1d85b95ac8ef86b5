"""Expired uploads and shared views are deleted within a minute, whether or not anybody uploads anything."""

import logging
import random
from collections.abc import Callable
from datetime import UTC, datetime
from threading import Event, Thread

from sqlalchemy.exc import SQLAlchemyError

SECONDS = 60.0
"""Between two sweeps; nothing that has expired is shown meanwhile."""


class Sweeper:
    """A thread that deletes what has expired, until it is closed. That each process has one does no harm."""

    def __init__(self, expire: Callable[[datetime], object], seconds: float = SECONDS) -> None:
        self._expire, self._seconds = expire, seconds
        self._closed = Event()
        self._thread = Thread(target=self._run, daemon=True, name="nodefall sweep")
        self._thread.start()

    def close(self) -> None:
        """End the thread, once it has finished what it does."""
        self._closed.set()
        self._thread.join()

    def _run(self) -> None:
        # Not all processes of a deployment at the same second.
        while not self._closed.wait(self._seconds * random.uniform(0.8, 1.0)):  # noqa: S311 - no secret
            try:
                self._expire(datetime.now(UTC))
            except SQLAlchemyError as error:
                # `/readyz` says it; the next sweep may find the database again.
                logging.getLogger("nodefall").warning("Nothing could be expired: %s", type(error).__name__)
