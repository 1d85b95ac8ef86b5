"""Rendering: a whole page for browsers, its changed part for htmx, from one and the same template."""

from typing import Any

from flask import Flask, Response, make_response, render_template, request
from markupsafe import Markup, escape

from webapp import __version__
from webapp.capture import CAPTURE
from webapp.diagram.icons import FILLED, ICONS
from webapp.jobs import stage
from webapp.numbers import counted, percent
from webapp.views.page.wording import day


def init_app(app: Flask) -> None:
    """Register the filters that templates use."""
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.add_template_filter(percent, "percent")
    app.add_template_filter(counted, "counted")
    app.add_template_filter(day, "day")
    app.add_template_filter(coded, "coded")
    app.jinja_env.globals["version"] = __version__
    app.jinja_env.globals["capture"] = CAPTURE
    app.jinja_env.globals["icons"] = tuple((name, Markup(shape)) for name, shape in ICONS.items())  # noqa: S704 - ours
    app.jinja_env.globals["filled"] = FILLED


def coded(text: str) -> Markup:
    """Return text with what stands between backticks in the code face."""
    parts = text.split("`")
    if len(parts) % 2 == 0:
        return escape(text)
    return Markup().join(Markup("<code>{}</code>").format(part) if at % 2 else part for at, part in enumerate(parts))


def wants_fragment() -> bool:
    """Return whether htmx asked for a part of the page only."""
    return request.headers.get("HX-Request-Type") == "partial"


def render(template: str, *, status: int = 200, **context: Any) -> Response:
    """Return a template as a response: whole, or for htmx what stands inside the frame that it morphs.

    Pages are the same for everyone who has the address, and may change with the next release: caches keep them but
    ask again, which the ETag makes cheap.
    """
    stage("Writing the page")
    layout = "fragment.html" if wants_fragment() else "document.html"
    response = make_response(render_template(template, layout=layout, **context), status)
    response.vary.add("HX-Request-Type")
    if status == 200 and request.method in ("GET", "HEAD"):
        response.cache_control.no_cache = True
        response.cache_control.private = True
        response.add_etag()
        response.make_conditional(request)
    return response
