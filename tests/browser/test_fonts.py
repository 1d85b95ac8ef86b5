"""The bundled fonts: what is measured is what is drawn, and the page brings them along."""

import json

import pytest
from playwright.sync_api import Page

from webapp.diagram import advances
from webapp.diagram.text import Face, width

MAPS = [
    "/t/sample-shop?service=default/web&down=node/worker-2&at=failed",
    "/t/sample-shop?down=node/worker-2&at=failed",
]
_NATURAL = """
([face, weight, texts]) => {
  const pen = document.createElement("canvas").getContext("2d");
  pen.font = `${weight} 100px "${face}"`;
  pen.fontKerning = "none";
  pen.textRendering = "geometricPrecision";
  return document.fonts.load(pen.font, texts.join("")).then(() => texts.map(text => pen.measureText(text).width));
}
"""
_DRAWN = """
() => document.fonts.ready.then(() => [...document.querySelectorAll("#diagram text[textLength]")].map(it => {
  const told = parseFloat(it.getAttribute("textLength"));
  it.removeAttribute("textLength");
  const natural = it.getComputedTextLength(), size = parseFloat(getComputedStyle(it).fontSize);
  return [it.textContent, told, natural, size];
}))
"""


@pytest.mark.parametrize(
    ("face", "family", "weight", "table"),
    [
        pytest.param(Face.REGULAR, "Inter", 400, advances.REGULAR, id="Inter"),
        pytest.param(Face.BOLD, "Inter", 600, advances.BOLD, id="Inter, semibold"),
        pytest.param(Face.MONO, "JetBrains Mono", 400, {0: "aiW1/→…"}, id="JetBrains Mono"),
        pytest.param(Face.MONO, "JetBrains Mono", 600, {0: "aiW1/→…"}, id="JetBrains Mono, semibold"),
    ],
)
def test_each_character_is_as_wide_as_it_is_measured(
    page: Page, face: Face, family: str, weight: int, table: dict[int, str]
) -> None:
    """In the font that the page brings, by the table that boxes are sized with; a twentieth of a pixel at 12 px."""
    page.goto("/")
    characters = "".join(table.values())
    measured = page.evaluate(_NATURAL, [family, weight, list(characters)])
    off = {
        character: (drawn, told)
        for character, drawn in zip(characters, measured, strict=True)
        if abs(drawn - (told := width(character, 100, face))) > 0.4
    }
    assert off == {}


@pytest.mark.parametrize("path", MAPS, ids=["one service", "all services"])
def test_each_line_of_a_map_is_as_wide_as_it_was_measured(page: Page, path: str) -> None:
    """Within a pixel, without being told its length."""
    page.goto(path)
    lines = page.evaluate(_DRAWN)
    assert len(lines) > 20
    assert [line for line in lines if abs(line[1] - line[2]) > 1] == []


@pytest.mark.parametrize("path", ["/", *MAPS], ids=["first page", "one service", "all services"])
def test_a_page_draws_with_the_fonts_that_it_brings(page: Page, path: str) -> None:
    """Not with those of the machine: they come from its own origin, and Inter is fetched once, by its hashed name."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if request.resource_type == "font" else None)
    page.goto(path)
    loaded = page.evaluate("document.fonts.ready.then(all => [...all].map(it => `${it.family} ${it.status}`))")
    assert "Inter loaded" in json.dumps(loaded)
    names = [url.rpartition("/")[2] for url in asked]
    assert [name.split("-")[0] for name in names].count("Inter") == 1
    assert all(name.count(".") == 2 for name in names)


def test_accented_letters_are_fetched_where_a_page_shows_one(page: Page) -> None:
    """They are rare, and weigh nearly as much as all others."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if request.resource_type == "font" else None)
    page.goto(MAPS[0])
    page.evaluate("document.fonts.ready.then(() => null)")
    assert not [url for url in asked if "accented" in url]
    page.goto(f"{MAPS[0]}&name=Z%C3%BCrich")
    page.evaluate("document.fonts.ready.then(() => null)")
    assert [url.rpartition("/")[2].split(".")[0] for url in asked if "accented" in url] == ["Inter-accented-subset"]
