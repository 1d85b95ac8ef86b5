"""Headers on every answer; writes from other sites are refused."""

import pytest
from flask.testing import FlaskClient

from tests.views.uploading import WEB
from webapp.views.site.security import CONTENT_SECURITY_POLICY, HEADERS

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


def test_shared_topologies_stay_out_of_search_engines_and_referrers(client: FlaskClient) -> None:
    """Their addresses are secrets."""
    headers = client.get("/t/sample-shop").headers
    assert headers["X-Robots-Tag"] == "noindex, nofollow"
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
