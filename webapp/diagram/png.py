"""SVG -> PNG, by resvg in a process of its own.

resvg holds the interpreter's lock for the whole render and ends its process when memory runs out, so it never runs
inside a web worker. Its process gets limits on memory and time, and only the fonts that nodefall brings along.
"""

import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from threading import Semaphore

from webapp.diagram.errors import DiagramError
from webapp.paths import resource_directory

LONGEST_SIDE = 8000
"""Pixels: 8,000 x 8,000 take 256 MB, well inside the memory limit of the process."""
_SECONDS = 20
"""A picture of 1,000 boxes takes about 2 s."""
_SCALE = 2.0
"""Pixels for each of the drawing's, so that text stays sharp on dense screens."""
_ONE_AT_A_TIME = Semaphore(1)
_WORKER = Path(__file__).with_name("png_worker.py")
_SIZE = re.compile(rb'<svg [^>]*?width="([\d.]+)" height="([\d.]+)"|<svg [^>]*?viewBox="0 0 ([\d.]+) ([\d.]+)"')


def render(svg: bytes) -> bytes:
    """Return the picture as PNG.

    Raises:
        DiagramError: resvg is not installed, or the picture is too much for the limits.

    """
    if find_spec("resvg_py") is None:
        raise DiagramError("PNG needs one more package: pip install 'nodefall[png]'.")
    command = [sys.executable, "-I", str(_WORKER), f"{_zoom(svg):.4f}", *map(str, _fonts())]
    with _ONE_AT_A_TIME:
        try:
            done = subprocess.run(command, input=svg, capture_output=True, timeout=_SECONDS, check=False)  # noqa: S603
        except subprocess.TimeoutExpired as error:
            raise DiagramError(f"The PNG took more than {_SECONDS} s; take the SVG instead.") from error
    if done.returncode != 0:
        raise DiagramError("The PNG is too big to be made; take the SVG instead.")
    return done.stdout


def _zoom(svg: bytes) -> float:
    match = _SIZE.search(svg)
    sides = [float(side) for side in match.groups() if side] if match else [LONGEST_SIDE]
    return min(_SCALE, LONGEST_SIDE / max(sides))


def _fonts() -> list[Path]:
    return sorted(resource_directory("static").joinpath("fonts").glob("DejaVu*.ttf"))
