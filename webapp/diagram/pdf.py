"""PDF: not made here, since every browser prints one from the SVG or the HTML as well as any library would."""

from webapp.diagram.errors import DiagramError


def render(svg: bytes) -> bytes:
    """Say how to get a PDF.

    Raises:
        DiagramError: always.

    """
    del svg
    raise DiagramError("nodefall doesn't write PDF itself: render an .html or .svg and print it to PDF in a browser.")
