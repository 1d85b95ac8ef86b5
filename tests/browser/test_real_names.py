"""Names as long as clouds and controllers make them: nothing is wider than its place, too small or broken."""

from urllib.parse import quote

import pytest
from playwright.sync_api import Browser

from tests.browser import real_names
from tests.browser.conftest import OpenPage
from tests.browser.legible import faults

WIDTHS = (320, 390, 768, 1024, 1280, 1440, 1920)
FILE = "المدفوعات-والتسوية-生产环境集群-2026.yaml"
NAME = "الفشل في المنطقة 一つのゾーンが落ちた場合のシナリオ・本番環境 eu-central-1a"
FOCUSED = f"service={real_names.NAMESPACE}/{real_names.SERVICE}"
DOWN = f"down=node/{real_names.EKS}&at=failed"
EDITED = f"cordon={real_names.EKS}&taint={real_names.EKS}:dedicated=gpu:NoSchedule"
POD = f"{real_names.NAMESPACE}/{real_names.SERVICE[:46]}-7c9d5f6b8d-8mmzq"


@pytest.fixture(scope="module")
def paths(browser: Browser, base_url: str) -> dict[str, str]:
    """Upload both sets, and return the paths of their maps."""

    def uploaded(text: str) -> str:
        file = {"name": FILE, "mimeType": "application/yaml", "buffer": text.encode()}
        answer = context.request.post("/upload", multipart={"files": file}, headers={"Accept": "application/json"})
        return str(answer.json()["url"]).partition("?")[0]

    context = browser.new_context(base_url=base_url)
    made = {"cluster": uploaded(real_names.cluster()), "fleet": uploaded(real_names.fleet())}
    context.close()
    return made


PAGES = {
    "whole cluster": "{cluster}",
    "whole cluster, a node down": f"{{cluster}}?{DOWN}",
    "whole fleet, a zone down": "{fleet}?down=zone/europe-west1-b&at=failed&via=lb",
    "map": f"{{cluster}}?{FOCUSED}",
    "map, a node down": f"{{cluster}}?{FOCUSED}&{DOWN}&name={quote(NAME)}",
    "map, drained": f"{{cluster}}?{FOCUSED}&drain=node/{real_names.EKS}&drain=node/{real_names.NODES[2][0]}",
    "map, 40 ports": "{cluster}?service=monitoring/exporter&down=zone/eu-central-1a&at=failed",
    "side by side": f"{{cluster}}?{DOWN}&beside=detected",
    "a service side by side": f"{{cluster}}?{FOCUSED}&{DOWN}&beside=lb",
    "map, presented": f"{{cluster}}?{FOCUSED}&{DOWN}&name={quote(NAME)}&present=1",
    "whole fleet, presented": "{fleet}?down=zone/europe-west1-b&at=failed&present=1",
    "map as a table": f"{{cluster}}?{FOCUSED}&{DOWN}&view=table",
    "map, folded": f"{{fleet}}?service={real_names.NAMESPACE}/{real_names.FOLDED}&down=zone/europe-west1-b&at=failed",
    "predicted": f"{{cluster}}?{FOCUSED}&{DOWN}&predict=1&which=1&how-much=1&until=1",
    "whole cluster, to be predicted": f"{{cluster}}?{DOWN}&predict=1",
    "a connection": f"{{cluster}}/hop?{FOCUSED}&{DOWN}&entry=node/{real_names.NODES[1][0]}",
    "services": f"{{cluster}}/services?{DOWN}",
    "services of a fleet": "{fleet}/services?down=zone/europe-west1-b&at=failed",
    "resilience": "{cluster}/resilience?moment=failed&through=dns",
    "resilience of a fleet": "{fleet}/resilience?moment=failed&through=dns",
    "findings": f"{{cluster}}/findings?{FOCUSED}&address={real_names.EKS}:30080",
    "game day": f"{{cluster}}/game-day?{DOWN}",
    "exercise": "{cluster}/exercises?number=1&chosen=selector&hint=3",
    "all exercises": "{cluster}/exercises?list=causes",
    "findings, one open": "{cluster}/findings?severity=all&q=readiness",
    "map, edited": f"{{cluster}}?{FOCUSED}&{DOWN}&{EDITED}",
    "map, a pod selected": f"{{cluster}}?{FOCUSED}&select=pod/{POD}",
    "problems": "{cluster}/problems",
    "search": "{cluster}/find?q=eu-central",
    "a comparison": "/compare/{cluster_id}/{fleet_id}",
    "withdrawing": "{cluster}/delete",
    "landing": "/",
    "help": "/help",
}


