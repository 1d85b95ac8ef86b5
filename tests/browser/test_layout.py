"""The map fills the window: where the picture begins and ends, where the panel stands, what the drawer covers."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage

FAILED = "/t/sample-shop?service=default/web&down=node/worker-2&at=failed"
MAPS = [
    pytest.param(FAILED, id="a service, a node down"),
    pytest.param("/t/sample-shop?service=default/web", id="a service, nothing down"),
    pytest.param("/t/sample-shop?down=node/worker-2&at=failed", id="the cluster, a node down"),
    pytest.param("/t/sample-fifty-nodes?down=zone/eu-west-1b&at=failed&via=lb", id="many services"),
]
BOX = "it => { const its = it.getBoundingClientRect(); return [its.left, its.top, its.right, its.bottom]; }"


def box(page: Page, selector: str) -> list[float]:
    """Return left, top, right and bottom of an element in the window."""
    return list(page.locator(selector).evaluate(BOX))


@pytest.mark.parametrize("size", [(1440, 900), (1920, 1080)], ids=["1440", "1920"])
@pytest.mark.parametrize("path", MAPS)
def test_the_picture_has_all_that_the_rows_leave(visit: OpenPage, path: str, size: tuple[int, int]) -> None:
    """It begins at about 200 px and ends at the drawer's bar; nothing lies below the window."""
    width, height = size
    page = visit(path, viewport={"width": width, "height": height})
    assert box(page, "#stage")[1] <= 210
    assert box(page, "#stage")[3] > height - 80
    assert height - 24 <= box(page, "#drawer")[3] <= height
    assert page.evaluate("document.documentElement.scrollHeight") == height


def test_the_panel_stands_beside_the_picture_down_to_1024(visit: OpenPage) -> None:
    """320 px wide; below that right under it, before the drawer."""
    page = visit(FAILED, viewport={"width": 1024, "height": 800})
    panel, card = box(page, ".panel"), box(page, ".diagram-card")
    assert panel[2] - panel[0] == 320
    assert (panel[1], panel[3]) == (card[1], card[3])
    page.set_viewport_size({"width": 1023, "height": 800})
    panel, card = box(page, ".panel"), box(page, ".diagram-card")
    assert card[3] < panel[1] < card[3] + 40
    assert box(page, "#drawer")[1] > panel[3]


def test_the_drawer_covers_the_picture_and_moves_nothing(visit: OpenPage) -> None:
    """At most two fifths of the window; Esc closes it, and so does Back."""
    page = visit(FAILED, viewport={"width": 1440, "height": 900})
    before = box(page, "#stage")
    page.get_by_role("link", name="Table", exact=True).click()
    expect(page.locator("#twin")).to_be_visible()
    assert box(page, "#stage") == before
    sheet = box(page, ".drawer-sheet:not([hidden])")
    assert sheet[1] < before[3], "it lies over the picture"
    assert sheet[3] - sheet[1] <= 0.4 * 900 + 1
    page.keyboard.press("Escape")
    expect(page.locator("#twin")).to_have_count(0)
    page.go_back()
    expect(page.locator("#twin")).to_be_visible()


def test_ticked_nodes_go_down_together_while_the_drawer_is_closed(visit: OpenPage) -> None:
    """The form with the boxes is there all the same."""
    page = visit("/t/sample-shop?service=default/web", viewport={"width": 1440, "height": 900})
    for node in ("worker-1", "worker-3"):
        page.locator(f"#a-n-{node}").click(position={"x": 20, "y": 15}, modifiers=["Shift"])
    page.get_by_role("button", name="Take down together").first.click()
    expect(page.locator(".down-now .chip")).to_have_count(2)
    expect(page.locator(".moments .segments [aria-current]")).to_contain_text("Just failed")


def test_a_failure_is_one_click_away_while_nothing_is_down(visit: OpenPage) -> None:
    """The strip of What if has the place and height of the moments, so nothing jumps."""
    page = visit("/t/sample-shop?service=default/web", viewport={"width": 1440, "height": 900})
    before = box(page, ".strip.likely")
    page.locator(".likely a").first.click()
    expect(page.locator("#verdict-number")).to_have_text("37.5\u202f%")
    assert box(page, ".strip.moments") == before
