"""A picture that is dropped on the first page opens the state that it shows."""

import io
from urllib.parse import parse_qsl, urlsplit

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

STATE = "down=node/worker-2&at=failed"
SHOP = "/t/sample-shop"


def drop(client: FlaskClient, data: bytes, name: str = "picture.svg") -> TestResponse:
    """Send a file as the first page does."""
    return client.post("/upload", data={"files": [(io.BytesIO(data), name)]}, content_type="multipart/form-data")


@pytest.mark.parametrize("extension", ["svg", "png", "html"])
@pytest.mark.parametrize("query", [STATE, f"service=default/web&{STATE}&via=lb", "drain=node/worker-1", ""])
def test_it_opens_where_it_was_seen(client: FlaskClient, extension: str, query: str) -> None:
    """Objects and state: its picture is the same as the one that was dropped."""
    if extension == "png":
        pytest.importorskip("resvg_py")
    picture = client.get(f"{SHOP}/diagram.{extension}?{query}").data
    response = drop(client, picture, f"shop.{extension}")
    assert response.status_code == 303, response.text
    opened = urlsplit(response.headers["Location"])
    assert dict(parse_qsl(opened.query)) == dict(parse_qsl(query))
    again = client.get(f"{opened.path}/diagram.{extension}?{opened.query}&carry=no").data
    assert again == client.get(f"{SHOP}/diagram.{extension}?{query}&carry=no").data


def test_its_name_does_not_matter(client: FlaskClient) -> None:
    """What is in it tells."""
    assert drop(client, client.get(f"{SHOP}/diagram.svg").data, "mail-attachment").status_code == 303


@pytest.mark.parametrize(
    "data", [b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"\x89PNG\r\n\x1a\n", b"<!DOCTYPE html>"]
)
def test_a_picture_without_a_state_says_so(client: FlaskClient, data: bytes) -> None:
    """Another program, not ours."""
    response = drop(client, data)
    assert response.status_code == 422
    assert "carries no state to open" in response.text


@pytest.mark.parametrize(
    ("option", "reason"), [("names=hidden", "its names are hidden"), ("carry=no", "it was saved without what opens it")]
)
@pytest.mark.parametrize("extension", ["svg", "png", "html"])
def test_one_that_carries_nothing_says_why(client: FlaskClient, extension: str, option: str, reason: str) -> None:
    """The first page repeats what the file says."""
    if extension == "png":
        pytest.importorskip("resvg_py")
    response = drop(client, client.get(f"{SHOP}/diagram.{extension}?{option}").data)
    assert response.status_code == 422
    assert f"carries no state to open: {reason}" in response.text


def test_a_damaged_one_says_so(client: FlaskClient) -> None:
    """As a message, not an error."""
    response = drop(client, b"<svg><metadata>nodefall:1:AAAABBBB</metadata></svg>")
    assert response.status_code == 422
    assert "damaged" in response.text


def test_what_it_carries_is_read_like_any_upload(client: FlaskClient) -> None:
    """A state that doesn't fit is dropped from the address, and said."""
    picture = client.get(f"{SHOP}/diagram.svg?{STATE}").data
    assert b"worker-2" in picture
    assert client.get(drop(client, picture).headers["Location"]).status_code == 200
