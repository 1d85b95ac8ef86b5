"""Uploading in a browser: what is large goes compressed, what is too large does not go at all."""

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Request, expect

from tests.browser import axe
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


SECRET = "---\napiVersion: v1\nkind: Secret\nmetadata: {name: s}\ndata: {a: %s}\n" % ("QUJD" * 25_000)


def over_the_limit(visit: OpenPage, folder: Path, text: str, path: str = "/", **options: Any) -> Page:
    """Return the page after an upload that is over its limit of 100,000 bytes."""
    page = visit(path, **options)
    page.locator("form.upload").first.evaluate("form => form.dataset.most = 100_000")
    page.locator("input[type=file]").first.set_input_files(written(folder, "shop.yaml", text))
    if path == "/compare":
        page.get_by_role("button", name="Compare").click()
    return page


@pytest.mark.parametrize("path", ["/", "/compare"])
def test_too_large_an_upload_is_said_before_it_is_sent(visit: OpenPage, tmp_path: Path, path: str) -> None:
    """With its size, the limit, what fills it, and what to do."""
    page = over_the_limit(visit, tmp_path, LARGE, path)
    expect(page.get_by_role("heading", level=1)).to_have_text("Too large for this server")
    expect(page.locator("#limit-what")).to_have_text("shop.yaml: 0.229 MB. This server takes 98 kB at once.")
    expect(page.locator("#limit-kinds")).to_contain_text("Deployment")
    expect(page.locator("#limit-command")).to_have_text("nodefall serve shop.yaml --open")
    # A comment is no kind that could be left out.
    expect(page.locator("#limit-send")).to_be_hidden()


@pytest.mark.parametrize("color_scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_the_rest_is_sent_without_what_has_no_use(
    visit: OpenPage, tmp_path: Path, color_scheme: str, width: int
) -> None:
    """What goes is listed before, and never leaves the browser."""
    viewport = {"width": width, "height": 844}
    page = over_the_limit(visit, tmp_path, WEB + SECRET, color_scheme=color_scheme, viewport=viewport)
    expect(page.locator("#limit-left")).to_have_text("Skipped in this browser, and never sent: 1 × Secret (98 kB).")
    assert axe.violations(page) == ""
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    with page.expect_request(lambda request: request.method == "POST") as sent:
        page.get_by_role("button", name="Send the 1 kB that are used").click()
    assert sent.value.sizes()["requestBodySize"] < 3_000
    expect(page).to_have_url(re.compile(r"/t/[\w-]{22}$"))


POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {containers: [{name: web}]}\n"
UNUSED = "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\ndata: {a: QUJD}\n"


def items(*documents: str, indent: str = "") -> str:
    """Return documents as the items of a List, as kubectl prints it."""
    lines = [f"{indent}- " + document.replace("\n", f"\n{indent}  ").rstrip() + "\n" for document in documents]
    return "apiVersion: v1\nitems:\n" + "".join(lines) + "kind: List\nmetadata: {resourceVersion: ''}\n"


@pytest.mark.parametrize(
    ("text", "left"),
    [
        pytest.param(f"{POD}---\n{UNUSED}", POD, id="documents"),
        pytest.param(f"{UNUSED}--- # next\r\n{POD}", f"--- # next\r\n{POD}", id="the first of them"),
        pytest.param(items(POD, UNUSED), items(POD), id="items"),
        pytest.param(items(UNUSED, POD, indent="  "), items(POD, indent="  "), id="indented items"),
        pytest.param(
            POD + "  x: |\n    kind: Secret\n", POD + "  x: |\n    kind: Secret\n", id="a kind in a block scalar"
        ),
        pytest.param(POD + 'x: "\nkind: Secret\n"\n', POD + 'x: "\nkind: Secret\n"\n', id="a kind in a quoted scalar"),
        pytest.param(UNUSED.replace("kind", '"kind"'), UNUSED.replace("kind", '"kind"'), id="a kind written otherwise"),
        pytest.param(
            UNUSED.replace("QUJD", "&a QUJD"), UNUSED.replace("QUJD", "&a QUJD"), id="an anchor that others may use"
        ),
        pytest.param("%YAML 1.1\n---\n" + UNUSED, "%YAML 1.1\n", id="a directive"),
        pytest.param(UNUSED.replace("Secret", "Unheard"), UNUSED.replace("Secret", "Unheard"), id="a custom kind"),
        pytest.param('{"kind": "Secret"}', "", id="JSON"),
        pytest.param(
            '{"kind": "List", "items": [{"kind": "Secret"}, {"kind": "Pod"}]}',
            '{"kind":"List","items":[{"kind":"Pod"}]}',
            id="a List in JSON",
        ),
        pytest.param('{"kind": "Secret"}\n{"kind": "Pod"}', '{"kind": "Secret"}\n{"kind": "Pod"}', id="not JSON"),
    ],
)
def test_only_what_is_surely_of_no_use_is_left_out(visit: OpenPage, text: str, left: str) -> None:
    """What remains stays as it was written."""
    page = visit("/limit")
    script = """async ([text]) => {
        const { looked } = await import(document.getElementById("limit-page").dataset.script);
        const data = new FormData();
        data.append("text", text);
        return (await looked(data, ["Secret"])).kept.get("text");
    }"""
    assert page.evaluate(script, [text]).replace("\r\n", "\n") == left.replace("\r\n", "\n")


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


def test_text_pasted_beside_all_fields_fills_the_box_and_is_sent_by_a_key(visit: OpenPage) -> None:
    """It is looked at first; Ctrl and Enter sends it."""
    page = visit("/")
    page.evaluate(
        """text => {
          const clipboardData = new DataTransfer();
          clipboardData.setData("text/plain", text);
          document.body.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
        }""",
        WEB,
    )
    expect(page.locator("#text")).to_have_value(WEB)
    expect(page.locator("#text")).to_be_focused()
    page.keyboard.press("Control+Enter")
    expect(page).to_have_url(re.compile(r"/t/[\w-]{22}$"))


def test_the_sample_is_broken_while_text_waits_to_be_sent(visit: OpenPage) -> None:
    """Only the picture's frame changes; Back undoes."""
    page = visit("/")
    page.locator("#text").fill("kind: Service")
    page.locator("#live").get_by_role("link", name=re.compile("worker-2")).first.click()
    expect(page.locator("#live-said")).to_have_text("worker-2 is down: all 3 services are degraded")
    expect(page).to_have_url(re.compile(r"/\?down=node/worker-2&at=failed$"))
    expect(page.locator("#text")).to_have_value("kind: Service")
    page.go_back()
    expect(page.locator("#live-said")).to_have_text("All 3 services answer every new connection")


def test_on_a_phone_the_sample_is_broken_card_by_card(visit: OpenPage) -> None:
    """The map of its nodes stands under the box for manifests, and what is typed there stays."""
    page = visit("/", viewport={"width": 390, "height": 844})
    page.locator("#text").fill("kind: Service")
    page.locator("#live").get_by_role("link", name="Take down worker-2").click()
    expect(page.locator("#live-said")).to_have_text("worker-2 is down: all 3 services are degraded")
    expect(page.locator("#text")).to_have_value("kind: Service")
    expect(page.locator("#live .node-card.is-down")).to_contain_text("worker-2")
    page.locator("#live").get_by_role("link", name="Detected").click()
    expect(page.locator("#live .columns-head")).to_contain_text("75")
    page.locator("#live").get_by_role("link", name="Bring up worker-2").click()
    expect(page.locator("#live-said")).to_have_text("All 3 services answer every new connection")
    assert page.evaluate("document.documentElement.scrollWidth") == 390
