"""PNG: made in a process of its own, with limits and with our fonts."""

import hashlib
import io
import re
import struct
import subprocess
import sys
from collections.abc import Sequence

import pytest

from tests.diagram.pictures import laid_out
from tests.topology.scenes import explorer
from webapp.diagram import DiagramError, png, png_worker, render
from webapp.diagram.svg import export
from webapp.paths import resource_directory

pytest.importorskip("resvg_py", reason="PNG is an extra: pip install 'nodefall[png]'")


def size(made: bytes) -> tuple[int, int]:
    """Return width and height from a PNG's header."""
    assert made.startswith(b"\x89PNG\r\n")
    width, height = struct.unpack(">II", made[16:24])
    return width, height


def test_a_png_is_twice_as_fine_as_the_drawing() -> None:
    """So that text is sharp on dense screens."""
    assert size(render(explorer().graph(), "png")) == (2176, 1572)


def test_text_is_drawn() -> None:
    """Without a font resvg drops all text in silence: the same picture without its texts differs."""
    svg = export(laid_out(explorer())).encode()
    assert png.render(svg) != png.render(re.sub(rb"<text.*?</text>", b"", svg))


def test_a_huge_picture_is_clamped() -> None:
    """8,000 pixels a side at most."""
    svg = b'<svg xmlns="http://www.w3.org/2000/svg" width="100000" height="1000"/>'
    assert size(png.render(svg)) == (8000, 80)


def test_without_resvg_the_message_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is an extra."""
    monkeypatch.setattr(png, "find_spec", lambda _: None)
    with pytest.raises(DiagramError, match=re.escape("pip install 'nodefall[png]'")):
        png.render(b"<svg/>")


def test_a_broken_picture_ends_its_own_process_only() -> None:
    """The web worker gets an error, whatever became of the other process."""
    with pytest.raises(DiagramError, match="use the SVG instead"):
        png.render(b'<svg width="10" height="10">')


def test_a_picture_that_takes_too_long_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """After 20 seconds."""

    def never(command: Sequence[str], **_: object) -> None:
        raise subprocess.TimeoutExpired(command, 20)

    monkeypatch.setattr(subprocess, "run", never)
    with pytest.raises(DiagramError, match="more than 20 s"):
        png.render(b"<svg/>")


def test_the_worker_limits_its_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """To one gibibyte, where the system has such limits."""
    resource = pytest.importorskip("resource", reason="this system has no memory limits")
    limits: list[tuple[int, tuple[int, int]]] = []
    monkeypatch.setattr(resource, "setrlimit", lambda which, limit: limits.append((which, limit)))
    png_worker.limit_memory()
    assert limits == [(resource.RLIMIT_AS, (1 << 30, 1 << 30))]


def test_the_worker_goes_on_where_there_are_no_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Windows has none."""
    monkeypatch.setitem(sys.modules, "resource", None)
    png_worker.limit_memory()


def test_the_worker_reads_an_svg_and_writes_a_png(monkeypatch: pytest.MonkeyPatch) -> None:
    """From standard input to standard output, as often as fine as asked."""
    given, made = (
        io.TextIOWrapper(io.BytesIO(content))
        for content in (b'<svg xmlns="http://www.w3.org/2000/svg" width="4" height="2"/>', b"")
    )
    monkeypatch.setattr(png_worker, "limit_memory", lambda: None)
    monkeypatch.setattr(sys, "stdin", given)
    monkeypatch.setattr(sys, "stdout", made)
    png_worker.main("3")
    assert size(made.buffer.getvalue()) == (12, 6)


def test_fonts_are_the_recorded_ones() -> None:
    """Their checksums stand in static/vendor/VERSIONS.md."""
    recorded = resource_directory("static").joinpath("vendor", "VERSIONS.md").read_text(encoding="utf-8")
    fonts = sorted(resource_directory("static").joinpath("fonts").glob("*.ttf"))
    assert [font.name for font in fonts] == [
        "Inter-Regular-subset.ttf",
        "Inter-SemiBold-subset.ttf",
        "JetBrainsMono-Regular-subset.ttf",
        "JetBrainsMono-SemiBold-subset.ttf",
    ]
    assert all(hashlib.sha256(font.read_bytes()).hexdigest() in recorded for font in fonts)
