"""Lessons from files: what is wrong with one is told by file, line, what it is, and what to do."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec
import yaml

from webapp.cluster.build import build
from webapp.lessons.figures import FigureError, Figures
from webapp.lessons.lesson import Lesson, texts
from webapp.manifests import Upload, read
from webapp.paths import resource_directory
from webapp.records import dataclass

_FILE = re.compile(r"(?:[0-9]+-)?([a-z0-9][a-z0-9-]*)\.ya?ml")
_PLACE = re.compile(r"\.([A-Za-z_]\w*)|\[(\d+)\]")
_CHOICES = range(2, 5)
MOST_BYTES = 256_000
"""Of a lesson's file; eight lessons together have a tenth of that."""


class LessonError(ValueError):
    """A lesson's file that can't be used; the message says where and why."""

    def __init__(self, file: str, line: int, what: str) -> None:
        super().__init__(f"{file}, line {line}: {what}")
        self.file, self.line, self.what = file, line, what


@dataclass(frozen=True, slots=True)
class LessonFolder:
    """The lessons of one folder."""

    lessons: Mapping[str, Lesson]
    """By what their address calls them, in the order of their files' names."""
    files: Mapping[str, Path]
    """Where each was read."""

    def beside(self, slug: str) -> Path | None:
        """Return the file of manifests beside a lesson; None for a sample, which it names without a suffix."""
        name = self.lessons[slug].manifests
        return self.files[slug].parent / name if name.endswith((".yaml", ".yml")) else None

    def figures(self, slug: str) -> Figures:
        """Return the figures of a lesson, whose manifests are read.

        Raises:
            LessonError: there is no such file.

        """
        name = self.lessons[slug].manifests
        path = self.beside(slug) or resource_directory("samples") / f"{name}.yaml"
        if not path.is_file():
            raise LessonError(self.files[slug].name, 1, f"there is neither a sample nor a file {name!r} beside it.")
        manifests = read([Upload(name=path.name, data=path.read_bytes())])
        return Figures(manifests, lambda options: build(manifests, options))


def open_lessons(folder: str = "") -> LessonFolder:
    """Return the lessons of a folder, whose states and figures are looked at; the shipped ones if none is named.

    Raises:
        LessonError: one of them can't be used.
        OSError: the folder can't be read.

    """
    found = open_folder(Path(folder) if folder else resource_directory("samples") / "lessons")
    if folder:
        # The shipped ones are tested.
        check(found)
    return found


def open_folder(folder: Path) -> LessonFolder:
    """Return the lessons of a folder: ``1-three-ports.yaml`` is called three-ports.

    Raises:
        LessonError: one of them can't be used.
        OSError: the folder or a file can't be read.

    """
    lessons: dict[str, Lesson] = {}
    files: dict[str, Path] = {}
    for path in sorted(folder.iterdir()):
        found = _FILE.fullmatch(path.name)
        # Manifests may lie beside a lesson, and none is a list of steps.
        if found is None or b"\nsteps:" not in (data := path.read_bytes()):
            continue
        if (slug := found[1]) in files:
            raise LessonError(path.name, 1, f"{files[slug].name} is called {slug} already; rename one of them.")
        files[slug], lessons[slug] = path, read_lesson(path.name, data)
    return LessonFolder(lessons, files)


def read_lesson(file: str, data: bytes) -> Lesson:
    """Return the lesson of a file.

    Raises:
        LessonError: it can't be used.

    """
    if len(data) > MOST_BYTES:
        raise LessonError(file, 1, f"a lesson has at most {MOST_BYTES:,} bytes; make two of it.")
    try:
        # Written by whoever runs this, never uploaded.
        tree = yaml.compose(data, Loader=yaml.CSafeLoader)  # noqa: TID251
        lesson = msgspec.convert(yaml.load(data, Loader=yaml.CSafeLoader), Lesson)  # noqa: TID251
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise LessonError(
            file, mark.line + 1 if mark else 1, f"this is not a YAML file: {_first_line(error)}."
        ) from None
    except msgspec.ValidationError as error:
        what, _, place = str(error).partition(" - at `$")
        raise LessonError(file, _line(tree, place.rstrip("`")), f"{what}; see docs/lessons.md.") from None
    for place, what in _faults(lesson):
        raise LessonError(file, _line(tree, place), what)
    return lesson


def check(folder: LessonFolder) -> None:
    """Look whether the states and figures of all lessons are those of their manifests.

    Raises:
        LessonError: one is not.

    """
    for slug, lesson in folder.lessons.items():
        figures, file = folder.figures(slug), folder.files[slug]
        for number, step in enumerate(lesson.steps):
            try:
                for text in ("{answered}", *texts(step)):
                    figures.filled(text, step)
            except FigureError as error:
                tree = yaml.compose(file.read_bytes(), Loader=yaml.CSafeLoader)  # noqa: TID251 - read before
                raise LessonError(file.name, _line(tree, f".steps[{number}]"), str(error)) from None


def _faults(lesson: Lesson) -> Iterator[tuple[str, str]]:
    """Yield what the fields' types don't say, with its place."""
    if not lesson.steps:
        yield ".steps", "a lesson has at least one step."
    if lesson.minutes < 1:
        yield ".minutes", "a lesson takes at least one minute."
    for number, step in enumerate(lesson.steps):
        if not step.text.strip() or not step.title.strip():
            yield f".steps[{number}]", "a step has a title and a text."
        if step.ask is None:
            continue
        where = f".steps[{number}].ask.choices"
        if len(step.ask.choices) not in _CHOICES:
            yield where, f"a question has {_CHOICES[0]} to {_CHOICES[-1]} choices, not {len(step.ask.choices)}."
        if (right := sum(choice.right for choice in step.ask.choices)) != 1:
            yield where, f"one choice has `right: true`, not {right}."


def _line(tree: yaml.Node | None, place: str) -> int:
    """Return the line of a place such as ``.steps[2].ask``, or of what is nearest around it."""
    node = tree
    for name, index in _PLACE.findall(place):
        if isinstance(node, yaml.MappingNode):
            inner = next((value for key, value in node.value if key.value == name), None)
        else:
            inner = node.value[int(index)] if isinstance(node, yaml.SequenceNode) and index else None
        if inner is None:
            break
        node = inner
    return node.start_mark.line + 1 if node is not None else 1


def _first_line(error: Exception) -> str:
    return str(getattr(error, "problem", None) or error).splitlines()[0].rstrip(".")
