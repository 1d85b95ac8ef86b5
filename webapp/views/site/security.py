"""Response headers, and the refusal of writes that come from other sites."""

from urllib.parse import urlsplit

from flask import Flask, Response, abort, request

from webapp.views.page.query import NEW, OLD, TOPOLOGY, asked_page

# Nothing inline and nothing from elsewhere; a test greps the templates and a browser test reads the console.
CONTENT_SECURITY_POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
    # No text becomes HTML or a script but by the one policy of static/js/page.js.
    "require-trusted-types-for": "'script'",
    "trusted-types": "nodefall",
}

HEADERS = {
    "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in CONTENT_SECURITY_POLICY.items()),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}

PICTURE_HEADERS = {
    # A picture of a shared topology may stand in another site's document: `<img src=".../diagram.svg">`.
    "Cross-Origin-Resource-Policy": "cross-origin",
    # Opened by itself, an SVG is a document: this one runs and loads nothing.
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
}

_KEYS = frozenset({"topology_id", "old_id", "new_id", "reading_id", "view_id", "key"})
"""Parts of a path that are secrets: who knows them may read what was uploaded."""
_SAYS_ITSELF = "sharing.show"
"""A public link may be found by search engines."""

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def init_app(app: Flask) -> None:
    """Refuse cross-site writes before each request, add headers after it."""
    app.before_request(refuse_cross_site_writes)
    app.after_request(add_headers)


def refuse_cross_site_writes() -> None:
    """Abort with 403 if a browser says that another site sent this form.

    Browsers send Sec-Fetch-Site to https and to localhost; on plain http elsewhere their Origin header is compared.
    Neither header: not a browser, so no one else's cookies are in play.
    """
    if request.method in _SAFE_METHODS:
        return
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        if site not in ("same-origin", "none"):
            abort(403, "This form was sent from another site.")
        return
    origin = request.headers.get("Origin")
    if origin is not None and urlsplit(origin).netloc != request.host:
        abort(403, "This form was sent from another site.")


def add_headers(response: Response) -> Response:
    """Add the security headers that the view has not set itself; keep topologies out of search engines."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if _has_key():
        response.headers["Referrer-Policy"] = "no-referrer"
        if request.endpoint != _SAYS_ITSELF:
            response.headers.setdefault("X-Robots-Tag", "noindex, nofollow")
    return response


def _has_key() -> bool:
    by_query = any(word in (TOPOLOGY, OLD, NEW) for word in asked_page().words)
    return by_query or not _KEYS.isdisjoint(request.view_args or {})
