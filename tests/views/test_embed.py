"""The map in a frame: of public views only, in sites that the operator names only."""

import re
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.views.test_sharing import SHOP, STATE, TITLE, shared
from webapp import config


def test_a_private_view_is_not_embedded(client: FlaskClient) -> None:
    """Nor one that isn't there, nor one of another topology."""
    private, public = shared(client, findable="private"), shared(client)
    for address in (
        f"/embed/sample-shop/{private}",
        "/embed/sample-shop/none",
        f"/embed/sample-webapp-service/{public}",
    ):
        assert client.get(address).status_code == 404


def test_no_site_may_frame_it_unless_the_operator_says_so(app: Flask, client: FlaskClient) -> None:
    """Every other page stays out of all frames."""
    view = shared(client)
    address = f"/embed/sample-shop/{view}?{STATE}"
    assert "frame-ancestors 'none'" in client.get(address).headers["Content-Security-Policy"]
    app.config["EMBED_ANCESTORS"] = "https://wiki.example https://*.intra.example"
    policy = client.get(address).headers["Content-Security-Policy"]
    assert policy.endswith("frame-ancestors https://wiki.example https://*.intra.example")
    assert "frame-ancestors 'none'" in client.get(SHOP).headers["Content-Security-Policy"]


@pytest.mark.parametrize("value", ["https://a.example; script-src *", "javascript:alert(1)", "a b"])
def test_what_is_no_source_stops_the_start(value: str) -> None:
    """It could end the directive."""
    with pytest.raises(ValueError, match="EMBED_ANCESTORS"):
        config.load({"EMBED_ANCESTORS": value}, {})


def test_it_is_broken_in_place(client: FlaskClient) -> None:
    """Each link but the last leads to the same frame in another state."""
    view = shared(client)
    text = client.get(f"/embed/sample-shop/{view}?{STATE}").text
    links = [unescape(link) for link in re.findall(r'<a [^>]*href="([^"]*)"', text)]
    elsewhere = [link for link in links if not link.startswith(f"/embed/sample-shop/{view}")]
    assert elsewhere == [f"http://localhost/s/{view}"]
    assert len(links) > 10
    for link in links[:-1]:
        assert client.get(link).status_code == 200


def test_the_picture_alone_has_no_links_but_one(client: FlaskClient) -> None:
    """For a document in which nobody is to click."""
    view = shared(client)
    text = client.get(f"/embed/sample-shop/{view}?{STATE}&clicks=no").text
    assert len(re.findall("<a ", text)) == 1
    assert f'src="{SHOP}/diagram.svg?{STATE}"' in unescape(text)


@pytest.mark.parametrize(("theme", "expected"), [("dark", 'data-theme="dark"'), ("light", 'data-theme="light"')])
def test_its_theme_can_be_given(client: FlaskClient, theme: str, expected: str) -> None:
    """Else it is the reader's."""
    address = f"/embed/sample-shop/{shared(client)}?{STATE}"
    assert expected in client.get(f"{address}&theme={theme}").text
    assert "data-theme" not in client.get(address).text


def test_its_title_is_of_the_state_that_was_shared(client: FlaskClient) -> None:
    """In another one it says what is down there."""
    address = f"/embed/sample-shop/{shared(client)}"
    assert f"<h1>{TITLE}</h1>" in client.get(f"{address}?{STATE}").text
    elsewhere = client.get(f"{address}?down=node/worker-1&at=failed").text
    assert TITLE not in elsewhere
    assert "<h1>worker-1 is down" in elsewhere
