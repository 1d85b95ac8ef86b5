"""Names that would be markup: on every page, in files opened where people open them, in what is pasted elsewhere.

Every name here would call a function that gives the attack away; the policy of the pages would stop most, and say so on
the console, but a file opened by itself and another site have no such policy.
"""

import html
import json
import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage
from webapp.diagram import FORMATS

NAMES = {
    "node": "<div><img src=x onerror=pwned()></div>",
    "zone": "--><svg onload=pwned()>",
    "service": '"><script>pwned()</script>',
    "namespace": "](javascript:pwned()) ![x](x)",
    "port": "' onmouseover=pwned() autofocus onfocus=pwned() x='",
    "workload": "</title></style></textarea></script><script>pwned()</script>",
    "label": "{{constructor.constructor('pwned()')()}}${pwned()}",
}
"""By what has them."""
TITLE = NAMES["service"] + NAMES["namespace"]
"""A title may have 80 characters."""


def manifests(*, valid_services: bool) -> str:
    """Return a set in which everything has such a name; services may have valid ones, so that they are simulated."""
    metadata = {"namespace": "default" if valid_services else NAMES["namespace"]}
    service = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "web" if valid_services else NAMES["service"], **metadata},
        "spec": {
            "type": "NodePort",
            "selector": {"app": "web"},
            "ports": [{"name": "http" if valid_services else NAMES["port"], "port": 80}],
        },
    }
    node = {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": NAMES["node"], "labels": {"topology.kubernetes.io/zone": NAMES["zone"]}},
    }
    template = {"metadata": {"labels": {"app": "web", "x": NAMES["label"]}}, "spec": {"containers": [{"name": "c"}]}}
    workload = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": NAMES["workload"], **metadata},
        "spec": {"replicas": 2, "selector": {"matchLabels": {"app": "web"}}, "template": template},
    }
    worker = node | {"metadata": node["metadata"] | {"name": "worker-1"}}
    return "\n---\n".join(json.dumps(each) for each in (service, node, worker, workload))


@pytest.fixture(params=[True, False], ids=["simulated", "rejected"])
def hostile(request: pytest.FixtureRequest, visit: OpenPage) -> tuple[Page, str]:
    """Upload the set in a file that has such a name itself, and give the page and its path."""
    page = visit("/")
    # A slash can't be in the name of a file.
    text = manifests(valid_services=request.param).encode()
    name = "<img src=x onerror=pwned()>.yaml"
    page.set_input_files("#files", {"name": name, "mimeType": "text/yaml", "buffer": text})
    page.wait_for_url("**/t/*")
    return page, page.url.partition("?")[0]


def test_every_page_shows_them_as_text(hostile: tuple[Page, str]) -> None:
    """The fixture fails the test if the console has a word to say, as it has when a policy stops something."""
    page, base = hostile
    site, _, stored = base.rpartition("/t/")
    paths = [f"{base}{path}" for path in ("", "/services", "/resilience", "/findings", "/problems", "/find?q=pwned")]
    paths += [f"{base}?share={tab}" for tab in ("link", "image", "file", "embed")]
    paths += [f"{base}/delete", f"{site}/compare/{stored}/sample-shop", f"{site}/compare/sample-shop/{stored}"]
    seen = set()
    for path in paths:
        page.goto(path)
        text = page.inner_text("body") + "".join(page.locator("svg text").all_text_contents())
        seen |= {name for name in NAMES.values() if name in text}
        assert page.locator("[onerror], [onload], [onmouseover], [onfocus], script:not([src])").count() == 0, path
        assert page.locator("a[href^='javascript:' i]").count() == 0, path
    assert seen
    # What a click brings in is held against the same policy.
    page.goto(base)
    page.wait_for_selector("[data-htmx-powered]", state="attached")
    clicked = f"{base}?down=node/worker-1"
    page.evaluate("url => htmx.ajax('GET', url, {target: '#page', swap: 'outerMorph'})", clicked)
    expect(page.locator("#page")).to_have_attribute("data-state", re.compile("down=node/worker-1"))


