"""A running cluster, read through the user's own kubectl: one `kubectl get`, and nothing that could change anything."""

import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterable

from webapp.capture import CAPTURE
from webapp.files import MAX_FILE_BYTES
from webapp.manifests import Upload

_FORBIDDEN = re.compile(r"Error from server \(Forbidden\): .* cannot (?:list|get) resource \"([^\"]+)\"")


class KubectlError(ValueError):
    """There is no kubectl, or it gave nothing; the message says what to do."""


def capture(context: str, say: Callable[[str], None]) -> Upload:
    """Return what kubectl reads of the cluster of a context, as a file called after it.

    `say` is handed what kubectl says meanwhile, such as how to log in, and which kinds the account may not list.

    Raises:
        KubectlError: kubectl isn't there, or gave nothing.

    """
    program = shutil.which("kubectl")
    if program is None:
        raise KubectlError(f"kubectl is not on the PATH. Where it is: {CAPTURE} > dump.yaml")
    # JSON is read several times as fast as YAML.
    command = [program, f"--context={context}", *CAPTURE.split()[1:-1], "json"]
    # In a file: a large cluster is hundreds of MB, and what kubectl says meanwhile is read at the same time.
    with tempfile.TemporaryFile() as output:
        forbidden, status = _run(command, output.fileno(), say)
        output.seek(0)
        data = output.read(MAX_FILE_BYTES)
    if forbidden:
        say(f"nodefall: your account may not list {', '.join(forbidden)}: what follows is without them.")
    if not data.strip():
        raise KubectlError(f'kubectl read nothing in the context "{context}".')
    if status and not forbidden:
        say("nodefall: kubectl ended with an error: what follows may be incomplete.")
    return Upload(name=f"cluster {context}", data=data, picked=True)


def _run(command: list[str], output: int, say: Callable[[str], None]) -> tuple[tuple[str, ...], int]:
    """Run kubectl; return the resources that it was forbidden to list, and its exit status."""
    try:
        # No shell; the program is the one on the PATH, and the kubeconfig the user's.
        running = subprocess.Popen(command, stdout=output, stderr=subprocess.PIPE, text=True, errors="replace")  # noqa: S603
    except OSError as error:
        raise KubectlError(f"kubectl can't be run: {error.strerror}.") from error
    with running:
        said: Iterable[str] = running.stderr or ()
        forbidden = dict.fromkeys(name for line in said if (name := _forbidden(line.rstrip(), say)))
    return tuple(forbidden), running.returncode


def _forbidden(line: str, say: Callable[[str], None]) -> str:
    found = _FORBIDDEN.match(line)
    if found is None and line:
        say(f"kubectl: {line}")
    return found[1] if found else ""
