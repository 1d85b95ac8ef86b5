"""Kustomizations and charts rendered with what the machine of the command line has: kubectl or kustomize, and helm.

Nothing is fetched and nothing is run but these: no shell, no plugins, no cluster; what refers to another place isn't
rendered. What can't be rendered becomes a problem, and its files are read as they stand.
"""

import os
import posixpath
import re
import shutil
import subprocess
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

from webapp.manifests import Problem, Upload
from webapp.manifests.catalogue import problem
from webapp.manifests.kustomize import Closure

TIMEOUT = 30.0
"""Seconds for one kustomization or chart."""
TIMEOUT_IN_ALL = 120.0
MAX_BYTES = 1 << 26
"""What is rendered beyond 64 MiB isn't read."""
# Helm takes 53 characters: a release's name leads those of its objects, which may have 63.
_RELEASE = re.compile(r"[a-z0-9]([-a-z0-9]{0,51}[a-z0-9])?")

_LIBRARY = re.compile(rb"^type:\s*[\"']?library\b", re.MULTILINE)
# kubectl writes level, date, time, process, file and line before what it has to say.
_KLOG = re.compile(r"^[EFIW]\d{4} [\d:.]+ +\d+ \S+\] (\"command failed\" err=\")?")
_MOST_SAID = 160
"""Characters of a program's error."""


class Tools:
    """The tools that are there, what they gave, and what went wrong."""

    def __init__(self) -> None:
        self.output: list[Upload] = []
        self.problems: dict[str, list[Problem]] = defaultdict(list)
        """By the name of the kustomization.yaml or Chart.yaml."""
        self._helm = shutil.which("helm")
        self._kustomize = next(_kustomizers(), None)
        self._until = time.monotonic() + TIMEOUT_IN_ALL

    def build(self, closure: Closure) -> None:
        """Build a kustomization, if there is a tool for it."""
        if self._kustomize is None:
            return
        program, words = self._kustomize
        folder = closure.root.folder
        command = [program, words[-1], _argument(folder)]
        self._add(command, f"{' '.join(words)} {folder}", closure.root.name, _far(closure))

    def template(self, chart: str, data: bytes) -> None:
        """Render the chart of this Chart.yaml with its default values, if helm is there; a library makes nothing."""
        if self._helm is None or _LIBRARY.search(data):
            return
        folder = posixpath.dirname(chart) or "."
        release = _release(folder)
        # Tests are Pods that exist only while somebody runs `helm test`.
        options = ["--namespace", "default", "--skip-tests"]
        self._add([self._helm, "template", release, _argument(folder), *options], f"helm template {folder}", chart)

    def _add(self, command: Sequence[str], name: str, file: str, hindrance: str = "") -> None:
        data, hindrance = (b"", hindrance) if hindrance else _run(command, self._until - time.monotonic())
        if hindrance:
            self.problems[file].append(problem("NP032", f"{name} was not used: {hindrance}", file=file, line=1))
            return
        self.output.append(Upload(name=name, data=data, picked=True, rendered=file))


def _kustomizers() -> Iterator[tuple[str, tuple[str, str]]]:
    """Yield the programs that can build a kustomization, and how each is called for it."""
    for name, word in (("kustomize", "build"), ("kubectl", "kustomize")):
        if (path := shutil.which(name)) is not None:
            yield path, (name, word)


def _argument(folder: str) -> str:
    """Return the folder as no program takes it for an option."""
    return f"./{folder}" if folder.startswith("-") else folder


def _release(folder: str) -> str:
    name = Path(folder).resolve().name.casefold()
    return name if _RELEASE.fullmatch(name) else "release"


def _far(closure: Closure) -> str:
    """Return what the kustomization needs that isn't among the files: kustomize might fetch it. Empty if nothing."""
    folders = (name for member in closure.members for name in sorted(member.others) if Path(name).is_dir())
    far = next(iter((*closure.missing, *folders)), None)
    return "" if far is None else f"it refers to {far}, which is not among the files."


def _run(command: Sequence[str], seconds: float) -> tuple[bytes, str]:
    """Return what the program prints, or why that is of no use."""
    if seconds <= 0:
        return b"", f"rendering took more than {TIMEOUT_IN_ALL:.0f} s in all."
    seconds = min(TIMEOUT, seconds)
    # In a file: how much a chart prints is known once it has, and a pipe would keep all of it in memory.
    with tempfile.TemporaryFile() as output:
        try:
            done = subprocess.run(  # noqa: S603 (no shell; the program is the one on the PATH)
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.PIPE,
                timeout=seconds,
                check=False,
                # kubectl and helm would ask the cluster that this machine is logged in to; nothing here may.
                env={**os.environ, "KUBECONFIG": os.devnull},
            )
        except subprocess.TimeoutExpired:
            return b"", f"it took more than {seconds:.0f} s."
        except OSError as error:
            return b"", f"{error.strerror}."
        output.seek(0)
        data = output.read(MAX_BYTES + 1)
    if done.returncode != 0:
        return b"", _reason(done.stderr)
    return (data, "") if len(data) <= MAX_BYTES else (b"", "it prints more than 64 MiB.")


def _reason(stderr: bytes) -> str:
    """Return the end of the last line of what the program said: kustomize's errors end with their cause."""
    lines = stderr[-4000:].decode("utf-8", "replace").strip().splitlines()
    said = "".join(char if char.isprintable() else " " for char in lines[-1]) if lines else "it failed."
    said = _KLOG.sub("", said).rstrip('"')
    return said if len(said) <= _MOST_SAID else f"…{said[-_MOST_SAID:]}"
