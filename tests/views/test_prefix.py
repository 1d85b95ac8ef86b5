"""nodefall below a path of another site, and under certain hosts only."""

from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

from tests.views.uploading import SETTINGS
from webapp.views import create_app


@pytest.fixture
def below() -> Iterator[FlaskClient]:
    """Give an app whose public URL has a path."""
    app = create_app(
        SETTINGS
        | {
            "PUBLIC_URL": "https://intra.example/nodefall/",
            "ALLOWED_HOSTS": "intra.example .internal",
            "TRUSTED_PROXIES": 1,
        }
    )
    yield app.test_client()
    app.extensions["nodefall"].store.close()


HOST = {"Host": "intra.example"}


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        pytest.param("/nodefall/help", {}, id="the proxy leaves the path"),
        pytest.param("/help", {}, id="the proxy takes it out"),
        pytest.param("/help", {"X-Forwarded-Prefix": "/nodefall"}, id="and says so"),
    ],
)
def test_links_begin_with_the_path_of_the_public_url(below: FlaskClient, path: str, headers: dict[str, str]) -> None:
    """However the proxy in front treats it."""
    answer = below.get(path, headers=HOST | headers)
    assert answer.status_code == 200
    assert 'href="/nodefall/"' in answer.text
    assert "/nodefall/nodefall" not in answer.text


def test_the_bare_path_is_the_landing_page(below: FlaskClient) -> None:
    """With a slash at its end or without one."""
    assert [below.get(path, headers=HOST).status_code for path in ("/nodefall", "/nodefall/")] == [200, 200]


def test_a_path_that_only_begins_alike_is_another(below: FlaskClient) -> None:
    """/nodefalls is not below /nodefall."""
    assert below.get("/nodefalls", headers=HOST).status_code == 404


def test_shared_links_have_the_path_once(below: FlaskClient) -> None:
    """It is in the setting, and in every path."""
    shared = below.get("/nodefall/t/sample-shop?share=link", headers=HOST).text
    assert 'value="https://intra.example/nodefall/t/sample-shop' in shared


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("intra.example", 200),
        ("INTRA.example:8443", 200),
        ("a.internal", 200),
        ("evil.example", 400),
        ("intra.example.evil.example", 400),
        ("10.0.0.7", 400),
    ],
)
def test_only_allowed_hosts_are_answered(below: FlaskClient, host: str, status: int) -> None:
    """Else links to a host that somebody made up would be in pages that caches keep."""
    assert below.get("/help", headers={"Host": host}).status_code == status


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
def test_probes_ask_an_address(below: FlaskClient, path: str) -> None:
    """As kubelet and Prometheus do with each pod."""
    assert below.get(path, headers={"Host": "10.0.0.7:8080"}).status_code == 200
