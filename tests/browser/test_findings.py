"""The findings in a browser: one place open at a time, in the address; what its fix gives, and the fix on the map."""

import re

from playwright.sync_api import expect

from tests.browser.axe import violations
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


def test_a_finding_is_ignored_with_a_reason_and_brought_back(visit: OpenPage) -> None:
    """A reload keeps it, the map counts without it, and it stands open again where it was."""
    page = visit(f"{PAGE}#NP220-shop-admin")
    place = page.locator("#NP220-shop-admin")
    place.get_by_text("Ignore with a reason").click()
    place.get_by_label("Why it may stay as it is").fill("Internal tool, a pause is fine")
    place.get_by_role("button", name="Ignore").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("32 warnings")
    page.reload()
    expect(page.locator("#tab-4 .count")).to_have_text("32")
    page.get_by_role("link", name="Show, with the reasons").click()
    expect(page.locator("#ignored-NP220-shop-admin .remedy")).to_contain_text("nodefall.io/ignore")
    page.get_by_role("link", name="Bring it back").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("33 warnings")
    expect(page.locator("#NP220-shop-admin")).to_be_visible()


def test_a_finding_is_ignored_without_a_script(visit: OpenPage) -> None:
    """A reason that is too short is answered beside the field; one that isn't leads on."""
    page = visit(f"{PAGE}#NP220-shop-admin", expected="400", java_script_enabled=False)
    place = page.locator("#NP220-shop-admin")
    place.get_by_text("Ignore with a reason").click()
    place.get_by_label("Why it may stay as it is").fill(" " * 12)
    place.get_by_role("button", name="Ignore").click()
    expect(place.get_by_text("Say why in 10 characters or more")).to_be_visible()
    place.get_by_label("Why it may stay as it is").fill("Internal tool, a pause is fine")
    place.get_by_role("button", name="Ignore").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("32 warnings")


def test_findings_by_keyboard(visit: OpenPage) -> None:
    """Arrows move between the rows, open and close them; F tries the fix, I ignores, a slash searches."""
    page = visit(PAGE)
    page.locator("#NP222 > summary").focus()
    for key, row in (
        ("ArrowDown", "#NP220"),
        ("ArrowRight", "#NP220"),
        ("ArrowRight", "[data-address=NP220-media-rtmp-ingest]"),
    ):
        page.keyboard.press(key)
        expect(page.locator(f"{row} > summary")).to_be_focused()
    page.keyboard.press("ArrowDown")
    admin = page.locator("[data-address=NP220-shop-admin]")
    expect(admin.locator("> summary")).to_be_focused()
    page.keyboard.press("i")
    expect(admin.get_by_label("Why it may stay as it is")).to_be_focused()
    page.keyboard.type("if")
    expect(admin.get_by_label("Why it may stay as it is")).to_have_value("if")
    admin.locator("> summary").focus()
    page.keyboard.press("ArrowLeft")
    expect(admin).not_to_have_attribute("open", "")
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#NP220 > summary")).to_be_focused()
    page.keyboard.press("/")
    expect(page.locator("#findings-q")).to_be_focused()
    admin.locator("> summary").focus()
    page.keyboard.press("f")
    expect(page.locator("#edited")).to_contain_text("Deployment shop/admin: replicas 2")


def test_a_finding_with_its_form_open_is_accessible(visit: OpenPage) -> None:
    """As it is sent, and as it comes back refused."""
    page = visit(f"{PAGE}#NP220-shop-admin", expected="400")
    place = page.locator("#NP220-shop-admin")
    place.get_by_text("Ignore with a reason").click()
    assert not violations(page)
    place.locator("form").evaluate("form => { form.noValidate = true }")
    place.get_by_role("button", name="Ignore").click()
    expect(place.get_by_text("Say why in 10 characters or more")).to_be_visible()
    assert not violations(page)
