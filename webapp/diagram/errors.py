"""The one error of this package."""


class DiagramError(Exception):
    """A picture cannot be made; the message says why, and what to do."""
