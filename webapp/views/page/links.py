"""Links that are handed to others: whole addresses, as seen from outside."""

from ipaddress import ip_address
from urllib.parse import urlsplit

from flask import current_app, request, url_for

from webapp.storage.shared_views import SharedView
from webapp.views.page.state import PageState


def base() -> str:
    """Return scheme and host of this server; what ``url_for`` gives has the path below which nodefall stands."""
    # Behind a proxy the request may name an inner host: the setting wins.
    public = urlsplit(str(current_app.config["PUBLIC_URL"]))
    return f"{public.scheme}://{public.netloc}" if public.netloc else request.host_url.rstrip("/")


def state_link(page: PageState, of: str = "explorer") -> str:
    """Return the link to a state on one of its pages, by the page's name."""
    return base() + page.url(f"{of}.show")


def shared_link(view: SharedView) -> str:
    """Return the short link of a shared view."""
    return base() + url_for("sharing.show", view_id=view.id)


def is_local() -> bool:
    """Return whether the links work on this machine only."""
    host = urlsplit(base()).hostname or ""
    # RFC 6761: localhost and every name below it is this machine.
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
