"""What the main states look like: one element each, against a small picture; and that one page of paper is enough.

The pictures are compared at a quarter of their size and in greys, so that another version of the browser, or another
face of the font stack, makes no difference, but a missing lane, bar, hatch or a box elsewhere does. ``--update-golden``
makes them anew.
"""

import io
import re
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageFilter, ImageStat

from tests.browser.conftest import OpenPage

SCREENS = Path(__file__).parents[1] / "data" / "screens"
FAILED = "/t/sample-shop?service=default/web&down=node/worker-2&at=failed"
TALL = {"viewport": {"width": 390, "height": 2400}}
"""So tall that the bars at the rims of a phone's window cover nothing."""
BARE = ".stage > .canvas { max-height: none } .minimap, .more-below { display: none !important }"
"""Nothing lies over the picture."""
STYLE = "css => { const one = new CSSStyleSheet(); one.replaceSync(css); document.adoptedStyleSheets.push(one); }"
SMALL = (240, 180)
MOST = 3.2
"""Mean difference of a grey value, of 255. Three other fonts gave 2.3 to 2.7; a pod, an entry point, the service's bar
or the hatch of a lane left out gave 3.4 to 6.5."""


def small(data: bytes) -> Image.Image:
    """Return a screenshot as it is compared."""
    with Image.open(io.BytesIO(data)) as image:
        return image.convert("L").resize(SMALL, Image.Resampling.BOX).filter(ImageFilter.GaussianBlur(1.5))


def difference(one: Image.Image, other: Image.Image) -> float:
    """Return by how much a pixel differs in the mean, where anything is drawn."""
    return float(ImageStat.Stat(ImageChops.difference(one, other)).rms[0])


@pytest.mark.parametrize(
    ("name", "path", "element", "options"),
    [
        pytest.param("whole", "/t/sample-shop?service=default/web", "#diagram", {}, id="nothing down"),
        pytest.param("failed", FAILED, "#diagram", {}, id="a node down"),
        pytest.param("failed-dark", FAILED, "#diagram", {"color_scheme": "dark"}, id="a node down, dark"),
        pytest.param(
            "folded",
            "/t/sample-fifty-nodes?service=default/echo&down=zone/eu-west-1b",
            "#diagram",
            {},
            id="folded lanes",
        ),
        pytest.param("local", "/t/sample-policy-local?via=node/node-2", "#diagram", {}, id="policy Local"),
        pytest.param("cluster", "/t/sample-shop?down=node/worker-2&at=failed", "#diagram", {}, id="the cluster"),
        pytest.param(
            "cluster-many",
            "/t/sample-fifty-nodes?down=zone/eu-west-1b&at=failed&via=lb",
            "#diagram",
            {},
            id="the cluster, many services",
        ),
        pytest.param("cards", FAILED, ".cards", TALL, id="cards on a phone"),
        pytest.param(
            "cluster-cards", "/t/sample-shop?down=node/worker-2&at=failed", ".cards", TALL, id="the cluster on a phone"
        ),
        pytest.param(
            "cluster-turned",
            "/t/sample-fifty-nodes?down=zone/eu-west-1b&at=failed&via=lb",
            ".turned",
            TALL,
            id="the cluster on a phone, many services",
        ),
    ],
)
def test_a_state_looks_as_it_did(
    visit: OpenPage, name: str, path: str, element: str, options: dict[str, object], request: pytest.FixtureRequest
) -> None:
    """Compared with the picture in tests/data/screens."""
    page = visit(path, **options)
    page.evaluate(STYLE, BARE)
    made = small(page.locator(element).screenshot(animations="disabled"))
    file = SCREENS / f"{name}.png"
    if request.config.getoption("--update-golden"):
        SCREENS.mkdir(parents=True, exist_ok=True)
        made.save(file, optimize=True)
    with Image.open(file) as kept:
        assert difference(made, kept) < MOST


def test_the_comparison_tells_states_apart() -> None:
    """A failure is farther from a whole cluster than the threshold; so is one theme from the other."""
    whole, failed, dark = (Image.open(SCREENS / f"{name}.png") for name in ("whole", "failed", "failed-dark"))
    assert difference(whole, failed) > MOST
    assert difference(failed, dark) > MOST


@pytest.mark.parametrize(
    "path",
    [
        pytest.param(FAILED + "&name=rack 4 lost", id="a node down"),
        pytest.param("/t/sample-fifty-nodes?down=zone/eu-west-1b&at=failed", id="folded lanes"),
    ],
)
def test_one_page_of_paper_is_enough(visit: OpenPage, path: str) -> None:
    """Question, verdict, picture, who gets an answer and why; light, whatever the theme."""
    page = visit(path, color_scheme="dark")
    data = page.pdf(format="A4")
    assert len(re.findall(rb"/Type\s*/Page\b(?!s)", data)) == 1
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"


@pytest.mark.parametrize("path", ["/", "/help", "/compare", FAILED, FAILED + "&view=table", "/t/sample-fifty-nodes"])
def test_a_narrow_window_needs_no_sideways_scrolling(visit: OpenPage, path: str) -> None:
    """320 px is what WCAG 1.4.10 asks for."""
    page = visit(path, viewport={"width": 320, "height": 640})
    assert page.evaluate("document.documentElement.scrollWidth") == 320


def test_targets_are_large_enough_for_a_thumb(visit: OpenPage) -> None:
    """40 px and more on a phone; links inside sentences and lists of text excepted."""
    page = visit(FAILED, viewport={"width": 390, "height": 844})
    found = page.locator(".btn:visible, .chip:visible, .segments a:visible, .tabs a:visible, .node-card a:visible")
    heights = found.evaluate_all("its => its.map(it => [it.textContent.trim(), it.getBoundingClientRect().height])")
    assert len(heights) > 20
    assert [text for text, height in heights if height < 40] == []


def test_the_verdict_stays_in_view_on_a_phone(visit: OpenPage) -> None:
    """As one line, once it is scrolled away."""
    page = visit(FAILED, viewport={"width": 390, "height": 844})
    assert not page.locator("#verdict-line").is_visible()
    page.mouse.wheel(0, 900)
    page.locator("#verdict-line.shown").wait_for()
    assert "37.5" in page.locator("#verdict-line").inner_text()
