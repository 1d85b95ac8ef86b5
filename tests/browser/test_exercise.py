"""An exercise in a browser: the editor, what follows it, and what the browser remembers."""

import re

from playwright.sync_api import expect

from tests.browser.conftest import OpenPage

EXERCISE = "/t/sample-shop/exercises?number=1"


def test_the_picture_follows_the_editor(visit: OpenPage) -> None:
    """While somebody types: curl, kubectl and picture; YAML that can't be read keeps the last one, dimmed."""
    page = visit(EXERCISE)
    text = page.locator("#fix-text").input_value()
    expect(page.locator(".editor-lines > div").nth(8)).to_have_text("9")
    page.fill("#fix-text", text.replace("app: admn", "app: ["))
    expect(page.locator("#exercise-trouble")).to_contain_text("Line ")
    expect(page.locator("#exercise-seen")).to_have_class(re.compile("exercise-stale"))
    expect(page.locator("#exercise-curls")).to_contain_text("Connection refused")
    page.fill("#fix-text", text.replace("app: admn", "app: admin"))
    expect(page.locator("#exercise-curls")).to_contain_text("Hello from admin-")
    expect(page.locator("#exercise-seen svg")).to_have_attribute("aria-label", re.compile("worker-1:30082: Healthy"))
    expect(page.locator("#exercise-printed")).to_contain_text("app=admin")
    expect(page.locator("#exercise-trouble")).to_be_empty()


def test_hints_mark_the_line_and_keep_the_text(visit: OpenPage) -> None:
    """The mark moves with the line, and goes once the line is changed."""
    page = visit(EXERCISE)
    page.locator("#fix-text").press("Control+Home")
    page.keyboard.type("# mine\n")
    page.click("#exercise-hint")
    expect(page.locator(".exercise-hint")).to_have_count(1)
    page.click("#exercise-hint")
    expect(page.locator(".editor-lines > .faulty")).to_have_text("10")
    page.locator("#fix-text").press("Control+Home")
    page.keyboard.type("# more\n")
    expect(page.locator(".editor-lines > .faulty")).to_have_text("11")
    text = page.locator("#fix-text").input_value()
    assert text.startswith("# more\n# mine\n")
    page.fill("#fix-text", text.replace("app: admn", "app: x"))
    expect(page.locator(".editor-lines > .faulty")).to_have_count(0)


def test_an_exercise_is_solved_by_keyboard_and_remembered(visit: OpenPage) -> None:
    """Ctrl+Enter checks; the score and the next open one are of this browser, and can be forgotten."""
    page = visit(EXERCISE)
    page.fill("#fix-text", page.locator("#fix-text").input_value().replace("app: admn", "app: admin"))
    page.locator("#fix-text").press("Control+Enter")
    expect(page.locator("#exercise-result")).to_contain_text("Right: 4 addresses answer")
    expect(page.locator("#exercise-score")).to_have_text("1 of 17 solved.")
    expect(page.locator("#exercise-1")).to_have_attribute("aria-label", "Exercise 1, solved")
    page.click("#exercise-next")
    expect(page.locator("#question")).to_contain_text("does not answer")
    page.click("#exercise-list")
    expect(page.locator("#exercises")).to_be_visible()
    expect(page.locator("#exercise-score")).to_have_text("1 of 17 solved.")
    page.click("#exercise-forget")
    expect(page.locator("#exercise-score")).to_be_empty()


def test_enter_asks_an_address(visit: OpenPage) -> None:
    """Without a verdict on the text, which stays."""
    page = visit(EXERCISE)
    page.fill("#exercise-probe", "worker-2:30080")
    page.press("#exercise-probe", "Enter")
    expect(page.locator("#exercise-probed")).to_contain_text("Hello from web-")
    expect(page.locator("#exercise-result")).not_to_contain_text("fail")


def test_without_scripts_it_is_a_form(visit: OpenPage) -> None:
    """The text is checked, hints are shown with the line in words."""
    page = visit(EXERCISE, java_script_enabled=False)
    page.click("#exercise-hint")
    page.click("#exercise-hint")
    assert "In the file: line 9." in page.inner_text(".exercise-hints")
    page.fill("#fix-text", page.locator("#fix-text").input_value().replace("app: admn", "app: admin"))
    page.click("#fix-check")
    assert "Right: 4 addresses answer." in page.inner_text("#exercise-result")
