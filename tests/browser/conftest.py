"""A real headless Chromium against a real server; any message on the console fails the test.

Without a Chromium these tests are skipped, unless NODEFALL_REQUIRE_BROWSER says that this is a mistake.
"""

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Error, Page
from werkzeug.serving import make_server

from webapp.views import create_app

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
FONTS = Path(__file__).parents[2] / "static" / "fonts"
_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--font-render-hinting=none",
    "--force-color-profile=srgb",
    "--hide-scrollbars",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark these tests, and leave them out where no browser is found."""
    for item in items:
        if "tests/browser" in item.path.as_posix():
            item.add_marker(pytest.mark.browser)
            # A browser on a busy machine may miss a deadline that has nothing to do with the page; a fault of the page
            # fails each time.
            item.add_marker(pytest.mark.flaky(reruns=2))
            if CHROMIUM is None and not os.environ.get("NODEFALL_REQUIRE_BROWSER"):
                item.add_marker(pytest.mark.skip(reason="no Chromium found; set CHROMIUM to its path"))


@pytest.fixture(scope="session")
def fonts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write a configuration of fontconfig in which the project's fonts are the only ones: text is as wide anywhere."""
    folder = tmp_path_factory.mktemp("fontconfig")
    file = folder / "fonts.conf"
    file.write_text(
        f"<fontconfig><dir>{FONTS}</dir><cachedir>{folder}</cachedir>"
        "<alias><family>monospace</family><prefer><family>JetBrains Mono</family></prefer></alias></fontconfig>"
    )
    return file


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any], fonts: Path) -> dict[str, Any]:
    """Use the machine's Chromium, with what makes pictures the same everywhere."""
    assert CHROMIUM is not None, "NODEFALL_REQUIRE_BROWSER is set and no Chromium was found"
    environ = os.environ | {"FONTCONFIG_FILE": str(fonts)}
    return browser_type_launch_args | {"executable_path": CHROMIUM, "args": list(_FLAGS), "env": environ}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    """Open a desktop window in English, without motion."""
    return browser_context_args | {
        "viewport": {"width": 1280, "height": 900},
        "reduced_motion": "reduce",
        "color_scheme": "light",
        "locale": "en-GB",
        "timezone_id": "UTC",
    }


@pytest.fixture(scope="session")
def base_url() -> Iterator[str]:
    """Start the app on a free port, or take the servers that are running at NODEFALL_TEST_SERVER."""
    if running := os.environ.get("NODEFALL_TEST_SERVER"):
        yield running
        return
    app = create_app({"DATABASE_URL": "sqlite://", "RATE_LIMIT": ""})
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()
    app.extensions["nodefall"].store.close()


OpenPage = Callable[..., Page]


@pytest.fixture(scope="session")
def window(browser: Browser, browser_context_args: dict[str, Any]) -> Page:
    """Open the window that most tests share: starting one of its own takes a test as long as all that it does there."""
    return browser.new_context(**browser_context_args).new_page()


MEDIA = {"media": "null", "reduced_motion": "reduce", "forced_colors": "none"}
CHANGEABLE = {"viewport", "color_scheme"}
"""What can be set while a window is open."""


@pytest.fixture
def visit(browser: Browser, window: Page, browser_context_args: dict[str, Any], base_url: str) -> Iterator[OpenPage]:
    """Open addresses, each as in its own browser; `expected` is part of the one message that a test brings about."""
    pages: list[Page] = []
    messages: list[str] = []
    wanted: list[str] = []

    def heard(message: ConsoleMessage) -> None:
        if not any(expected in message.text for expected in wanted):
            messages.append(message.text)

    def failed(error: Error) -> None:
        messages.append(f"error: {error}")

    def opened(path: str = "/", *, expected: str = "", **options: Any) -> Page:
        settings = browser_context_args | options
        if pages or options.keys() - CHANGEABLE:
            page = browser.new_context(**settings).new_page()
        else:
            page = window
            page.set_viewport_size(settings["viewport"])
            page.emulate_media(**MEDIA, color_scheme=settings["color_scheme"])
        pages.append(page)
        wanted.extend([expected] if expected else [])
        page.set_default_timeout(10_000)
        page.on("console", heard)
        page.on("pageerror", failed)
        page.goto(path if path.startswith("http") else base_url + path)
        if options.get("java_script_enabled", True) and page.locator("#page").count():
            # Before htmx has taken up the page links lead to whole pages, which is fine but not what is tested.
            page.wait_for_selector("[data-htmx-powered]", state="attached")
        return page

    yield opened
    for page in pages:
        if page is window:
            left_clean(page, heard, failed)
        else:
            page.context.close()
    assert messages == []


def left_clean(window: Page, *listeners: Callable[..., None]) -> None:
    """Leave nothing of one test to the next: routes, storage, cookies, where the mouse is, who listens."""
    window.unroute_all(behavior="ignoreErrors")
    window.evaluate("localStorage.clear(), sessionStorage.clear()")
    window.context.clear_cookies()
    window.mouse.move(0, 0)
    window.goto("about:blank")
    for event, listener in zip(("console", "pageerror"), listeners, strict=True):
        window.remove_listener(event, listener)
