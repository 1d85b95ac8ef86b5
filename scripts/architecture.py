"""The picture of who may import whom, drawn from the contracts of import-linter in pyproject.toml."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from webapp.diagram.layout import Box, Run, TextLine
from webapp.diagram.markup import element, number, written
from webapp.diagram.palette import dark_rules, painted
from webapp.diagram.strokes import SANS, rectangle, text
from webapp.diagram.text import Face

PYPROJECT = Path(__file__).resolve().parent.parent / "pyproject.toml"
WIDTH, ROW, GAP, MARGIN = 720, 52, 16, 24
LEFT, TOP = 84, 108
"""Where the packages begin: beside the arrow, below the title."""
TITLE = "Who may import whom in nodefall"
KEY = (
    "A package imports only from those below it; packages joined by a line may also import each other.",
    "Pure: no Flask, no database, no network, no clock, no random numbers.",
)


def architecture() -> str:
    """Return the packages as SVG, each above all that it may import."""
    layered, *forbidding = tomllib.loads(PYPROJECT.read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"]
    layers: list[str] = layered["layers"]
    height = TOP + len(layers) * (ROW + GAP) - GAP + MARGIN
    rows = (row for index, layer in enumerate(layers) for row in boxes(layer, TOP + index * (ROW + GAP), forbidding))
    return element(
        "svg",
        element("title", TITLE, id="title"),
        element("desc", written(description(layers, forbidding)), id="desc"),
        element("style", dark_rules()),
        rectangle(Box(0, 0, WIDTH, height), 0, "sheet"),
        line(MARGIN, 38, TITLE, size=18, bold=True),
        *(line(MARGIN, 62 + 18 * index, words, "text-quiet") for index, words in enumerate(KEY)),
        arrow(TOP, height - MARGIN),
        *rows,
        xmlns="http://www.w3.org/2000/svg",
        width=WIDTH,
        height=height,
        viewBox=f"0 0 {WIDTH} {height}",
        role="img",
        aria_labelledby="title desc",
        font_family=SANS,
    )


def packages(layer: str) -> list[str]:
    """Return the names of the packages of one layer."""
    return re.findall(r"webapp\.(\w+)", layer)


def are_joined(layer: str) -> bool:
    """Return whether the packages of a layer may import each other: import-linter's colon instead of its bar."""
    return ":" in layer


def description(layers: list[str], forbidding: list[dict[str, Any]]) -> str:
    """Return the picture in words."""
    return f"From the top: {'; '.join(described(layer, forbidding) for layer in layers)}. {' '.join(KEY)}"


def described(layer: str, forbidding: list[dict[str, Any]]) -> str:
    """Return a layer in words."""
    marks = {package: ", ".join(marked(package, forbidding)) for package in packages(layer)}
    return (" joined with " if are_joined(layer) else ", ").join(
        f"{package} ({its})" if its else package for package, its in marks.items()
    )


def boxes(layer: str, y: int, forbidding: list[dict[str, Any]]) -> Iterator[str]:
    """Yield the packages of one layer, side by side."""
    names = packages(layer)
    wide = (WIDTH - MARGIN - LEFT - GAP * (len(names) - 1)) / len(names)
    for index, package in enumerate(names):
        box = Box(LEFT + index * (wide + GAP), y, wide, ROW)
        marks = marked(package, forbidding)
        if index and are_joined(layer):
            join = f"M{number(box.x - GAP)} {number(box.middle)}h{GAP}"
            yield element("path", d=join, stroke_width=2, **painted("edge-ok"))
        yield rectangle(box, 8, "bar" if "pure" in marks else "box")
        yield line(box.x + 14, y + (24 if marks else 31), package, size=14, face=Face.MONO)
        yield line(box.x + 14, y + 42, ", ".join(marks), "text-quiet", size=11) if marks else ""


def marked(package: str, forbidding: list[dict[str, Any]]) -> list[str]:
    """Return what the other contracts say of a package: that it is pure, that it may not know NetworkX."""
    pure, without_networkx = (f"webapp.{package}" in contract["source_modules"] for contract in forbidding[:2])
    return ["pure"] * pure + ["without NetworkX"] * without_networkx


def line(x: float, y: float, words: str, paint: str = "text", **style: Any) -> str:
    """Return one line of text."""
    return text(TextLine(x, y, (Run(words, paint, **style),)))


def arrow(top: float, bottom: float) -> str:
    """Return the direction of all imports, at the left."""
    x = LEFT - 30
    shaft = element("path", d=f"M{x} {top}V{number(bottom - 8)}", fill="none", stroke_width=2, **painted("edge-ok"))
    head = element("path", d=f"M{x - 6} {number(bottom - 10)}h12l-6 10z", **painted("arrow"))
    middle = number((top + bottom) / 2)
    turned = {"text_anchor": "middle", "font_size": 12, "transform": f"rotate(-90 {x - 12} {middle})"}
    return shaft + head + element("text", "imports", x=x - 12, y=float(middle), **turned, **painted("text-quiet"))
