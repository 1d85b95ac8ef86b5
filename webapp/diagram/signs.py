"""The signs of a drawing: icons, never characters of a font, each in the colour of what it says."""

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
    "leaving": ("leaving", "sign-quiet"),
    "moved": ("moved", "sign-quiet"),
    "down": ("down", "sign-quiet"),
    "assumed": ("assumed", "sign-quiet"),
    "person": ("person", "sign-quiet"),
    "unfold": ("unfold", "sign-accent"),
}
"""Name -> icon and paint."""
_STROKE = {"fill": "none", "stroke_width": "1.6", "stroke_linecap": "round", "stroke_linejoin": "round"}


def definitions() -> str:
    """Return the symbols and grounds that drawings refer to by id; once in a page is enough."""
    symbols = "".join(_symbol(name) for name in _SIGNS)
    return element("defs", symbols, _hatch("hatch", "hatch-ground"), _hatch("leaving", ""))


def _symbol(name: str) -> str:
    icon, paint = _SIGNS[name]
    stroked = element("g", ICONS[icon], **painted(paint), **_without_fill(paint))
    filled = element("path", d=FILLED[icon], **painted(f"{paint}-half")) if icon in FILLED else ""
    return element("symbol", stroked, filled, id=f"s-{name}", viewBox="0 0 16 16")


def _without_fill(paint: str) -> dict[str, str]:
    return {name: value for name, value in _STROKE.items() if name not in painted(paint)}


def _hatch(id_: str, ground: str) -> str:
    under = element("rect", width=8, height=8, **painted(ground)) if ground else ""
    over = element("rect", width=2, height=8, **painted("hatch-line"))
    return element(
        "pattern",
        under,
        over,
        id=id_,
        width=8,
        height=8,
        patternUnits="userSpaceOnUse",
        patternTransform="rotate(45)",
    )


def sign(name: str, x: float, y: float, size: float = 16) -> str:
    """Return a sign with its upper left corner at (x, y)."""
    return element("use", href=f"#s-{name}", x=x, y=y, width=size, height=size)
