"""Kinds of failure, with a mouse and without JavaScript; axe on all that opens."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.axe import CONTRAST, violations
from tests.browser.conftest import OpenPage

SHOP = "/t/sample-shop?service=default/web"
OPEN = "document.querySelectorAll('details.more, details.settings').forEach(one => one.open = true)"
PAGES = (
    pytest.param(f"{SHOP}&down=node/worker-2&at=rescheduled&drawer=pods", id="pods moved"),
    pytest.param(f"{SHOP}&down=partition/worker-2&drawer=time", id="a partition"),
    pytest.param(f"{SHOP}&drain=node/worker-2&drain=node/worker-1&drawer=pods", id="a drain of two nodes"),
    pytest.param("/t/sample-game-server?proxy-mode=nftables&drawer=settings", id="a setting that differs"),
)


@pytest.mark.parametrize("path", PAGES)
def test_axe_finds_nothing_with_all_details_open(visit: OpenPage, path: str) -> None:
    """Charts, steps, fates, rules, settings; on a phone tables scroll in their own frame."""
    page = visit(path)
    page.evaluate(OPEN)
    assert violations(page) == "", "in light"
    page.emulate_media(color_scheme="dark")
    assert violations(page, CONTRAST) == "", "in dark"
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") == 390


@pytest.mark.parametrize("script", [True, False], ids=["with JavaScript", "without"])
def test_a_node_is_cut_off_and_brought_back(visit: OpenPage, script: bool) -> None:
    """From the panel's menu, and back by the chip."""
    page = visit(f"{SHOP}&select=node/worker-2", java_script_enabled=script)
    page.locator("#other-failures > summary").click()
    page.get_by_role("link", name="Partitioned").click()
    expect(page.locator("aside .chip")).to_contain_text("Partitioned")
    page.get_by_role("link", name="Undo: worker-2").click()
    expect(page.locator("#verdict-heading")).to_contain_text("is answered")


@pytest.mark.parametrize("script", [True, False], ids=["with JavaScript", "without"])
def test_a_zone_goes_down_from_the_menu(visit: OpenPage, script: bool) -> None:
    """Also on a phone, where the diagram's bands are not drawn."""
    page = visit(SHOP, java_script_enabled=script, viewport={"width": 390, "height": 844})
    page.locator("#drawer-failures").click()
    page.locator("#larger-failures").get_by_role("link", name="Zone a").click()
    expect(page.locator("#verdict-number")).to_have_text("12.5\u202f%")


@pytest.mark.parametrize("script", [True, False], ids=["with JavaScript", "without"])
def test_a_setting_is_changed_and_the_failure_stays(visit: OpenPage, script: bool) -> None:
    """An older Kubernetes notices after 40 seconds."""
    page = visit(f"{SHOP}&down=node/worker-2", java_script_enabled=script)
    page.locator("#drawer-settings").click()
    page.get_by_label("Kubernetes", exact=True).fill("1.30")
    page.get_by_role("button", name="Apply").last.click()
    expect(page).to_have_url(re.compile(r"down=node/worker-2&kubernetes=1\.30&drawer=settings$"))
    expect(page.locator("#cluster-settings .tag")).to_have_text("kubernetes 1.30")


def test_what_was_opened_stays_open(visit: OpenPage) -> None:
    """From state to state, as long as it is there."""
    page = visit(f"{SHOP}&down=node/worker-2&drawer=time")
    page.locator("#steps > summary").click()
    page.locator("#a-n-worker-1").click(position={"x": 20, "y": 15})
    expect(page.locator(".down-now .chip.down")).to_have_count(2)
    expect(page.locator("#steps")).to_have_attribute("open", "")
