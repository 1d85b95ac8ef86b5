"""SVG -> PNG, by resvg in a process of its own.

resvg holds the interpreter's lock for the whole render and ends its process when memory runs out, so it never runs
inside a web worker. Its process gets limits on memory and time, and only the fonts that nodefall brings along.
"""

import re
from importlib.util import find_spec

from webapp.diagram import worker
from webapp.diagram.errors import DiagramError

# Pixels: 8,000 x 8,000 take 256 MB, well inside the memory limit of the process.
LONGEST_SIDE = 8000
# A pattern and no XML parser: the file was written here a moment ago.
_SIZE = re.compile(rb'<svg [^>]*?width="([\d.]+)" height="([\d.]+)"|<svg [^>]*?viewBox="0 0 ([\d.]+) ([\d.]+)"')


def render(svg: bytes, scale: int = 2, *, more_fonts: bool = False) -> bytes:
    """Return the picture as PNG; `scale` is the pixels for each of the drawing's: 2 is sharp on dense screens.

    With `more_fonts` those of this machine stand in for letters that nodefall's fonts don't have.

    Raises:
        DiagramError: resvg is not installed, or the picture is too much for the limits.

    """
    if find_spec("resvg_py") is None:
        raise DiagramError("PNG needs one more package: pip install 'nodefall[png]'.")
    # The fonts of the machine would make its bytes differ from those of another.
    fonts = sorted(worker.fonts().glob("*.ttf"))
    return worker.run(
        "png_worker.py", svg, "PNG", f"{_zoom(svg, scale):.4f}", "more" if more_fonts else "own", *map(str, fonts)
    )


def _zoom(svg: bytes, scale: int) -> float:
    match = _SIZE.search(svg)
    sides = [float(side) for side in match.groups() if side] if match else [LONGEST_SIDE]
    return min(scale, LONGEST_SIDE / max(sides))
