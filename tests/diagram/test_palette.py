"""Colours: readable in both themes, and the page's rules for the same classes."""

import re

import pytest

from webapp.diagram.palette import PAINT, TOKENS, dark_rules, painted

TEXT_ON = [
    *(("text", ground) for ground in ("surface", "sunk", "ok-soft", "warn-soft", "bad-soft", "accent-soft", "down-bg")),
    *(("quiet", ground) for ground in ("surface", "sunk", "ok-soft", "warn-soft", "bad-soft", "accent-soft")),
    ("ok", "ok-soft"),
    ("warn", "warn-soft"),
    ("bad", "bad-soft"),
    ("bad", "surface"),
    ("accent", "surface"),
]
SIGNS_ON = [("edge", "surface"), ("edge", "down-bg"), ("ok", "accent-soft"), ("bad", "down-bg"), ("accent", "surface")]


def luminance(colour: str) -> float:
    """Return the relative luminance of WCAG 2."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one: str, other: str, theme: int) -> float:
    """Return the contrast ratio of two tokens."""
    light, dark = sorted((luminance(TOKENS[name][theme]) for name in (one, other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), TEXT_ON)
def test_text_can_be_read(ink: str, ground: str, theme: int) -> None:
    """WCAG 2, 1.4.3: 4.5 to 1."""
    assert contrast(ink, ground, theme) >= 4.5


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), SIGNS_ON)
def test_outlines_and_signs_can_be_seen(ink: str, ground: str, theme: int) -> None:
    """WCAG 2, 1.4.11: 3 to 1."""
    assert contrast(ink, ground, theme) >= 3


def test_every_class_is_painted_with_a_token() -> None:
    """So each has a dark colour."""
    assert {token for paint in PAINT.values() for token in paint.values()} <= TOKENS.keys()


def test_no_two_tokens_share_a_light_colour() -> None:
    """The dark rules go by the light colour."""
    assert len({light for light, _ in TOKENS.values()}) == len(TOKENS)


def test_a_painted_element_has_its_classes_and_their_colours() -> None:
    """Later classes win."""
    assert painted("bar", "box-ok") == {"class_": "bar box-ok", "fill": "#E2F3EC", "stroke": "#0A7055"}


def test_dark_rules_replace_every_light_colour() -> None:
    """As fill and as stroke, inside one media query."""
    assert dark_rules().startswith("@media (prefers-color-scheme:dark){")
    assert len(re.findall(r"\{(?:fill|stroke):#", dark_rules())) == 2 * len(TOKENS)
