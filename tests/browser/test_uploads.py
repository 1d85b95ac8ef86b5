"""Uploading in a browser: what is large goes compressed, what is too large does not go at all."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, Request, expect

from tests.browser.conftest import OpenPage
from tests.views.uploading import WEB

LARGE = WEB + "# a comment\n" * 20_000


def chosen(page: Page, *files: Path) -> None:
    """Choose files, which sends them."""
    page.locator("#files").set_input_files(list(files))


def written(folder: Path, name: str, text: str) -> Path:
    """Return a file with this text."""
    file = folder / name
    file.write_text(text)
    return file


@pytest.mark.parametrize(
    ("text", "encoding"), [pytest.param(LARGE, "gzip", id="large"), pytest.param(WEB, None, id="small")]
)
def test_what_is_large_is_compressed_on_the_way(
    visit: OpenPage, tmp_path: Path, text: str, encoding: str | None
) -> None:
    """And is the same upload for the server, with its name."""
    page = visit("/")
    sent: list[Request] = []
    page.on("request", lambda request: sent.append(request) if request.method == "POST" else None)
    chosen(page, written(tmp_path, "shop.yaml", text))
    expect(page).to_have_url(re.compile(r"/t/[\w-]{22}$"))
    expect(page.locator(".what")).to_contain_text("shop.yaml")
    (request,) = sent
    assert request.headers.get("content-encoding") == encoding
    assert encoding is None or int(request.sizes()["requestBodySize"]) < len(text) / 50


@pytest.mark.parametrize("path", ["/", "/compare"])
def test_too_large_an_upload_is_said_before_it_is_sent(visit: OpenPage, tmp_path: Path, path: str) -> None:
    """With its size and the limit."""
    page = visit(path)
    page.locator("form.upload").evaluate("form => form.dataset.most = 100_000")
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url))
    page.locator("input[type=file]").first.set_input_files(written(tmp_path, "shop.yaml", LARGE))
    if path == "/compare":
        page.get_by_role("button", name="Compare").click()
    expect(page.locator("#upload-said")).to_contain_text("0.229 MB, and an upload may have 0.0954 MB")
    assert sent == []


def test_two_sets_are_compared_with_progress(visit: OpenPage, tmp_path: Path) -> None:
    """The form of the comparison goes the same way."""
    page = visit("/compare")
    for at, text in enumerate((LARGE, LARGE.replace("replicas: 3", "replicas: 1"))):
        page.locator("input[type=file]").nth(at).set_input_files(written(tmp_path, f"{at}.yaml", text))
    page.get_by_role("button", name="Compare").click()
    expect(page).to_have_url(re.compile("/compare/[^/]+/[^/]+$"))


def test_a_proxy_that_takes_less_is_named(visit: OpenPage, tmp_path: Path) -> None:
    """Its own page of plain text is not shown."""
    page = visit("/", expected="413", locale="en-GB")
    page.route("**/upload", lambda route: route.fulfill(status=413, body="413 Request Entity Too Large"))
    chosen(page, written(tmp_path, "shop.yaml", WEB))
    expect(page.locator("#upload-said")).to_contain_text("A proxy in front of nodefall takes no upload of this size")