def test_text_becomes_html_nowhere_but_by_the_policy(visit: OpenPage) -> None:
    """A mistake in a script of ours could not do harm: the browser refuses."""
    tried = "() => { try { %s; return 'taken' } catch { return 'refused' } }"
    page = visit("/t/sample-shop", expected="TrustedHTML")
    assert page.evaluate(tried % "document.createElement('div').innerHTML = '<b>x</b>'") == "refused"
    page = visit("/t/sample-shop", expected="trusted-types")
    assert page.evaluate(tried % "trustedTypes.createPolicy('other', {})") == "refused"


WATCHED = "window.pwned = () => { document.documentElement.dataset.pwned = 'yes' }"


@pytest.mark.parametrize("extension", sorted(FORMATS.keys() & {"svg", "html"}))
def test_a_file_opened_by_itself_runs_none(hostile: tuple[Page, str], tmp_path: Path, extension: str) -> None:
    """No server's policy protects it there."""
    page, base = hostile
    answer = page.request.get(f"{base}/diagram.{extension}?via=dns")
    if answer.status == 422:
        pytest.skip("a rejected service is not simulated in a file")
    assert answer.ok, answer.text()
    (tmp_path / f"x.{extension}").write_bytes(answer.body())
    other = page.context.browser.new_context()
    other.add_init_script(WATCHED)
    opened = other.new_page()
    opened.goto(f"file://{tmp_path}/x.{extension}")
    opened.wait_for_timeout(200)  # an image that isn't there has to fail first
    assert opened.evaluate("document.documentElement.dataset.pwned ?? 'no'") == "no"
    assert "onerror=pwned" in opened.evaluate("document.documentElement.textContent")
    other.close()


def test_draw_io_shows_them_as_text(hostile: tuple[Page, str]) -> None:
    """It takes a label with html=1 for HTML, as this page does."""
    page, base = hostile
    cells = ET.fromstring(page.request.get(f"{base}/diagram.drawio").body()).iter("mxCell")  # noqa: S314 - ours
    labels = [cell.get("value", "") for cell in cells if "html=1" in cell.get("style", "")]
    assert elements(page, labels) <= {"DIV"}
    assert any(NAMES["node"] in html.unescape(label) for label in labels)


def test_snippets_for_other_sites_are_what_they_seem(hostile: tuple[Page, str]) -> None:
    """A title is an attribute there, or text between Markdown's brackets."""
    page, base = hostile
    page.goto(f"{base}?share=link")
    page.get_by_label("Public link").check()
    page.get_by_label("Title").fill(TITLE)
    page.get_by_role("button", name="Make a short link").click()
    page.wait_for_url("**shared=**")
    shared = re.search(r"shared=([\w-]+)", page.url)[1]
    page.goto(f"{base}?share=embed&shared={shared}")
    snippets = {key: page.locator(f"#embed-{key}").inner_text() for key in ("frame", "html", "markdown")}
    assert elements(page, [snippets["frame"]]) == {"IFRAME"}
    assert elements(page, [snippets["html"]]) == {"A", "IMG"}
    # No bracket of the title ends it, so the only addresses are ours.
    bare = re.sub(r"\\.", "", snippets["markdown"])
    assert re.fullmatch(r"\[!\[[^][<>`]*\]\(https?://\S+\)\]\(https?://\S+\)", bare)
    page.goto(f"{page.url.partition('/t/')[0]}/s/{shared}")
    assert page.locator("meta[property='og:title']").get_attribute("content") == TITLE
    expect(page.locator("head > *:not(meta):not(link):not(title):not(script[src]):not(style)")).to_have_count(0)


def elements(page: Page, texts: list[str]) -> set[str]:
    """Return the kinds of elements that these texts are as HTML, on a site without any policy; nothing runs."""
    other = page.context.browser.new_context()
    other.add_init_script(WATCHED)
    blank = other.new_page()
    blank.route("**", lambda route: route.fulfill(body="<!doctype html><main></main>", content_type="text/html"))
    blank.goto("http://elsewhere.example/")
    found = blank.evaluate(
        "texts => { const main = document.querySelector('main'); main.innerHTML = texts.join('');"
        " return [...main.querySelectorAll('*')].map((each) => each.tagName) }",
        texts,
    )
    blank.wait_for_timeout(200)  # an image that isn't there has to fail first
    assert blank.evaluate("document.documentElement.dataset.pwned ?? 'no'") == "no"
    other.close()
    return set(found)
