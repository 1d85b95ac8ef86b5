"""axe finds nothing, on every page and state, light and dark, on a desktop and on a phone."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.axe import CONTRAST, violations
from tests.browser.conftest import OpenPage

PAGES = (
    pytest.param("/", id="first page"),
    pytest.param("/help", id="help"),
    pytest.param("/api/v1/", id="API"),
    pytest.param("/api/v1/problems", id="problems of the API"),
    pytest.param("/t/sample-shop", id="nothing down"),
    pytest.param("/t/sample-shop?service=default/web&down=node/worker-2&at=failed", id="a node down"),
    pytest.param("/t/sample-shop?service=default/web&down=node/worker-2&at=failed&view=table", id="as a table"),
    pytest.param("/t/sample-shop?service=default/web&drawer=failures", id="more failures"),
    pytest.param("/t/sample-fifty-nodes?down=zone/eu-west-1b&at=failed&drawer=table", id="the cluster as a table"),
    pytest.param("/t/sample-ingress?service=shop/front", id="a service without a nodePort"),
    pytest.param("/t/sample-two-zones-dump?down=zone/eu-central-1a&at=failed", id="a zone down"),
    pytest.param("/t/sample-ingress?drain=node/worker-1", id="a drain"),
    pytest.param("/t/sample-fifty-nodes?down=zone/eu-west-1b&at=failed", id="folded lanes"),
    pytest.param("/t/sample-shop?down=node/worker-2&at=failed&beside=detected", id="side by side"),
    pytest.param("/t/sample-shop?service=default/web&down=node/worker-2&at=failed&present=1", id="presented"),
    pytest.param("/t/sample-fifty-nodes?down=zone/eu-west-1b&at=failed&present=1", id="a cluster presented"),
    pytest.param("/t/sample-webapp-service", id="assumed nodes"),
    pytest.param("/t/sample-clashing-ports?service=staging/web", id="a service that would be refused"),
    pytest.param("/t/sample-fifty-nodes/services?down=zone/eu-west-1b&at=failed&via=lb", id="all services"),
    pytest.param("/t/sample-clashing-ports/problems", id="problems"),
    pytest.param("/t/sample-shop/hop?service=default/web&entry=node/worker-1&step=3", id="a connection"),
    pytest.param("/t/sample-shop/hop?service=default/web&down=node/worker-2&entry=node/worker-2", id="one that fails"),
    pytest.param("/t/sample-shop/find?q=web", id="what was found"),
    pytest.param("/t/sample-shop/find?q=worker-2:30080&down=node/worker-2", id="an address explained"),
    pytest.param("/t/sample-webapp-service?zones=2&control-planes=1", id="edited"),
    pytest.param("/t/sample-shop?service=default/web&cordon=worker-4&select=pod/default/web-7c9d-pd7wn", id="changed"),
    pytest.param("/t/sample-shop/game-day?down=node/worker-2&at=failed", id="a game day"),
    pytest.param("/t/sample-shop?down=node/worker-2&at=failed&predict=1", id="a failure to be predicted"),
    pytest.param(
        "/t/sample-shop?service=default/web&down=node/worker-2&at=failed&predict=1&which=1&how-much=1&until=1",
        id="a prediction, answered",
    ),
    pytest.param("/lessons", id="lessons"),
    pytest.param("/lessons/node-down?step=2", id="a lesson"),
    pytest.param("/lessons/node-down?step=2&chosen=1", id="a lesson, answered"),
    pytest.param("/t/sample-shop/exercises?number=1&hint=2&probe=worker-1:30080", id="an exercise"),
    pytest.param("/t/sample-shop/exercises?number=1&chosen=selector", id="an exercise, answered"),
    pytest.param("/t/sample-shop/exercises?list=causes", id="all exercises"),
    pytest.param("/t/sample-clashing-ports/findings", id="findings"),
    pytest.param("/t/sample-fifty-nodes/findings?rule=NP222", id="a finding with its fix"),
    pytest.param("/t/sample-shop/findings?address=worker-2:30080&down=node/worker-2", id="why an address is silent"),
    pytest.param("/compare", id="two sets asked for"),
    pytest.param("/compare?old=sample-shop", id="a set beside one that is open"),
    pytest.param("/compare/sample-shop/sample-two-zones-dump", id="two sets compared"),
    pytest.param("/compare/sample-shop/sample-shop?down=node/worker-2&at=failed", id="nothing differs"),
    pytest.param("/t/sample-two-zones-dump/resilience", id="resilience"),
    pytest.param("/t/sample-fifty-nodes/resilience", id="resilience of many nodes"),
)


@pytest.mark.parametrize("path", PAGES)
def test_axe_finds_nothing_and_nothing_is_cut(visit: OpenPage, path: str) -> None:
    """Of the two schemes only the colours differ; on a phone cards take the diagram's place.

    A narrow window is what zooming to 200 % comes to: there as on a phone nothing is wider than the screen.
    """
    page = visit(path)
    assert violations(page) == "", "on a desktop"
    page.emulate_media(color_scheme="dark")
    assert violations(page, CONTRAST) == "", "in dark"
    page.emulate_media(color_scheme="light")
    assert width_at(page, 640) == 640
    assert width_at(page, 390) == 390
    assert violations(page) == "", "on a phone"


MAPS = (
    "sample-shop?down=node/worker-2",
    "sample-fifty-nodes?down=zone/eu-west-1b",
    "sample-shop?service=default/web&down=node/worker-2",
    "sample-fifty-nodes?service=default/echo&down=zone/eu-west-1b",
    "sample-two-zones-dump?service=booking/frontend",
)


@pytest.mark.parametrize("query", MAPS)
def test_links_of_a_map_are_called_what_they_show(visit: OpenPage, query: str) -> None:
    """Whoever speaks to the page says what is to be seen; axe asks for it among its experiments."""
    page = visit(f"/t/{query}&at=failed")
    results = Axe().run(page, "#diagram", {"runOnly": ["label-content-name-mismatch"]})
    assert results.violations_count == 0, results.generate_report()


def test_a_phone_shows_the_clusters_map_turned(visit: OpenPage) -> None:
    """In place of the picture, which is wider; what a tap does is large enough for a finger."""
    page = visit("/t/sample-fifty-nodes?down=zone/eu-west-1b&at=failed&via=lb")
    assert not page.locator(".turned").is_visible()
    page.set_viewport_size({"width": 390, "height": 844})
    assert not page.locator("#diagram").is_visible()
    heads = page.locator(".turned thead a")
    assert heads.all_inner_texts() == ["1a", "1b", "1c"]
    assert all(box["width"] >= 40 and box["height"] >= 40 for box in (head.bounding_box() for head in heads.all()))
    heads.nth(1).click()
    page.wait_for_url("**?via=lb&select=zone/eu-west-1b")


def width_at(page: Page, width: int) -> int:
    """Return how wide the page is in a window of that width."""
    page.set_viewport_size({"width": width, "height": 844})
    return page.evaluate("document.documentElement.scrollWidth")


def test_axe_finds_nothing_in_open_menus(visit: OpenPage) -> None:
    """Download and the choice of a service; the Share dialog has tests of its own."""
    page = visit("/t/sample-shop?service=default/web")
    for menu in ("#download", "#choose-service"):
        page.locator(f"{menu} > summary").click()
        assert violations(page) == "", menu


def test_forced_colours_keep_the_signs(visit: OpenPage) -> None:
    """Outlines, dashes and icons carry it all."""
    page = visit("/t/sample-shop?service=default/web&down=node/worker-2&at=failed", forced_colors="active")
    assert page.locator("#diagram path[stroke-dasharray]").count() > 0
    assert page.locator("#verdict .state .i").count() == 1
