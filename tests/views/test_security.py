"""Headers on every answer; writes from other sites are refused."""

from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.views.uploading import WEB, Uploads
from webapp.views.site.security import _KEYS, CONTENT_SECURITY_POLICY, HEADERS

PAGES = (
    "/",
    "/help",
    "/t/sample-shop",
    "/t/sample-shop/services",
    "/t/sample-shop/problems",
    "/t/sample-shop/findings",
    "/t/nothing",
    "/nothing",
)


@pytest.mark.parametrize("path", PAGES)
def test_every_page_carries_the_security_headers(client: FlaskClient, path: str) -> None:
    """Error pages included."""
    headers = client.get(path).headers
    assert {name for name in HEADERS if name not in headers} == set()


def test_the_policy_allows_nothing_inline() -> None:
    """No unsafe-inline, no unsafe-eval, nothing from elsewhere."""
    assert CONTENT_SECURITY_POLICY["default-src"] == "'none'"
    assert "unsafe" not in str(CONTENT_SECURITY_POLICY)


@pytest.mark.parametrize(
    "path",
    [
        "{set}",
        "{set}/services",
        "{set}/resilience",
        "{set}/problems",
        "{set}/findings",
        "{set}/find?q=web",
        "{set}/delete",
        "{set}/diagram.svg",
        "{set}/diagram.html",
        "{set}/report.md",
        "{set}/simulation.json",
        "{set}?down=node/none",
        "{set}?share=embed",
        "/compare/{id}/sample-shop",
        "/compare/sample-shop/{id}",
        "/compare/{id}/sample-shop/comparison.md",
        "/compare?old={id}",
        "/api/v1/badge.svg?topology={id}",
        "/api/v1/why?topology={id}&address=node-1:30080",
        "/t/gone",
        "/s/gone/edit",
        "/jobs/gone",
    ],
)
def test_whatever_has_a_secret_in_its_address_stays_out_of_search_engines_and_referrers(
    client: FlaskClient, uploads: Uploads, path: str
) -> None:
    """Pages, files and errors; the comparison as well."""
    stored = uploads.stored()
    headers = client.get(path.format(set=stored, id=stored.rpartition("/")[2])).headers
    assert headers["X-Robots-Tag"] == "noindex, nofollow"
    assert headers["Referrer-Policy"] == "no-referrer"


def test_each_part_of_a_path_is_known_as_secret_or_as_public(app: Flask) -> None:
    """A new route with another word for an id would be found by search engines."""
    parts = set().union(*(rule.arguments for rule in app.url_map.iter_rules()))
    assert parts - _KEYS <= {"extension", "filename", "name", "slug", "document"}


def test_a_public_link_may_be_found(client: FlaskClient, uploads: Uploads) -> None:
    """Whoever made it public wanted that; where it leads from is still nobody's business."""
    stored = uploads.stored()
    for public in ("", "public"):
        made = client.post(f"{stored}/share", data={"findable": public, "keep": "7"}).headers["Location"]
        headers = client.get(f"/s/{parse_qs(urlsplit(made).query)['shared'][0]}").headers
        assert ("X-Robots-Tag" in headers) is not bool(public)
        assert headers["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        pytest.param({}, 303, id="no browser"),
        pytest.param({"Sec-Fetch-Site": "same-origin"}, 303, id="the page itself"),
        pytest.param({"Sec-Fetch-Site": "none"}, 303, id="the user, by hand"),
        pytest.param({"Sec-Fetch-Site": "same-site"}, 403, id="a neighbour of the same domain"),
        pytest.param({"Sec-Fetch-Site": "cross-site"}, 403, id="another site"),
        pytest.param({"Origin": "http://localhost"}, 303, id="plain http, the page itself"),
        pytest.param({"Origin": "http://evil.example"}, 403, id="plain http, another site"),
        pytest.param({"Origin": "null"}, 403, id="a sandboxed frame"),
    ],
)
def test_a_form_is_taken_from_its_own_site_only(client: FlaskClient, headers: dict[str, str], status: int) -> None:
    """Browsers say where a form came from."""
    assert client.post("/upload", data={"text": WEB}, headers=headers).status_code == status


def test_a_picture_may_stand_in_another_sites_document(client: FlaskClient) -> None:
    """An img elsewhere may show it; opened alone it can run nothing."""
    headers = client.get("/t/sample-shop/diagram.svg").headers
    assert headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert "sandbox" in headers["Content-Security-Policy"]
