"""Paths through the diagram: hover and focus light them, arrow keys walk them."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage

FAILED = "/t/sample-shop?service=default/web&down=node/worker-2&at=failed"
LOCAL = "/t/sample-policy-local"


def lit(page: Page) -> list[str]:
    """Return the ids of the boxes that are lit."""
    found = page.locator("#diagram :is(.entry, .pod).lit")
    return sorted(found.evaluate_all("its => its.map(it => it.id)"))


def focused(page: Page) -> str:
    """Return the id of what has the focus."""
    return str(page.evaluate("document.activeElement.id"))


def test_hover_lights_where_an_entry_point_sends(visit: OpenPage) -> None:
    """All four pods under policy Cluster, the dead ones too; nothing stays lit afterwards."""
    page = visit(FAILED)
    page.locator("#e-worker-1").hover()
    assert len(lit(page)) == 5
    assert page.locator("#diagram .edges:not(.lit) path").first.evaluate("it => getComputedStyle(it).opacity") == "0.16"
    page.locator("#verdict").hover()
    assert lit(page) == []


def test_hover_lights_who_sends_to_a_pod(visit: OpenPage) -> None:
    """Three entry points are left; the fourth went down with its node."""
    page = visit(FAILED)
    page.locator("[id='p-default_2f_web-7c9d-4xk2p']").hover()
    assert lit(page) == ["e-worker-1", "e-worker-3", "e-worker-4", "p-default_2f_web-7c9d-4xk2p"]


def test_a_path_under_policy_local_stays_on_its_node(visit: OpenPage) -> None:
    """No other node's pod is lit."""
    page = visit(LOCAL)
    page.locator("#e-node-1").hover()
    assert len(lit(page)) == 2


def test_a_dead_entry_point_leads_nowhere(visit: OpenPage) -> None:
    """Its own edge is all there is."""
    page = visit(FAILED)
    page.locator("#e-worker-2").hover()
    assert lit(page) == ["e-worker-2"]


def test_arrow_keys_follow_the_traffic(visit: OpenPage) -> None:
    """Client, entry point, service, pod, and back; up and down go to the neighbours."""
    page = visit(FAILED)
    page.locator("#a-n-worker-3").focus()
    steps = ("ArrowDown", "ArrowUp", "ArrowRight", "ArrowRight", "ArrowLeft", "ArrowLeft", "ArrowLeft")
    stops = []
    for key in steps:
        page.keyboard.press(key)
        stops.append(focused(page))
    assert stops[:3] == ["a-n-worker-4", "a-n-worker-3", "service"]
    assert stops[3].startswith("p-default_2f_web-")
    assert stops[4] == "service"
    assert stops[5].startswith("a-n-worker-")
    assert stops[6] == "client"


@pytest.mark.parametrize("keys", [["Escape"], ["Tab", "Tab"]], ids=["Escape", "Tab"])
def test_what_a_box_holds_is_shown_beside_the_focus(visit: OpenPage, keys: list[str]) -> None:
    """The whole name and the reason, until Escape or the next box but its own entry point."""
    page = visit(FAILED)
    page.locator("#a-n-worker-1").focus()
    page.keyboard.press("ArrowDown")
    expect(page.locator("#tip")).to_contain_text("worker-2:30080")
    for key in keys:
        page.keyboard.press(key)
    shown = page.locator("#tip:not([hidden])", has_text="worker-2:30080")
    expect(shown).to_have_count(0)


MOVING = """() => new Promise((done) => document.addEventListener("htmx:after:swap", () =>
  done(document.getAnimations().map((it) => it.effect.target?.id).filter((id) => id?.startsWith("p-")))))"""


@pytest.mark.parametrize(("motion", "moving"), [("no-preference", 2), ("reduce", 0)])
def test_a_replacement_glides_from_where_the_pod_was(visit: OpenPage, motion: str, moving: int) -> None:
    """Both pods of worker-2 leave from there, unless the reader wants no motion."""
    page = visit(FAILED, reduced_motion=motion)
    seen = page.evaluate_handle(f"() => {{ window.seen = ({MOVING})(); }}")
    page.get_by_role("link", name="Recreated").first.click()
    assert len(page.evaluate("window.seen")) == moving
    seen.dispose()
