"""SVG -> PDF of one page, as large as the picture, by typst in a process of its own."""

from importlib.util import find_spec

from webapp.diagram import worker
from webapp.diagram.errors import DiagramError


def render(svg: bytes) -> bytes:
    """Return the picture as PDF; the same picture gives the same bytes.

    Raises:
        DiagramError: typst is not installed, or the picture is too much for the limits.

    """
    if find_spec("typst") is None:
        raise DiagramError(
            "PDF needs one more package: pip install 'nodefall[pdf]'. "
            "Any browser can also print one from the .html or .svg."
        )
    return worker.run("pdf_worker.py", svg, "PDF", str(worker.fonts()))
