"""The key explains the signs of its picture, and no others."""

import pytest

from tests.diagram.pictures import SCENES, Drawn, laid_out
from webapp.diagram.legend import drawn, items


@pytest.mark.parametrize(
    ("name", "words"),
    [
        pytest.param(
            "explorer",
            [
                "traffic, thicker is more",
                "lost",
                "degraded",
                "down",
                "changed by the failure",
                "straight on: same node",
                "along the bar: to another node",
            ],
            id="the reference picture",
        ),
        pytest.param("no-endpoint", ["refused"], id="only refused"),
        pytest.param("one-node", ["traffic, thicker is more", "straight on: same node"], id="one node"),
        pytest.param(
            "policy-local",
            [
                "traffic, thicker is more",
                "lost",
                "dropped: Local, no pod",
                "down",
                "changed by the failure",
                "straight on: same node",
            ],
            id="policy Local",
        ),
    ],
)
def test_the_key_holds_what_the_picture_shows(name: str, words: list[str]) -> None:
    """One entry for each sign that occurs."""
    assert [item.words for item in items(laid_out(SCENES[name]))] == words


def test_with_folded_lanes_the_key_speaks_of_lanes() -> None:
    """A folded lane is no longer one node."""
    words = [item.words for item in items(laid_out(SCENES["fleet"]))]
    assert {"several, folded", "straight on: same lane", "along the bar: to another lane"} <= set(words)


def test_a_narrow_key_breaks_into_rows() -> None:
    """Nothing is cut off."""
    layout = laid_out(SCENES["explorer"])
    assert drawn(items(layout), 0, 0, 2000)[1] < drawn(items(layout), 0, 0, 300)[1]


def test_an_entry_of_a_page_is_an_image_of_its_own() -> None:
    """Hidden from screen readers: the words beside it say it."""
    item = items(laid_out(SCENES["explorer"]))[0]
    assert Drawn.of(item.svg()).root.attrib["aria-hidden"] == "true"
