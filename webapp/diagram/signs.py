"""The signs of a drawing: icons, never characters of a font, each in the colour of what it says."""

import re
from collections.abc import Container, Iterator

from webapp.diagram.icons import FILLED, ICONS
from webapp.diagram.markup import element
from webapp.diagram.palette import painted

_SIGNS = {
    "ok": ("ok", "sign-ok"),
    "warn": ("some", "sign-warn"),
    "bad": ("lost", "sign-bad"),
    "refused": ("refused", "sign-bad"),
    "quiet": ("quiet", "sign-quiet"),
    "pending": ("pending", "sign-quiet"),
    "terminating": ("terminating", "sign-warn"),
    "paused": ("paused", "sign-quiet"),
    "recreated": ("recreated", "sign-quiet"),
    "blocked": ("lock", "sign-quiet"),
    "down": ("down", "sign-bad"),
    "power": ("down", "sign-quiet"),
    "plus": ("plus", "sign-accent"),
    "cordoned": ("cordoned", "sign-quiet"),
    "draining": ("draining", "sign-quiet"),
    "partitioned": ("partitioned", "sign-quiet"),
    "not-ready": ("not-ready", "sign-quiet"),
    "assumed": ("assumed", "sign-quiet"),
    "person": ("person", "sign-quiet"),
    "unfold": ("unfold", "sign-accent"),
}
"""Name -> icon and paint."""
_STROKE = {"fill": "none", "stroke_width": "1.6", "stroke_linecap": "round", "stroke_linejoin": "round"}


def definitions(*drawn: str) -> str:
    """Return the symbols and grounds that these parts of a picture and its legend refer to by id."""
    # Each click sends them, so those that nobody refers to are left out.
    used = set(_REFERENCE.findall("".join(drawn)))
    return element("defs", *(_symbol(name) for name in _SIGNS if f"s-{name}" in used), *_grounds(used))


def every_definition() -> str:
    """Return all symbols and grounds, for who draws in a browser."""
    references = "".join(f"#{name} " for name in (*(f"s-{name}" for name in _SIGNS), "hatch", "tape", "dots"))
    return definitions(references)


_REFERENCE = re.compile(r"#([a-z-]+)")


def _grounds(used: Container[str]) -> Iterator[str]:
    # Slanted paths, each going on in the next tile: LibreOffice lays tiles out without their transform.
    if "hatch" in used:
        yield _pattern("hatch", 12, 12, _ground("hatch-ground", 12, 12), _slanted("hatch-line", _HATCH))
    if "tape" in used:
        yield _pattern("tape", 12, 6, _ground("plate", 12, 6), _slanted("tape", _TAPE))
    if "dots" in used:
        yield _pattern("dots", 9, 9, element("circle", cx=4.5, cy=4.5, r=1.1, **painted("hatch-line")))


def _symbol(name: str) -> str:
    icon, paint = _SIGNS[name]
    stroked = element("g", ICONS[icon], **painted(paint), **_without_fill(paint))
    filled = element("path", d=FILLED[icon], **painted(f"{paint}-half")) if icon in FILLED else ""
    return element("symbol", stroked, filled, id=f"s-{name}", viewBox="0 0 16 16")


def _without_fill(paint: str) -> dict[str, str]:
    return {name: value for name, value in _STROKE.items() if name not in painted(paint)}


_HATCH = "M0 0H1.5L0 1.5zM12 0V1.5L1.5 12H0V10.5L10.5 0zM12 10.5V12H10.5z"
_TAPE = "M0 0H6L1 6H0zM12 0V6H7z"


def _pattern(id_: str, width: float, height: float, *tile: str) -> str:
    return element("pattern", *tile, id=id_, width=width, height=height, patternUnits="userSpaceOnUse")


def _slanted(paint: str, path: str) -> str:
    return element("path", d=path, **painted(paint))


def _ground(paint: str, width: float, height: float) -> str:
    return element("rect", width=width, height=height, **painted(paint))


def sign(name: str, x: float, y: float, size: float = 16) -> str:
    """Return a sign with its upper left corner at (x, y)."""
    return element("use", href=f"#s-{name}", x=x, y=y, width=size, height=size)
