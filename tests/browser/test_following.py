"""A page of what is read again and again goes on to each new reading by itself, in the state that is looked at."""

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from tests.browser.axe import violations
from tests.browser.conftest import OpenPage
from tests.servers import serving
from webapp.paths import resource_directory

SHOP = (resource_directory("samples") / "shop.yaml").read_text()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return the file that is followed."""
    path = tmp_path / "shop.yaml"
    path.write_text(SHOP)
    return path


@pytest.fixture
def address(file: Path) -> Iterator[str]:
    """Serve the file, and return where its first reading is."""
    with serving("--port", "0", "--watch", str(file)) as (_, printed):
        yield printed


# In this order a test's pages are closed before the server ends: an open stream that breaks off is a message.
def test_a_page_goes_on_to_the_new_reading_and_keeps_the_failure(address: str, file: Path, visit: OpenPage) -> None:
    """It names what changed, and leads to both side by side; Back stays at the earlier one."""
    page = visit(f"{address}?down=node/worker-2&at=failed")
    said = page.locator("#following")
    expect(said).to_contain_text("Follows")
    expect(said.get_by_role("link")).to_have_count(0)
    file.write_text(SHOP.replace("replicas: 3", "replicas: 4", 1))
    expect(said).to_contain_text("Deployment default/admin changed.")
    expect(page).to_have_url(re.compile(r"\?down=node/worker-2&at=failed$"))
    assert not page.url.startswith(address)
    expect(page.locator("#verdict")).to_contain_text("worker-2 is down")
    compare = said.get_by_role("link", name="Compare with before")
    expect(compare).to_have_attribute("href", re.compile(r"/compare/.*\?down=node/worker-2&at=failed$"))
    page.go_back()
    expect(page).to_have_url(re.compile(re.escape(address)))
    expect(said.get_by_role("link", name="Show the newest reading")).to_be_visible()


def test_what_can_not_be_read_is_said_until_it_can(address: str, file: Path, visit: OpenPage) -> None:
    """Somebody is in the middle of writing it; the last reading stays."""
    page = visit(address)
    problem = page.locator("[data-following=problem]")
    expect(page.locator("#following")).to_contain_text("Follows")
    file.write_text("a: [")
    expect(problem).to_contain_text("Can’t be read now:")
    assert violations(page) == ""
    file.write_text(SHOP)
    expect(problem).to_have_text("")
    expect(page).to_have_url(re.compile(re.escape(address)))


def test_a_page_goes_on_when_the_server_was_restarted(tmp_path: Path, file: Path, visit: OpenPage) -> None:
    """It asks again by itself, and goes on to what the new process has read."""
    # As people run it: on one port, with a database that stays.
    database = ("--database", f"sqlite:///{tmp_path}/nodefall.sqlite3", "--watch", str(file))
    with serving("--port", "0", *database) as (_, address):
        port = urlsplit(address).port
        page = visit(f"{address}?down=node/worker-2&at=failed", expected="ERR_")
        expect(page.locator("#following")).to_contain_text("Follows")
    with serving("--port", str(port), *database):
        expect(page).not_to_have_url(re.compile(re.escape(address)), timeout=30_000)
        expect(page).to_have_url(re.compile(r"[?]down=node/worker-2&at=failed$"))
        # A page whose stream breaks off says so.
        page.goto(address.partition("/t/")[0] + "/help")


def test_a_proxy_that_answers_with_an_error_for_a_while_ends_nothing(address: str, file: Path, visit: OpenPage) -> None:
    """As while the server behind it starts anew: a browser by itself would never ask again."""
    page = visit(address, expected="502")
    said = page.locator("#following")
    expect(said).to_contain_text("read at")
    page.clock.install()
    page.route("**/following", lambda route: route.fulfill(status=502))
    with page.expect_response("**/following"):
        # Which is what makes it ask at once.
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    page.clock.fast_forward(15_000)
    expect(page.locator("[data-following=problem]")).to_contain_text("No news from the server")
    page.unroute("**/following")
    page.clock.fast_forward(60_000)
    expect(page.locator("[data-following=problem]")).to_have_text("")
    file.write_text(SHOP.replace("replicas: 3", "replicas: 4", 1))
    expect(said).to_contain_text("Deployment default/admin changed.")


def test_more_tabs_than_a_browser_has_connections_all_work(address: str, visit: OpenPage) -> None:
    """Six to one server: an open stream each would leave none for anything else."""
    first = visit(address)
    tabs = [first.context.new_page() for _ in range(7)]
    for tab in tabs:
        tab.goto(address, timeout=15_000)
        expect(tab.locator("#following")).to_contain_text("read at", timeout=15_000)
    for tab in tabs:
        tab.close()


def test_without_a_script_a_link_leads_to_the_newest_reading(address: str, file: Path, visit: OpenPage) -> None:
    """It is there whether there is one or not."""
    page = visit(f"{address}?down=node/worker-2", java_script_enabled=False)
    file.write_text(SHOP.replace("replicas: 3", "replicas: 4", 1))
    link = page.get_by_role("link", name="Show the newest reading")
    for _ in range(100):
        link.click()
        if not page.url.startswith(address):
            break
        page.wait_for_timeout(100)
    assert not page.url.startswith(address)
    assert "down=node/worker-2" in page.url
