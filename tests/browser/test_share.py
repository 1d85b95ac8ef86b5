"""The Share dialog lies over the map: nothing is stored until its button is pressed, and Esc leads back."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.axe import violations
from tests.browser.conftest import OpenPage

STATE = "/t/sample-shop?down=node/worker-2&at=failed"


def test_a_short_link_is_made_in_the_dialog(visit: OpenPage) -> None:
    """The page under it stays where it was."""
    page = visit(STATE)
    page.click("#share")
    dialog = page.locator("#share-dialog")
    expect(dialog.get_by_role("heading", name="Share this picture")).to_be_visible()
    dialog.get_by_label("Public link").check()
    expect(dialog.locator(".chat.public")).to_be_visible()
    expect(dialog.locator(".chat.private")).to_be_hidden()
    dialog.get_by_label("Title").fill("worker-2 takes half of web with it")
    dialog.get_by_role("button", name="Make a short link").click()
    expect(dialog.locator("#share-link")).to_have_value(re.compile(r"/s/[\w-]{12}$"))
    assert page.url.endswith(STATE)
    page.goto(dialog.locator("#share-link").input_value())
    expect(page.locator(".shared-note")).to_contain_text("worker-2 takes half of web with it")


def test_the_dialog_is_used_by_keyboard(visit: OpenPage) -> None:
    """Arrows lead from tab to tab, Esc closes, and focus returns to Share."""
    page = visit(STATE)
    page.focus("#share")
    page.keyboard.press("Enter")
    tab = page.locator("#share-dialog .share-tabs a[aria-current]")
    expect(tab).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(tab).to_have_text("Image")
    expect(tab).to_be_focused()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    expect(tab).to_have_text("Embed")
    page.keyboard.press("Escape")
    expect(page.locator("#share-dialog")).to_be_hidden()
    expect(page.locator("#share")).to_be_focused()


@pytest.mark.parametrize("tab", ["link", "image", "file", "embed"])
@pytest.mark.parametrize("width", [390, 1440])
def test_each_tab_is_accessible_and_fits(visit: OpenPage, tab: str, width: int) -> None:
    """As a dialog and as a page; nothing is wider than the window."""
    page = visit(f"{STATE}&share={tab}", viewport={"width": width, "height": 900})
    assert violations(page) == ""
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page = visit(STATE, viewport={"width": width, "height": 900})
    page.click("#share")
    page.locator("#share-dialog .share-tabs a").nth(["link", "image", "file", "embed"].index(tab)).click()
    expect(page.locator(f"#share-dialog .share-tabs a[href*='share={tab}'][aria-current]")).to_be_visible()
    assert violations(page) == ""
    assert page.evaluate("document.getElementById('share-dialog').scrollWidth") <= width


def test_the_dialog_says_how_large_its_files_are(visit: OpenPage) -> None:
    """After it is there: a dialog that waits for ten files would be slow."""
    page = visit(STATE)
    page.locator("#share").click()
    page.locator("#share-dialog .share-tabs").get_by_text("File").click()
    expect(page.locator("#share-dialog [data-size=svg]")).to_have_text(re.compile(r"^\d+ kB$"))


def test_a_tab_that_is_opened_as_a_page_can_be_used(visit: OpenPage) -> None:
    """As in a new browser tab: the dialog and its script are not there, so its buttons and links do the work."""
    page = visit(f"{STATE}&share=image")
    page.locator("#share-sheet input[name=shape][value='1:1']").check()
    page.get_by_role("button", name="Update the preview").click()
    expect(page.get_by_role("link", name="Download PNG")).to_have_attribute("href", re.compile("shape=1:1"))
    expect(page.get_by_role("button", name="Copy image")).to_be_hidden()
    page.get_by_role("link", name="File", exact=True).click()
    page.get_by_role("link", name="Show how large they are").click()
    expect(page.locator("[data-size=svg]")).to_have_text(re.compile(r"^\d+ kB$"))
