"""A comparison as one file: opened from a disk, each side simulates by itself, and paper has both pictures."""

from pathlib import Path

from playwright.sync_api import Browser, expect

from tests.browser.axe import violations
from tests.documents.test_comparison_page import LOCAL, SHOP, page


def test_each_side_of_the_file_simulates_by_itself(browser: Browser, tmp_path: Path) -> None:
    """Without a word on the console, without a request, and without anything wrong for a screen reader."""
    path = tmp_path / "comparison.html"
    path.write_text(page(SHOP, LOCAL), encoding="utf-8")
    context = browser.new_context(viewport={"width": 1440, "height": 1000})
    window, heard = context.new_page(), []
    window.on("console", lambda message: heard.append(message.text))
    window.on("pageerror", lambda error: heard.append(str(error)))
    window.on("request", lambda asked: None if asked.url.startswith(("file:", "data:")) else heard.append(asked.url))
    window.goto(path.as_uri())
    before, after = (window.frame_locator(f'iframe[title="{title}"]') for title in ("Before", "After"))
    expect(after.locator("#headline")).to_contain_text("answers 75")
    before.get_by_role("button", name="worker-2, 192.168.1.102").click(position={"x": 20, "y": 20})
    expect(before.locator("#headline")).to_contain_text("answers 37.5")
    expect(after.locator("#headline")).to_contain_text("answers 75")
    window.emulate_media(media="print")
    expect(window.locator("iframe").first).to_be_hidden()
    expect(window.locator("img")).to_have_count(2)
    expect(window.locator("img").first).to_be_visible()
    window.emulate_media(media="screen")
    assert violations(window) == ""
    context.close()
    assert heard == []
