"""A pod is moved to another node by dragging its box."""

import re

import pytest
from playwright.sync_api import CDPSession, Page, expect

from tests.browser.conftest import OpenPage
from tests.browser.test_asked import answer, held

SHOP = "/t/sample-shop?service=default/web&down=node/worker-2&at=failed"
WHOLE = "/t/sample-shop?down=node/worker-2&at=failed"
POD = "#diagram a.pod[aria-label*='8mmzq']"
MOVED = re.compile(
    "down=node/worker-2&at=failed&move=default/web-7c9d-8mmzq:worker-4&select=pod/default/web-7c9d-8mmzq"
)
Point = tuple[float, float]


def at(page: Page, selector: str) -> Point:
    """Return the middle of what it selects."""
    box = page.locator(selector).first.bounding_box()
    assert box
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def take(page: Page) -> None:
    """Press on the pod, once the script that comes with the first pointer there is loaded."""
    page.mouse.move(*at(page, POD))
    loaded(page)
    page.mouse.down()


def loaded(page: Page) -> None:
    """Wait for the script."""
    page.evaluate("import(document.getElementById('stage').dataset.drag).then(() => true)")


@pytest.mark.parametrize("path", [SHOP, WHOLE], ids=["one service", "the cluster"])
def test_a_pod_is_dropped_on_another_lane(visit: OpenPage, path: str) -> None:
    """The lane below it is marked and named on the way; the edit is in the address, and Back undoes it."""
    page = visit(path)
    take(page)
    page.mouse.move(*at(page, "#a-n-worker-4 .hit"), steps=5)
    expect(page.locator("#diagram .node.onto")).to_have_id("n-worker-4")
    expect(page.locator("#tip")).to_have_text("Move web-7c9d-8mmzq to worker-4")
    page.mouse.up()
    expect(page).to_have_url(MOVED)
    expect(page.locator("#diagram .onto")).to_have_count(0)
    assert not page.evaluate("document.documentElement.matches('.panning, .holding')")
    page.go_back()
    expect(page).to_have_url(re.compile(re.escape(path) + "$"))


@pytest.mark.parametrize("end", ["Escape", "its own lane"])
def test_a_pod_that_is_put_back_stays(visit: OpenPage, end: str) -> None:
    """Escape lets go of it, and dropped on its own node nothing happens; neither is a click."""
    page = visit(SHOP)
    take(page)
    page.mouse.move(*at(page, "#a-n-worker-4 .hit"), steps=5)
    expect(page.locator("#diagram .node.onto")).to_have_count(1)
    if end == "Escape":
        page.keyboard.press("Escape")
        expect(page.locator("#diagram .node.onto")).to_have_count(0)
    else:
        page.mouse.move(*at(page, POD), steps=5)
    page.mouse.up()
    page.wait_for_timeout(200)
    assert page.url.endswith(SHOP)
    page.locator(POD).click()
    expect(page).to_have_url(re.compile("down=pod/default/web-7c9d-8mmzq"))


def touch(session: CDPSession, kind: str, *points: Point) -> None:
    """Send what a finger does."""
    session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y} for x, y in points]})


def test_a_finger_takes_it_after_a_long_press(visit: OpenPage) -> None:
    """One that moves at once scrolls."""
    page = visit(SHOP, has_touch=True)
    start, end, finger = at(page, POD), at(page, "#a-n-worker-4 .hit"), page.context.new_cdp_session(page)
    touch(finger, "touchStart", start)
    loaded(page)
    touch(finger, "touchMove", (start[0], start[1] + 20))
    touch(finger, "touchEnd")
    touch(finger, "touchStart", start)
    expect(page.locator("#tip")).to_have_text("web-7c9d-8mmzq")
    touch(finger, "touchMove", end)
    expect(page.locator("#diagram .node.onto")).to_have_id("n-worker-4")
    touch(finger, "touchEnd")
    expect(page).to_have_url(MOVED)


@pytest.mark.parametrize("path", [SHOP, WHOLE], ids=["one service", "the cluster"])
def test_a_key_leads_to_the_menu_of_nodes(visit: OpenPage, path: str) -> None:
    """Without taking the pod down; the rest is a select and a button."""
    page = visit(path)
    page.locator(POD).focus()
    page.keyboard.press("m")
    menu = page.get_by_label("Move to")
    expect(menu).to_be_focused()
    menu.select_option("worker-4")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page).to_have_url(MOVED)


def test_it_moves_while_another_click_waits(visit: OpenPage) -> None:
    """What was asked for before stays, and the lane says that the pod is to come."""
    page = visit(SHOP)
    waiting = held(page)
    page.locator("#a-n-worker-3").dispatch_event("click")
    take(page)
    page.mouse.move(*at(page, "#a-n-worker-4 .hit"), steps=5)
    page.mouse.up()
    expect(page.locator("#n-worker-4")).to_have_class(re.compile("asked"))
    answer(page, waiting)
    expect(page).to_have_url(re.compile("down=node/worker-2&down=node/worker-3&.*move=default/web-7c9d-8mmzq:worker-4"))
