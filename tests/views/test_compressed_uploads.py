"""Bodies that were compressed on the way: unpacked while they are read, and no further than the limit."""

import gzip
import io

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge
from werkzeug.test import EnvironBuilder

from tests.views.uploading import SETTINGS, WEB
from webapp.views import create_app
from webapp.views.site.request_body import Request

GZIP = {"Content-Encoding": "gzip"}
FORM = f'--x\r\nContent-Disposition: form-data; name="text"\r\n\r\n{WEB}\r\n--x--\r\n'.encode()
IN_PARTS = "multipart/form-data; boundary=x"


def sent(body: bytes, most: int | None = None) -> Request:
    """Return a request with this body, said to be gzip."""
    request = Request(EnvironBuilder(method="POST", input_stream=io.BytesIO(body), headers=GZIP).get_environ())
    request.environ["CONTENT_LENGTH"] = str(len(body))
    request.max_content_length = most
    return request


@given(st.lists(st.binary(max_size=5000) | st.integers(0, 200_000).map(bytes), max_size=4))
def test_a_body_is_what_was_compressed(parts: list[bytes]) -> None:
    """Also in several members, as of files that were put together."""
    packed = b"".join(map(gzip.compress, parts)) or gzip.compress(b"")
    assert sent(packed).get_data() == b"".join(parts)


@given(st.binary(min_size=1, max_size=1000), st.data())
def test_a_body_that_ends_early_is_refused(text: bytes, data: st.DataObject) -> None:
    """Wherever it was cut."""
    packed = gzip.compress(text)
    with pytest.raises(BadRequest):
        sent(packed[: data.draw(st.integers(1, len(packed) - 1))]).get_data()


def test_a_small_body_that_becomes_huge_is_left_at_the_limit() -> None:
    """A hundred megabytes of zeros are a hundred kilobytes of gzip."""
    with pytest.raises(RequestEntityTooLarge):
        sent(gzip.compress(bytes(100_000_000)), most=1_000_000).get_data()


def test_a_form_may_be_compressed(client: FlaskClient) -> None:
    """As the page's script sends it."""
    answer = client.post("/upload", data=gzip.compress(FORM), content_type=IN_PARTS, headers=GZIP)
    assert answer.status_code == 303


@pytest.mark.parametrize("headers", [pytest.param(GZIP, id="said"), pytest.param({}, id="found out")])
def test_a_plain_body_may_be_compressed(client: FlaskClient, headers: dict[str, str]) -> None:
    """``gzip -c dump.yaml | curl --data-binary @- URL``, with the header or without."""
    answer = client.post("/api/v1/simulate", data=gzip.compress(WEB.encode()), headers=headers)
    assert answer.status_code == 200
    assert answer.json is not None
    assert answer.json["services"][0]["name"] == "web"


def test_a_plain_body_may_be_larger_than_an_urlencoded_form(client: FlaskClient) -> None:
    """``curl --data-binary`` calls it one; how long to keep it is then as the setting says."""
    large = WEB.encode() + b"# a comment\n" * 100_000
    answer = client.post("/upload", data=large, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 303


@pytest.mark.parametrize(
    ("body", "encoding", "status"),
    [
        pytest.param(b"kind: Service", "gzip", 400, id="no gzip"),
        pytest.param(b"kind: Service", "br", 415, id="another encoding"),
    ],
)
def test_what_cannot_be_unpacked_is_refused(client: FlaskClient, body: bytes, encoding: str, status: int) -> None:
    """With what to send instead."""
    answer = client.post("/api/v1/simulate", data=body, headers={"Content-Encoding": encoding})
    assert answer.status_code == status
    assert "gzip" in answer.get_json()["error"]


def test_the_limit_counts_what_is_read_after_unpacking() -> None:
    """Of a body and of a file alike."""
    client = create_app(SETTINGS | {"MAX_UPLOAD_BYTES": 100_000}).test_client()
    large = b"# comment\n" * 20_000 + WEB.encode()
    assert client.post("/upload", data=gzip.compress(large), headers=GZIP).status_code == 413
    answer = client.post("/api/v1/simulate", data=gzip.compress(large))
    assert answer.status_code == 422
    assert "contain more than 100,000 bytes" in answer.get_json()["problems"][0]


def test_a_proxy_can_show_the_page_for_too_large_an_upload(client: FlaskClient) -> None:
    """The same page, with the same status."""
    answer = client.get("/too-large")
    assert answer.status_code == 413
    assert "An upload may have 64 MB, unpacked" in answer.text
