"""The command ``lesson``. What it needs is imported when it runs, so that ``--help`` stays fast."""
# ruff: noqa: PLC0415

from __future__ import annotations

import sys
from pathlib import Path

import click

from webapp.command_input import fail


@click.command()
@click.argument("name", required=False)
@click.option("--lessons", "folder", default="", metavar="FOLDER", help="Your own lessons, see docs/lessons.md.")
@click.option("-o", "target", metavar="FILE", help="Where it is written; without it to standard output.")
def lesson(name: str | None, folder: str, target: str | None) -> None:
    """Write a lesson as one HTML file, which needs no network; without NAME list the lessons.

    Faults in the lessons of a FOLDER are named with file and line.
    """
    from webapp.diagram import DiagramError
    from webapp.documents.lesson_page import lesson_page
    from webapp.lessons import LessonError, open_lessons
    from webapp.numbers import counted

    try:
        found = open_lessons(folder)
        if name is None:
            for slug, its in found.lessons.items():
                click.echo(f"{slug:16} {its.title}, {counted(its.minutes, 'minute')}")
            return
        if name not in found.lessons:
            fail(f"there is no lesson {name!r}; there are {', '.join(found.lessons)}.")
        page = lesson_page(found.lessons[name], found.figures(name)).encode()
        if target in (None, "-"):
            sys.stdout.buffer.write(page)
        else:
            Path(str(target)).write_bytes(page)
    except (LessonError, DiagramError, OSError) as error:
        fail(str(error))
