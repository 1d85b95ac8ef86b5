"""A lesson in a browser: by keys, remembered here only, large for a projector, on a phone, without a script."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenPage
from tests.browser.legible import faults

ASKS = "/lessons/node-down?step=2"


def test_a_lesson_is_gone_through_by_keys(visit: OpenPage) -> None:
    """Choose, show, next step; the list then says how far one has come."""
    page = visit("/lessons/node-down")
    page.keyboard.press("ArrowRight")
    page.wait_for_url(re.compile(r"step=2$"))
    page.keyboard.press("b")
    expect(page.get_by_role("radio").nth(1)).to_be_checked()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("chosen=2"))
    expect(page.get_by_text("Kubernetes does not know yet.")).to_be_visible()
    page.keyboard.press("Space")
    page.wait_for_url(re.compile(r"step=3$"))
    page.keyboard.press("Escape")
    page.wait_for_url(re.compile("/lessons$"))
    expect(page.locator("[data-lesson=node-down]")).to_contain_text("3 of 4 done")


def test_a_question_that_was_skipped_is_not_done(visit: OpenPage) -> None:
    """It was looked at only."""
    page = visit(ASKS, viewport={"width": 1280, "height": 900})
    page.goto(page.url.replace(ASKS, "/lessons"))
    expect(page.locator("[data-lesson=node-down] [data-progress]")).to_be_empty()


def test_on_a_projector_nothing_of_the_picture_is_small(visit: OpenPage) -> None:
    """At least 22 px at a width of 1,920."""
    page = visit(f"{ASKS}&chosen=1", viewport={"width": 1920, "height": 1080})
    page.keyboard.press("p")
    page.wait_for_url(re.compile("present=1"))
    smallest = page.evaluate(
        """() => Math.min(...[...document.querySelectorAll('#diagram text')].map(text =>
            parseFloat(getComputedStyle(text).fontSize) * text.getScreenCTM().a))"""
    )
    assert smallest >= 21.9


@pytest.mark.parametrize("width", [320, 390, 768, 1280, 1440, 1920])
@pytest.mark.parametrize("path", ["/lessons", f"{ASKS}&chosen=1", "/lessons/policy-local?step=2"])
def test_lessons_fit_every_screen(path: str, width: int, visit: OpenPage) -> None:
    """Nothing is cut, too small or wider than its place."""
    page = visit(path, viewport={"width": width, "height": 900})
    assert faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_lesson_needs_no_script(visit: OpenPage) -> None:
    """The choices are a form, the steps are links."""
    page = visit(ASKS, java_script_enabled=False)
    page.get_by_role("radio").nth(1).check()
    page.get_by_role("button", name="Show me").click()
    expect(page.get_by_text("Right.", exact=True).first).to_be_visible()
    page.get_by_role("link", name="Next step").click()
    page.wait_for_url(re.compile(r"step=3$"))
