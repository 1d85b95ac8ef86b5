"""The main road: bring manifests, see the path, take a node down, share what one sees."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage

SHOP = Path(__file__).parents[2] / "samples" / "shop.yaml"
WEB = "service=default/web"
VERDICT = "37.5\u202f%"
WHOLE = "Every new connection to default/web:80 is answered"

DROP = """async ([name, text]) => {
  const transfer = new DataTransfer();
  transfer.items.add(new File([text], name, {type: "application/yaml"}));
  const zone = document.getElementById("drop");
  for (const kind of ["dragenter", "dragover", "drop"])
    zone.dispatchEvent(new DragEvent(kind, {dataTransfer: transfer, bubbles: true, cancelable: true}));
}"""


def upload_by_picker(page: Page) -> None:
    """Choose a file; it is sent at once."""
    page.locator("#files").set_input_files(SHOP)


def upload_by_drop(page: Page) -> None:
    """Drop a file on the zone."""
    page.evaluate(DROP, ["shop.yaml", SHOP.read_text(encoding="utf-8")])


def upload_by_paste(page: Page) -> None:
    """Paste the text and draw it."""
    page.locator("#text").fill(SHOP.read_text(encoding="utf-8"))
    page.get_by_role("button", name="Visualize").click()


def focus_web(page: Page) -> None:
    """Bring default/web into focus by its bar on the map of the cluster."""
    page.locator("#b-default_2f_web_3a_80").click(position={"x": 40, "y": 20})
    expect(page.locator("#verdict-heading")).to_contain_text("default/web:80")


def take_down(page: Page, node: str) -> None:
    """Click the node's box in the diagram."""
    page.locator(f"#a-n-{node}").click(position={"x": 20, "y": 15})


@pytest.mark.parametrize("upload", [upload_by_picker, upload_by_drop, upload_by_paste])
def test_from_manifests_to_a_shared_failure(visit: OpenPage, upload) -> None:  # type: ignore[no-untyped-def]
    """Upload, click a node, read the verdict, go back, and open the link elsewhere: the same picture."""
    page = visit("/")
    upload(page)
    page.wait_for_url(re.compile(r"/t/[\w-]{22}$"))
    focus_web(page)

    take_down(page, "worker-2")
    expect(page.locator("#verdict-number")).to_have_text(VERDICT)
    expect(page).to_have_url(re.compile("down=node/worker-2&at=failed"))
    page.get_by_role("link", name=re.compile("^Detected")).click()
    expect(page.locator("#verdict-number")).to_have_text("75\u202f%")

    stranger = visit(page.url)
    expect(stranger.locator("#verdict-number")).to_have_text("75\u202f%")
    assert stranger.locator("#diagram").evaluate("node => node.outerHTML.length") > 5000
    assert drawing(stranger) == drawing(page)

    page.go_back()
    expect(page.locator("#verdict-number")).to_have_text(VERDICT)
    page.go_back()
    expect(page.locator("#verdict-heading")).to_have_text(WHOLE)
    page.go_forward()
    expect(page.locator("#verdict-number")).to_have_text(VERDICT)


def drawing(page: Page) -> list[list[str]]:
    """Return the texts of the diagram in their order, with where they stand."""
    script = "svg => [...svg.querySelectorAll('text')].map(t => [t.getAttribute('x'), t.textContent])"
    return list(page.locator("#diagram").evaluate(script))


def test_a_click_changes_the_page_in_place(visit: OpenPage) -> None:
    """Htmx morphs it: the document stays, so does the element that was clicked."""
    page = visit(f"/t/sample-shop?{WEB}")
    page.evaluate("window.stayed = true; document.getElementById('a-n-worker-1').stayed = true")
    take_down(page, "worker-2")
    expect(page.locator("#verdict-number")).to_have_text(VERDICT)
    assert page.evaluate("window.stayed && document.getElementById('a-n-worker-1').stayed") is True


def test_what_changed_is_said(visit: OpenPage) -> None:
    """The live region carries the verdict as a sentence."""
    page = visit(f"/t/sample-shop?{WEB}")
    take_down(page, "worker-2")
    expect(page.locator("#said")).to_contain_text("of new connections to default/web:80 are answered")


def test_with_the_keyboard_alone(visit: OpenPage) -> None:
    """Tab to the picture, arrows to a node, Enter takes it down, and the focus stays on it."""
    page = visit(f"/t/sample-shop?{WEB}")
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.closest('#diagram') !== null"):
            break
    for _ in range(20):
        if page.evaluate("document.activeElement.id") == "a-n-worker-2":
            break
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("#verdict-number")).to_have_text(VERDICT)
    assert page.evaluate("document.activeElement.id") == "a-n-worker-2"
    page.keyboard.press("Enter")
    expect(page.locator("#verdict-heading")).to_have_text(WHOLE)


