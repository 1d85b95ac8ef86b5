"""Renderers that run in a process of their own: whatever becomes of it, the web worker only gets an error."""

import subprocess
import sys
from pathlib import Path
from threading import Semaphore

from webapp.diagram.errors import DiagramError
from webapp.paths import resource_directory

# A picture of 1,000 boxes takes about 2 s as PNG.
SECONDS = 20
# Each may take a gigabyte: several at once could fill the machine.
_ONE_AT_A_TIME = Semaphore(1)


def run(script: str, svg: bytes, what: str, *arguments: str) -> bytes:
    """Return what the script beside this file writes when it is given the SVG.

    Raises:
        DiagramError: the script took too long or failed; `what` names its result.

    """
    # -I: neither the environment nor the working directory decides what the renderer imports.
    command = [sys.executable, "-I", str(Path(__file__).with_name(script)), *arguments]
    with _ONE_AT_A_TIME:
        try:
            done = subprocess.run(command, input=svg, capture_output=True, timeout=SECONDS, check=False)  # noqa: S603
        except subprocess.TimeoutExpired as error:
            raise DiagramError(f"The {what} took more than {SECONDS} s; use the SVG instead.") from error
    if done.returncode != 0:
        raise DiagramError(f"The {what} could not be created, perhaps because it is too large; use the SVG instead.")
    return done.stdout


def fonts() -> Path:
    """Return the folder of the fonts that nodefall brings along; the machine's own are never used."""
    return resource_directory("static") / "fonts"
