"""The findings in a browser: one place open at a time, in the address; what its fix gives, and the fix on the map."""

import re

from playwright.sync_api import expect

from tests.browser.conftest import OpenPage

PAGE = "/t/sample-fifty-nodes/findings"


def test_one_place_is_open_at_a_time_and_in_the_address(visit: OpenPage) -> None:
    """By a click on its line, or by its link."""
    page = visit(PAGE)
    page.locator("#NP220 > summary").click()
    page.locator("[data-address=NP220-shop-admin] > summary").click(position={"x": 8, "y": 20})
    expect(page).to_have_url(re.compile("#NP220-shop-admin$"))
    expect(page.locator("details.place[open]")).to_have_count(1)
    page.locator("[data-address=NP220-platform-registry] > summary").click()
    expect(page).to_have_url(re.compile("#NP220-platform-registry$"))
    expect(page.locator("details.place[open]")).to_have_count(1)
    page.locator("#NP222 > summary").click()
    expect(page.locator("details.rule[open]")).to_have_count(1)


def test_an_address_opens_its_place_and_the_fix_says_what_it_gives(visit: OpenPage) -> None:
    """Before it is tried; the map then shows the same number, and Undo leads back to what there was."""
    page = visit(f"{PAGE}#NP220-shop-admin")
    effect = page.locator("#NP220-shop-admin .gives-table")
    expect(effect).to_contain_text("If worker-33 fails")
    expect(effect.get_by_role("row", name="Just failed")).to_contain_text(re.compile(r"0.%.*49.%"))
    page.locator("#NP220-shop-admin").get_by_role("link", name="Try this fix").click()
    expect(page.locator("#edited")).to_contain_text("Deployment shop/admin: replicas 2")
    expect(page.locator("#verdict-number")).to_have_text(re.compile("49.%"))
    page.locator("#undo-edits").click()
    expect(page.locator("#verdict-number")).to_have_text(re.compile("^0.%"))
    expect(page.locator("#edited")).to_have_count(0)


def test_places_open_without_a_script_and_keep_the_fix(visit: OpenPage) -> None:
    """By the address alone."""
    page = visit(f"{PAGE}#NP220-shop-admin", java_script_enabled=False)
    page.locator("#NP220-shop-admin").get_by_role("link", name="Try this fix").click()
    expect(page.locator("#edited")).to_contain_text("Deployment shop/admin: replicas 2")
