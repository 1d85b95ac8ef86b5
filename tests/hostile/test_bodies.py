"""Bodies where no files belong: refused before they are read."""

import gzip
from io import BytesIO

import pytest
from flask.testing import FlaskClient

from webapp.views import create_app

ELSEWHERE = ("/t/sample-shop/delete", "/t/sample-shop/share", "/")
LARGE = b"token=" + b"%41" * 500_000


@pytest.fixture
def client() -> FlaskClient:
    """Return the client of a server."""
    return create_app({"DATABASE_URL": "sqlite://", "RATE_LIMIT": ""}).test_client()


@pytest.mark.parametrize("path", ELSEWHERE)
@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=b", "text/plain"])
def test_only_uploads_take_large_bodies(path: str, kind: str, client: FlaskClient) -> None:
    """16 MB of a form held 1.2 GB."""
    response = client.post(path, data=LARGE, content_type=kind)
    assert response.status_code == 413
    assert "takes no files" in response.get_data(as_text=True)


def test_a_small_body_that_may_become_large_is_refused_as_well(client: FlaskClient) -> None:
    """A kilobyte of gzip is a megabyte of a form."""
    packed = gzip.compress(LARGE)
    response = client.post(ELSEWHERE[0], data=packed, headers={"Content-Encoding": "gzip"})
    assert len(packed) < 10_000
    assert response.status_code == 413


def test_an_upload_takes_both(client: FlaskClient) -> None:
    """As before."""
    text = (
        b"# a comment\n" * 200_000
        + b"apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {ports: [{port: 80}]}\n"
    )
    for data, headers in ((text, {}), (gzip.compress(text), {"Content-Encoding": "gzip"})):
        response = client.post("/upload", data=data, headers=headers, content_type="application/yaml")
        assert response.status_code == 303


def test_one_number_says_how_many_files_are_taken_and_read() -> None:
    """The reader stops at the setting's number, which is the one that the form stops at."""
    client = create_app({"DATABASE_URL": "sqlite://", "RATE_LIMIT": "", "MAX_UPLOAD_FILES": 2}).test_client()
    one = b"apiVersion: v1\nkind: Service\nmetadata: {name: web%d}\nspec: {ports: [{port: 80}]}\n"
    fields = {"files": [(BytesIO(one % number), f"{number}.yaml") for number in range(3)]}
    response = client.post("/upload", data=fields, content_type="multipart/form-data")
    page = client.get(response.headers["Location"] + "/problems").get_data(as_text=True)
    assert "more than 2 files" in page
