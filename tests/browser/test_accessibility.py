"""axe finds nothing, on every page and state, light and dark."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.conftest import OpenPage

PAGES = (
    pytest.param("/", id="first page"),
    pytest.param("/help", id="help"),
    pytest.param("/t/sample-shop", id="nothing down"),
    pytest.param("/t/sample-shop?service=default/web&down=node/worker-2&at=failed", id="a node down"),
    pytest.param("/t/sample-shop?service=default/web&down=node/worker-2&at=failed&view=table", id="as a table"),
    pytest.param("/t/sample-two-zones-dump?down=zone/eu-central-1a&at=failed", id="a zone down"),
    pytest.param("/t/sample-ingress?drain=node/worker-1", id="a drain"),
    pytest.param("/t/sample-fifty-nodes?down=zone/eu-west-1b&at=failed", id="folded lanes"),
    pytest.param("/t/sample-webapp-service", id="assumed nodes"),
    pytest.param("/t/sample-clashing-ports?service=staging/web", id="a service that would be refused"),
    pytest.param("/t/sample-fifty-nodes/services?down=zone/eu-west-1b&at=failed&via=lb", id="all services"),
    pytest.param("/t/sample-clashing-ports/problems", id="problems"),
    pytest.param("/t/sample-shop/hop?service=default/web&entry=node/worker-1&step=3", id="a connection"),
    pytest.param("/t/sample-shop/hop?service=default/web&down=node/worker-2&entry=node/worker-2", id="one that fails"),
    pytest.param("/t/sample-shop/find?q=web", id="what was found"),
    pytest.param("/t/sample-shop/find?q=worker-2:30080&down=node/worker-2", id="an address explained"),
    pytest.param("/t/sample-webapp-service?zones=2&control-planes=1", id="edited"),
    pytest.param("/t/sample-clashing-ports/findings", id="findings"),
    pytest.param("/t/sample-shop/findings?address=worker-2:30080&down=node/worker-2", id="why an address is silent"),
    pytest.param("/compare", id="two sets asked for"),
    pytest.param("/compare?old=sample-shop", id="a set beside one that is open"),
    pytest.param("/compare/sample-shop/sample-two-zones-dump", id="two sets compared"),
    pytest.param("/compare/sample-shop/sample-shop?down=node/worker-2&at=failed", id="nothing differs"),
    pytest.param("/t/sample-two-zones-dump/resilience", id="resilience"),
    pytest.param("/t/sample-fifty-nodes/resilience", id="resilience of many nodes"),
)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", PAGES)
def test_axe_finds_nothing(visit: OpenPage, path: str, scheme: str) -> None:
    """On a desktop."""
    page = visit(path, color_scheme=scheme)
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()


@pytest.mark.parametrize("path", PAGES)
def test_axe_finds_nothing_on_a_phone(visit: OpenPage, path: str) -> None:
    """Where cards take the diagram's place; and nothing is wider than the screen."""
    page = visit(path, viewport={"width": 390, "height": 844})
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") == 390


def test_axe_finds_nothing_in_open_menus(visit: OpenPage) -> None:
    """Download, share and the choice of a service."""
    page = visit("/t/sample-shop")
    for menu in ("#download", "#share", "#choose-service"):
        page.locator(f"{menu} > summary").click()
        results = Axe().run(page)
        assert results.violations_count == 0, results.generate_report()


@pytest.mark.parametrize("path", PAGES)
def test_text_at_twice_its_size_stays_readable(visit: OpenPage, path: str) -> None:
    """A narrow window is what zooming to 200 % comes to: nothing is cut at its right edge."""
    page = visit(path, viewport={"width": 640, "height": 450}, device_scale_factor=2)
    assert page.evaluate("document.documentElement.scrollWidth") == 640


def test_forced_colours_keep_the_signs(visit: OpenPage) -> None:
    """Outlines, dashes and icons carry it all."""
    page = visit("/t/sample-shop?service=default/web&down=node/worker-2&at=failed", forced_colors="active")
    assert page.locator("#diagram path[stroke-dasharray]").count() > 0
    assert page.locator("#verdict .state .i").count() == 1
