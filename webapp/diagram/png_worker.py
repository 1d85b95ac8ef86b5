"""The process that turns one SVG (standard input) into one PNG (standard output): zoom, fonts, font files as arguments.

Started with ``python -I`` by :mod:`webapp.diagram.png`; it imports nothing of nodefall.
"""

import sys

# Bytes: resvg aborts when an allocation fails, which here ends nothing but this process.
_MEMORY = 1 << 30


def limit_memory() -> None:
    """Keep this process small, where the system can do that."""
    try:
        import resource  # noqa: PLC0415
    except ImportError:  # Windows
        return
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))


def main(zoom: str, allowed: str, *fonts: str) -> None:
    """Read, render, write; what is `allowed` is ``own``, or ``more`` for the fonts of this machine as well."""
    import resvg_py  # noqa: PLC0415

    limit_memory()
    png = resvg_py.svg_to_bytes(
        svg_string=sys.stdin.buffer.read().decode(),
        zoom=float(zoom),
        skip_system_fonts=allowed == "own",
        font_files=list(fonts),
        font_family="Inter",
        sans_serif_family="Inter",
        monospace_family="JetBrains Mono",
    )
    sys.stdout.buffer.write(bytes(png))


if __name__ == "__main__":
    main(*sys.argv[1:])
