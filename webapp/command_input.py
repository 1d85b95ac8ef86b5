"""What commands read: the files that paths name, or a cluster; and how a command ends that can't go on."""
# ruff: noqa: PLC0415

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, NoReturn

import click

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from webapp.following import FollowedSource
    from webapp.manifests import Manifests, Upload

PLUGIN = "kubectl nodefall"
"""How kubectl's users call the command."""
EXIT_UNUSABLE = 2
"""Nothing could be read, or the Scenario is wrong."""


def asked_context(paths: Sequence[str], context: str | None) -> str | None:
    """Return which cluster is asked for, None for none: an empty name is kubectl's current context.

    As a plugin of kubectl the command is about a cluster unless it is given files. The name may stay empty: in a Pod
    kubectl finds its cluster without any.
    """
    if context is None and not paths and click.get_current_context().find_root().info_name == PLUGIN:
        context = ""
    if context != "":
        return context
    from webapp.kubectl import KubectlError, current_context

    try:
        return current_context()
    except KubectlError as error:
        fail(str(error))


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


def followed(paths: Sequence[str], context: str | None, *, render: bool) -> FollowedSource:
    """Return what `serve --watch` reads again and again, as `files_of` does; end the command where that can't be."""
    from webapp.files import trace, uploads
    from webapp.following import FollowedSource
    from webapp.kubectl import FollowedCluster
    from webapp.manifests.changes import object_changes

    if context is not None:
        cluster = FollowedCluster(context, say=lambda line: click.echo(line, err=True))
        return FollowedSource(
            name=cluster.name,
            read=lambda: _read_again([cluster.captured()]),
            trace=cluster.trace,
            # Each reading has new times and places in its lines.
            differ=lambda old, new: bool(object_changes(old, new)),
            every=15,
        )
    if "-" in paths:
        fail("standard input can be read once: name files or folders to --watch.")
    return FollowedSource(
        name=", ".join(paths),
        read=lambda: _read_again(uploads(paths, render=render)),
        trace=lambda: trace(paths),
        settle=0.1,
    )


def _read_again(given: Iterable[Upload]) -> Manifests:
    """Return what was read.

    Raises:
        ValueError: nothing to show; the message says what is wrong, and where.

    """
    from webapp.library import NodefallError, usable_manifests

    try:
        return usable_manifests(given)
    except NodefallError as error:
        if not error.problems:
            raise
        first = error.problems[0]
        where = f"{first.file}:{first.line or 1}: " if first.file else ""
        raise ValueError(f"{where}{first.message}") from error


def fail(message: str) -> NoReturn:
    """Say why, and end the command."""
    click.echo(f"nodefall: {message}", err=True)
    sys.exit(EXIT_UNUSABLE)
