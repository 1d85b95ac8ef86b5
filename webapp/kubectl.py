"""A running cluster, read through the user's own kubectl: one `kubectl get`, and nothing that could change anything."""

import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterable
from hashlib import sha256

from webapp.capture import CAPTURE
from webapp.files import MAX_FILE_BYTES
from webapp.manifests import Upload
from webapp.manifests.catalogue import problem
from webapp.records import dataclass

_FORBIDDEN = re.compile(r"Error from server \(Forbidden\): .* cannot (?:list|get) resource \"([^\"]+)\"")
_ERROR = re.compile(r"(?i)error|unable to|the connection ")
_LOG_HEAD = re.compile(r"[IWEF]\d{4} [\d:.]+ +\d+ \S+\] ")
"""Time, process and place, by which each of seventeen equal lines differs when a cluster is away."""
_PATIENCE = "--request-timeout=1m"
"""For one page of a list: without it a cluster that is away is waited for as long as the network lets it."""


class KubectlError(ValueError):
    """There is no kubectl, or it gave nothing; the message says what to do."""


@dataclass(frozen=True, slots=True)
class _Output:
    """What kubectl gave."""

    data: bytes
    forbidden: tuple[str, ...]
    """The resources that the account may not list."""
    error: str
    """Why it did not give all that the account may list; empty if it did."""


def capture(context: str, say: Callable[[str], None]) -> Upload:
    """Return what kubectl reads of the cluster of a context, as a file called after it.

    `say` is handed what kubectl says meanwhile, such as how to log in, and which kinds the account may not list.

    Raises:
        KubectlError: kubectl isn't there, or gave nothing.

    """
    got = _got(context, say)
    if got.forbidden:
        say(f"nodefall: your account may not list {', '.join(got.forbidden)}: what follows is without them.")
    if not got.data.strip():
        raise KubectlError(_nothing(context))
    if got.error:
        say("nodefall: kubectl ended with an error: what follows may be incomplete.")
    return _upload(context, got)


def current_context() -> str:
    """Return the name of kubectl's current context; empty where it has none.

    Raises:
        KubectlError: kubectl isn't there.

    """
    got = subprocess.run([_program(), "config", "current-context"], capture_output=True, text=True, check=False)  # noqa: S603
    return got.stdout.strip()


class FollowedCluster:
    """A cluster that is read again and again: what was read last, until it is taken."""

    def __init__(self, context: str, say: Callable[[str], None]) -> None:
        """`say` is handed each line that kubectl says, once until it says something else."""
        self.name = _name(context)
        self._context, self._say = context, say
        self._said: tuple[str, ...] = ()
        self._upload: Upload | None = None

    def trace(self) -> bytes:
        """Read the cluster; return what differs whenever it gave something else.

        Raises:
            KubectlError: kubectl isn't there, or did not give everything that the account may list.

        """
        said: list[str] = []
        got = _got(self._context, said.append)
        if tuple(said) != self._said:
            self._said = tuple(said)
            list(map(self._say, said))
        # Of half a cluster one would think that the rest is gone.
        if got.error or not got.data.strip():
            raise KubectlError(got.error or _nothing(self._context))
        self._upload = _upload(self._context, got)
        return sha256(got.data).digest()

    def captured(self) -> Upload:
        """Hand over what was read last, and keep nothing of it: a large cluster is hundreds of MB.

        Raises:
            KubectlError: as for `trace`, if nothing was read since the last time.

        """
        if self._upload is None:
            self.trace()
        upload, self._upload = self._upload, None
        assert upload is not None  # noqa: S101 - for mypy: trace has read one
        return upload


def _name(context: str) -> str:
    return f"cluster {context}".rstrip()


def _nothing(context: str) -> str:
    return f'kubectl read nothing in the context "{context}".' if context else "kubectl read nothing."


def _upload(context: str, got: _Output) -> Upload:
    name = _name(context)
    without = f"Your account may not list {', '.join(got.forbidden)}: what is shown is without them."
    problems = (problem("NP035", without, file=name),) if got.forbidden else ()
    return Upload(name=name, data=got.data, picked=True, problems=problems)


def _got(context: str, say: Callable[[str], None]) -> _Output:
    """Return what kubectl gave.

    Raises:
        KubectlError: kubectl isn't there, or gave more than is read.

    """
    named = [f"--context={context}"] if context else []
    # JSON is read several times as fast as YAML.
    command = [_program(), *named, _PATIENCE, *CAPTURE.split()[1:-1], "json"]
    # In a file: a large cluster is hundreds of MB, and what kubectl says meanwhile is read at the same time.
    with tempfile.TemporaryFile() as output:
        said, status = _run(command, output.fileno(), say)
        output.seek(0)
        data = output.read(MAX_FILE_BYTES)
    if len(data) >= MAX_FILE_BYTES:
        without_pods = CAPTURE.replace("pods,", "", 1)
        raise KubectlError(
            f"this cluster is larger than the {MAX_FILE_BYTES >> 20:,} MB that nodefall reads. Without its Pods, in "
            f"whose place those of their workloads are created: {without_pods} > dump.yaml"
        )
    forbidden = tuple(dict.fromkeys(found[1] for line in said if (found := _FORBIDDEN.match(line))))
    others = [line for line in said if not _FORBIDDEN.match(line)]
    error = next(filter(_ERROR.match, reversed(others)), "")
    # That some kinds are forbidden is an error for kubectl, too.
    if not status or (forbidden and not error):
        return _Output(data, forbidden, "")
    return _Output(data, forbidden, f"kubectl: {error or next(reversed(others), 'it ended with an error')}")


def _program() -> str:
    program = shutil.which("kubectl")
    if program is None:
        raise KubectlError(f"kubectl is not on the PATH. Where it is: {CAPTURE} > dump.yaml")
    return program


def _run(command: list[str], output: int, say: Callable[[str], None]) -> tuple[tuple[str, ...], int]:
    """Run kubectl; return what it said, each line once, and its exit status.

    What isn't about kinds that are forbidden is passed on.
    """
    try:
        # No shell; the program is the one on the PATH, and the kubeconfig the user's.
        running = subprocess.Popen(command, stdout=output, stderr=subprocess.PIPE, text=True, errors="replace")  # noqa: S603
    except OSError as error:
        raise KubectlError(f"kubectl can't be run: {error.strerror}.") from error
    lines: dict[str, None] = {}
    with running:
        said: Iterable[str] = running.stderr or ()
        for line in filter(None, (_LOG_HEAD.sub("", each).rstrip() for each in said)):
            if line not in lines and not _FORBIDDEN.match(line):
                say(f"kubectl: {line}")
            lines[line] = None
    return tuple(lines), running.returncode
