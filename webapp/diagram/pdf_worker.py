"""The process that turns one SVG (standard input) into one PDF (standard output).

Its arguments: the folder of fonts, ``own`` or ``more`` for those of this machine as well, the margin, title,
description.

Started with ``python -I`` by :mod:`webapp.diagram.worker`; it imports nothing of nodefall.
"""

import sys
from typing import Any

# No date and, below, no clock: the same picture gives the same bytes.
_PAGE = b"""#set page(width: auto, height: auto, margin: eval(sys.inputs.margin))
#set document(title: sys.inputs.title, description: sys.inputs.description, date: none)
#set text(lang: "en")
#image("picture.svg", alt: sys.inputs.title + ". " + sys.inputs.description)
"""


def main(fonts: str, allowed: str, margin: str, title: str, description: str) -> None:
    """Read, render, write."""
    import typst  # noqa: PLC0415

    files: Any = {"main": _PAGE, "picture.svg": sys.stdin.buffer.read()}
    said = {"margin": margin, "title": title, "description": description}
    own = allowed == "own"
    made = typst.compile(files, format="pdf", font_paths=[fonts], ignore_system_fonts=own, timestamp=0, sys_inputs=said)
    sys.stdout.buffer.write(made)
    sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
