"""The command ``snapshot``. What it needs is imported when it runs, so that ``--help`` stays fast."""
# ruff: noqa: PLC0415

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from webapp.command_input import asked_context, fail, files_of, read_given
from webapp.command_options import CONTEXT, NO_RENDER

if TYPE_CHECKING:
    from collections.abc import Iterator

    from webapp.manifests import Manifests


@click.command()
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@click.option(
    "-o", "target", metavar="FILE", help=".yaml or .json, also with .gz; without it YAML goes to standard output."
)
@click.option("--anonymize", is_flag=True, help="Replace names, labels, hosts and addresses: service-1, node-2.")
@CONTEXT
@NO_RENDER
def snapshot(
    paths: tuple[str, ...], target: str | None, context: str | None, *, anonymize: bool, no_render: bool
) -> None:
    """Write only what nodefall keeps of manifests: a small file to upload or to attach to an issue.

    PATH is a file, a folder, an archive, or - for standard input, such as kubectl's output; --context reads a cluster
    through kubectl instead. No Secret, ConfigMap,
    environment value, command or image name can be in the result.
    """
    from webapp.snapshot import SnapshotError, anonymized, format_of
    from webapp.snapshot import snapshot as made

    context = asked_context(paths, context)
    if bool(paths) == (context is not None):
        fail("name a PATH, - for standard input, or a --context.")
    name = "-.yaml" if target in (None, "-") else str(target)
    try:
        # Checked before anything is read: a large cluster takes seconds.
        format_of(name)
        manifests, size = read_given(files_of(paths, context, render=not no_render))
        data = made(anonymized(manifests) if anonymize else manifests, name)
        _write(data, target)
    except (SnapshotError, OSError) as error:
        fail(str(error))
    for line in _said(manifests, size, len(data), anonymized=anonymize):
        click.echo(f"nodefall: {line}", err=True)


def _write(data: bytes, target: str | None) -> None:
    from pathlib import Path

    if target in (None, "-"):
        sys.stdout.buffer.write(data)
    else:
        Path(str(target)).write_bytes(data)


def _said(manifests: Manifests, before: int, after: int, *, anonymized: bool) -> Iterator[str]:
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
    yield "Secrets, ConfigMaps, environment values, commands, image names and other annotations can't be in it."
    if anonymized:
        yield "names, labels, hosts and addresses are replaced; ports, quantities and times are as they were."
        yield "a nodePort that is not written gets another number; names that look like typos may no longer look so."
    else:
        yield "names, labels, addresses and ports are in it: --anonymize replaces all but the ports."


def _kept(manifests: Manifests) -> int:
    from webapp.manifests.writing import COLLECTIONS, left_out

    return sum(len(getattr(manifests, collection)) for collection in COLLECTIONS) - len(left_out(manifests))


def _bytes(size: int) -> str:
    if size < 1000:
        return f"{size} bytes"
    return f"{size / 1000:.1f} kB" if size < 1_000_000 else f"{size / 1_000_000:.1f} MB"
