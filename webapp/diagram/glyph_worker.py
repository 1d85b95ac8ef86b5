"""The process that says which letters of an SVG (standard input) no font has; font files are its arguments.

Started with ``python -I`` by :mod:`webapp.diagram.glyphs`; it imports nothing of nodefall. resvg says in its log what
it has no letter for: ``No fonts with a ?/U+673A character were found.``
"""

import os
import sys


def main(*fonts: str) -> None:
    """Read, draw a picture that nobody sees, and let the log go to standard output."""
    import resvg_py  # noqa: PLC0415

    os.dup2(1, 2)
    resvg_py.svg_to_bytes(
        svg_string=sys.stdin.buffer.read().decode(),
        font_files=list(fonts),
        font_family="Inter",
        sans_serif_family="Inter",
        monospace_family="JetBrains Mono",
        width=1,
        log_information=True,
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
