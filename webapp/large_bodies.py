"""Waitress's own 413 is a line of plain text: the app says the same in a page, and with the limit."""

from waitress.parser import HTTPRequestParser
from waitress.utilities import RequestEntityTooLarge


class LargeBodies(HTTPRequestParser):  # type: ignore[misc] # waitress has no types
    """Hands a request with too large a body on without its body; the app refuses it by its Content-Length."""

    error: object = None

    def received(self, data: bytes) -> int:
        """Take in data; return how much of it was of this request."""
        consumed: int = super().received(data)
        if isinstance(self.error, RequestEntityTooLarge) and not self.chunked:
            self.error = None
            # What follows on this connection is the body, and no next request.
            self.headers["CONNECTION"] = "close"
        return consumed
