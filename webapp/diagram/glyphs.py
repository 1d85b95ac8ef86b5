"""Letters that nodefall's fonts don't have: which fonts of this machine draw them, and which none does.

Names of Kubernetes are ASCII. What somebody calls a Scenario is not, and neither are names that the API server rejects;
fonts for every script would be a hundred times as heavy as all of nodefall.
"""

import re
from importlib.util import find_spec

from webapp.diagram import worker
from webapp.diagram.text import without_glyph

_MOST_NAMED = 8


def note(svg: bytes) -> str:
    """Return what is to be said below a picture whose letters nodefall's fonts don't all have; empty for nothing.

    Raises:
        DiagramError: it takes too long.

    """
    if find_spec("resvg_py") is None:
        # What draws a PDF doesn't say what it had no letter for.
        return f"Drawn in fonts of this machine, as far as it has them: {_named(without_glyph(svg.decode()))}."
    gone = missing(svg)
    return f"The fonts of this machine have no letter for {_named(gone)}." if gone else ""


def missing(svg: bytes) -> str:
    """Return the characters of a picture that are not drawn, since no font of this machine has them."""
    fonts = map(str, sorted(worker.fonts().glob("*.ttf")))
    said = worker.run("glyph_worker.py", svg, "list of missing letters", *fonts).decode(errors="replace")
    codes = {int(code, 16) for code in re.findall(r"/U\+([0-9A-F]+) character", said)}
    return "".join(map(chr, sorted(codes)))


def _named(characters: str) -> str:
    """Return ``U+673A, U+623F``: as such a character cannot be shown where it is missing."""
    named = [f"U+{ord(character):04X}" for character in characters]
    rest = f" and {len(named) - _MOST_NAMED} more" if len(named) > _MOST_NAMED else ""
    return ", ".join(named[:_MOST_NAMED]) + rest
