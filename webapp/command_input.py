"""What commands read: the files that paths name, or a cluster; and how a command ends that can't go on."""
# ruff: noqa: PLC0415

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, NoReturn

import click

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from webapp.manifests import Manifests, Upload

EXIT_UNUSABLE = 2
"""Nothing could be read, or the Scenario is wrong."""


def files_of(paths: Sequence[str], context: str | None, *, render: bool) -> Iterator[Upload]:
    """Yield the files that the paths name, or what kubectl reads of a cluster; end the command where that fails."""
    if context is None:
        from webapp.files import uploads

        yield from uploads(paths, render=render)
        return
    from webapp.kubectl import KubectlError, capture

    try:
        yield capture(context, say=lambda line: click.echo(line, err=True))
    except KubectlError as error:
        fail(str(error))


def read_given(given: Iterable[Upload]) -> tuple[Manifests, int]:
    """Return what was read, and how many bytes that was; end the command where nothing could be."""
    from webapp.library import NodefallError, usable_manifests
    from webapp.notes import problem_line, reading_notes
    from webapp.simulation.document import problem_document

    sizes: list[int] = []

    def weighed(files: Iterable[Upload]) -> Iterator[Upload]:
        for file in files:
            sizes.append(len(file.data))
            yield file

    try:
        manifests = usable_manifests(weighed(given))
    except NodefallError as error:
        lines = (*reading_notes(error.problems), *(problem_line(problem_document(p)) for p in error.problems))
        for line in lines:
            click.echo(line, err=True)
        fail(str(error))
    for note in reading_notes(manifests.problems):
        click.echo(note, err=True)
    return manifests, sum(sizes)


def fail(message: str) -> NoReturn:
    """Say why, and end the command."""
    click.echo(f"nodefall: {message}", err=True)
    sys.exit(EXIT_UNUSABLE)
