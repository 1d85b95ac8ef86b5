"""What `why` answers: the steps of a connection, each with its mark, and the same as JSON data."""

from collections.abc import Iterable
from dataclasses import asdict, field, replace
from enum import StrEnum
from typing import Any

from webapp.cluster.order import natural
from webapp.failure.scenario import Scenario
from webapp.findings.finding import Fix
from webapp.numbers import everything, percent
from webapp.records import dataclass
from webapp.routing.entry import Result

SCHEMA = "nodefall/why/v1"


class Mark(StrEnum):
    """How a step goes, in the state that was asked about."""

    OK = "ok"
    LOSES = "loses"
    """Some of the connections end here without an answer."""
    BREAKS = "breaks"
    """All of them do."""
    UNKNOWN = "unknown"
    """The manifests can't tell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """A finding that lies on the path. It breaks nothing that is simulated."""

    finding: str
    """Its id."""
    text: str
    remedy: str = ""
    """YAML to copy."""
    fix: Fix | None = field(default=None, compare=False)
    """The same as an edit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PathStep:
    """One stretch of the path."""

    name: str
    mark: Mark = Mark.OK
    text: str
    """What happens here, or why nothing does."""
    remarks: tuple[Remark, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """A usual cause that no manifest shows."""

    cause: str
    check: str
    """How to find out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """What happens to a connection to one address."""

    asked: str
    """The address as it is understood."""
    protocol: str
    port: int | None = None
    node: str | None = None
    service: str | None = None
    """The service that the address leads to, if any."""
    answered: float | None = None
    """The share of new connections that get an answer, as simulated; None where nothing is simulated of it."""
    outcome: Result | None = None
    """What a client sees."""
    steps: tuple[PathStep, ...]
    outside: tuple[Outside, ...] = ()
    """In the order in which they are worth checking."""

    @property
    def broken(self) -> PathStep | None:
        """The step that breaks every connection, which is the last one; None if nothing in the manifests does."""
        return self._first(Mark.BREAKS)

    @property
    def unknown(self) -> PathStep | None:
        """The first step that the manifests can't tell, unless a later one breaks the connection anyway."""
        return self._first(Mark.UNKNOWN) if self.broken is None else None

    @property
    def losing(self) -> PathStep | None:
        """The step at which some connections end."""
        return self._first(Mark.LOSES)

    @property
    def remarks(self) -> tuple[Remark, ...]:
        """Those of all steps."""
        return tuple(remark for step in self.steps for remark in step.remarks)

    @property
    def headline(self) -> str:
        """Whether it answers, in one sentence."""
        if self.broken is not None:
            return f"{self.asked} does not answer"
        if self.unknown is not None:
            return f"Whether {self.asked} answers can't be determined from the manifests"
        if self.answered is not None and not everything(self.answered):
            return f"{self.asked} answers {percent(self.answered)} of new connections"
        return f"{self.asked} should answer"

    @property
    def verdict(self) -> str:
        """Why, in one sentence."""
        told = self.broken or self.unknown or self.losing
        if told is not None:
            return told.text
        if self.remarks:
            return "Nothing in the manifests breaks the connection, but see the remarks on its path."
        return "The manifests are consistent: it should answer. If it doesn't, the cause is outside them."

    def _first(self, mark: Mark) -> PathStep | None:
        return next((step for step in self.steps if step.mark is mark), None)


@dataclass(slots=True)
class Path:
    """Collects the steps of one connection, up to the first that breaks it."""

    steps: list[PathStep] = field(default_factory=list)

    def take(self, steps: Iterable[PathStep]) -> bool:
        """Add steps up to the first that breaks the connection; return whether none did."""
        for step in steps:
            self.steps.append(step)
            if step.mark is Mark.BREAKS:
                return False
        return True


def why_document(told: Explanation, scenario: Scenario) -> dict[str, Any]:
    """Return the explanation as JSON data (``nodefall/why/v1``)."""
    return {
        "schema": SCHEMA,
        "at": scenario.at.value,
        "down": sorted(map(str, scenario.down), key=natural),
        "drain": [f"node/{name}" for name in scenario.drain],
        "address": told.asked,
        "port": told.port,
        "protocol": told.protocol,
        "node": told.node,
        "service": told.service,
        "answered": told.answered,
        "outcome": told.outcome.value if told.outcome else None,
        "told": told.unknown is None,
        "headline": told.headline,
        "verdict": told.verdict,
        "steps": [_step_document(step) for step in told.steps],
        "outside": [asdict(cause) for cause in told.outside],
    }


def _step_document(step: PathStep) -> dict[str, Any]:
    remarks = [{"finding": each.finding, "text": each.text, "remedy": each.remedy} for each in step.remarks]
    return {**asdict(replace(step, remarks=())), "remarks": remarks}
