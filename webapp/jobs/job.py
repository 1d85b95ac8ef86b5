"""One request that a worker answers: what is asked, how far it is, and what came of it."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from hashlib import sha256
from threading import Event
from typing import Protocol, TypedDict, Unpack

from webapp.jobs.stages import Sketch, Stage

UNATTENDED_SECONDS = 30
"""A page asks every second how far its job is; a browser's hidden tab at least every few. Nobody waits after this."""
MAX_STAGES = 50


@dataclass(frozen=True, slots=True)
class Call:
    """A request, as far as its response depends on it: a WSGI environment of strings, and a body."""

    environ: Mapping[str, str]
    body: bytes = b""
    follows: bool = False
    """The page that a redirect leads to is worked out as well: whoever is led there finds it ready."""

    @property
    def key(self) -> str:
        """What is equal for equal requests, and can't be guessed if the address can't."""
        return sha256(repr(sorted(self.environ.items())).encode() + self.body).hexdigest()


@dataclass(frozen=True, slots=True)
class Answer:
    """The response to a call."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


class Failure(Enum):
    """Why there is no answer."""

    TIME = "time"
    """It took longer than a job may."""
    MEMORY = "memory"
    """It needed more memory than a job may have."""
    DIED = "died"
    """The worker was killed, as the system does when memory runs out, or crashed."""
    CANCELLED = "cancelled"
    """Somebody cancelled it, or nobody waits for it any more."""
    CROWDED = "crowded"
    """Too many others wait."""
    SIZE = "size"
    """The answer is larger than all that may be kept of answers."""
    NO_WORKER = "no worker"
    """No worker is there just now."""


class QueueAway(Exception):  # noqa: N818 (what happened, not an error of ours)
    """The server that has the jobs can't be asked."""


@dataclass(frozen=True, slots=True)
class Step:
    """A stage, and when it began."""

    stage: Stage
    began: float


@dataclass(slots=True, kw_only=True, eq=False)
class Job:
    """A call that was handed to the pool. The pool alone changes it."""

    key: str
    call: Call
    topology: str = ""
    """The set that the call is about: the worker that holds it open is the one to ask. Empty where it is about none."""
    client: str = ""
    """Whoever asks: workers are shared out among clients, not among their tabs."""
    plan: tuple[str, ...] = ()
    """The titles of the stages that such a call usually has."""
    lasting: bool = False
    """It goes on though nobody waits: an upload, whose page may be closed."""
    created: float = field(default_factory=time.monotonic)
    began: float | None = None
    """When a worker took it."""
    ended: float | None = None
    asked: float = field(default_factory=time.monotonic)
    """When somebody last asked how far it is."""
    waiting: int = 0
    """How many threads wait for it now."""
    cancelled: bool = False
    told: bool = False
    """Somebody has been given the outcome."""
    steps: list[Step] = field(default_factory=list)
    sketch: Sketch | None = None
    """What is known of its set by now."""
    outcome: Answer | Failure | None = None
    done: Event = field(default_factory=Event)

    def enter(self, stage: Stage) -> None:
        """Note a stage; the one that it is in already only goes on."""
        self.sketch = stage.sketch or self.sketch
        if self.steps and self.steps[-1].stage.title == stage.title:
            self.steps[-1] = Step(stage, self.steps[-1].began)
        elif len(self.steps) < MAX_STAGES:
            self.steps.append(Step(stage, time.monotonic()))

    @property
    def coming(self) -> tuple[str, ...]:
        """The stages still to come; those of the plan that were not needed have been passed over."""
        entered = {step.stage.title for step in self.steps}
        last = max((at for at, title in enumerate(self.plan) if title in entered), default=-1)
        return self.plan[last + 1 :]

    @property
    def has_failed(self) -> bool:
        """Whether another try may end otherwise: it was stopped, or the server failed, as without its database."""
        return isinstance(self.outcome, Failure) or (isinstance(self.outcome, Answer) and self.outcome.status >= 500)

    @property
    def is_wanted(self) -> bool:
        """Whether anybody still waits for it."""
        if self.cancelled:
            return False
        # A tab that is closed says nothing: that nobody asks any more is all there is to go by.
        return self.lasting or self.waiting > 0 or time.monotonic() - self.asked < UNATTENDED_SECONDS


class Circumstances(TypedDict, total=False):
    """What a job knows of whoever asks; see :class:`Job`."""

    topology: str
    client: str
    plan: tuple[str, ...]
    lasting: bool


class Workers(Protocol):
    """Whoever does jobs: the pool of this process, or workers anywhere, which raise QueueAway while out of reach."""

    def ask(self, call: Call, *, key: str = "", **about: Unpack[Circumstances]) -> Job:
        """Return the job that answers the call: the one that does so already, else a new one."""

    def find(self, key: str) -> Job | None:
        """Return a job that was asked for not too long ago."""

    def wait(self, job: Job, seconds: float | None = None, is_gone: Callable[[], bool] = ...) -> bool:
        """Wait until the job is done, or so many seconds, or until the one who asks is gone; return whether it is."""

    def told(self, job: Job) -> None:
        """Note that somebody was given the outcome: who asks once more wants another try."""

    def cancel(self, job: Job) -> None:
        """Stop the job and wait until it has stopped; what it had answered already is forgotten."""

    def place(self, job: Job) -> int:
        """Return how many jobs come before this one, those at work included; 0 once a worker has it."""

    def load(self) -> dict[str, int]:
        """Return how many jobs wait and how many run."""

    def close(self) -> None:
        """End what this process has of it."""
