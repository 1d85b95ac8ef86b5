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
# Pixels for each of the drawing's, so that text stays sharp on dense screens.
_SCALE = 2.0
# A pattern and no XML parser: the file was written here a moment ago.
_SIZE = re.compile(rb'<svg [^>]*?width="([\d.]+)" height="([\d.]+)"|<svg [^>]*?viewBox="0 0 ([\d.]+) ([\d.]+)"')


def render(svg: bytes) -> bytes:
    """Return the picture as PNG.

    Raises:
        DiagramError: resvg is not installed, or the picture is too much for the limits.

    """
    if find_spec("resvg_py") is None:
        raise DiagramError("PNG needs one more package: pip install 'nodefall[png]'.")
    # The fonts of the machine would make its bytes differ from those of another.
    fonts = sorted(worker.fonts().glob("*.ttf"))
    return worker.run("png_worker.py", svg, "PNG", f"{_zoom(svg):.4f}", *map(str, fonts))


def _zoom(svg: bytes) -> float:
    match = _SIZE.search(svg)
    sides = [float(side) for side in match.groups() if side] if match else [LONGEST_SIDE]
    return min(_SCALE, LONGEST_SIDE / max(sides))
