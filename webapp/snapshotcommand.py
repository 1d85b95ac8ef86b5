"""The command ``snapshot``. What it needs is imported when it runs, so that ``--help`` stays fast."""
# ruff: noqa: PLC0415

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, NoReturn

import click

from webapp.command_options import NO_RENDER

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from webapp.manifests import Manifests, Upload

_UNUSABLE = 2
"""Nothing could be read, or nothing can be written there."""


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option(
    "-o", "target", metavar="FILE", help=".yaml or .json, also with .gz; without it YAML goes to standard output."
)
@NO_RENDER
def snapshot(paths: tuple[str, ...], target: str | None, *, no_render: bool) -> None:
    """Write only what nodefall keeps of manifests: a small file to upload or to attach to an issue.

    PATH is a file, a folder, an archive, or - for standard input, such as kubectl's output. No Secret, ConfigMap,
    environment value, command or image name can be in the result.
    """
    from webapp.snapshot import SnapshotError, format_of
    from webapp.snapshot import snapshot as made

    name = "-.yaml" if target in (None, "-") else str(target)
    try:
        # Checked before anything is read: a large cluster takes seconds.
        format_of(name)
        manifests, size = _read(paths, render=not no_render)
        if not _kept(manifests):
            _fail("the API server could decode none of the objects.")
        data = made(manifests, name)
        _write(data, target)
    except (SnapshotError, OSError) as error:
        _fail(str(error))
    for line in _said(manifests, size, len(data)):
        click.echo(f"nodefall: {line}", err=True)


def _read(paths: Iterable[str], *, render: bool) -> tuple[Manifests, int]:
    """Return what was read, and how many bytes that was."""
    from webapp.files import uploads
    from webapp.library import NodefallError, usable_manifests
    from webapp.notes import problem_line, reading_notes
    from webapp.simulation.document import problem_document

    sizes: list[int] = []

    def weighed(files: Iterable[Upload]) -> Iterator[Upload]:
        for file in files:
            sizes.append(len(file.data))
            yield file

    try:
        manifests = usable_manifests(weighed(uploads(paths, render=render)))
    except NodefallError as error:
        for problem in error.problems:
            click.echo(problem_line(problem_document(problem)), err=True)
        _fail(str(error))
    for note in reading_notes(manifests.problems):
        click.echo(note, err=True)
    return manifests, sum(sizes)


def _write(data: bytes, target: str | None) -> None:
    from pathlib import Path

    if target in (None, "-"):
        sys.stdout.buffer.write(data)
    else:
        Path(str(target)).write_bytes(data)


def _said(manifests: Manifests, before: int, after: int) -> Iterator[str]:
    """Yield what is in the snapshot and what isn't."""
    from webapp.manifests.writing import left_out
    from webapp.numbers import counted, some

    refused = left_out(manifests)
    yield f"{counted(_kept(manifests), 'object')} written, {_bytes(before)} before, {_bytes(after)} now."
    if manifests.not_used:
        kinds = [f"{name} ({count:,})" for name, count in sorted(manifests.not_used.items())]
        yield f"skipped, since nodefall doesn't use them: {some(kinds, 8)}."
    if refused:
        yield f"skipped, since the API server can't decode them: {some(refused, 8)}."
    yield (
        "names, labels, addresses and ports are in it; Secrets, ConfigMaps, environment values, commands, image names "
        "and other annotations can't be."
    )


def _kept(manifests: Manifests) -> int:
    from webapp.manifests.writing import COLLECTIONS, left_out

    return sum(len(getattr(manifests, collection)) for collection in COLLECTIONS) - len(left_out(manifests))


def _bytes(size: int) -> str:
    if size < 1000:
        return f"{size} bytes"
    return f"{size / 1000:.1f} kB" if size < 1_000_000 else f"{size / 1_000_000:.1f} MB"


def _fail(message: str) -> NoReturn:
    click.echo(f"nodefall: {message}", err=True)
    sys.exit(_UNUSABLE)