@pytest.mark.parametrize("page", PAGES)
def test_real_names_are_legible_at_every_width(visit: OpenPage, paths: dict[str, str], page: str) -> None:
    """No overflow, no text under its size, no word broken, no overlap; the same for what menus show."""
    ids = {f"{name}_id": path.rpartition("/")[2] for name, path in paths.items()}
    window = visit(PAGES[page].format(**paths, **ids))
    found = {}
    for width in WIDTHS:
        window.set_viewport_size({"width": width, "height": 900})
        found[width] = faults(window)
    assert {width: said for width, said in found.items() if said} == {}


@pytest.mark.parametrize("page", PAGES)
def test_text_twice_as_large_is_legible(visit: OpenPage, paths: dict[str, str], page: str) -> None:
    """Chosen in the browser's settings, and by a style of the reader's own, which changes no media query."""
    ids = {f"{name}_id": path.rpartition("/")[2] for name, path in paths.items()}
    window = visit("/help", device_scale_factor=1)
    chromium = window.context.new_cdp_session(window)
    chromium.send("Page.enable")
    chromium.send("Page.setFontSizes", {"fontSizes": {"standard": 32, "fixed": 26}})
    window.goto(PAGES[page].format(**paths, **ids))
    found = {}
    for width in (390, 1024, 1440):
        window.set_viewport_size({"width": width, "height": 900})
        found[f"{width}, by settings"] = faults(window, times=2)
    chromium.send("Page.setFontSizes", {"fontSizes": {"standard": 16, "fixed": 13}})
    window.evaluate("document.documentElement.style.fontSize = '200%'")
    for width in (390, 1440):
        window.set_viewport_size({"width": width, "height": 900})
        found[f"{width}, by style"] = faults(window, times=2)
    assert {where: said for where, said in found.items() if said} == {}


def test_a_cut_name_is_copied_whole_and_shown_whole_when_focused(visit: OpenPage, paths: dict[str, str]) -> None:
    """Its parts are boxes, which browsers copy as lines."""
    page = visit(f"{paths['cluster']}?{FOCUSED}&{DOWN}", viewport={"width": 390, "height": 844})
    cut = page.locator("#choose-service summary .ends")
    assert cut.evaluate("it => it.firstElementChild.scrollWidth > it.firstElementChild.clientWidth")
    copied = cut.evaluate(
        """it => {
          getSelection().selectAllChildren(it);
          const event = new ClipboardEvent("copy", { clipboardData: new DataTransfer(), bubbles: true });
          it.dispatchEvent(event);
          return event.clipboardData.getData("text/plain");
        }"""
    )
    assert copied == real_names.SERVICE
    page.keyboard.press("Tab")
    page.locator("#choose-service summary").focus()
    assert cut.evaluate("it => [getComputedStyle(it).whiteSpace, it.offsetHeight > 20]") == ["normal", True]
    assert page.evaluate("document.documentElement.scrollWidth") == 390


