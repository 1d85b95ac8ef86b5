"""The map shown to a room: by keyboard and clicker, readable from afar, and without a script."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage
from tests.browser.legible import faults

MAP = "/t/sample-shop?service=default/web&down=node/worker-2&at=failed"
WEB = f"{MAP}&present=1"
WHOLE = "/t/sample-fifty-nodes?down=zone/eu-west-1b&at=failed&present=1"
PROJECTOR = {"width": 1920, "height": 1080}

_SMALLEST = """
() => Math.min(...[...document.querySelectorAll("#verdict *, .picture text")]
  .filter(it => it.checkVisibility() && it.getClientRects()[0]?.width > 1)
  .filter(it => [...it.childNodes].some(node => node.nodeType === 3 && node.data.trim()))
  .map(it => parseFloat(getComputedStyle(it).fontSize) * (it.matches("text, tspan") ? it.getScreenCTM().a : 1)))
"""


def press(page: Page, key: str) -> None:
    """Press a key once the script listens."""
    page.wait_for_selector(".presenting")
    page.keyboard.press(key)


def test_keys_and_a_clicker_go_through_the_times(visit: OpenPage) -> None:
    """Wherever the focus is; letters as well, which the map has for the canvas alone."""
    page = visit(MAP)
    page.get_by_role("link", name="Present", exact=True).click()
    page.wait_for_url(f"**{WEB}")
    for key, time in (
        ("1", "Before"),
        ("PageDown", "Just failed"),
        ("Space", "Detected"),
        ("ArrowRight", "Recreated"),
        ("ArrowRight", "Recreated"),
        ("PageUp", "Detected"),
        ("ArrowLeft", "Just failed"),
        ("4", "Recreated"),
    ):
        press(page, key)
        expect(page.locator(".moments [aria-current]")).to_contain_text(time)
    page.keyboard.press("c")
    page.wait_for_url("**via=lb**")
    page.keyboard.press("r")
    page.wait_for_url("**?service=default/web&via=lb&present=1")
    # With nothing down the next step is the failure that costs most.
    page.keyboard.press("Space")
    page.wait_for_url("**down=node/worker-2**present=1")
    page.keyboard.press("Escape")
    expect(page.locator("#drawer")).to_be_visible()
    assert "present" not in page.url


def test_a_node_is_taken_down_by_a_click_and_the_room_still_sees_the_picture_alone(visit: OpenPage) -> None:
    """On the map of the cluster; a header leads to its service's map, P back to what one works with."""
    page = visit("/t/sample-shop?present=1")
    page.locator("#a-n-worker-2").click(position={"x": 60, "y": 20})
    page.wait_for_url("**down=node/worker-2**present=1")
    page.locator("#diagram").get_by_role("link", name="default/web").first.click()
    page.wait_for_url("**service=default/web**present=1")
    expect(page.locator("#verdict-number")).to_contain_text("37.5")
    page.keyboard.press("p")
    expect(page.locator("#drawer")).to_be_visible()
    page.locator("#canvas").focus()
    page.keyboard.press("p")
    expect(page.locator("[data-presents]")).to_be_visible()


def test_the_keys_show_once_for_six_seconds_and_whenever_asked(visit: OpenPage) -> None:
    """A step meanwhile changes nothing of that; the window's clock is the test's."""
    page = visit("/help", viewport=PROJECTOR, reduced_motion="no-preference")
    page.clock.install()
    page.goto(page.url.replace("/help", WEB))
    keys = page.get_by_role("list", name="Keys")
    expect(keys).to_be_visible()
    page.clock.run_for(3000)
    page.keyboard.press("3")
    page.clock.run_for(1000)
    expect(page.locator(".moments [aria-current]")).to_contain_text("Detected")
    expect(keys).to_be_visible()
    page.clock.run_for(4000)
    expect(keys).to_be_hidden()
    page.keyboard.press("?")
    expect(keys).to_be_visible()
    expect(page.get_by_role("button", name="? Keys")).to_have_attribute("aria-expanded", "true")
    page.get_by_role("button", name="? Keys").click()
    expect(keys).to_be_hidden()
    page.reload()
    expect(page.locator("#verdict-number")).to_be_visible()
    expect(keys).to_be_hidden()


def test_q_shows_the_code_of_the_state_and_escape_hides_it_first(visit: OpenPage) -> None:
    """It is drawn, though the keys around it are hidden by now."""
    page = visit(WEB, viewport=PROJECTOR)
    press(page, "q")
    code = page.get_by_role("img", name="QR code")
    expect(code).to_be_visible()
    code.evaluate("image => image.decode()")
    assert code.bounding_box()["width"] > 600  # type: ignore[index]
    page.keyboard.press("Escape")
    expect(code).to_be_hidden()
    assert page.url.endswith(WEB)


@pytest.mark.parametrize("path", [WEB, WHOLE, "/t/sample-shop?present=1", "/t/sample-two-zones-dump?present=1"])
def test_no_text_is_under_22_px_on_a_projector(visit: OpenPage, path: str) -> None:
    """In picture and verdict; nothing is cut or lies over other text, on a projector, a laptop and a phone."""
    page = visit(path, viewport=PROJECTOR)
    assert page.evaluate(_SMALLEST) >= 22
    press(page, "?")
    for width, height in ((1920, 1080), (1024, 768), (390, 844), (320, 640)):
        page.set_viewport_size({"width": width, "height": height})
        assert faults(page) == [], width


def test_without_a_script_the_times_are_links(visit: OpenPage) -> None:
    """Keys are then not spoken of, and what they would do are links as well."""
    page = visit(WEB, java_script_enabled=False)
    page.get_by_role("link", name="Detected").click()
    assert page.url.endswith("down=node/worker-2&present=1")
    expect(page.locator("kbd").first).to_be_hidden()
    page.locator("#qr summary").click()
    expect(page.get_by_role("img", name="QR code")).to_be_visible()
    page.get_by_role("link", name="leave").click()
    expect(page.locator("#drawer")).to_be_visible()
    assert re.search(r"down=node/worker-2$", page.url)
