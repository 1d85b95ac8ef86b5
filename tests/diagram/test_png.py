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
from webapp.diagram import DiagramError, glyphs, pdf, png, png_worker, render
from webapp.diagram.svg import export
from webapp.diagram.text import without_glyph
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
    png_worker.main("3", "own")
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


# --- letters that nodefall's fonts don't have -------------------------------------------------------------------------

FOREIGN = explorer(nodes={"节点一": None, "عقدة": None, "worker-1": None}, pods={"web-1": "worker-1"}, down=frozenset())


def test_text_of_our_own_fonts_needs_no_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """Accents and signs also: the same bytes on any machine."""
    monkeypatch.setattr(glyphs, "note", lambda _: pytest.fail("no letter is missing"))
    named = explorer(nodes={"Zürich-Łódź": None}, pods={"web-1": "Zürich-Łódź"}, down=frozenset())
    assert render(named.graph(), "png")
    assert without_glyph("Zürich-Łódź → 50\N{NARROW NO-BREAK SPACE}%") == ""


@pytest.mark.parametrize("name", ["png", "pdf"])
def test_letters_that_no_font_of_the_machine_has_are_named(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Never empty boxes without a word: by their codes, since they can't be shown."""
    drawn: list[bytes] = []
    module = png if name == "png" else pdf
    monkeypatch.setattr(module, "render", lambda svg, *_, **more: drawn.append(svg) or b"%d" % more["more_fonts"])
    monkeypatch.setattr(glyphs, "missing", lambda _: "节点一")
    assert render(FOREIGN.graph(), name) == b"1"
    assert "The fonts of this machine have no letter for U+8282, U+70B9, U+4E00." in drawn[0].decode()


def test_letters_that_the_machine_has_are_not_mentioned(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its fonts stand in for ours."""
    drawn: list[bytes] = []
    monkeypatch.setattr(png, "render", lambda svg, *_, **__: drawn.append(svg) or b"")
    monkeypatch.setattr(glyphs, "missing", lambda _: "")
    render(FOREIGN.graph(), "png")
    assert "The fonts of this machine" not in drawn[0].decode()


@pytest.mark.skipif(sys.platform == "darwin", reason="macOS has a font of last resort, which has every letter")
def test_a_font_without_a_letter_is_found_out() -> None:
    """By what draws the picture; an unassigned letter is in no font."""
    assert (
        glyphs.missing('<svg xmlns="http://www.w3.org/2000/svg"><text>a\U00010fff</text></svg>'.encode())
        == "\U00010fff"
    )
    assert glyphs.missing(b'<svg xmlns="http://www.w3.org/2000/svg"><text y="9">abc</text></svg>') == ""


def test_many_missing_letters_are_counted() -> None:
    """Nobody reads a hundred codes."""
    assert glyphs._named("".join(map(chr, range(0x4E00, 0x4E0A)))).endswith("U+4E07 and 2 more")


def test_without_resvg_a_pdf_says_where_its_letters_come_from(monkeypatch: pytest.MonkeyPatch) -> None:
    """What draws it doesn't say what it had no letter for."""
    monkeypatch.setattr(glyphs, "find_spec", lambda _: None)
    assert glyphs.note("<text>节</text>".encode()) == "Drawn in fonts of this machine, as far as it has them: U+8282."
