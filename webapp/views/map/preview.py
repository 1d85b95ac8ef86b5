"""The picture that a chat shows of a public link: number, sentence, small map."""

from dataclasses import replace

from flask import render_template
from markupsafe import Markup

from webapp.diagram import png
from webapp.diagram.icons import FILLED, ICONS
from webapp.diagram.palette import TOKENS
from webapp.diagram.text import Face, elide, width
from webapp.views.map.summary import Summary
from webapp.views.page.simulation import seconds_of
from webapp.views.page.state import PageState
from webapp.views.page.thumbnail import thumbnail_of
from webapp.views.page.wording import chips, failed, moment_words

# Pixels at the left of the map, in a picture 1,200 wide, as Open Graph asks for; its size is half of that, as PNGs are
# drawn twice as dense.
_ROOM = 510
_LARGEST = 150


def preview(page: PageState, said: Summary) -> bytes:
    """Return the picture as PNG.

    Raises:
        DiagramError: this machine lacks what a PNG needs.

    """
    scenario = replace(page.scenario, service=said.focus or None)
    fits = width(said.number, _LARGEST, Face.BOLD) or 1
    svg = render_template(
        "preview.svg",
        colours={name: light for name, (light, _) in TOKENS.items()},
        corner=elide(corner(page), 620, 30),
        number=said.number,
        number_size=round(min(_LARGEST, _LARGEST * _ROOM / fits)),
        lines=_lines(said),
        standing=said.standing,
        sign=Markup(ICONS[said.standing.sign]),  # noqa: S704 - ours
        fill=FILLED.get(said.standing.sign, ""),
        thumbnail=thumbnail_of(page.cluster, scenario),
    )
    return png.render(svg.encode())


def _lines(said: Summary) -> tuple[str, ...]:
    if not said.number:
        return (elide(said.title, _ROOM, 36, Face.BOLD),)
    return "of new connections", elide(f"to {said.of} are answered", _ROOM, 36, Face.BOLD)


def corner(page: PageState) -> str:
    """Return what is down and when: ``worker-2 down, just failed``."""
    if not page.has_failure:
        return "nothing down"
    found = chips(page)
    what = found[0].plain if len(found) == 1 else f"{len(found)} failures"
    return f"{what} {failed(page)}, {moment_words(page.scenario.at, seconds_of(page)).title.lower()}"
