"""No click gets lost: not on a slow line, and not while the server can't be reached."""

import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import OpenPage

SHOP = "/t/sample-shop?service=default/web"
MAP = re.compile(r"/t/[^/?]+(/edit)?\?")
UNREACHED = "Failed to "
"""How the console begins what it says of a request that fails."""


def lane(page: Page, node: str) -> None:
    """Click a node's lane, at its title."""
    box = page.locator(f"#a-n-{node} .hit").bounding_box()
    assert box
    page.mouse.click(box["x"] + 20, box["y"] + 12)


def held(page: Page) -> list[Route]:
    """Hold back all answers from now on."""
    waiting: list[Route] = []

    def hold(route: Route) -> None:
        waiting.append(route)

    page.route(MAP, hold)
    return waiting


def answer(page: Page, waiting: list[Route]) -> None:
    """Let the server answer the last request, and all that come."""
    waiting[-1].continue_()
    page.unroute(MAP)


@pytest.mark.parametrize("path", [SHOP, "/t/sample-shop"], ids=["one service", "the cluster"])
def test_two_nodes_clicked_before_the_first_answer_are_both_down(visit: OpenPage, path: str) -> None:
    """Each lane shows within a frame that it is asked for; Back brings them up one by one."""
    page = visit(path)
    waiting = held(page)
    lane(page, "worker-1")
    expect(page.locator("#n-worker-1")).to_have_class(re.compile("asked"))
    page.wait_for_timeout(350)
    lane(page, "worker-2")
    expect(page.locator("#diagram .node.asked")).to_have_count(2)
    answer(page, waiting)
    expect(page.locator("a.chip.down")).to_have_count(2)
    expect(page).to_have_url(re.compile("down=node/worker-1&down=node/worker-2"))
    expect(page.locator(".asked")).to_have_count(0)
    page.go_back()
    expect(page.locator("a.chip.down")).to_have_count(1)
    page.go_back()
    expect(page.locator("a.chip.down")).to_have_count(0)


def test_a_second_click_on_a_lane_takes_the_first_back(visit: OpenPage) -> None:
    """As it would had the first been answered; another moment asked for between stays."""
    page = visit(f"{SHOP}&down=node/worker-3&at=failed")
    waiting = held(page)
    lane(page, "worker-1")
    page.get_by_role("link", name=re.compile("^Recreated")).first.click()
    lane(page, "worker-1")
    expect(page.locator("#diagram .node.asked")).to_have_count(0)
    answer(page, waiting)
    expect(page).to_have_url(re.compile(r"down=node/worker-3&at=rescheduled(&|$)"))
    expect(page.locator("a.chip.down")).to_have_count(1)


def test_a_click_without_a_line_is_kept_until_there_is_one(visit: OpenPage) -> None:
    """It is said, and a second click joins it."""
    page = visit(SHOP, expected=UNREACHED)
    page.context.set_offline(True)
    lane(page, "worker-1")
    expect(page.get_by_role("alert")).to_contain_text("The server can’t be reached")
    lane(page, "worker-2")
    expect(page.locator("#diagram .node.asked")).to_have_count(2)
    page.context.set_offline(False)
    expect(page.locator("a.chip.down")).to_have_count(2)
    expect(page.locator("#unreached")).to_be_hidden()


def test_what_was_asked_for_can_be_given_up(visit: OpenPage) -> None:
    """Then the next click starts from what is drawn."""
    page = visit(SHOP, expected=UNREACHED)
    page.route(MAP, lambda route: route.abort())
    lane(page, "worker-1")
    page.get_by_role("button", name="Give up").click()
    expect(page.locator(".asked")).to_have_count(0)
    page.unroute(MAP)
    lane(page, "worker-2")
    expect(page.locator("a.chip.down")).to_have_count(1)


def test_who_leaves_for_another_page_is_not_brought_back(visit: OpenPage) -> None:
    """What was asked for before is dropped, however long it took."""
    page = visit(SHOP, expected=UNREACHED)
    page.route(MAP, lambda route: route.abort())
    lane(page, "worker-1")
    expect(page.locator("#unreached")).to_be_visible()
    page.get_by_role("link", name="Services").first.click()
    expect(page).to_have_url(re.compile("/services"))
    expect(page.locator("#unreached")).to_be_hidden()
    page.unroute(MAP)
    page.wait_for_timeout(1500)
    expect(page).to_have_url(re.compile("/services"))


def counts_each_click(page: Page, stepper: str, word: str) -> None:
    """Check that a stepper counts from the number last asked for, shows it at once, and leaves nothing at its first."""
    before = counted(page, stepper)
    waiting = held(page)
    for _ in range(2):
        page.locator(f"{stepper}-more").click()
    assert counted(page, stepper) == before + 2
    answer(page, waiting)
    expect(page).to_have_url(re.compile(f"{re.escape(word)}{before + 2}(&|$)"))
    assert counted(page, stepper) == before + 2
    waiting = held(page)
    page.locator(f"{stepper}-fewer").dblclick()
    answer(page, waiting)
    expect(page).not_to_have_url(re.compile(re.escape(word)))
    assert counted(page, stepper) == before


def counted(page: Page, stepper: str) -> int:
    """Return the number that a stepper shows."""
    return int(page.locator(f"{stepper}, {stepper}-assumed").evaluate("its => its.value ?? its.textContent"))


def test_a_stepper_counts_each_click(visit: OpenPage) -> None:
    """Two clicks before the first answer are two replicas; two back are as many as the manifest says: no edit."""
    counts_each_click(visit(SHOP), "#replicas-1", "replicas=Deployment/default/web:")


def test_a_stepper_counts_beside_other_clicks(visit: OpenPage) -> None:
    """A node taken down between two of its clicks stays down; giving up shows what is drawn."""
    page = visit(SHOP, expected=UNREACHED)
    waiting = held(page)
    page.locator("#replicas-1-more").click()
    lane(page, "worker-1")
    page.locator("#replicas-1-more").click()
    answer(page, waiting)
    expect(page).to_have_url(re.compile("down=node/worker-1&.*replicas=Deployment/default/web:6"))
    page.route(MAP, lambda route: route.abort())
    page.locator("#replicas-1-fewer").click()
    page.get_by_role("button", name="Give up").click()
    assert counted(page, "#replicas-1") == 6


def test_an_edit_of_one_node_leaves_that_of_another(visit: OpenPage) -> None:
    """Also while another time is asked for."""
    page = visit(f"{SHOP}&down=node/worker-3&at=failed&cordon=worker-1&select=node/worker-2")
    waiting = held(page)
    page.get_by_role("link", name=re.compile("^Recreated")).first.click()
    page.get_by_role("link", name="Cordon it").click()
    answer(page, waiting)
    expect(page).to_have_url(re.compile("at=rescheduled.*cordon=worker-1&cordon=worker-2"))
