"""What counts how much a client has asked for, in this process or in one place for all."""

import logging
import time
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import limits
from flask import Flask
from limits.storage import MemoryStorage, storage_from_string
from limits.strategies import FixedWindowRateLimiter

from webapp.config import is_shared_server


def storage_url(app: Flask) -> str:
    """Return where the settings say that processes count together; empty: each by itself."""
    return str(app.config["RATE_LIMIT_STORAGE"] or app.config["QUEUE_URL"])


class Limiter:
    """Counts what each client has asked for in the window of time that runs now."""

    def __init__(self, rate: str, url: str) -> None:
        """Take rates as `limits` words them, and where to count.

        Raises:
            ValueError: the rate can't be read, or what the URL needs isn't installed.

        """
        self._limits = limits.parse_many(rate)
        self._here = FixedWindowRateLimiter(MemoryStorage())
        self._shared = FixedWindowRateLimiter(_storage(url)) if is_shared_server(url) else self._here
        self._is_away = False

    def wait(self, cost: int, who: str) -> int | None:
        """Count a request; return the seconds after which a client that has asked too much may ask again."""
        return self._told(FixedWindowRateLimiter.hit, cost, who)

    def wait_now(self, who: str) -> int | None:
        """Return the seconds after which a client may ask again, without counting anything."""
        return self._told(FixedWindowRateLimiter.test, 1, who)

    def _told(self, ask: Callable[..., bool], cost: int, who: str) -> int | None:
        if self._shared is not self._here:
            try:
                waits = self._waits(self._shared, ask, cost, who)
            except limits.errors.StorageError as error:
                # Nobody is kept out, and nobody let in without bounds, because a server is away.
                if not self._is_away:
                    name = type(error.storage_error).__name__
                    logging.getLogger("nodefall").warning("Rates are counted by this process alone meanwhile: %s", name)
                self._is_away = True
            else:
                self._is_away = False
                return waits
        return self._waits(self._here, ask, cost, who)

    def _waits(self, counter: FixedWindowRateLimiter, ask: Callable[..., bool], cost: int, who: str) -> int | None:
        waits = [
            max(1, round(counter.get_window_stats(each, who).reset_time - time.time()) + 1)
            for each in self._limits
            # What costs more than all of a budget takes all of it.
            if not ask(counter, each, who, cost=min(cost, each.amount))
        ]
        return max(waits, default=None)


def _storage(url: str) -> Any:
    if find_spec("redis") is None:
        raise ValueError("NODEFALL_RATE_LIMIT_STORAGE needs pip install 'nodefall[queue]'")
    from webapp.jobs.job_store import server_url  # noqa: PLC0415 - what only an extra has

    try:
        url = server_url(url)
    except ValueError as error:
        raise ValueError(f"NODEFALL_RATE_LIMIT_STORAGE: {error}") from error
    # Away, it must not keep every click waiting.
    return storage_from_string(url, wrap_exceptions=True, socket_connect_timeout=1, socket_timeout=2)
