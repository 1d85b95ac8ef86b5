"""The drawing: on the page and as a file, for eyes, keyboards and screen readers."""

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings

from tests.diagram.pictures import HOSTILE, LINKS, SCENES, SVG, ZONE_B_DOWN, Drawn, laid_out, scenes
from tests.topology.scenes import Scene, explorer, outcome, state
from webapp.diagram.arrange import arrange
from webapp.diagram.describe import describe
from webapp.diagram.palette import PAINT
from webapp.diagram.svg import draw, export
from webapp.topology import graph

every_scene = pytest.mark.parametrize("scene", SCENES.values(), ids=SCENES.keys())
few = settings(max_examples=40, deadline=None, derandomize=True)
LOCAL_REFERENCE = re.compile(r"#[\w-]+|url\(#[\w-]+\)")


@pytest.mark.parametrize("name", SCENES)
def test_a_file_looks_as_it_did(name: str, golden: Callable[[str, bytes], None]) -> None:
    """Compared with its golden file; ``--update-golden`` rewrites it."""
    golden(f"{name}.svg", export(laid_out(SCENES[name])).encode())


def test_the_order_of_the_manifests_does_not_show() -> None:
    """The same endpoints in another order are the same bytes."""
    scene = SCENES["explorer"]
    found, before = outcome(scene), outcome(replace(scene, down=frozenset()))
    turned = replace(found, endpoints=found.endpoints[::-1])
    made = [export(arrange(describe(graph(state(scene), each, before)))) for each in (found, turned)]
    assert made[0] == made[1]


@every_scene
def test_a_file_stands_alone(scene: Scene) -> None:
    """No address, no script, no link, no font; one style rule, and that only for dark readers."""
    svg = export(laid_out(scene))
    drawn = Drawn.of(svg)
    assert re.findall(r"\w+://[^\"]*", svg) == ["http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"]
    assert not {its.tag.removeprefix(SVG) for its in drawn.root.iter()} & {"a", "script", "image", "foreignObject"}
    assert [its.text for its in drawn.root.iter(f"{SVG}style")] == [re.search(r"@media.*\}", svg)[0]]  # type: ignore[index]
    assert not re.search(r"style=|@font-face|@import|\bon\w+=", svg.partition("</style>")[2])


@every_scene
def test_a_file_says_what_it_shows(scene: Scene) -> None:
    """Title, situation and key are inside."""
    root = Drawn.of(export(laid_out(scene))).root
    title, desc = root.findtext(f"{SVG}title"), root.findtext(f"{SVG}desc")
    assert (root.attrib["role"], root.attrib["aria-labelledby"]) == ("img", "title desc")
    assert title is not None
    assert desc is not None
    assert title.startswith("default/web:80 ")
    assert "clients connect via " in desc


@every_scene
def test_ids_are_unique_and_references_lead_somewhere(scene: Scene) -> None:
    """In the file and on the page."""
    for svg in (export(laid_out(scene)), draw(laid_out(scene), LINKS)):
        drawn = Drawn.of(svg)
        assert len(drawn.ids) == len(set(drawn.ids))
        assert drawn.signs <= {f"#{id_}" for id_ in drawn.ids}


@every_scene
def test_all_is_painted_with_known_classes_and_their_colours(scene: Scene) -> None:
    """So a page's style sheet can repaint all of it, and without one it looks right."""
    known = PAINT.keys() | {
        "dg",
        "ground",
        "client",
        "service",
        "node",
        "title",
        "entry",
        "pod",
        "edges",
        "trunk",
        "hit",
        "edge-shares",
    }
    for its in Drawn.of(draw(laid_out(scene), LINKS)).root.iter():
        assert set(its.attrib.get("class", "").split()) <= known
        for name in ("fill", "stroke"):
            value = its.attrib.get(name, "none")
            assert value == "none" or value.startswith(("#", "url(#"))


@few
@given(scene=scenes())
def test_no_name_breaks_out_of_the_drawing(scene: Scene) -> None:
    """It is well-formed whatever the names are, and holds no element that a name brought along."""
    for svg in (export(laid_out(scene)), draw(laid_out(scene), LINKS)):
        drawn = Drawn.of(svg)
        assert len(drawn.ids) == len(set(drawn.ids))
        assert f"{SVG}script" not in {its.tag for its in drawn.root.iter()}


