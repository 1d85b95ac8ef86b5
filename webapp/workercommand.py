"""Starts a worker of the queue, for web processes on any machine, and ends it cleanly."""

import sys
from typing import TYPE_CHECKING

import click

from webapp import config
from webapp.views.app import create_worker_app
from webapp.views.isolation import job_limits, need_queue, opened_by, worker_settings

if TYPE_CHECKING:
    from webapp.jobs.consumer import Consumer
    from webapp.jobs.worker import Factory


def run(factory: "Factory" = create_worker_app) -> None:
    """Work until Ctrl-C or SIGTERM; `factory` makes the app in each of its processes."""
    try:
        consumer = _consumer(factory)
    except ValueError as error:
        click.echo(f"nodefall: {str(error).splitlines()[0]}.", err=True)
        sys.exit(2)
    click.echo(f"nodefall worker {consumer.name} takes jobs (Ctrl-C ends it)")
    consumer.run()
    click.echo("\nnodefall worker has ended.")


def _consumer(factory: "Factory") -> "Consumer":
    settings = config.load()
    if not settings["QUEUE_URL"]:
        raise ValueError("NODEFALL_QUEUE_URL: say where the queue is, such as redis://127.0.0.1:6379/0")
    if not settings["WORKERS"]:
        raise ValueError("NODEFALL_WORKERS: a worker without a process does nothing")
    settings["DATABASE_URL"] = settings["DATABASE_URL"] or config.default_database_url()
    need_queue(settings)
    from webapp.jobs.consumer import Consumer  # noqa: PLC0415 - what only an extra has

    return Consumer(str(settings["QUEUE_URL"]), factory, worker_settings(settings), job_limits(settings), opened_by)
