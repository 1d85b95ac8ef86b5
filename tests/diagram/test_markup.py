"""Writing XML that no name can break."""

from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.diagram.markup import element, number, slug, written


@pytest.mark.parametrize(
    ("value", "text"),
    [(104, "104"), (2.5, "2.5"), (2.0, "2"), (1 / 3, "0.33"), (100, "100"), (0, "0")],
    ids=str,
)
def test_numbers_are_short(value: float, text: str) -> None:
    """Two decimals at most, none that say nothing."""
    assert number(value) == text


@given(text=st.text())
def test_any_text_is_well_formed(text: str) -> None:
    """As character data and in an attribute."""
    made = ET.fromstring(element("a", written(text), title=text))  # noqa: S314 - our own
    assert made.attrib["title"] == (made.text or "")


def test_attributes_that_are_none_are_left_out() -> None:
    """And names are spelt as XML has them."""
    assert element("rect", class_="box", stroke_width=2, fill=None) == '<rect class="box" stroke-width="2"/>'


@given(names=st.lists(st.text(), unique=True, min_size=2, max_size=5))
def test_slugs_of_different_names_differ(names: list[str]) -> None:
    """Two nodes never share an id."""
    assert len(set(map(slug, names))) == len(names)


def test_a_plain_name_is_its_own_slug() -> None:
    """Names of nodes are plain nearly always."""
    assert (slug("worker-2"), slug("default/web-1")) == ("worker-2", "default_2f_web-1")
