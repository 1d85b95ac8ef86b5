"""Pictures carry what opens them again, where nobody sees it."""

import io
import re
from xml.etree import ElementTree as ET

import pytest
from PIL import Image

from webapp.diagram import PictureOptions
from webapp.diagram.carrying import carried, carry, not_carried, with_state
from webapp.diagram.picture_options import PLAIN

CAPSULE = "eJxLTEoGAAJNASc="
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="9"><title>t</title></svg>'
HTML = b"<!doctype html><html><head><title>t</title></head><body></body></html>"


def png() -> bytes:
    """Return a small picture."""
    data = io.BytesIO()
    Image.new("RGB", (3, 2), "red").save(data, "PNG")
    return data.getvalue()


@pytest.mark.parametrize(("extension", "picture"), [("svg", SVG), ("html", HTML), ("png", png())])
def test_what_is_put_in_is_found_again(extension: str, picture: bytes) -> None:
    """In each format that has a place for it."""
    assert carried(picture) is None
    assert carried(carry(picture, extension, CAPSULE)) == CAPSULE


def test_the_svg_is_still_one() -> None:
    """Well formed, its title first among what is seen."""
    root = ET.fromstring(carry(SVG, "svg", CAPSULE))  # noqa: S314 - ours
    assert [child.tag.rpartition("}")[2] for child in root] == ["metadata", "title"]


def test_the_png_has_the_same_pixels() -> None:
    """Any reader opens it, its checksums are right."""
    before, after = (Image.open(io.BytesIO(data)) for data in (png(), carry(png(), "png", CAPSULE)))
    after.verify()
    assert before.tobytes() == Image.open(io.BytesIO(carry(png(), "png", CAPSULE))).tobytes()


def test_other_formats_stay_as_they_are() -> None:
    """They have no place for it, and nothing is packed for them."""
    assert with_state(b"x", "pdf", PLAIN, lambda: pytest.fail("packed")) == b"x"


@pytest.mark.parametrize(("extension", "picture"), [("svg", SVG), ("html", HTML), ("png", png())])
@pytest.mark.parametrize(
    ("options", "reason"),
    [
        pytest.param(PictureOptions(names="hidden"), "its names are hidden", id="names hidden"),
        pytest.param(PictureOptions(carry="no"), "it was saved without", id="asked for without"),
        pytest.param(PLAIN, "too much for a picture to carry", id="too large"),
    ],
)
def test_a_file_that_carries_nothing_says_why(
    extension: str, picture: bytes, options: PictureOptions, reason: str
) -> None:
    """Where a program finds it; on a page also where it is read."""
    made = with_state(picture, extension, options, lambda: "")
    assert carried(made) is None
    assert reason in (not_carried(made) or "")
    assert not_carried(picture) is None
    if extension == "html":
        assert re.search(rf"<p>Dropped on [^<]+ does not open again: [^<]*{reason}[^<]*</p></body>", made.decode())


def test_what_is_carried_needs_no_excuse() -> None:
    """One or the other."""
    made = with_state(SVG, "svg", PLAIN, lambda: CAPSULE)
    assert (carried(made), not_carried(made)) == (CAPSULE, None)


@pytest.mark.parametrize("cut", [8, 20, 33, 45, 60, 80])
def test_a_png_cut_off_carries_nothing_or_what_it_did(cut: int) -> None:
    """And raises nothing."""
    assert carried(carry(png(), "png", CAPSULE)[:cut]) in {None, CAPSULE}
