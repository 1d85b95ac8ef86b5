"""The signs: one shape for each state, drawn and never a character of a font, each in the colour of what it says."""

from webapp.diagram.markup import element
from webapp.diagram.palette import painted

_RING = '<circle cx="8" cy="8" r="6.25"/>'
_SHAPES: dict[str, tuple[str, str]] = {
    "ok": ("sign-ok", f'{_RING}<path d="M5.2 8.2 7.2 10.2 10.9 6"/>'),
    "warn": ("sign-warn", _RING),
    "bad": ("sign-bad", f'{_RING}<path d="M5.6 5.6l4.8 4.8M10.4 5.6l-4.8 4.8"/>'),
    "refused": ("sign-bad", f'{_RING}<path d="M5 8h6" stroke-width="2.6"/>'),
    "quiet": ("sign-quiet", _RING),
    "pending": ("sign-quiet", f'{_RING}<path d="M8 4.4V8l2.4 1.6"/>'),
    "leaving": ("sign-quiet", f'{_RING}<path d="M5 8h5.4M8.4 5.8 10.6 8 8.4 10.2"/>'),
    "moved": ("sign-quiet", '<path d="M2.5 4.5v3.2a3 3 0 0 0 3 3h7M9.8 7.6l3 3.1-3 3"/>'),
    "down": ("sign-quiet", '<path d="M8 1.75v6"/><path d="M4.4 4.1a5.5 5.5 0 1 0 7.2 0"/>'),
    "assumed": (
        "sign-quiet",
        _RING.replace("/>", ' stroke-dasharray="2.4 1.6"/>')
        + '<path d="M6.3 6.6a1.8 1.8 0 1 1 2.5 1.6c-.5.3-.8.6-.8 1.1M8 11.1v.1"/>',
    ),
    "person": ("sign-quiet", '<circle cx="8" cy="5.4" r="2.8"/><path d="M2.8 14a5.2 5.2 0 0 1 10.4 0"/>'),
    "unfold": ("sign-accent", '<path d="M5 6l3-3 3 3M5 10l3 3 3-3"/>'),
}
_STROKE = {"fill": "none", "stroke_width": "1.6", "stroke_linecap": "round", "stroke_linejoin": "round"}
_HALF = "M8 1.75a6.25 6.25 0 0 1 0 12.5z"


def definitions() -> str:
    """Return the symbols and grounds that drawings refer to by id; once in a page is enough."""
    symbols = "".join(_symbol(name) for name in _SHAPES)
    return element("defs", symbols, _hatch("hatch", "hatch-ground", "hatch-line"), _hatch("leaving", "", "hatch-line"))


def _symbol(name: str) -> str:
    paint, shape = _SHAPES[name]
    stroked = element("g", shape, **painted(paint), **_without_fill(paint))
    half = element("path", d=_HALF, **painted("sign-warn-half")) if name == "warn" else ""
    return element("symbol", stroked, half, id=f"s-{name}", viewBox="0 0 16 16")


def _without_fill(paint: str) -> dict[str, str]:
    return {name: value for name, value in _STROKE.items() if name not in painted(paint)}


def _hatch(id_: str, ground: str, line: str) -> str:
    under = element("rect", width=8, height=8, **painted(ground)) if ground else ""
    over = element("rect", width=2, height=8, **painted(line))
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
