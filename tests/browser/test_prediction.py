"""Predict, then reveal, in a browser: by keys, without a script, on a phone, on a projector."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenPage
from tests.browser.legible import faults

WEB = "/t/sample-shop?service=default/web&down=node/worker-2&at=failed"
ASKS = f"{WEB}&predict=1"
SHOWS = f"{ASKS}&which=1&how-much=1&until=1"


def test_a_failure_is_predicted_by_keys_from_the_map_on(visit: OpenPage) -> None:
    """The result is not on the page before, and nothing shows it by mistake."""
    page = visit(WEB)
    page.get_by_role("link", name="Predict first").press("Enter")
    page.wait_for_url(re.compile("predict=1"))
    expect(page).to_have_title(re.compile("^Predict: worker-2 is down"))
    page.keyboard.press("Escape")
    page.keyboard.press("Space")
    for question in ("Which new connections", "What share", "Until when"):
        page.get_by_role("group", name=re.compile(question)).get_by_role("radio").first.focus()
        page.keyboard.press("ArrowDown")
        page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("until=1"))
    expect(page.get_by_text("1 of 3 right.")).to_be_visible()
    page.keyboard.press("ArrowRight")
    page.wait_for_url(re.compile("down=node/worker-2&predict=1$"))
    expect(page.get_by_text("Predict first.")).to_be_visible()


def test_a_prediction_needs_no_script(visit: OpenPage) -> None:
    """A form of radios; what was forgotten is asked for."""
    page = visit(ASKS, java_script_enabled=False)
    for group in page.get_by_role("group").all():
        if group.get_by_role("radio").count():
            group.get_by_role("radio").nth(1).check()
    page.get_by_role("button", name="Show me").click()
    expect(page.get_by_text("of 3 right.")).to_be_visible()


@pytest.mark.parametrize("width", [320, 390, 768, 1440])
@pytest.mark.parametrize("path", [ASKS, SHOWS])
def test_predictions_fit_every_screen(path: str, width: int, visit: OpenPage) -> None:
    """Nothing is cut, too small or wider than its place."""
    page = visit(path, viewport={"width": width, "height": 900})
    assert faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_on_a_projector_questions_are_large(visit: OpenPage) -> None:
    """At least 22 px at a width of 1,920."""
    page = visit(ASKS, viewport={"width": 1920, "height": 1080})
    page.keyboard.press("p")
    page.wait_for_url(re.compile("present=1"))
    sizes = page.evaluate(
        "() => [...document.querySelectorAll('.lesson-choice, legend, h1, .lesson-seen > p')]"
        ".map(its => parseFloat(getComputedStyle(its).fontSize))"
    )
    assert len(sizes) == 18
    assert min(sizes) >= 22
