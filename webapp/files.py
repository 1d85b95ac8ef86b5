"""From paths to uploads: the files that a command line names."""

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePath

from webapp.manifests import Limits, Upload

LOCAL_LIMITS = Limits(body_bytes=1 << 28, nodes=40_000_000, files=100_000, documents=2_000_000, unpacked_bytes=1 << 28)
"""On one's own machine a dump of a whole cluster may be read: 256 MiB."""
MAX_FILE_BYTES = LOCAL_LIMITS.body_bytes + 1
"""A larger file is cut there, which the reader then reports as too large."""


def uploads(paths: Iterable[str]) -> Iterator[Upload]:
    """Yield the files that the paths name: each file, each folder's files recursively, ``-`` for standard input.

    Hidden files and folders inside a folder are left out. The order is that of the paths, then of the names.

    Raises:
        OSError: a path isn't there or can't be read.

    """
    for path in paths:
        if path == "-":
            yield Upload(name="standard input", data=sys.stdin.buffer.read(MAX_FILE_BYTES), picked=True)
        elif Path(path).is_dir():
            yield from _folder(Path(path))
        else:
            yield Upload(name=path, data=_bytes(Path(path)), picked=True)


def _folder(folder: Path) -> Iterator[Upload]:
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        if path.is_file() and not any(part.startswith(".") for part in parts):
            yield Upload(name=PurePath(folder.name, *parts).as_posix(), data=_bytes(path))


def _bytes(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(MAX_FILE_BYTES)
