"""The step chart: its words, its steps, its axis."""

import re
from xml.etree import ElementTree as ET

import pytest

from webapp.diagram.timeline_chart import draw, told
from webapp.failure import Moment
from webapp.simulation.timeline import StepChart, timeline

MOMENTS = (Moment.BEFORE, Moment.FAILED, Moment.DETECTED, Moment.RESCHEDULED)
NBSP = "\N{NARROW NO-BREAK SPACE}"


def _chart(*shares: float, detected: float = 50, rescheduled: float = 350) -> StepChart:
    seconds = {Moment.FAILED: 0.0, Moment.DETECTED: detected, Moment.RESCHEDULED: rescheduled}
    return timeline(dict(zip(MOMENTS, shares, strict=True)), seconds)


@pytest.mark.parametrize(
    ("chart", "words"),
    [
        pytest.param(
            _chart(1, 0.375, 0.75, 0.75), "100 % before, 37.5 % from 0 s, 75 % from 50 s on", id="equal levels are one"
        ),
        pytest.param(_chart(1, 1, 1, 1), "100 % before, 100 % from 0 s on", id="nothing happens"),
        pytest.param(
            _chart(1, 0.5, 0.75, 1, detected=30, rescheduled=30),
            "100 % before, 50 % from 0 s, 100 % from 30 s on",
            id="a moment that lasts no time is no level",
        ),
        pytest.param(timeline({Moment.BEFORE: 1}, {}), "100 % before", id="no failure"),
    ],
)
def test_the_label_says_what_the_picture_shows(chart: StepChart, words: str) -> None:
    """For those who hear the page."""
    assert told(chart).replace(NBSP, " ") == words


def _svg(chart: StepChart) -> ET.Element:
    return ET.fromstring(draw(chart, "DNS"))  # noqa: S314 - our own drawing


def test_the_chart_is_one_image_with_a_label() -> None:
    """It carries its title, and all its numbers."""
    svg = _svg(_chart(1, 0.375, 0.75, 0.75))
    assert svg.get("role") == "img"
    assert (svg.get("aria-label") or "").startswith("DNS: ")
    texts = {"".join(text.itertext()).replace(NBSP, " ") for text in svg.iter("text")}
    assert {"37.5 %", "75 %", "0 s", "50 s"} <= texts


def test_what_is_lost_is_a_box_of_its_own() -> None:
    """Dashed, between the step and the level before; nothing is lost where nothing is below."""
    dashed = [box for box in _svg(_chart(1, 0.375, 1, 1)).iter("rect") if box.get("stroke-dasharray")]
    assert [box.get("class") for box in dashed] == ["box-bad"]


@pytest.mark.parametrize(
    ("chart", "cuts"),
    [
        pytest.param(_chart(1, 0.5, 0.75, 1, rescheduled=100), 0, id="two steps of the same length"),
        pytest.param(_chart(1, 0.5, 0.75, 1), 1, id="50 s beside 300 s"),
        pytest.param(_chart(1, 0.5, 0.75, 1, rescheduled=16_500), 1, id="50 s beside hours"),
    ],
)
def test_a_step_drawn_shorter_than_it_lasts_is_marked(chart: StepChart, cuts: int) -> None:
    """Two slashes on the axis, so that nobody measures it."""
    slashes = [path for path in _svg(chart).iter("path") if re.search(r"l4 -10M", path.get("d") or "")]
    assert len(slashes) == cuts


def test_every_step_stays_inside_the_picture() -> None:
    """However long the hours, and in order."""
    svg = _svg(_chart(1, 0.1, 0.2, 0.3, rescheduled=1_000_000))
    steps = (box for box in svg.iter("rect") if box.get("class") != "plate")
    boxes = [(float(box.get("x") or 0), float(box.get("width") or 0)) for box in steps]
    assert all(x >= 0 and x + width <= 304 and width > 40 for x, width in boxes)


def test_several_services_have_a_second_dashed_line_and_labels_of_their_own() -> None:
    """Where only the best one changes, or only the words, is a step as well."""
    chart = _chart(1, 0.5, 0.5, 0.5)
    best = dict(zip(MOMENTS, (1, 0.75, 1, 1), strict=True))
    labels = dict(zip(MOMENTS, ("100 %", "50–75 %", "50–100 %", "50–100 %"), strict=True))
    drawn = ET.fromstring(draw(chart, "DNS", best, labels))  # noqa: S314
    assert (
        drawn.get("aria-label", "").replace(NBSP, " ") == "DNS: 100 % before, 50–75 % from 0 s, 50–100 % from 50 s on"
    )
    lines = [path for path in drawn.iter() if path.get("fill") == "none" and path.get("stroke-linejoin")]
    assert [line.get("stroke-dasharray") for line in lines] == [None, "3 3"]
    heights = [set(re.findall(r"V([0-9.]+)", line.get("d", ""))) for line in lines]
    assert [len(each) for each in heights] == [1, 2]
