"""SVG -> PDF of one page, as large as the picture, by typst in a process of its own."""

import re
from html import unescape
from importlib.util import find_spec

from webapp.diagram import worker
from webapp.diagram.errors import DiagramError


def render(svg: bytes, *, more_fonts: bool = False, bleeds: bool = False) -> bytes:
    """Return the picture as PDF; the same picture gives the same bytes.

    Where it `bleeds` the picture fills the page, else there is white around it. With `more_fonts` those of this machine
    stand in for letters that nodefall's fonts don't have.

    Raises:
        DiagramError: typst is not installed, or the picture is too much for the limits.

    """
    if find_spec("typst") is None:
        raise DiagramError(
            "PDF needs one more package: pip install 'nodefall[pdf]'. "
            "Any browser can also print one from the .html or .svg."
        )
    allowed, margin = "more" if more_fonts else "own", "0pt" if bleeds else "16pt"
    return worker.run("pdf_worker.py", svg, "PDF", str(worker.fonts()), allowed, margin, *_titles(svg))


def _titles(svg: bytes) -> tuple[str, str]:
    """Return the title and the description of the picture: a PDF has them where its reader looks for them."""
    found = (re.search(rf"<{tag} id=\"{tag}\">(.*?)</{tag}>".encode(), svg) for tag in ("title", "desc"))
    title, situation = (unescape(match[1].decode(errors="replace")) if match else "" for match in found)
    return title or "nodefall", situation
