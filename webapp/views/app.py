"""The app factory: settings, the store, hooks and routes put together."""

from collections.abc import Mapping
from typing import cast

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from webapp import config
from webapp.lessons import open_lessons
from webapp.paths import resource_directory
from webapp.samples import SAMPLES
from webapp.storage import DatabaseLimits, Quota, Store
from webapp.views import api, following, isolation, memory, operation, rate_limit, waiting
from webapp.views.learn import exercises, game_day, lessons
from webapp.views.lists import comparison, findings, problems, resilience, search, services
from webapp.views.map import (
    assumptions,
    beside,
    change,
    cluster_help,
    connection,
    embed,
    explorer,
    select_nodes,
    sharing,
    what_if,
)
from webapp.views.page import query, rendering, unknown_words
from webapp.views.page.topologies import Topologies
from webapp.views.site import (
    access,
    comparison_upload,
    compression,
    delete,
    downloads,
    errors,
    landing,
    prefix,
    request_body,
    security,
    static_files,
    storage_faults,
    uploads,
)

# Form fields besides files; the forms here have fewer than ten.
MAX_TEXT_PARTS = 50


def create_app(settings: Mapping[str, object] | None = None) -> Flask:
    """Return the web app; `settings` win over the environment, see :mod:`webapp.config`.

    Raises:
        ValueError: a setting can't be, or a newer nodefall made the database.
        SQLAlchemyError: the database can't be reached.

    """
    app = _app(settings)
    _store(app).prepare()
    return app


def create_worker_app(settings: Mapping[str, object]) -> Flask:
    """Return the app of a worker: the web process has prepared the database, and samples need none."""
    return _app(settings)


def _app(settings: Mapping[str, object] | None) -> Flask:
    # Flask would serve the static files under their plain names; static_files gives them names that may be kept for
    # good.
    app = Flask("webapp", static_folder=None, template_folder=str(resource_directory("templates")))
    app.config.update(config.load(settings))
    # No setting of a server: what the command line follows, by the name that its sets have.
    app.config["FOLLOWS"] = (settings or {}).get("FOLLOWS", "")
    _limit_sizes(app)
    _open_store(app)
    prefix.init_app(app)
    _trust_proxies(app)
    operation.init_app(app)
    memory.init_app(app)
    access.init_app(app)
    rendering.init_app(app)
    security.init_app(app)
    errors.init_app(app)
    storage_faults.init_app(app)
    compression.init_app(app)
    static_files.init_app(app)
    query.init_app(app)
    unknown_words.init_app(app)
    for part in (
        landing,
        uploads,
        explorer,
        connection,
        search,
        beside,
        what_if,
        change,
        cluster_help,
        assumptions,
        select_nodes,
        sharing,
        embed,
        services,
        resilience,
        findings,
        problems,
        comparison_upload,
        comparison,
        exercises,
        lessons,
        game_day,
        following,
        downloads,
        delete,
        api,
        waiting,
        operation,
    ):
        app.register_blueprint(part.blueprint)
    # Once all routes are there, as it wraps the views that may take long.
    isolation.init_app(app, create_worker_app)
    # After those who say who is let in: what is refused here never reaches a view or a worker.
    rate_limit.init_app(app)
    return app


def _limit_sizes(app: Flask) -> None:
    """Let one setting drive all three of Flask's limits, or a paste would be refused at 500 kB already."""
    app.config["MAX_CONTENT_LENGTH"] = app.config["MAX_UPLOAD_BYTES"]
    app.config["MAX_FORM_MEMORY_SIZE"] = app.config["MAX_UPLOAD_BYTES"]
    app.config["MAX_FORM_PARTS"] = app.config["MAX_UPLOAD_FILES"] + MAX_TEXT_PARTS
    app.request_class = request_body.Request
    app.before_request(request_body.refuse_files)


def _open_store(app: Flask) -> None:
    app.config["DATABASE_URL"] = app.config["DATABASE_URL"] or config.default_database_url()
    quota = Quota(
        total=app.config["STORED_MEGABYTES"] << 20, client_hour=app.config["STORED_MEGABYTES_PER_CLIENT"] << 20
    )
    limits = DatabaseLimits(connections=app.config["DATABASE_CONNECTIONS"], seconds=app.config["DATABASE_SECONDS"])
    found = open_lessons(app.config["LESSONS"])
    lessons.init_app(app, found)
    app.extensions["nodefall"] = Topologies(
        Store(app.config["DATABASE_URL"], quota, limits), SAMPLES, lessons.sets_beside(found)
    )


def _store(app: Flask) -> Store:
    return cast("Topologies", app.extensions["nodefall"]).store


def _trust_proxies(app: Flask) -> None:
    if count := app.config["TRUSTED_PROXIES"]:
        # Unless the operator says that a proxy sets them, these headers are what any client likes to write.
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=count, x_proto=count, x_host=count, x_prefix=count
        )
