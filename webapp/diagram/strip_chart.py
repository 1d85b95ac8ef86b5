"""The share answered at each time of a failure as a small step line, drawn under the times themselves."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from webapp.diagram.markup import element, number

# Of one step; the page stretches the drawing to the room that it has.
STEP, HEIGHT = 100, 24
# What is answered is drawn between these, so that neither 100 % nor 0 % lies on the rim.
_TOP, _BOTTOM = 4, 22

Levels = Sequence[float | None]
"""A share for each time, of equal width; None where it isn't worked out."""


def strip_chart(worst: Levels, best: Levels = ()) -> str:
    """Return the line as SVG, with what lies under it filled; `best` is a second, dashed line where services differ."""
    width = STEP * len(worst)
    return element(
        "svg",
        element("path", class_="full", d=f"M0 {_TOP}H{width}"),
        *(element("path", class_="answered", d=f"{line}V{HEIGHT}H{number(start)}Z") for start, line in _lines(worst)),
        *(element("path", class_="level", d=line) for _, line in _lines(worst)),
        *(element("path", class_="best", d=line) for _, line in (_lines(best) if tuple(best) != tuple(worst) else ())),
        class_="steps",
        viewBox=f"0 0 {width} {HEIGHT}",
        preserveAspectRatio="none",
        aria_hidden="true",
    )


def _lines(levels: Levels) -> Iterator[tuple[float, str]]:
    """Yield a line for each run of known levels, with where it begins."""
    for known, run in groupby(enumerate(levels), key=lambda at: at[1] is not None):
        if known:
            steps = [(at * STEP, _y(share or 0.0)) for at, share in run]
            rest = "".join(f"V{number(y)}H{number(x + STEP)}" for x, y in steps[1:])
            x, y = steps[0]
            yield x, f"M{number(x)} {number(y)}H{number(x + STEP)}{rest}"


def _y(share: float) -> float:
    return _BOTTOM - share * (_BOTTOM - _TOP)
