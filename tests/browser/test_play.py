"""The times after a failure, played one after the other."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage

FAILED = "/t/sample-shop?service=default/web&down=node/worker-2&at=failed"
WHOLE = "/t/sample-shop?down=node/worker-2&at=failed"
DRAIN = "/t/sample-shop?service=default/web&drain=node/worker-2&at=cordoned"


def play(page: Page) -> None:
    """Press Space in the canvas."""
    page.locator("#canvas").focus()
    page.keyboard.press("Space")


@pytest.mark.parametrize("motion", ["reduce", "no-preference"])
@pytest.mark.parametrize(
    ("path", "last"), [(FAILED, "at=rescheduled"), (WHOLE, "at=rescheduled"), (DRAIN, "drain=node/worker-2$")]
)
def test_space_plays_to_the_last_time(visit: OpenPage, path: str, last: str, motion: str) -> None:
    """From the one that is shown; the steps stay where the reader wants no motion."""
    page = visit(path, reduced_motion=motion)
    play(page)
    button = page.get_by_role("button", name="Play")
    expect(button).to_have_attribute("aria-pressed", "true")
    expect(page).to_have_url(re.compile(last))
    expect(button).to_have_attribute("aria-pressed", "false")
    for _ in range(2):
        page.go_back()
    expect(page).to_have_url(re.compile(re.escape(path)))


@pytest.mark.parametrize("way", ["Space", "Escape", "button", "lane"])
def test_it_stops_when_asked(visit: OpenPage, way: str) -> None:
    """By the same key, by Escape, which leads nowhere else, by its button, or by doing something else."""
    page = visit(FAILED)
    page.get_by_role("button", name="Play").click()
    expect(page).to_have_url(re.compile("down=node/worker-2$"))
    if way == "button":
        page.get_by_role("button", name="Play").click()
    elif way == "lane":
        page.locator("#a-n-worker-1").dispatch_event("click")
    else:
        page.locator("#canvas").focus()
        page.keyboard.press(way)
    expect(page.get_by_role("button", name="Play")).to_have_attribute("aria-pressed", "false")
    page.wait_for_timeout(2000)
    assert "at=rescheduled" not in page.url
    assert "service=default/web" in page.url


def test_after_the_last_time_it_begins_again(visit: OpenPage) -> None:
    """With what it was before the failure."""
    page = visit(FAILED.replace("failed", "rescheduled"))
    play(page)
    expect(page).to_have_url(re.compile("at=before"))


def test_without_a_script_or_a_failure_there_is_nothing_to_play(visit: OpenPage) -> None:
    """The button is absent, and Space does nothing."""
    page = visit(FAILED, java_script_enabled=False)
    expect(page.locator("[data-play]")).to_be_hidden()
    page = visit("/t/sample-shop?service=default/web")
    play(page)
    expect(page.get_by_role("button", name="Play")).to_have_count(0)
    assert page.url.endswith("?service=default/web")
