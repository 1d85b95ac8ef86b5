"""Several nodes taken down together, by Shift, by boxes to tick, and without a script."""

import re

from playwright.sync_api import expect

from tests.browser.conftest import OpenPage

SHOP = "/t/sample-shop?service=default/web&at=failed"


def test_shift_chooses_and_one_button_takes_all_down(visit: OpenPage) -> None:
    """Nothing happens before; afterwards each is a chip of its own, and Back undoes."""
    page = visit(SHOP)
    for node in ("worker-1", "worker-3"):
        page.locator(f"#a-n-{node}").click(position={"x": 20, "y": 15}, modifiers=["Shift"])
    expect(page.locator("#together-count")).to_have_text("2")
    expect(page.locator("#verdict-heading")).to_contain_text("Every new connection")
    page.locator("#together button[type=submit]").click()
    expect(page.locator("a.chip.down")).to_have_count(2)
    expect(page).to_have_url(re.compile("down=node(/|%2F)worker-1&down=node(/|%2F)worker-3"))
    expect(page.locator("#together")).to_be_hidden()
    page.locator(".down-now").get_by_role("link", name="Bring back up worker-1", exact=True).click()
    expect(page.locator("a.chip.down")).to_have_count(1)
    page.go_back()
    expect(page.locator("a.chip.down")).to_have_count(2)


def test_shift_on_a_zone_chooses_its_nodes(visit: OpenPage) -> None:
    """And clears them at the second time."""
    page = visit(SHOP)
    title = page.locator("#a-z-a")
    title.click(modifiers=["Shift"])
    expect(page.locator("#together-count")).to_have_text("2")
    title.focus()
    page.keyboard.press("Shift+Enter")
    expect(page.locator("#together")).to_be_hidden()


def test_without_a_script_the_form_does_it(visit: OpenPage) -> None:
    """Boxes are ticked and sent."""
    page = visit(SHOP, java_script_enabled=False)
    page.get_by_role("link", name="More failures").click()
    page.get_by_label("worker-2", exact=True).check()
    page.get_by_label("worker-4", exact=True).check()
    page.locator("#several button").click()
    expect(page.locator("a.chip.down")).to_have_count(2)


def test_a_state_gets_a_name(visit: OpenPage) -> None:
    """It stands above the verdict and in the address, and goes with the reset."""
    page = visit(SHOP + "&down=zone/a")
    page.locator("#share").click()
    page.get_by_text("Name it in the link itself").click()
    page.get_by_label(re.compile("Name this scenario")).fill("zone a lost")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".called")).to_have_text("zone a lost")
    expect(page).to_have_url(re.compile(r"name=zone(\+|%20)a(\+|%20)lost"))
    page.get_by_role("link", name="Clear failures").click()
    expect(page.locator(".called")).to_have_count(0)
