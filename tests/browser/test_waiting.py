"""The page about long work: it shows the stages, becomes the result by itself, and can be cancelled."""

import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest
from playwright.sync_api import Page, expect
from werkzeug.serving import make_server

from tests.browser import axe
from tests.browser.conftest import OpenPage
from tests.jobs import dawdling
from tests.views.uploading import WEB
from webapp.jobs import Pool
from webapp.views import create_app, isolation

WORKING = "Working on Two pods on one node"
LIMIT = "That takes too long for this server"
STOPPED = "503"
"""The console's word for a page that a limit has stopped."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Start an app whose sets are all large; its worker dawdles when asked to, up to a limit of eight seconds."""
    url = f"sqlite:///{tmp_path_factory.mktemp('waiting')}/nodefall.sqlite3"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(isolation, "Pool", lambda _, *rest: Pool(dawdling.create, *rest))
        app = create_app({"DATABASE_URL": url, "RATE_LIMIT": "", "WORKERS": 1, "LARGE_SET": 0, "JOB_SECONDS": 8})
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    url = f"http://127.0.0.1:{server.server_port}"
    with urlopen(f"{url}/t/sample-shop") as answer:  # noqa: S310 - always http://127.0.0.1
        answer.read()  # the worker has started
    yield url
    server.shutdown()
    thread.join()
    server.server_close()
    app.extensions["nodefall-jobs"].close()
    app.extensions["nodefall"].store.close()


@pytest.fixture
def dawdle(server: str) -> str:
    """Return an address that takes until the limit."""
    return f"{server}/t/sample-shop?name=dawdle"


@pytest.mark.parametrize("color_scheme", ["light", "dark"])
@pytest.mark.parametrize(
    "viewport", [{"width": 1280, "height": 900}, {"width": 390, "height": 844}], ids=["desk", "phone"]
)
def test_it_can_be_used_on_any_screen(
    visit: OpenPage, dawdle: str, color_scheme: str, viewport: dict[str, int]
) -> None:
    """Also what Cancel leads to."""
    address = f"{dawdle}-{color_scheme}-{viewport['width']}"
    page = visit(address, color_scheme=color_scheme, viewport=viewport)
    is_titled(page, WORKING)
    expect(page.locator("[aria-current=step]")).to_contain_text("Weighing Services", timeout=20_000)
    assert axe.violations(page) == ""
    assert not scrolls_sideways(page)
    page.get_by_role("button", name="Cancel").click()
    is_titled(page, "Cancelled")


def test_the_page_becomes_what_was_asked_for(visit: OpenPage, dawdle: str) -> None:
    """Here a limit, which says what was too much, at the same address."""
    page = visit(dawdle, expected=STOPPED)
    is_titled(page, WORKING)
    is_titled(page, LIMIT)
    expect(page).to_have_url(dawdle)
    assert axe.violations(page) == ""


def is_titled(page: Page, title: str) -> None:
    """Wait for a page with this title: a worker has to start for it, or to hit its limit."""
    expect(page.get_by_role("heading", level=1)).to_have_text(title, timeout=20_000)


def scrolls_sideways(page: Page) -> bool:
    """Tell whether the page is wider than the window."""
    return bool(page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"))


def test_a_click_shows_it_inside_the_page(visit: OpenPage, server: str) -> None:
    """And the result takes its place there, at the address of the click."""
    page = visit(f"{server}/t/sample-shop")
    link = page.get_by_role("link", name="Resilience")
    link.evaluate("one => one.setAttribute('href', one.getAttribute('href') + '?name=dawdle')")
    link.click()
    is_titled(page, WORKING)
    page.get_by_role("button", name="Cancel").click()
    is_titled(page, "Cancelled")
    page.get_by_role("link", name="Try again").click()
    is_titled(page, WORKING)
    expect(page).to_have_url(f"{server}/t/sample-shop/resilience?name=dawdle")


def test_without_javascript_it_refreshes_itself(visit: OpenPage, dawdle: str) -> None:
    """Every two seconds, until it is something else."""
    page = visit(f"{dawdle}-without", expected=STOPPED, java_script_enabled=False)
    is_titled(page, WORKING)
    is_titled(page, LIMIT)


def test_an_upload_leads_to_its_map(visit: OpenPage, server: str, tmp_path: Path) -> None:
    """By way of a page that says how far it is, from which it can be cancelled."""
    file = tmp_path / "web.yaml"
    file.write_text(f"# {'x' * isolation.LARGE_UPLOAD}\n{WEB}")
    page = visit(f"{server}/")
    page.set_input_files("#files", file)
    expect(page.locator("#page.has-tabs")).to_be_visible(timeout=20_000)
    assert "/t/" in page.url


def test_an_upload_can_be_cancelled(visit: OpenPage, server: str, tmp_path: Path) -> None:
    """It says that nothing is stored."""
    file = tmp_path / "web.yaml"
    file.write_text(f"# dawdle {'x' * isolation.LARGE_UPLOAD}\n{WEB}")
    page = visit(f"{server}/")
    page.set_input_files("#files", file)
    is_titled(page, "Reading what you sent")
    page.get_by_role("button", name="Cancel and delete it").click()
    is_titled(page, "Cancelled")
    expect(page.locator("main")).to_contain_text("nothing of it is stored")


def test_escape_asks_whether_to_cancel(visit: OpenPage, dawdle: str) -> None:
    """Once for each time."""
    page = visit(f"{dawdle}-escape")
    is_titled(page, WORKING)
    page.once("dialog", lambda dialog: dialog.dismiss())
    page.keyboard.press("Escape")
    is_titled(page, WORKING)
    page.once("dialog", lambda dialog: dialog.accept())
    page.keyboard.press("Escape")
    is_titled(page, "Cancelled")
