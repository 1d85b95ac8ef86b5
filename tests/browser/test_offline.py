"""A file that still simulates: opened from a disk, by mouse and keyboard, and without script."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.axe import violations
from webapp.cluster.build import build
from webapp.cluster.options import ClusterOptions
from webapp.diagram import draw
from webapp.failure import FailureKind, Moment, Scenario, Target
from webapp.files import uploads
from webapp.manifests import read
from webapp.paths import resource_directory

SHOP = build(read(uploads([str(resource_directory("samples") / "shop.yaml")], render=False)), ClusterOptions())
WORKER = Target(kind=FailureKind.NODE, name="worker-2")
SAVED = Scenario(down=frozenset({WORKER}), at=Moment.FAILED, service="default/web")
OpenFile = Callable[..., Page]


@pytest.fixture
def opened(browser: Browser, tmp_path: Path) -> Iterator[OpenFile]:
    """Open a file that was saved in a scenario; what it logs or asks a network for fails the test."""
    heard: list[str] = []
    pages: list[Page] = []

    def make(scenario: Scenario = SAVED, **options: object) -> Page:
        path = tmp_path / "saved.html"
        path.write_bytes(draw(SHOP, scenario, "html"))
        page = browser.new_context(**options).new_page()  # type: ignore[arg-type]
        page.on("console", lambda message: heard.append(message.text))
        page.on("pageerror", lambda error: heard.append(str(error)))
        page.on("request", lambda asked: None if asked.url.startswith("file:") else heard.append(asked.url))
        page.goto(path.as_uri())
        pages.append(page)
        return page

    yield make
    for page in pages:
        page.context.close()
    assert heard == []


def test_a_click_takes_a_node_down_and_back_undoes_it(opened: OpenFile) -> None:
    """The headline, the pressed lane and the table follow."""
    page = opened(Scenario(service="default/web"))
    expect(page.locator("#headline")).to_have_text(
        "default/web:80 answers 100\N{NARROW NO-BREAK SPACE}% of new connections"
    )
    page.get_by_role("button", name="worker-2, 192.168.1.102").click(position={"x": 20, "y": 20})
    expect(page.locator("#headline")).to_contain_text("answers 37.5")
    expect(page.locator("#situation")).to_have_text("worker-2 down · just failed · clients connect via DNS round robin")
    expect(page.get_by_role("button", name="worker-2, 192.168.1.102")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#table")).to_contain_text("worker-2 Down")
    expect(page.locator("#verdict")).to_contain_text("the rest: sent to worker-2’s address, forwarded to the 2 pods")
    page.go_back()
    expect(page.locator("#headline")).to_contain_text("answers 100")


def test_times_access_paths_and_services_switch(opened: OpenFile) -> None:
    """Each in its own row of buttons."""
    page = opened()
    page.get_by_role("button", name="Detected").click()
    page.get_by_role("button", name="Load balancer").click()
    expect(page.locator("#headline")).to_contain_text("answers 100")
    expect(page.locator("#situation")).to_contain_text("failure detected · clients connect via load balancer")
    page.locator("#services").select_option("default/api:80")
    expect(page.locator("#headline")).to_contain_text("default/api:80 answers")


def test_arrow_keys_move_and_enter_takes_down(opened: OpenFile) -> None:
    """The picture is one stop of Tab; the focus stays where it is when all is drawn again."""
    page = opened(Scenario(service="default/web"))
    page.locator("#picture [tabindex='0']").focus()
    page.keyboard.press("ArrowDown")
    here = page.evaluate("document.activeElement.dataset.does")
    assert here == "node/worker-1"
    page.keyboard.press("Enter")
    expect(page.locator("#situation")).to_contain_text("worker-1 down")
    assert page.evaluate("document.activeElement.dataset.does") == here
    assert page.locator("#picture [tabindex='0']").count() == 1


def test_a_drain_has_its_own_times(opened: OpenFile) -> None:
    """What the scheduler makes of it was worked out when the file was saved."""
    page = opened(Scenario(service="default/web"))
    page.get_by_role("button", name="Drains").click()
    page.get_by_role("button", name="worker-2, 192.168.1.102").click(position={"x": 20, "y": 20})
    expect(page.locator("#situation")).to_contain_text("drain of worker-2 · drained")
    page.get_by_role("button", name="Cordoned").click()
    expect(page.locator("#situation")).to_contain_text("just cordoned")


def test_what_the_file_does_not_know_it_says(opened: OpenFile) -> None:
    """Two nodes at once take kube-scheduler, once pods are recreated."""
    page = opened()
    page.get_by_role("button", name="worker-3, 192.168.1.103").click(position={"x": 20, "y": 20})
    recreated = page.get_by_role("button", name="Recreated")
    expect(recreated).to_contain_text("not in this file")
    expect(recreated).to_be_disabled()


def test_without_javascript_it_is_the_state_that_was_saved(opened: OpenFile) -> None:
    """The picture and the table."""
    page = opened(java_script_enabled=False)
    expect(page.locator("#picture svg")).to_contain_text("worker-2")
    expect(page.locator("#table")).to_contain_text("worker-2 Down")
    expect(page.locator("#controls")).to_be_hidden()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_axe_finds_nothing(opened: OpenFile, width: int, scheme: str) -> None:
    """And nothing is wider than the window."""
    page = opened(viewport={"width": width, "height": 800}, color_scheme=scheme)
    assert violations(page) == ""
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_on_the_map_of_the_cluster_a_header_leads_to_its_service(opened: OpenFile) -> None:
    """And a click on a node takes it down for all services at once."""
    page = opened(Scenario(at=Moment.BEFORE))
    expect(page.locator("#headline")).to_have_text("All 3 service ports answer every new connection")
    page.locator("[data-does='node/worker-2']").click(position={"x": 20, "y": 15})
    expect(page.locator("#headline")).to_have_text("All 3 service ports lose connections: 3 degraded")
    page.locator("[data-does='zone/a']").press("Enter")
    expect(page.locator("#situation")).to_contain_text("worker-2, zone a down")
    page.get_by_role("button", name="default/web, ").press("Enter")
    expect(page.locator("#headline")).to_contain_text("default/web:80 answers")


def test_a_button_keeps_the_focus_when_it_is_pressed(opened: OpenFile) -> None:
    """What is drawn again is the picture; who goes on with Tab is where they were."""
    page = opened(Scenario(down=frozenset({WORKER}), at=Moment.FAILED))
    button = page.get_by_role("button", name="Detected")
    button.press("Enter")
    expect(page.locator("#situation")).to_contain_text("failure detected")
    expect(button).to_be_focused()
    expect(button).to_have_attribute("aria-pressed", "true")


def test_the_legend_explains_what_is_in_the_picture(opened: OpenFile) -> None:
    """Of either picture, in each state; signs that are not there are not explained."""
    page = opened(Scenario(at=Moment.BEFORE))
    legend = page.get_by_role("list", name="Legend").get_by_role("listitem")
    assert legend.all_inner_texts() == ["to a node IP", "entry point", "to a pod, thicker is more"]
    page.locator("[data-does='node/worker-2']").click(position={"x": 20, "y": 15})
    expect(legend).to_have_count(5)
    assert legend.all_inner_texts()[3:] == ["lost", "down"]
    page.get_by_role("button", name="default/web, ").press("Enter")
    expect(legend.first).to_have_text("traffic, thicker is more")
    assert legend.all_inner_texts()[1:5] == ["lost", "degraded", "down", "changed by the failure"]


def test_printed_is_the_state_that_is_looked_at_without_controls(opened: OpenFile) -> None:
    """In the dark also on white paper, from a phone also as wide as a page."""
    page = opened(
        Scenario(down=frozenset({WORKER}), at=Moment.FAILED),
        viewport={"width": 390, "height": 800},
        color_scheme="dark",
    )
    page.get_by_role("button", name="Detected").click()
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    expect(page.locator("#controls")).to_be_hidden()
    expect(page.locator("#about")).to_be_hidden()
    expect(page.locator("#headline")).to_be_visible()
    expect(page.locator("#legend")).to_be_visible()
    width = page.locator("#picture svg").evaluate("its => its.viewBox.baseVal.width")
    background = page.evaluate("getComputedStyle(document.body).backgroundColor")
    ink = page.locator("#headline").evaluate("its => getComputedStyle(its).color")
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert width > 1000
    assert (background, ink) == ("rgb(255, 255, 255)", "rgb(21, 32, 43)")


def test_it_is_presented_with_the_keys_of_a_clicker(opened: OpenFile) -> None:
    """Picture and verdict alone, in large type; Back and Escape lead to all of the file again."""
    page = opened(viewport={"width": 1920, "height": 1080})
    page.get_by_role("button", name="Present").click()
    expect(page.locator("#about")).to_be_hidden()
    expect(page.locator("#table")).to_be_hidden()
    for key, time in (
        ("1", "Before"),
        ("PageDown", "Just failed"),
        ("Space", "Detected"),
        ("ArrowLeft", "Just failed"),
    ):
        page.keyboard.press(key)
        expect(page.locator("#moments [aria-pressed=true]")).to_contain_text(time)
    assert page.locator("#picture svg").evaluate("svg => svg.getScreenCTM().a * 12") > 21.9
    sizes = page.locator("h1, header p, #moments :is(b, span)").evaluate_all(
        "all => all.map(it => parseFloat(getComputedStyle(it).fontSize))"
    )
    assert min(sizes) >= 22
    page.locator("[data-does='node/worker-1']").click(position={"x": 30, "y": 20})
    expect(page.locator("#situation")).to_contain_text("worker-1, worker-2 down")
    page.keyboard.press("Escape")
    expect(page.locator("#about")).to_be_visible()
    page.go_back()
    expect(page.locator("#about")).to_be_hidden()


def test_presented_on_a_phone_it_fits_and_axe_finds_nothing(opened: OpenFile) -> None:
    """Leaving takes no key; which keys there are is shown for a while, and by ?."""
    page = opened(viewport={"width": 390, "height": 800})
    page.clock.install()
    page.get_by_role("button", name="Present").click()
    keys = page.locator("#keys")
    expect(keys).to_be_visible()
    assert violations(page) == ""
    page.clock.run_for(7000)
    expect(keys).to_be_hidden()
    page.keyboard.press("?")
    expect(keys).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("button", name="Leave").click()
    expect(page.locator("#about")).to_be_visible()
    expect(keys).to_be_hidden()
