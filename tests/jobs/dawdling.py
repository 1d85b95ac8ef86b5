"""The real app, in workers that take a minute for whatever asks them to."""

import time
from collections.abc import Mapping

from flask import Flask, Response, request

from webapp.jobs import stage
from webapp.views import create_app

STORED = b"procrastinate"


def create(settings: Mapping[str, object]) -> Flask:
    """Return the app."""
    app = create_app(settings)
    app.before_request(dawdle)
    app.after_request(procrastinate)
    return app


def dawdle() -> None:
    """Take a minute for an address or a body with this word in it."""
    if b"dawdle" in request.query_string + request.get_data():
        stage("Placing Pods on nodes")
        stage("Weighing Services", "3 of 5", 0.6)
        time.sleep(60)


def procrastinate(response: Response) -> Response:
    """Take a minute once an upload with this word in it is stored."""
    if request.method == "POST" and STORED in request.get_data():
        time.sleep(60)
    return response
