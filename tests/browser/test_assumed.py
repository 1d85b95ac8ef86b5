"""A Service alone in a browser: steppers by mouse, keyboard and thumb, without JavaScript, too; axe finds nothing."""

import json
import re
from typing import Any
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import expect

from tests.browser.axe import violations
from tests.browser.conftest import OpenPage
from tests.browser.test_asked import counts_each_click

ALONE = """\
apiVersion: v1
kind: Service
metadata: {name: webapp-service}
spec: {type: NodePort, selector: {app: webapp}, ports: [{port: 80, targetPort: 8080, nodePort: 30080}]}
"""
PHONE = {"viewport": {"width": 390, "height": 844}}
DARK = {"color_scheme": "dark"}


@pytest.fixture(scope="module")
def alone(base_url: str) -> str:
    """Upload a Service without anything else, and return the path of its map."""
    form = urlencode({"text": ALONE}).encode()
    request = Request(f"{base_url}/upload", form, {"Accept": "application/json"})  # noqa: S310 - the test's own server
    with urlopen(request) as answer:  # noqa: S310
        return str(json.load(answer)["url"])


@pytest.mark.parametrize("options", [{}, DARK, PHONE | DARK], ids=["light", "dark", "dark phone"])
def test_axe_finds_nothing_with_assumed_pods(
    visit: OpenPage, base_url: str, alone: str, options: dict[str, Any]
) -> None:
    """In each state of the map; nothing is wider than the window."""
    page = visit(alone, **options)
    for query in ("", "?down=node/node-2&at=failed", "?view=table", "?pods=0", "/services"):
        page.goto(base_url + alone + query)
        assert violations(page) == "", query
        assert page.evaluate("document.documentElement.scrollWidth === innerWidth")


@pytest.mark.parametrize("javascript", [True, False])
def test_the_steppers_are_links(visit: OpenPage, alone: str, javascript: bool) -> None:
    """One pod more, one node fewer, and the upload as it stands."""
    page = visit(alone, java_script_enabled=javascript)
    page.get_by_role("link", name="One more assumed pod").click()
    expect(page.locator("#pods-assumed")).to_have_text("4")
    page.get_by_role("link", name="One fewer assumed node").click()
    expect(page.locator("#nodes-assumed")).to_have_text("2")
    expect(page).to_have_url(re.compile(r"\?nodes=2&pods=4$"))
    page.get_by_role("link", name="Without them").click()
    expect(page.locator("#verdict-number")).to_have_text("0\u202f%")


def test_the_focus_stays_on_a_stepper(visit: OpenPage, alone: str) -> None:
    """So that Enter adds one pod after another, until there are none to take away."""
    page = visit(alone)
    page.locator("#pods-fewer").focus()
    for left in ("2", "1", "0"):
        page.keyboard.press("Enter")
        expect(page.locator("#pods-assumed")).to_have_text(left)
    expect(page.locator("#pods-fewer")).to_have_attribute("aria-disabled", "true")


def test_steppers_are_large_enough_for_a_thumb(visit: OpenPage, alone: str) -> None:
    """40 px each way."""
    page = visit(alone, **PHONE)
    boxes = [its.bounding_box() for its in page.locator("#assuming .btn").all()]
    assert len(boxes) == 4
    assert all(box and min(box["width"], box["height"]) >= 40 for box in boxes)


def test_an_assumed_pod_can_be_taken_down_and_says_what_it_is(visit: OpenPage, alone: str) -> None:
    """By its accessible name."""
    page = visit(alone)
    page.get_by_role("link", name=re.compile("^webapp-service-2 .*assumed, Healthy, on node-2")).focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("down=pod/default/webapp-service-2"))
    expect(page.locator("#said")).to_contain_text("With 3 assumed pods")


@pytest.mark.parametrize("what", ["nodes", "pods"])
def test_each_click_of_a_stepper_counts(visit: OpenPage, alone: str, what: str) -> None:
    """Also those that come before the answer to the first."""
    counts_each_click(visit(alone + "?drawer=table"), f"#{what}", f"{what}=")


def test_the_last_lane_adds_a_node_by_mouse_and_keyboard(visit: OpenPage, alone: str) -> None:
    """It lies edge to edge with the lanes, and the arrows reach it."""
    page = visit(alone)
    lane, last = page.locator("#add-node").bounding_box(), page.locator("#canvas .node").last.bounding_box()
    assert lane
    assert last
    assert abs(lane["x"] + lane["width"] - last["x"] - last["width"]) < 2
    assert lane["y"] > last["y"] + last["height"]
    page.locator("#add-node").click()
    expect(page.locator("#nodes-assumed")).to_have_text("4")
    page.locator("#add-node").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#nodes-assumed")).to_have_text("5")
    expect(page).to_have_url(re.compile("nodes=5"))
