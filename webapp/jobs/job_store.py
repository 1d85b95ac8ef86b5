"""What web processes and workers on any machine know together of the jobs: kept in Redis or Valkey.

Each change is one script in `lua/`, which the server runs as a whole: two processes that ask for the same at once get
the same job. Nothing here is pickled: whoever can write to the server can put words into nodefall's mouth, as with its
database, but can't have it run anything.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any, cast

import msgspec
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from webapp import __version__
from webapp.jobs.job import MAX_STAGES, UNATTENDED_SECONDS, Answer, Call, Failure, Job, QueueAway, Step
from webapp.jobs.limits import KEEP_SECONDS, RECORD_BYTES, JobLimits
from webapp.jobs.stages import Sketch, Stage

PREFIX = f"nodefall-{__version__}:"
"""Of all keys. Each version has its own: its pages name its own style sheets, and its records have its own fields."""
ERROR_SECONDS = 10
"""How long a response is kept that says the server failed."""
LEASE_MS = 8_000
"""How long a worker that says nothing keeps its job."""
TRIES = 2
"""How many workers may die of a job."""
OPEN_SECONDS = 3600
"""How long a job may wait for a worker, and be worked on without a word."""
SKETCH_SECONDS = 3600
_LUA = Path(__file__).with_name("lua")

_encode = msgspec.msgpack.Encoder().encode


class About(msgspec.Struct):
    """What a job knows of whoever asks; see :class:`~webapp.jobs.job.Job`."""

    topology: str = ""
    client: str = ""
    plan: tuple[str, ...] = ()
    lasting: bool = False


_calls, _abouts = msgspec.msgpack.Decoder(Call), msgspec.msgpack.Decoder(About)
_answers, _sketches = msgspec.msgpack.Decoder(Answer), msgspec.msgpack.Decoder(Sketch)
_steps = msgspec.msgpack.Decoder(list[tuple[Stage, int]])


@dataclass(frozen=True, slots=True)
class Claimed:
    """A job that this worker has now."""

    call: Call
    about: About
    clock: "ServerClock"


@dataclass(frozen=True, slots=True)
class ServerClock:
    """The server's time beside this process's: machines disagree on what time it is."""

    ahead: float
    """Seconds from this process's monotonic clock to the server's."""

    def local(self, server_ms: float) -> float:
        """Return a time of the server as one of `time.monotonic`."""
        return server_ms / 1000 - self.ahead

    def server(self, local: float) -> int:
        """Return a time of `time.monotonic` in milliseconds of the server."""
        return round((local + self.ahead) * 1000)


@dataclass(frozen=True, slots=True)
class KnownJob:
    """What is known of a job."""

    job: Job
    """Its call comes without the body, and its outcome without an answer."""
    ahead: int
    """How many jobs come before it, those at work included; 0 once a worker has it."""
    is_answered: bool
    """There was an answer, which :meth:`JobStore.answer` returns."""
    has_worker: bool
    """Any worker is there."""


@dataclass(frozen=True, slots=True)
class WorkerLoad:
    """How busy the workers are."""

    waiting: int
    running: int
    workers: int


class JobStore:
    """The jobs, as the server has them."""

    def __init__(self, url: str, limits: JobLimits) -> None:
        """Take the server at a URL; it is asked when something is wanted of it.

        Raises:
            ValueError: the URL can't be read.

        """
        # A page that waits is not to hang: whoever is told that the server is away tries again.
        self.client = redis.Redis.from_url(
            server_url(url),
            socket_connect_timeout=2,
            socket_timeout=10,
            health_check_interval=30,
            retry=Retry(NoBackoff(), 1),
        )
        self._limits = limits
        common = (_LUA / "common.lua").read_text()
        self._scripts = {
            path.stem: self.client.register_script(common + path.read_text())
            for path in _LUA.glob("*.lua")
            if path.stem != "common"
        }

    def _run(self, script: str, *arguments: Any) -> Any:
        with reached():
            return self._scripts[script](keys=[PREFIX], args=arguments)

    def close(self) -> None:
        """Close the connections."""
        self.client.close()

    # --- for those who ask

    def ask(self, job: Job) -> str:
        """Note a job, unless there is one with its key; return `new`, `known` or `crowded`."""
        about = About(job.topology, job.client, job.plan, job.lasting)
        limits = (self._limits.waiting, self._limits.waiting_bytes, OPEN_SECONDS)
        call = Call(job.call.environ, follows=job.call.follows)
        lasting = "1" if job.lasting else ""
        return str(self._run("ask", job.key, job.call.body, _encode(call), _encode(about), *limits, lasting), "ascii")

    def look(self, key: str, *, asks: bool = True) -> KnownJob | None:
        """Return what is known of a job by now, and note that somebody `asks`; None if nothing is known."""
        now, pairs, place, running, workers, _ = self._run("look", key, "1" if asks else "")
        fields: Mapping[bytes, bytes] = dict(zip(pairs[::2], pairs[1::2], strict=True))
        if b"call" not in fields:
            return None
        clock = ServerClock(now / 1000 - time.monotonic())
        with reached():
            job = _job_of(key, fields, clock)
        is_answered = fields.get(b"outcome") == b"answer"
        return KnownJob(job, place + running if place >= 0 else 0, is_answered, workers > 0)

    def answer(self, key: str) -> Answer | None:
        """Return the answer of a job, while it is kept."""
        with reached():
            data = cast("bytes | None", self.client.get(f"{PREFIX}answer:{key}"))
            return None if data is None else _answers.decode(data)

    def note(self, key: str, name: str) -> None:
        """Note of a job that it is `queued`, or that somebody was `told` its outcome."""
        with reached():
            job = f"{PREFIX}job:{key}"
            if self.client.exists(job):
                self.client.hset(job, name, "1")

    def leave(self, key: str) -> None:
        """Note that one of those who waited has gone: unless another one asks within two seconds, nobody waits."""
        job = f"{PREFIX}job:{key}"
        with reached():
            if asked := cast("bytes | None", self.client.hget(job, "asked")):
                self.client.hset(job, "asked", int(asked) - (UNATTENDED_SECONDS - 2) * 1000)

    def cancel(self, key: str) -> bool:
        """Have the job stop; return whether it has."""
        return bool(self._run("cancel", key, KEEP_SECONDS))

    def sketch_of(self, topology: str) -> Sketch | None:
        """Return what was known of a set last."""
        with reached():
            data = cast("bytes | None", self.client.get(f"{PREFIX}sketch:{topology}")) if topology else None
            return None if data is None else _sketches.decode(data)

    def load(self) -> WorkerLoad:
        """Return how busy the workers are."""
        _, _, _, running, workers, waiting = self._run("look", "", "")
        return WorkerLoad(waiting, running, workers)

    # --- for workers

    def claim(self, key: str, worker: str) -> Claimed | str:
        """Take a job; return `held` while another worker has it, `gone` where nothing is to be done."""
        said = self._run("claim", key, worker, LEASE_MS, UNATTENDED_SECONDS * 1000, TRIES, KEEP_SECONDS)
        if said[0] != b"mine":
            return str(said[0], "ascii")
        _, now, call, about, body = said
        with reached():
            described = _calls.decode(call)
            whole = Call(described.environ, body, described.follows)
            return Claimed(whole, _abouts.decode(about), ServerClock(now / 1000 - time.monotonic()))

    def renew(self, key: str, worker: str, clock: ServerClock, steps: Sequence[Step], sketch: Sketch | None) -> str:
        """Say how far it is, and that this worker is there; return `on`, `cancelled` or `lost`."""
        told = [(step.stage, clock.server(step.began)) for step in steps[:MAX_STAGES]]
        known = b"" if sketch is None else _encode(sketch)
        unattended = UNATTENDED_SECONDS * 1000
        return str(
            self._run("renew", key, worker, LEASE_MS, unattended, _encode(told), known, OPEN_SECONDS)[1], "ascii"
        )

    def finish(self, key: str, worker: str, outcome: Answer | Failure) -> None:
        """Hand the outcome to those who wait."""
        name, data = (outcome.value, b"") if isinstance(outcome, Failure) else ("answer", _encode(outcome))
        # As without its database: soon another try ends otherwise.
        is_error = isinstance(outcome, Answer) and outcome.status >= HTTPStatus.INTERNAL_SERVER_ERROR
        lasts = ERROR_SECONDS if is_error else KEEP_SECONDS
        self._run("finish", key, worker, name, data, self._limits.results, KEEP_SECONDS, RECORD_BYTES, lasts)

    def release(self, key: str, worker: str) -> bool:
        """Hand a job back that is not done; return whether it is to be queued again."""
        return bool(self._run("release", key, worker))

    def remember(self, topologies: set[str], sketch: Sketch) -> None:
        """Keep what is known of sets, for whoever waits for them next."""
        with reached():
            for topology in topologies:
                self.client.set(f"{PREFIX}sketch:{topology}", _encode(sketch), ex=SKETCH_SECONDS)

    def greet(self, worker: str, *, seconds: float) -> None:
        """Say that a worker is there for so many seconds from now; 0 when it leaves."""
        name = f"{PREFIX}workers"
        with reached():
            now = self.client.time()[0] * 1000
            self.client.zremrangebyscore(name, 0, now)
            if seconds:
                self.client.zadd(name, {worker: now + seconds * 1000})
            else:
                self.client.zrem(name, worker)


def _job_of(key: str, fields: Mapping[bytes, bytes], clock: ServerClock) -> Job:
    about = _abouts.decode(fields[b"about"])
    outcome = fields.get(b"outcome", b"").decode()
    return Job(
        key=key,
        call=_calls.decode(fields[b"call"]),
        topology=about.topology,
        client=about.client,
        plan=about.plan,
        lasting=about.lasting,
        cancelled=b"cancelled" in fields,
        steps=[Step(stage, clock.local(at)) for stage, at in _steps.decode(fields.get(b"steps", b"\x90"))],
        sketch=_sketches.decode(fields[b"sketch"]) if b"sketch" in fields else None,
        outcome=Failure(outcome) if outcome not in ("", "answer") else None,
        created=clock.local(int(fields[b"created"])),
        began=clock.local(int(fields[b"began"])) if b"began" in fields else None,
        ended=clock.local(int(fields[b"ended"])) if b"ended" in fields else None,
    )


@contextmanager
def reached() -> Iterator[None]:
    """Say in one way that the server can't be asked, whatever of it fails.

    Raises:
        QueueAway: it is away, takes nothing more, or has what is none of ours.

    """
    try:
        yield
    except (redis.RedisError, msgspec.MsgspecError) as error:
        # Its own text may name the server's password.
        raise QueueAway(type(error).__name__) from error


def server_url(url: str) -> str:
    """Return a URL as the client takes it: Valkey speaks as Redis does.

    Raises:
        ValueError: it can't be read.

    """
    for own, theirs in {"valkey://": "redis://", "valkeys://": "rediss://"}.items():
        url = theirs + url.removeprefix(own) if url.startswith(own) else url
    if not url.startswith(("redis://", "rediss://", "unix://")):
        raise ValueError("it begins with redis://, rediss:// (TLS), valkey://, valkeys:// or unix://")
    try:
        # It is made, and not connected yet.
        redis.ConnectionPool.from_url(url).make_connection()
    except (ValueError, TypeError) as error:  # the latter for words of its query that no connection takes
        raise ValueError(f"it can't be read: {error}") from error
    return url