@pytest.mark.parametrize("width", [390, 320])
def test_names_without_a_place_to_break_fit_a_phone(width: int, browser: Browser, base_url: str) -> None:
    """63 letters without a hyphen, which the API server accepts."""
    service, name = f"{'n' * 63}/{'a' * 63}", f"{'x' * 63}.{'x' * 63}"
    text = "\n---\n".join(
        [
            f"""
kind: Service
apiVersion: v1
metadata: {{name: {"a" * 63}, namespace: {"n" * 63}}}
spec: {{type: NodePort, selector: {{app: a}}, ports: [{{port: 80, nodePort: 30080}}]}}
---
kind: Deployment
apiVersion: apps/v1
metadata: {{name: {"a" * 63}, namespace: {"n" * 63}}}
spec:
  replicas: 2
  selector: {{matchLabels: {{app: a}}}}
  template: {{metadata: {{labels: {{app: a}}}}, spec: {{containers: [{{name: a, image: a}}]}}}}""",
            *(f"\nkind: Node\napiVersion: v1\nmetadata: {{name: {x * 63}.{x * 63}}}" for x in "xyz"),
        ]
    )
    context = browser.new_context(base_url=base_url, viewport={"width": width, "height": 844})
    answer = context.request.post("/upload", form={"text": text}, headers={"Accept": "application/json"})
    page, url = context.new_page(), answer.json()["url"]
    for where in (
        f"?down=node/{name}&at=failed",
        f"?service={service}&down=node/{name}&at=failed",
        f"?service={service}&down=node/{name}&at=failed&present=1",
        "/hop",
        "/services",
    ):
        page.goto(url + where)
        assert page.get_by_text("a" * 63).count(), where
        assert page.evaluate("document.documentElement.scrollWidth") == width, where
    context.close()


def test_forty_ports_are_a_menu(visit: OpenPage, paths: dict[str, str]) -> None:
    """Instead of ten rows above the picture."""
    page = visit(f"{paths['cluster']}?service=monitoring/exporter", viewport={"width": 1280, "height": 900})
    assert page.locator("header.bar").evaluate("it => it.offsetHeight") < 60
    page.locator("#choose-port summary").click()
    page.locator("#choose-port a").nth(39).click()
    page.wait_for_url("**port=metrics-39**")


def test_a_step_of_a_connection_is_seen_above_its_buttons(visit: OpenPage) -> None:
    """On a phone, where the buttons once were above the picture that they change."""
    page = visit("/t/sample-shop/hop?service=default/web", viewport={"width": 390, "height": 844})
    page.locator("#hop-next").click()
    page.wait_for_url("**step=2**")
    assert page.locator(".hop-box.current").evaluate("it => it.getBoundingClientRect().bottom < innerHeight - 120")


def test_a_printed_list_begins_on_the_first_page(visit: OpenPage) -> None:
    """Below its head."""
    page = visit("/t/sample-fifty-nodes/services?down=zone/eu-west-1b&at=failed")
    page.emulate_media(media="print")
    assert page.locator(".card.services").evaluate("it => getComputedStyle(it).breakInside") == "auto"
    page.emulate_media(media="null")


@pytest.mark.parametrize("script", [True, False], ids=["with a script", "without one"])
def test_any_of_300_services_is_found_in_the_picker(visit: OpenPage, paths: dict[str, str], script: bool) -> None:
    """It lists thirty; what is typed finds the others while one types, and Enter lists all that match."""
    page = visit(paths["fleet"], java_script_enabled=script, **({} if script else {"device_scale_factor": 1}))
    page.locator("#choose-service > summary").click()
    assert "30 of 300 are listed" in page.locator("#choose-service").inner_text()
    box = page.get_by_role("textbox", name="Find a service")
    box.fill("checkout-and-settlement-277")
    if script:
        page.locator("#picked a", has_text="checkout-and-settlement-277").first.wait_for()
    box.press("Enter")
    page.wait_for_url("**/services?**q=checkout-and-settlement-277**")
    page.get_by_role("row").get_by_role("link", name="checkout-and-settlement-277").first.click()
    page.wait_for_url(f"**service={real_names.NAMESPACE}/checkout-and-settlement-277**")
