"""Mermaid pictures in Mermaid itself, set up as where people read them."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.diagram.pictures import HOSTILE
from tests.diagram.test_readers import GRAPHS
from tests.topology.scenes import explorer
from webapp.diagram import render

SCRIPT = Path(os.environ.get("NODEFALL_MERMAID", "missing")) / "dist" / "mermaid.min.js"

pytestmark = pytest.mark.skipif(not SCRIPT.is_file(), reason="NODEFALL_MERMAID names no folder of the package mermaid")


@pytest.fixture
def mermaid(page: Page) -> Page:
    """Return a page with Mermaid, with the limits and the care for markup that GitHub has."""
    page.set_content("<main></main>")
    page.add_script_tag(path=SCRIPT)
    page.evaluate(
        "mermaid.initialize({startOnLoad: false, securityLevel: 'strict', maxTextSize: 50000, maxEdges: 500})"
    )
    return page


def test_mermaid_takes_every_picture(mermaid: Page) -> None:
    """Its parser finds a flowchart, within its limits for text and arrows."""
    for name, graph in GRAPHS.items():
        text = render(graph, "mmd").decode()
        found = mermaid.evaluate(
            "async text => { const {db} = await mermaid.mermaidAPI.getDiagramFromText(text);"
            " return [db.getEdges().length, (await mermaid.parse(text)).diagramType] }",
            text,
        )
        arrows = sum(" -" in line and line.split()[-2] in ("-->", ".-x", "-.-x") for line in text.splitlines())
        assert found == [arrows, "flowchart-v2"], name
        assert (len(text) <= 50_000, arrows <= 500) == (True, True), name


@pytest.mark.parametrize("name", ["explorer", "shop"])
def test_mermaid_draws_zones_lanes_and_the_headline(mermaid: Page, name: str) -> None:
    """As text that is seen."""
    said = mermaid.evaluate(
        "async text => { const main = document.querySelector('main');"
        " main.innerHTML = (await mermaid.render('made', text)).svg; return main.textContent }",
        render(GRAPHS[name], "mmd").decode(),
    )
    assert "zone a · 2 nodes" in said
    assert "worker-2 down · just failed" in said
    assert "Syntax error" not in said


def test_names_stay_names_in_mermaid(mermaid: Page) -> None:
    """Nothing in them is markup to it."""
    graph = explorer(nodes=dict.fromkeys(HOSTILE), pods={"web-1": HOSTILE[0]}, service="a\"]; b -> c;{'}<b>").graph()
    found = mermaid.evaluate(
        "async text => { const main = document.querySelector('main');"
        " main.innerHTML = (await mermaid.render('made', text)).svg;"
        " return [main.textContent, main.querySelectorAll('script, b').length] }",
        render(graph, "mmd").decode(),
    )
    assert '"><script>alert(1)</script>' in found[0]
    assert found[1] == 0
