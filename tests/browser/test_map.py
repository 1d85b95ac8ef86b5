"""The map of one service: what a click means where, and what is left out of a small picture."""

import re

from playwright.sync_api import expect

from tests.browser.conftest import OpenPage

WEB = "/t/sample-shop?service=default/web"
SHOWN = """() => Object.fromEntries(["at-50", "at-90"].map((its) =>
  [its, [...document.querySelectorAll(`#diagram .${its}`)].some((it) => getComputedStyle(it).display !== "none")]))"""


def test_the_whole_lane_is_the_target_also_without_a_script(visit: OpenPage) -> None:
    """From edge to edge, below the boxes that have targets of their own."""
    page = visit(WEB, java_script_enabled=False)
    lane = page.locator("#a-n-worker-4 > .hit").bounding_box()
    assert lane
    assert page.locator("#a-n-worker-4").bounding_box() == lane
    page.mouse.click(lane["x"] + lane["width"] - 300, lane["y"] + lane["height"] - 6)
    page.wait_for_url("**down=node/worker-4**")


def test_an_entry_point_connects_via_its_node_ip_and_back(visit: OpenPage) -> None:
    """A pod goes down by itself; what lies below both is the node's."""
    page = visit(WEB)
    page.locator("#e-worker-1").click()
    page.wait_for_url("**via=node/worker-1**")
    expect(page.locator("#e-worker-1")).to_have_accessible_name(
        "worker-1:30080, Healthy 100\N{NARROW NO-BREAK SPACE}%. Connect via DNS"
    )
    page.locator("#e-worker-1").click()
    page.wait_for_url(lambda url: "via=" not in url)


def test_a_folded_lane_unfolds_wherever_it_is_clicked(visit: OpenPage) -> None:
    """From edge to edge, with the one outline."""
    page = visit("/t/sample-fifty-nodes?service=default/echo&down=zone/eu-west-1b")
    lane = page.locator("#diagram a[id^='u-']").first
    box = lane.locator(".hit").bounding_box()
    assert box
    page.mouse.move(box["x"] + 30, box["y"] + box["height"] - 6)
    expect(lane.locator(".hit")).to_have_css("stroke-width", "3px")
    page.mouse.down()
    page.mouse.up()
    expect(page).to_have_url(re.compile("unfold="))


def test_the_header_leads_to_what_can_be_changed_about_the_service(visit: OpenPage) -> None:
    """What is down stays; a lane then leads back to its node."""
    page = visit(f"{WEB}&down=node/worker-2&at=failed", viewport={"width": 1280, "height": 700})
    page.locator("#service").click()
    expect(page).to_have_url(re.compile("down=node/worker-2&at=failed&select=service#change$"))
    expect(page.locator("aside h2").first).to_have_text("web")
    expect(page.locator("#change-title")).to_be_in_viewport()
    page.locator("#a-n-worker-1").dispatch_event("click")
    expect(page.locator("aside h2").first).to_have_text("worker-1")


def test_on_the_map_of_the_cluster_an_entry_point_connects_via_its_node_ip(visit: OpenPage) -> None:
    """From every service of the node, and back."""
    page = visit("/t/sample-shop")
    page.locator("#diagram a.entry").nth(4).click()
    page.wait_for_url("**via=node/worker-2**")
    page.locator("#diagram a.entry").first.click()
    page.wait_for_url(lambda url: "via=" not in url)


def test_what_would_be_too_small_to_read_is_left_out(visit: OpenPage) -> None:
    """Below 90 % addresses and shares, below 50 % the names of boxes also."""
    page = visit(f"{WEB}&down=node/worker-2&at=failed")
    out = page.locator("[data-zoom=out]")
    page.locator("[data-zoom=full]").click()
    assert page.evaluate(SHOWN) == {"at-50": True, "at-90": True}
    out.click()
    assert page.evaluate(SHOWN) == {"at-50": True, "at-90": False}
    for _ in range(3):
        out.click()
    assert page.evaluate(SHOWN) == {"at-50": False, "at-90": False}
    expect(page.locator("#n-worker-2").get_by_text("Down", exact=True)).to_be_visible()
