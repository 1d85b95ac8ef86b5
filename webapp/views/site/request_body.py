"""Bodies of requests: which are forms, and how large one may be."""

import re
import sys
import zlib
from gzip import BadGzipFile, GzipFile
from io import BufferedReader, BytesIO, RawIOBase
from typing import IO, Any

import flask
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge, UnsupportedMediaType
from werkzeug.formparser import FormDataParser
from werkzeug.utils import cached_property

MAX_ENCODED_FORM = 1024 * 1024
_ENCODED = "application/x-www-form-urlencoded"
_FORM = re.compile(rb'[^\s"{]*')


class EncodedFormTooLarge(RequestEntityTooLarge):
    """A form in an encoding that is not made for files."""

    description = (
        "A form that is urlencoded may have 1 MB. Send manifests as the body itself, or as `multipart/form-data`: "
        "`curl -F files=@FILE`."
    )


class BodyTooLarge(RequestEntityTooLarge):
    """A body where no files belong."""

    description = "This address takes no files: what it is sent may have 1 MB, and is not compressed."


def refuse_files() -> None:
    """Refuse, before anything of it is read, a body that only uploads may have.

    Raises:
        BodyTooLarge: it is too large for a form without files, or may be.

    """
    large = (flask.request.content_length or 0) > MAX_ENCODED_FORM or "Content-Encoding" in flask.request.headers
    # A proxy that refuses an upload asks for the page that says so, with the length of what it refused.
    if large and flask.request.blueprint not in _TAKE_FILES and flask.request.endpoint != "landing.too_large":
        raise BodyTooLarge


_TAKE_FILES = frozenset({"uploads", "comparison_upload", "api"})
"""Blueprints."""


class _Parser(FormDataParser):
    """Flask's parser, with a limit on urlencoded forms: decoding 16 MB of them takes ten seconds."""

    def parse(
        self, stream: IO[bytes], mimetype: str, content_length: int | None, options: dict[str, str] | None = None
    ) -> Any:
        if mimetype == _ENCODED:
            body = stream.read(MAX_ENCODED_FORM + 1)
            if len(body) > MAX_ENCODED_FORM:
                raise EncodedFormTooLarge
            stream = BytesIO(body)
        return super().parse(stream, mimetype, content_length, options)


class Request(flask.Request):
    """A request whose forms have that limit, and whose body may be compressed."""

    form_data_parser_class = _Parser

    @property
    def want_form_data_parsed(self) -> bool:
        """Whether there is a form to be read: a body that isn't one would be too large for one."""
        return not self.plain_body

    @cached_property
    def plain_body(self) -> bytes:
        """Return the body where it is not a form; empty where it is one.

        What is said to be a form of several parts, but not where they end, can't be read as one. An urlencoded form
        has none of the spaces, quotes and braces of which every manifest has some.
        """
        if self.mimetype == "multipart/form-data" and "boundary" in self.mimetype_params:
            return b""
        body = self.get_data()  # kept, so that a form can still be read from it
        return b"" if self.mimetype == _ENCODED and _FORM.fullmatch(body) else body

    @cached_property
    def stream(self) -> IO[bytes]:
        """Return the body, unpacked where its Content-Encoding says that it is gzip."""
        body, encoding = super().stream, self.headers.get("Content-Encoding", "identity").lower()
        if encoding not in ("identity", "gzip"):
            raise UnsupportedMediaType(f"A body may be compressed with gzip, not with {encoding[:40]}.")
        return BufferedReader(_Unpacked(body, self.max_content_length)) if encoding == "gzip" else body


class _Unpacked(RawIOBase):
    """A gzip body, unpacked piece by piece as it is read: a small one that becomes huge is left at the limit."""

    def __init__(self, packed: IO[bytes], most: int | None) -> None:
        self._file = GzipFile(fileobj=packed)
        self._left = sys.maxsize if most is None else most

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            data = self._file.read1(len(buffer))
        except (BadGzipFile, EOFError, zlib.error):
            raise BadRequest("The body is not what its Content-Encoding says: gzip.") from None
        self._left -= len(data)
        if self._left < 0:
            raise RequestEntityTooLarge
        buffer[: len(data)] = data
        return len(data)
