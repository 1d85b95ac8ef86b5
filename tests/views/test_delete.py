"""A topology can be deleted by whoever uploaded it, and by nobody else."""

from flask import Flask
from flask.testing import FlaskClient

from tests.views.uploading import WEB, Uploads


def test_its_uploader_deletes_it(client: FlaskClient, uploads: Uploads) -> None:
    """The browser that uploaded it holds the token in a cookie; asked once, it is gone."""
    path = uploads.stored()
    assert "Delete pasted.yaml?" in client.get(f"{path}/delete").text
    assert client.post(f"{path}/delete").status_code == 303
    assert client.get(path).status_code == 404


def test_another_browser_cannot(app: Flask, client: FlaskClient, uploads: Uploads) -> None:
    """The link alone shows when it goes by itself."""
    path = uploads.stored()
    stranger = app.test_client()
    assert "Only the browser that uploaded it" in stranger.get(f"{path}/delete").text
    assert stranger.post(f"{path}/delete").status_code == 403
    assert client.get(path).status_code == 200


def test_the_token_goes_nowhere_else(uploads: Uploads) -> None:
    """The cookie is sent to the page that deletes only, and never to scripts or other sites."""
    response = uploads.send(text=WEB)
    cookie = response.headers["Set-Cookie"]
    assert f"Path={response.headers['Location']}/delete" in cookie
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie


def test_a_program_deletes_with_the_token_it_was_given(app: Flask, client: FlaskClient) -> None:
    """No cookie is needed."""
    made = client.post("/upload", data={"text": WEB}, headers={"Accept": "application/json"}).json
    assert made is not None
    response = app.test_client().post(f"{made['url']}/delete", data={"token": made["deleteToken"]})
    assert response.status_code == 303


def test_a_sample_cannot_be_deleted(client: FlaskClient) -> None:
    """It is no stored topology."""
    assert client.get("/t/sample-shop/delete").status_code == 404
    assert client.post("/t/sample-shop/delete").status_code == 403
