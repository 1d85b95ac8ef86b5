"""A browser at two processes behind a proxy: whichever answers, the page is the same."""

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.fronts import CADDY, NGINX, Front, fronted
from webapp.paths import resource_directory

SHOP = resource_directory("samples") / "shop.yaml"


@pytest.fixture(scope="module", params=[NGINX, CADDY])
def front(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    """Give a proxy, below a path, that sends each request to the next process."""
    folder = tmp_path_factory.mktemp("front")
    settings = {"NODEFALL_WORKERS": "0", "NODEFALL_MAX_UPLOAD_BYTES": "1000000"}
    with fronted(request.param, folder, path="/nodefall", alternate=True, settings=settings) as made:
        yield made


@pytest.fixture(name="page_there")
def _page_there(browser: Browser) -> Iterator[Page]:
    """Give a page that takes the certificate, and fails the test if anything is on its console."""
    context = browser.new_context(ignore_https_errors=True)
    page, said = context.new_page(), []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    yield page
    context.close()
    assert said == []


def requests_of(process: str) -> int:
    """Return how many requests a process has answered."""
    with urlopen(f"http://{process}/metrics") as answer:
        counted = re.findall(r"^nodefall_requests_total\{.*\} ([\d.]+)", answer.read().decode(), re.MULTILINE)
    return int(sum(map(float, counted)))


def test_upload_click_and_share(front: Front, page_there: Page) -> None:
    """The way of most readers, and back by the short link, in another browser's place."""
    page = page_there
    page.goto(f"{front.base}/")
    page.set_input_files("#files", SHOP)
    page.wait_for_url(re.compile(rf"{re.escape(front.base)}/t/[\w-]+"))
    page.wait_for_selector("[data-htmx-powered]", state="attached")
    page.locator("a[aria-label*='worker-2']").first.click()
    expect(page).to_have_url(re.compile(r"down=node/worker-2"))
    page.goto(page.url + "&share=link")
    page.get_by_role("button", name=re.compile("short link", re.IGNORECASE)).first.click()
    page.wait_for_url(re.compile("shared="))
    short = page.locator(f"input[value*='{front.base}/s/']").first.input_value()
    page.goto(short)
    expect(page).to_have_url(re.compile(rf"{re.escape(front.base)}/t/[\w-]+\?.*down=node/worker-2"))
    assert all(requests_of(process) > 3 for process in front.processes)


def test_too_large_an_upload_shows_our_page(front: Front, browser: Browser, tmp_path: Path) -> None:
    """Also without the script that looks at its size first: sent as a plain form."""
    large = tmp_path / "large.yaml"
    large.write_bytes(b"#" * (3 << 20))
    with browser.new_context(ignore_https_errors=True, java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(f"{front.base}/")
        page.set_input_files("#files", large)
        page.eval_on_selector("form:has(#files)", "form => HTMLFormElement.prototype.submit.call(form)")
        expect(page.get_by_role("heading", name="Too large for this server")).to_be_visible()
