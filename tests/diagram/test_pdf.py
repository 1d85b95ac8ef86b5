"""PDF: made in a process of its own, with our fonts, the same bytes each time."""

import io
import re
import sys

import pytest

from tests.diagram.pictures import laid_out
from tests.topology.scenes import explorer
from webapp.diagram import DiagramError, pdf, pdf_worker, render, worker
from webapp.diagram.svg import export

pytest.importorskip("typst", reason="PDF is an extra: pip install 'nodefall[pdf]'")


def test_a_pdf_is_one_page_and_the_same_each_time() -> None:
    """No date, no random id."""
    made = render(explorer().graph(), "pdf")
    assert made.startswith(b"%PDF-")
    assert len(re.findall(rb"/Type\s*/Page\b", made)) == 1
    assert made == render(explorer().graph(), "pdf")


def test_text_is_drawn_with_our_fonts() -> None:
    """Without them there would be none, and no error either."""
    svg = export(laid_out(explorer())).encode()
    made = pdf.render(svg)
    assert set(re.findall(rb"/BaseFont/[A-Z]{6}\+([\w-]+)", made)) >= {
        b"Inter-Regular",
        b"Inter-SemiBold",
        b"JetBrainsMono-Regular",
    }
    assert len(pdf.render(svg)) > len(pdf.render(re.sub(rb"<text.*?</text>", b"", svg)))


def test_without_typst_the_message_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is an extra, and a browser does as well."""
    monkeypatch.setattr(pdf, "find_spec", lambda _: None)
    with pytest.raises(DiagramError, match=re.escape("pip install 'nodefall[pdf]'")):
        pdf.render(b"<svg/>")


def test_a_broken_picture_ends_its_own_process_only() -> None:
    """The web worker gets an error."""
    with pytest.raises(DiagramError, match="use the SVG instead"):
        pdf.render(b"no picture")


def test_the_worker_reads_an_svg_and_writes_a_pdf(monkeypatch: pytest.MonkeyPatch) -> None:
    """From standard input to standard output."""
    given, made = (
        io.TextIOWrapper(io.BytesIO(content))
        for content in (b'<svg xmlns="http://www.w3.org/2000/svg" width="4" height="2"/>', b"")
    )
    monkeypatch.setattr(sys, "stdin", given)
    monkeypatch.setattr(sys, "stdout", made)
    pdf_worker.main(str(worker.fonts()), "own", "16pt", "A picture", "of nothing")
    assert made.buffer.getvalue().startswith(b"%PDF-")
