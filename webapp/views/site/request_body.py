"""Bodies of requests: which are forms, and how large one may be."""

import re
from io import BytesIO
from typing import IO, Any

import flask
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.formparser import FormDataParser

MAX_ENCODED_FORM = 1024 * 1024
_ENCODED = "application/x-www-form-urlencoded"
_FORM = re.compile(rb'[^\s"{]*')


class EncodedFormTooLarge(RequestEntityTooLarge):
    """A form in an encoding that is not made for files."""

    description = (
        "A form that is urlencoded may have 1 MB. Send manifests as the body itself, or as `multipart/form-data`: "
        "`curl -F files=@FILE`."
    )


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
    """A request whose forms have that limit."""

    form_data_parser_class = _Parser


def plain_body() -> bytes:
    """Return this request's body where it is not a form; empty where it is one.

    What is said to be a form of several parts, but not where they end, can't be read as one. An urlencoded form has
    none of the spaces, quotes and braces of which every manifest has some.
    """
    request = flask.request
    if request.mimetype == "multipart/form-data" and "boundary" in request.mimetype_params:
        return b""
    body = request.get_data()  # kept, so that a form can still be read from it
    return b"" if request.mimetype == _ENCODED and _FORM.fullmatch(body) else body
