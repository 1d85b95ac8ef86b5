"""Problems: what is wrong with an upload, where, and what to do about it."""

from enum import StrEnum

from webapp.records import dataclass


class Severity(StrEnum):
    """How much a problem matters; the order is from worst to least."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"

    @property
    def rank(self) -> int:
        """0 for the worst."""
        return tuple(Severity).index(self)

    @property
    def noun(self) -> str:
        """What one of them is called: ``note`` for info."""
        return "note" if self is Severity.INFO else self.value


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that is wrong, or worth knowing, about what was uploaded."""

    id: str
    """Stable: NP0xx reading, NP1xx what the API server refuses, NP3xx what was assumed. NP2xx belong to findings."""
    severity: Severity
    message: str
    """What is wrong, one sentence."""
    hint: str = ""
    """What to do about it, one sentence."""
    file: str | None = None
    line: int | None = None
    """Counted from 1."""
    object: str | None = None
    """``Service default/web``, where an object is concerned."""