def test_the_skip_link_leads_to_the_content(visit: OpenPage) -> None:
    """It is the first stop of the keyboard."""
    page = visit("/t/sample-shop")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_without_javascript(visit: OpenPage) -> None:
    """The same links and forms work as full page loads."""
    page = visit("/", java_script_enabled=False)
    page.locator("#files").set_input_files(SHOP)
    page.get_by_role("button", name="Visualize").click()
    page.wait_for_url(re.compile(r"/t/[\w-]{22}$"))
    page.goto(f"{page.url}?{WEB}")
    take_down(page, "worker-2")
    expect(page.locator("#verdict-number")).to_have_text(VERDICT)
    page.get_by_role("link", name=re.compile("^Detected")).click()
    expect(page.locator("#verdict-number")).to_have_text("75\u202f%")
    page.get_by_role("link", name="Table").click()
    expect(page.locator("#twin")).to_be_visible()
    page.get_by_role("link", name="Bring back up worker-2").first.click()
    expect(page.locator("#verdict-heading")).to_have_text(WHOLE)


def test_a_wrong_paste_keeps_its_text(visit: OpenPage) -> None:
    """What is wrong is said above it."""
    page = visit("/", expected="status of 422")
    page.locator("#text").fill("kind: Service\n  name: [")
    with page.expect_response("**/upload"):
        page.get_by_role("button", name="Visualize").click()
    expect(page.locator("#upload-problems")).to_contain_text("pasted.yaml")
    expect(page.locator("#text")).to_have_value(re.compile(r"name: \["))
    page.locator("#text").fill(SHOP.read_text(encoding="utf-8"))
    page.get_by_role("button", name="Visualize").click()
    page.wait_for_url(re.compile(r"/t/[\w-]{22}$"))


def test_the_theme_can_be_switched_and_stays(visit: OpenPage) -> None:
    """The reader's choice wins over the system's and is known on the next page."""
    page = visit("/")
    page.get_by_role("button", name="Dark theme").click()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    page.get_by_role("link", name="Help", exact=True).click()
    expect(page.get_by_role("heading", name="Legend and glossary")).to_be_visible()
    page.reload()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(14, 20, 27)"


def test_zooming_keeps_the_drawing_sharp_and_lasts(visit: OpenPage) -> None:
    """Buttons and keys change the size of the picture; a click leaves it as it is.

    In a window of 1,440 px it fits; in a narrower one its text would be under 11 px, so it scrolls.
    """
    page = visit(f"/t/sample-shop?{WEB}", viewport={"width": 1440, "height": 900})
    width = "document.getElementById('diagram').clientWidth"
    before = page.evaluate(width)
    page.get_by_role("button", name="Zoom in").click()
    larger = page.evaluate(width)
    assert larger > before * 1.2
    page.locator("#a-n-worker-2").evaluate(
        "node => node.dispatchEvent(new MouseEvent('click', {bubbles: true, cancelable: true}))"
    )
    expect(page.locator("#verdict-number")).to_have_text(VERDICT)
    assert page.evaluate(width) == pytest.approx(larger, abs=2)
    page.get_by_role("button", name="Fit", exact=True).click()
    assert page.evaluate(
        "document.getElementById('canvas').scrollWidth <= document.getElementById('canvas').clientWidth + 1"
    )


def test_the_share_dialog_copies_the_link(visit: OpenPage) -> None:
    """And says that a loopback address works here only."""
    page = visit(f"/t/sample-shop?{WEB}&down=node/worker-2", permissions=["clipboard-read", "clipboard-write"])
    page.locator("#share").click()
    dialog = page.locator("#share-dialog")
    expect(dialog).to_contain_text("works on this machine only")
    dialog.locator("[data-copy=share-link]").click()
    expect(page.locator("#said")).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == page.url
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()


def test_on_a_phone_the_verdict_stays_in_view(visit: OpenPage) -> None:
    """It becomes one line; a thumb takes nodes down by their cards; nothing is wider than the screen."""
    page = visit(
        f"/t/sample-shop?{WEB}&at=failed", viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True
    )
    expect(page.locator("#canvas")).to_be_hidden()
    page.locator(".node-card", has_text="worker-2").get_by_role("link", name="Take down worker-2").tap()
    expect(page.locator("#verdict-number")).to_have_text(VERDICT)
    page.locator(".panel").scroll_into_view_if_needed()
    expect(page.locator("#verdict-line")).to_have_css("visibility", "visible")
    assert page.evaluate("document.documentElement.scrollWidth") == 390


def test_a_corrected_set_keeps_what_was_looked_at(visit: OpenPage) -> None:
    """From the page of problems, by the same picker."""
    page = visit(f"/t/sample-shop/problems?{WEB}&down=node/worker-2&at=failed")
    page.locator("#files").set_input_files(SHOP)
    page.wait_for_url(re.compile(r"/t/[\w-]{22}\?service=default/web&down=node/worker-2&at=failed$"))
    expect(page.locator("#verdict-number")).to_have_text(VERDICT)


def test_the_map_of_the_cluster_takes_clicks(visit: OpenPage) -> None:
    """A lane anywhere from edge to edge takes its node down, a bar opens its service, Back undoes both."""
    page = visit("/t/sample-shop")
    lane = page.locator("#a-n-worker-2")
    width = lane.evaluate("link => link.querySelector('.hit').getBoundingClientRect().width")
    lane.click(position={"x": width - 6, "y": 12})
    expect(page.locator("#verdict-heading")).to_have_text("worker-2 is down: all 3 services are degraded")
    focus_web(page)
    expect(page.locator("#verdict-number")).to_have_text(VERDICT)
    page.go_back()
    page.go_back()
    expect(page.locator("#verdict-heading")).to_have_text("All 3 services answer every new connection")