def test_hostile_names_are_shown_as_text() -> None:
    """Whole in the tooltip; what would hide or reorder is replaced."""
    scene = explorer(nodes=dict.fromkeys(HOSTILE), pods={"web-1": HOSTILE[0]}, down=frozenset())
    titles = {its.text for its in Drawn.of(export(laid_out(scene))).root.iter(f"{SVG}title")}
    assert HOSTILE[0] in titles
    assert "\N{REPLACEMENT CHARACTER}evil\N{REPLACEMENT CHARACTER}" in titles
    assert HOSTILE[-1] in titles


def test_a_page_of_5000_nodes_stays_small() -> None:
    """At most 2,500 elements, opened as far as it goes."""
    pages = [f"a.up.0{suffix}" for suffix in ("", *(f"~{24 * i}" for i in range(1, 70)))]
    folded = Drawn.of(draw(laid_out(ZONE_B_DOWN), LINKS))
    opened = Drawn.of(draw(laid_out(ZONE_B_DOWN, *pages), LINKS))
    assert len(list(folded.root.iter())) < 400
    assert len(list(opened.root.iter())) < 2500


def test_every_node_and_pod_is_a_link_to_its_toggle() -> None:
    """Zones, nodes and pods, in the order in which one reads."""
    drawn = Drawn.of(draw(laid_out(explorer()), LINKS))
    assert [link.attrib["href"].removeprefix("?down=") for link in drawn.links] == [
        "zone/a",
        "node/worker-1",
        "pod/default/web-1",
        "node/worker-2",
        "pod/default/web-2",
        "pod/default/web-3",
        "zone/b",
        "node/worker-3",
        "pod/default/web-4",
        "node/worker-4",
    ]


def test_links_say_name_state_share_and_what_a_click_does() -> None:
    """For those who hear the picture."""
    drawn = Drawn.of(draw(laid_out(explorer()), LINKS))
    labels = {link.attrib["id"]: link.attrib["aria-label"] for link in drawn.links}
    space = "\N{NARROW NO-BREAK SPACE}"
    down = "worker-2 192.168.0.2 Down, 2 pods, Unavailable (was 100 %), 25 % of new connections. Bring back up"
    pod = "web-1 10.244.0.1:8080 Healthy, on worker-1, 18.75 % of new connections. Take down"
    assert labels["a-n-worker-2"] == down.replace(" %", f"{space}%")
    assert labels["p-default_2f_web-1"] == pod.replace(" %", f"{space}%")
    assert labels["a-z-a"] == "zone a 2 nodes. Take down"


def test_links_carry_the_attributes_of_the_page() -> None:
    """With the address filled in."""
    links = Drawn.of(draw(laid_out(explorer()), LINKS)).links
    assert all(link.attrib["hx-get"] == link.attrib["href"] for link in links)


def test_folded_lanes_and_pods_are_links_that_open_them() -> None:
    """And nothing else: many nodes cannot be taken down at once."""
    drawn = Drawn.of(draw(laid_out(ZONE_B_DOWN), LINKS))
    assert {link.attrib["href"].partition("=")[0] for link in drawn.links} == {"?down", "?unfold"}
    assert next(its.attrib["href"] for its in drawn.links if its.attrib["id"].startswith("u-")) == "?unfold=a.up.1"


def test_without_a_place_to_unfold_folded_lanes_stay_closed() -> None:
    """As in a file."""
    links = replace(LINKS, unfold=None)
    assert "Unfold" not in draw(laid_out(ZONE_B_DOWN), links)


@pytest.mark.parametrize(("selected", "count"), [("node/worker-2", 1), ("", 0)], ids=["one", "none"])
def test_what_the_panel_is_about_has_an_outline(selected: str, count: int) -> None:
    """In the accent colour."""
    drawn = Drawn.of(draw(laid_out(explorer()), LINKS, selected))
    assert len([its for its in drawn.root.iter() if its.attrib.get("class") == "selected"]) == count


@pytest.mark.parametrize(
    ("name", "sign", "words"),
    [
        pytest.param("explorer", "#s-warn", "Degraded 50", id="degraded"),
        pytest.param("explorer", "#s-bad", "Unavailable", id="lost"),
        pytest.param("explorer", "#s-down", "Down", id="down"),
        pytest.param("explorer", "#s-ok", "Healthy", id="healthy"),
        pytest.param("no-endpoint", "#s-refused", "refused", id="refused"),
        pytest.param("assumed", "#s-assumed", "assumed", id="assumed"),
        pytest.param("pending", "#s-pending", "Pending", id="pending"),
    ],
)
def test_every_state_has_a_sign_and_a_word(name: str, sign: str, words: str) -> None:
    """Colour is never the only one to say it."""
    drawn = Drawn.of(export(laid_out(SCENES[name])))
    assert sign in drawn.signs
    assert words in drawn.words
