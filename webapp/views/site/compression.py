"""Responses on the wire: text goes out compressed, in the best encoding that the client takes.

No page holds a secret beside what its reader typed, so compressing the two together gives nothing away.
"""

import gzip
from collections.abc import Callable, Mapping
from types import MappingProxyType

import brotli
from flask import Flask, Response, request

ENCODERS: Mapping[str, Callable[[bytes], bytes]] = MappingProxyType(
    {
        # A map of 70 kB: 10.8 kB in a millisecond. The highest quality, 11, takes two hundred.
        "br": lambda data: bytes(brotli.compress(data, quality=5)),
        "gzip": lambda data: gzip.compress(data, 6, mtime=0),
    }
)
"""By the word of Accept-Encoding, the best first."""
_TEXTS = ("text/", "application/json", "application/xml", "image/svg+xml")
# Bytes that fit into one packet with their headers anyway.
_SMALL = 500


def init_app(app: Flask) -> None:
    """Compress each response after its view has made it."""
    app.after_request(compress)


def compress(response: Response, encoders: Mapping[str, Callable[[bytes], bytes]] = ENCODERS) -> Response:
    """Return the response, compressed where that is worth it and the client takes it."""
    if (
        not (response.mimetype or "").startswith(_TEXTS)
        or response.is_streamed
        or "Content-Encoding" in response.headers
    ):
        return response
    response.vary.add("Accept-Encoding")
    etag, _ = response.get_etag()
    if etag is not None:
        # One tag stands for all encodings of a page, so it may only be a weak one (RFC 9110, 8.8.1).
        response.set_etag(etag, weak=True)
    encoding = request.accept_encodings.best_match(encoders)
    data = response.get_data()
    if encoding and len(data) > _SMALL:
        response.set_data(encoders[encoding](data))
        response.headers["Content-Encoding"] = encoding
    return response
