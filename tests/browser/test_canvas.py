"""The canvas: it fits, zooms about the pointer, is dragged, and no click moves it."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import violations
from tests.browser.conftest import OpenPage

SHOP = "/t/sample-shop?service=default/web&at=failed"
SMALL = {"width": 1280, "height": 700}
"""A window in which not all of the picture is seen."""


def view(page: Page) -> dict[str, Any]:
    """Return how large the picture is drawn, and how far it is panned."""
    return dict(
        page.evaluate("""() => ({
      scale: diagram.clientWidth / diagram.viewBox.baseVal.width, x: canvas.scrollLeft, y: canvas.scrollTop
    })""")
    )


def drag(page: Page, across: int, down: int) -> None:
    """Press in the middle of the canvas, and move."""
    box = page.locator("#canvas").bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + across, y + down, steps=4)
    page.mouse.up()


def test_a_click_keeps_zoom_and_place(visit: OpenPage) -> None:
    """So do going back, another service and coming back, and a reload."""
    page = visit(SHOP, viewport=SMALL)
    for _ in range(3):
        page.locator("[data-zoom=in]").click()
    drag(page, -60, -90)
    expect(page.locator("a.chip.down")).to_have_count(0)
    moved = pytest.approx(view(page), abs=0.01)
    assert view(page)["scale"] > 1.7
    assert view(page)["y"] > 50
    page.locator("#a-n-worker-1").dispatch_event("click")
    expect(page.locator("a.chip.down")).to_have_count(1)
    assert view(page) == moved
    page.go_back()
    expect(page.locator("a.chip.down")).to_have_count(0)
    assert view(page) == moved
    page.goto(page.url.replace("default/web", "default/api"))
    assert view(page)["scale"] < 1
    page.go_back()
    assert view(page) == moved


LANES = """() => [diagram.clientWidth / diagram.viewBox.baseVal.width,
  ...[...diagram.querySelectorAll(".node")].map(its => its.getBoundingClientRect().top)]"""


@pytest.mark.parametrize("path", ["/t/sample-shop?service=default/web", "/t/sample-shop"])
@pytest.mark.parametrize("width", [1280, 1440])
def test_the_first_click_moves_no_lane(visit: OpenPage, path: str, width: int) -> None:
    """Nor does it fit the picture anew; an edit, which has a row of its own above, keeps the zoom as well."""
    page = visit(path, viewport={"width": width, "height": 900})
    before = page.evaluate(LANES)
    page.locator("#a-n-worker-2").dispatch_event("click")
    expect(page.locator("a.chip.down")).to_have_count(1)
    assert page.evaluate(LANES) == pytest.approx(before, abs=0.5)
    page.get_by_role("link", name="Cordon it").click()
    expect(page.locator("#edited, .edited").first).to_be_visible()
    page.wait_for_timeout(100)
    assert page.evaluate(LANES)[0] == pytest.approx(before[0])


def test_a_press_that_hardly_moves_is_a_click(visit: OpenPage) -> None:
    """Three pixels are a trembling hand."""
    page = visit(SHOP, viewport=SMALL)
    page.mouse.move(*centre(page, "#a-n-worker-1 .hit", left=20))
    page.mouse.down()
    page.mouse.move(*(at + 2 for at in centre(page, "#a-n-worker-1 .hit", left=20)))
    page.mouse.up()
    expect(page.locator("a.chip.down")).to_have_count(1)


def centre(page: Page, selector: str, *, left: float = 0) -> tuple[float, float]:
    """Return a point of an element: `left` px from its left edge, else its middle."""
    box = page.locator(selector).bounding_box()
    assert box
    return box["x"] + (left or box["width"] / 2), box["y"] + (15 if left else box["height"] / 2)


def test_the_wheel_zooms_about_the_pointer_with_ctrl(visit: OpenPage) -> None:
    """What lies under the pointer stays there; without Ctrl it pans."""
    page = visit(SHOP, viewport=SMALL)
    before = centre(page, "#service")
    page.mouse.move(*before)
    page.keyboard.down("Control")
    for _ in range(8):
        page.mouse.wheel(0, -100)
    page.keyboard.up("Control")
    expect(page.locator("#zoom-percent")).to_have_text(re.compile("1[5-9]|20"))
    assert centre(page, "#service") == pytest.approx(before, abs=60)
    page.mouse.wheel(0, 150)
    expect(page.locator("#pinned")).to_be_visible()


def test_the_minimap_shows_when_little_is_seen_and_takes_one_there(visit: OpenPage) -> None:
    """Fit shows all again, and the map of it goes."""
    page = visit(SHOP)
    expect(page.locator("#minimap")).to_be_hidden()
    for _ in range(4):
        page.locator("[data-zoom=in]").click()
    box = page.locator("#minimap").bounding_box()
    assert box
    page.mouse.click(box["x"] + box["width"] - 10, box["y"] + box["height"] - 10)
    assert view(page)["x"] > 300
    assert view(page)["y"] > 100
    page.get_by_role("button", name="Fit", exact=True).click()
    expect(page.locator("#minimap")).to_be_hidden()
    assert view(page)["x"] == 0


def test_what_is_taken_down_elsewhere_comes_into_view(visit: OpenPage) -> None:
    """Only if nothing of it is seen."""
    page = visit("/t/sample-shop?service=default/web&at=failed&select=node/worker-4", viewport=SMALL)
    page.locator("aside").get_by_role("link", name="Take down").first.click()
    expect(page.locator("a.chip.down")).to_have_count(1)
    assert view(page)["y"] > 0


def test_without_a_script_the_picture_scrolls_at_its_size(visit: OpenPage) -> None:
    """And nothing is offered that would not work."""
    page = visit(SHOP, java_script_enabled=False, viewport=SMALL)
    expect(page.locator(".stage-tools")).to_be_hidden()
    picture = page.locator("#diagram")
    assert picture.evaluate("its => its.clientWidth") == int(picture.get_attribute("width") or 0)
    assert page.locator("#canvas").evaluate("box => box.scrollHeight > box.clientHeight")


def test_a_drain_is_one_click_at_the_lane(visit: OpenPage) -> None:
    """What a lane offers shows while one is at it, with the mouse or by keyboard."""
    page = visit(SHOP)
    drain = page.locator("#n-worker-3 .actions a", has_text="Drain")
    expect(drain).to_have_css("visibility", "hidden")
    page.locator("#a-n-worker-3").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(drain).to_be_focused()
    page.mouse.move(*centre(page, "#a-n-worker-3 .hit", left=20))
    drain.click()
    expect(page).to_have_url(re.compile("drain=node/worker-3"))


def test_the_picture_is_one_stop_of_tab_and_letters_do_the_rest(visit: OpenPage) -> None:
    """Only while the focus is in the canvas."""
    page = visit("/t/sample-shop")
    page.keyboard.press("2")
    page.locator("#canvas").focus()
    page.keyboard.press("Tab")
    stop = page.evaluate("document.activeElement.id")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.id") != stop
    assert page.locator("#diagram a[id][tabindex='0']").count() == 1
    page.keyboard.press("2")
    expect(page).to_have_url(re.compile(r"\?down=node/worker-2"))
    page.locator("#a-n-worker-4").focus()
    page.keyboard.press("z")
    expect(page).to_have_url(re.compile("down=zone/b"))
    page.keyboard.press("r")
    expect(page.locator("a.chip.down")).to_have_count(0)
    page.keyboard.press("d")
    expect(page).to_have_url(re.compile("drain=node/worker-4"))
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Keys")).to_be_hidden()


def test_the_focus_stays_in_the_canvas_when_what_had_it_is_gone(visit: OpenPage) -> None:
    """A service that is folded away after a failure: the next letter still does something."""
    page = visit("/t/sample-fifty-nodes")
    page.locator("#diagram a[id^='b-media'][id*='subtitles']").focus()
    page.keyboard.press("3")
    expect(page).to_have_url(re.compile("down=zone/eu-west-1c&at=failed"))
    expect(page.locator("#diagram a[id^='b-media'][id*='subtitles']")).to_have_count(0)
    page.keyboard.press("]")
    expect(page).to_have_url(re.compile("down=zone/eu-west-1c$"))


COUNTED = """() => new Promise((done) => document.addEventListener("htmx:after:swap", () => {
  const seen = [], number = document.getElementById("verdict-number"), start = performance.now();
  const look = (now) => {
    seen.push(number.textContent);
    if (now - start < 400) requestAnimationFrame(look);
    else done([...new Set(seen)].length);
  };
  requestAnimationFrame(() => requestAnimationFrame(look));
}, { once: true }))"""


@pytest.mark.parametrize(("motion", "least", "most"), [("no-preference", 3, 99), ("reduce", 1, 1)])
def test_a_changed_share_counts_to_what_it_is(visit: OpenPage, motion: str, least: int, most: int) -> None:
    """Unless the reader wants no motion."""
    page = visit(f"{SHOP}&down=node/worker-2", reduced_motion=motion)
    page.evaluate(f"() => {{ window.seen = ({COUNTED})(); }}")
    page.locator("#a-n-worker-1").dispatch_event("click")
    assert least <= page.evaluate("window.seen") <= most
    expect(page.locator("#verdict-number")).to_have_text("12.5\u202f%")


@pytest.mark.parametrize("path", [SHOP, "/t/sample-shop?at=failed"], ids=["one service", "the cluster"])
def test_titles_of_lanes_stay_at_the_left_edge(visit: OpenPage, path: str) -> None:
    """They stand level with their lanes, do what those do, and go when the picture is back."""
    page = visit(path, viewport=SMALL)
    pinned = page.locator(".pinned-titles")
    expect(pinned).to_have_count(0)
    for _ in range(4):
        page.locator("[data-zoom=in]").click()
    page.evaluate("canvas.scrollTo(700, 100)")
    title = pinned.locator("text", has_text=re.compile("^worker-1$"))
    expect(title).to_be_in_viewport()
    edge, copy, own = (
        page.locator("#canvas").bounding_box(),
        title.bounding_box(),
        page.locator("#n-worker-1 text", has_text=re.compile("^worker-1$")).first.bounding_box(),
    )
    assert edge
    assert copy
    assert own
    assert edge["x"] <= copy["x"] < edge["x"] + 100
    assert copy["y"] == pytest.approx(own["y"], abs=1)
    assert own["x"] + own["width"] < edge["x"]
    page.mouse.click(copy["x"] + copy["width"] / 2, copy["y"] + copy["height"] / 2)
    expect(page).to_have_url(re.compile("down=node/worker-1"))
    expect(title).to_be_in_viewport()
    assert view(page)["x"] == 700
    page.locator("[data-zoom=fit]").click()
    expect(pinned).to_be_hidden()


def test_axe_finds_nothing_in_what_is_pinned(visit: OpenPage) -> None:
    """Screen readers and the Tab key have the lanes themselves."""
    page = visit("/t/sample-shop?down=node/worker-2&at=failed", viewport=SMALL)
    for _ in range(4):
        page.locator("[data-zoom=in]").click()
    page.evaluate("canvas.scrollTo(700, 150)")
    expect(page.locator(".pinned-titles")).to_be_visible()
    assert violations(page) == ""
    assert page.locator(".pinned-titles a:not([tabindex='-1'])").count() == 0
