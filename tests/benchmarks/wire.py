"""What goes over a slow line: ``python -m tests.benchmarks.wire [runs]``.

A real Chromium, throttled to 400 kbit/s with 50 ms of latency, opens a sample of a real ``nodefall serve`` and takes
nodes down. Times are those on the clock, beside what the bytes alone take on that line.
"""

import sys
from collections.abc import Iterable, Iterator
from time import perf_counter

from playwright.sync_api import CDPSession, Page, sync_playwright

from tests.benchmarks.isolation import serving
from tests.benchmarks.measure import Figure, lines, percentile
from tests.browser.conftest import CHROMIUM

BYTES_A_SECOND = 400_000 / 8
LATENCY = 50
CLICK = """
name => new Promise(shown => {
  const clicked = performance.now();
  const after = () => requestAnimationFrame(() => setTimeout(() => shown(performance.now() - clicked)));
  document.addEventListener("htmx:after:swap", after, { once: true });
  const node = document.getElementById(`n-${name}`).querySelector("a");
  node.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true }));
})
"""
"""From the click to the picture of the new state on the screen, in milliseconds."""


def figures(runs: int = 4) -> Iterator[Figure]:
    """Yield the first visit, then what a click takes; nothing where there is no Chromium."""
    if CHROMIUM is None:
        return
    with serving() as base, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(reduced_motion="reduce")
        loaded = _throttled(page)
        start = perf_counter()
        page.goto(f"{base}/t/sample-shop?service=default/web")
        yield _figure("first visit", perf_counter() - start, sum(loaded), f" in {len(loaded)} files")
        addresses = (f"{base}/t/sample-shop?service=default/web&name=run-{run}" for run in range(runs))
        times, sizes = zip(*_clicks(page, loaded, addresses), strict=True)
        for name, share in (("median", 0.5), ("slowest", 1.0)):
            yield _figure(f"click, {name}", percentile(times, share), percentile(sizes, share))
        browser.close()


def _throttled(page: Page) -> list[int]:
    """Slow the page's line down; return the list that gets the size of each response, headers included."""
    session: CDPSession = page.context.new_cdp_session(page)
    loaded: list[int] = []
    session.on("Network.loadingFinished", lambda event: loaded.append(event["encodedDataLength"]))
    session.send("Network.enable")
    line = {"downloadThroughput": BYTES_A_SECOND, "uploadThroughput": BYTES_A_SECOND, "latency": LATENCY}
    session.send("Network.emulateNetworkConditions", {"offline": False, **line})
    return loaded


def _clicks(page: Page, loaded: list[int], addresses: Iterable[str]) -> Iterator[tuple[float, int]]:
    """Yield the seconds and bytes of one click after the other, none to a state that the browser knows already."""
    for address in addresses:
        page.goto(address)
        page.wait_for_selector("[data-htmx-powered]", state="attached")
        page.wait_for_load_state("networkidle")  # the icon comes last, and is no part of a click
        for name in ("worker-2", "worker-1", "worker-3", "worker-2", "worker-1"):
            loaded.clear()
            seconds = page.evaluate(CLICK, name) / 1000
            page.wait_for_timeout(200)  # the size is reported a little later
            yield seconds, sum(loaded)


def _figure(what: str, seconds: float, size: float, more: str = "") -> Figure:
    return Figure(what, seconds, seconds / (size / BYTES_A_SECOND), remark=f"{size / 1000:.1f} kB{more}")


if __name__ == "__main__":
    for line in lines(figures(*map(int, sys.argv[1:]))):
        print(line)
