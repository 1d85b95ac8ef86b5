"""Getting around by keyboard: the search box, and stepping through a connection."""

import re

from playwright.sync_api import expect

from tests.browser.conftest import OpenPage

# Keys are pressed as fast as a person does: htmx takes up the box some milliseconds after the page is there.
SHOP = "/t/sample-shop?service=default/web&down=node/worker-2&at=failed"
HOP = "/t/sample-shop/hop?service=default/web&down=node/worker-2&at=failed&entry=node/worker-1"


def test_a_pod_is_found_by_keys_alone(visit: OpenPage) -> None:
    """Slash, a few letters, down, Enter; the failure that is looked at stays."""
    page = visit(SHOP)
    page.keyboard.press("/")
    page.keyboard.type("pd7wn", delay=80)
    expect(page.locator("#found a").first).to_be_visible()
    page.keyboard.press("ArrowDown")
    expect(page.locator("#found a").first).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("select=pod/default/web-7c9d-pd7wn"))
    assert "down=node/worker-2&at=failed" in page.url


def test_enter_in_the_box_takes_the_first_result(visit: OpenPage) -> None:
    """An address with its port leads to the connection."""
    page = visit(SHOP)
    page.keyboard.press("/")
    page.keyboard.type("worker-3:30080", delay=80)
    expect(page.locator("#found [data-query='worker-3:30080']")).to_be_attached()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/hop.*entry=node/worker-3"))


def test_escape_closes_the_results(visit: OpenPage) -> None:
    """And the box keeps the focus."""
    page = visit(SHOP)
    page.keyboard.press("/")
    page.keyboard.type("web", delay=80)
    expect(page.locator("#found a").first).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#found a")).to_have_count(0)
    expect(page.locator("#find-q")).to_be_focused()


def test_arrow_keys_step_through_a_connection(visit: OpenPage) -> None:
    """Forwards and back, in place; the live region says where one is."""
    page = visit(HOP)
    page.keyboard.press("ArrowRight")
    expect(page.locator(".hop-head h2")).to_contain_text("Step 2 of 6")
    expect(page.locator("#said")).to_contain_text("Step 2 of 6")
    page.keyboard.press("ArrowLeft")
    expect(page.locator(".hop-head h2")).to_contain_text("Step 1 of 6")


def test_r_picks_another_endpoint(visit: OpenPage) -> None:
    """At random, among those that were not picked."""
    page = visit(f"{HOP}&pick=default/web-7c9d-4xk2p&step=3")
    page.keyboard.press("r")
    page.wait_for_url(re.compile("pick=default/web-7c9d-(8mmzq|pd7wn|zt5lf)"))


def test_edits_are_made_and_taken_back_without_a_script(visit: OpenPage) -> None:
    """A form, an address, a chip."""
    page = visit("/t/sample-webapp-service?drawer=settings", java_script_enabled=False)
    page.get_by_label("Zones of the assumed nodes").fill("3")
    page.get_by_role("button", name="Apply").click()
    page.wait_for_url(re.compile("zones=3"))
    page.get_by_role("link", name="Undo: Assumed nodes in 3 zones").click()
    page.wait_for_url(re.compile(r"/t/sample-webapp-service(\?drawer=settings)?$"))
