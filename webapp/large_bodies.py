"""Waitress's own 413 is a line of plain text: the app says the same in a page, and with the limit."""

from waitress.parser import HTTPRequestParser
from waitress.utilities import RequestEntityTooLarge


class LargeBodies(HTTPRequestParser):  # type: ignore[misc] # waitress has no types
    """Hands a request with too large a body on without the rest of it; the app refuses it by its Content-Length."""

    error: object = None

    def received(self, data: bytes) -> int:
        """Take in data; return how much of it was of this request."""
        consumed: int = super().received(data)
        if isinstance(self.error, RequestEntityTooLarge):
            self.error = None
            # One that comes in chunks says no length; what has come of it is over the limit.
            self.headers.setdefault("CONTENT_LENGTH", str(self.body_bytes_received))
            # What follows on this connection is the body, and no next request.
            self.headers["CONNECTION"] = "close"
        return consumed
