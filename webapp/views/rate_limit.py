"""How much one client may ask for: each request costs what it makes the server do, and a client has one budget.

The unit is an ordinary click, some 30 ms of a core. What needs no set costs nothing.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import cast

from flask import Flask, current_app, request
from werkzeug.exceptions import TooManyRequests

from webapp.numbers import counted
from webapp.views import api
from webapp.views.limiter import Limiter, storage_url
from webapp.views.page.client import client
from webapp.views.page.work import is_simulating_page, sets_asked, work_of

_SWEEP, _EXPORT, _READ = 3, 5, 10
PER_MEGABYTE = 5
"""Of what is sent: reading 1 MB takes 150 ms."""
PER_SIZE = 20_000
"""Nodes, Pods and Services, after which a set costs as much again: such a one is built in about half a second."""
_SIMULATING = 50
COSTS: Mapping[str, int] = MappingProxyType(
    {
        "static": 0,
        "api.document": 0,
        "api.problems": 0,
        "api.show": 0,
        "delete.ask": 0,
        "downloads.schema": 0,
        "landing.help_page": 0,
        "landing.index": 0,
        "landing.limit": 0,
        "landing.sample": 0,
        "landing.too_large": 0,
        "operation.health": 0,
        "operation.metrics": 0,
        "operation.ready": 0,
        "sharing.edit": 0,
        "sharing.show": 0,
        "waiting.cancel": 0,
        "waiting.show": 0,
        "comparison.download": _SWEEP,
        "comparison.file": _SWEEP,
        "comparison.show": _SWEEP,
        "downloads.document": _SWEEP,
        "downloads.simulation": _SWEEP,
        "findings.effect": _SWEEP,
        "resilience.download": _SWEEP,
        "resilience.show": _SWEEP,
        "services.download": _SWEEP,
        "services.show": _SWEEP,
        "downloads.diagram": _EXPORT,
        "sharing.preview": _EXPORT,
        "comparison_upload.against": _READ,
        "comparison_upload.upload": _READ,
        "uploads.correct": _READ,
        "uploads.upload": _READ,
        # Most of these also read what is sent to them.
        **{each.endpoint: _READ for each in api.operations() if not each.is_quick},
    }
)
"""By endpoint; all others are clicks, of 1."""


def init_app(app: Flask) -> None:
    """Limit what one client asks for, if the setting says so.

    Raises:
        ValueError: the setting can't be read, or what it needs isn't installed.

    """
    if rate := str(app.config["RATE_LIMIT"]):
        app.extensions["nodefall-rate-limit"] = Limiter(rate, storage_url(app))
        app.before_request(_limit)


def _limit() -> None:
    if (cost := cost_asked()) == 0:
        return
    limiter = cast("Limiter", current_app.extensions["nodefall-rate-limit"])
    if (seconds := limiter.wait(cost, client())) is not None:
        raise TooManyRequests(
            f"More was asked for from your address than one may ask of this server in so short a time. "
            f"Try again in {counted(seconds, 'second')}.",
            retry_after=seconds,
        )


def cost_asked() -> int:
    """Return what this request costs."""
    # A word of the address that leads nowhere is answered at once.
    endpoint = request.endpoint
    kind = COSTS.get(endpoint, 1) if endpoint is not None else 0
    if kind == 0:
        return 0
    if is_simulating_page():
        kind = _SIMULATING
    sent = 0
    if request.method == "POST":
        length = request.content_length
        sent = PER_MEGABYTE * ((1 << 20 if length is None else length) >> 20)
    return kind * (1 + sum(map(work_of, sets_asked())) // PER_SIZE) + sent
