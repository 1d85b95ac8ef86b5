"""Text goes out compressed."""

import gzip

import brotli
import pytest
from flask.testing import FlaskClient

MAP = "/t/sample-shop?service=default/web&down=node/worker-2&at=failed"
MOST = 12_000
"""Bytes that a click may take: a quarter of a second on a line of 400 kbit/s."""


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        pytest.param("gzip, deflate, br, zstd", "br", id="what browsers send over TLS"),
        pytest.param("gzip, deflate", "gzip", id="what browsers send over plain HTTP"),
        pytest.param("br;q=0.5, gzip", "gzip", id="what the client prefers"),
        pytest.param("deflate", None, id="nothing that is known here"),
        pytest.param("br;q=0, gzip;q=0", None, id="refused by name"),
        pytest.param("", None, id="no header"),
    ],
)
def test_a_page_comes_in_the_best_encoding_that_the_client_takes(
    client: FlaskClient, accepted: str, encoding: str | None
) -> None:
    """The same text, with a tag that stands for all encodings; caches keep them apart."""
    plain = client.get(MAP)
    answer = client.get(MAP, headers={"Accept-Encoding": accepted})
    unpack = {"br": brotli.decompress, "gzip": gzip.decompress, None: bytes}[encoding]
    assert answer.headers.get("Content-Encoding") == encoding
    assert unpack(answer.data) == plain.data
    assert answer.headers["ETag"] == plain.headers["ETag"]
    assert answer.headers["ETag"].startswith('W/"')
    assert "Accept-Encoding" in answer.headers["Vary"]


@pytest.mark.parametrize(
    "path",
    [
        MAP,
        "/t/sample-fifty-nodes?down=zone/eu-west-1b&at=failed",
        "/t/sample-two-zones-dump?down=zone/eu-central-1a&at=failed",
        "/t/sample-fifty-nodes/services",
        "/t/sample-fifty-nodes/resilience",
        "/t/sample-two-zones-dump/findings",
    ],
)
def test_a_click_is_small(client: FlaskClient, path: str) -> None:
    """What htmx fetches of each page."""
    headers = {"Accept-Encoding": "br", "HX-Request": "true", "HX-Request-Type": "partial"}
    assert len(client.get(path, headers=headers).data) < MOST


def test_an_unchanged_page_is_not_sent_again(client: FlaskClient) -> None:
    """Whatever encoding it came in."""
    etag = client.get(MAP, headers={"Accept-Encoding": "br"}).headers["ETag"]
    again = client.get(MAP, headers={"Accept-Encoding": "gzip", "If-None-Match": etag})
    assert (again.status_code, again.data) == (304, b"")
    assert "Content-Encoding" not in again.headers


@pytest.mark.parametrize("path", ["/t/sample-shop/diagram.png", "/healthz"])
def test_what_would_not_shrink_is_left_as_it_is(client: FlaskClient, path: str) -> None:
    """Pixels are compressed already, and a few bytes fit into one packet anyway."""
    assert "Content-Encoding" not in client.get(path, headers={"Accept-Encoding": "br"}).headers
