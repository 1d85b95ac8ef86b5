"""Text that fits: widths, shortening, and what is never written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.diagram.text import Face, clean, elide, width, wrap


@pytest.mark.parametrize(
    ("text", "size", "face", "pixels"),
    [
        pytest.param("a", 2048, Face.REGULAR, 1150, id="one letter of Inter"),
        pytest.param("a", 2048, Face.BOLD, 1176, id="the same in bold is wider"),
        pytest.param("iiii", 13, Face.MONO, 4 * 13 * 0.6, id="all letters of a code face are alike"),
        pytest.param("", 14, Face.REGULAR, 0, id="nothing"),
        pytest.param("节", 10, Face.REGULAR, 11, id="what the table lacks counts as more than an em"),
    ],
)
def test_widths_are_those_of_the_font(text: str, size: float, face: Face, pixels: float) -> None:
    """Advance times size over 2,048 units."""
    assert width(text, size, face) == pytest.approx(pixels, abs=0.01)


def test_a_name_is_shortened_in_the_middle() -> None:
    """The end of a pod's name tells it apart, the beginning says whose it is."""
    assert elide("webapp-deployment-7c9d8b6f5-4xk2p", 110, 13, Face.MONO) == "webapp-…-4xk2p"


def test_a_port_stays_whole() -> None:
    """An entry point without its number is none."""
    assert elide("ip-10-0-12-34.internal", 120, 13, Face.MONO, keep_end=":30080") == "ip-1…rnal:30080"


@given(text=st.text(max_size=300), room=st.floats(20, 400), face=st.sampled_from(Face))
def test_what_is_shortened_fits(text: str, room: float, face: Face) -> None:
    """Whatever a name holds."""
    assert width(elide(text, room, 12, face), 12, face) <= room


@given(text=st.text(st.characters(categories=["L", "Zs"]), max_size=200))
def test_wrapped_lines_fit(text: str) -> None:
    """Each line by itself."""
    assert all(width(line, 12) <= 84 for line in wrap(text, 84, 12))


def test_lines_break_at_spaces() -> None:
    """Words stay whole."""
    assert wrap("balancer with health checks", 84, 12) == ("balancer with", "health checks")


@pytest.mark.parametrize("character", "\x00\x1b\n\u202e\u2066\u200b\ud800\ue000\uffff")
def test_what_hides_or_reorders_text_is_shown_as_such(character: str) -> None:
    """Controls, bidirectional overrides, lone surrogates and private characters."""
    assert clean(f"a{character}b") == "a\N{REPLACEMENT CHARACTER}b"


@pytest.mark.parametrize("text", ["web-1", "Ünïcode", "节点", "مرحبا", "37.5\u202f%"])
def test_letters_of_all_scripts_stay(text: str) -> None:
    """Only what has no shape is replaced."""
    assert clean(text) == text
