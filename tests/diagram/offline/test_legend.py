"""The legend of the page that simulates: every sign that a picture may explain, and which of them a picture has."""

import re

import pytest

from webapp.diagram.cluster_legend import MAP_ITEMS
from webapp.diagram.legend import ITEMS
from webapp.diagram.offline.legend import MAP_SHOWN, NOT_DRAWN, SHOWN, legend


@pytest.mark.parametrize(
    ("explained", "shown"),
    [
        pytest.param(ITEMS.keys(), SHOWN.keys(), id="a service port"),
        pytest.param(MAP_ITEMS.keys() | {"folded"}, MAP_SHOWN.keys() | NOT_DRAWN, id="a whole cluster"),
    ],
)
def test_each_sign_that_a_picture_explains_is_known_by_what_is_drawn(explained: set[str], shown: set[str]) -> None:
    """A new entry of a legend needs a selector, or a word on why the page has no such sign."""
    assert explained == shown


def test_what_both_pictures_have_is_written_once() -> None:
    """Each other entry says in which of the two it is."""
    words = re.findall(r"<li(?: data-of=\"(\w+)\")? data-when.*?</svg>([^<]+)", legend())
    assert [said for of, said in words if not of] == [
        "dropped: Local, no pod",
        "several, folded",
        "assumed by nodefall",
    ]
    assert len(words) == len(set(words)) == len(SHOWN) + len(MAP_SHOWN) - 3
