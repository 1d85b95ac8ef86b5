"""How a picture is written as a file: size, ground, shape, and names that nobody is to see."""

import json
import re
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings

from tests.diagram.pictures import SCENES, SVG, Drawn, scenes
from tests.diagram.test_cluster_map import SHOP, down
from tests.diagram.test_png import size
from tests.diagram.test_readers import GRAPHS
from tests.topology.scenes import Scene, explorer
from tests.topology.test_paths import sample
from webapp.cli import render as command
from webapp.cluster.build import build
from webapp.diagram import FORMATS, PICTURE_OPTIONS, DiagramError, PictureOptions, draw, read_picture_options, render
from webapp.diagram.hidden_names import without_names
from webapp.diagram.palette import TOKENS
from webapp.failure import Scenario
from webapp.manifests import Upload, read

HIDDEN = PictureOptions(names="hidden")


@pytest.mark.parametrize(("scale", "expected"), [(1, (1088, 786)), (2, (2176, 1572)), (3, (3264, 2358))])
def test_a_png_has_the_scale_that_was_chosen(scale: int, expected: tuple[int, int]) -> None:
    """Pixels for each of the drawing's."""
    pytest.importorskip("resvg_py", reason="PNG is an extra: pip install 'nodefall[png]'")
    assert size(render(explorer().graph(), "png", PictureOptions(scale=scale))) == expected


@pytest.mark.parametrize(("shape", "ratio"), [("16:9", 16 / 9), ("1:1", 1)])
@pytest.mark.parametrize("name", GRAPHS)
def test_a_file_of_a_chosen_shape_has_the_picture_in_its_middle(name: str, shape: str, ratio: float) -> None:
    """Nothing is cut: it only gets ground at its sides, or above and below."""
    plain, wide = (
        [float(side) for side in Drawn.of(render(GRAPHS[name], "svg", options).decode()).root.attrib["viewBox"].split()]
        for options in (PictureOptions(), PictureOptions(shape=shape))
    )
    assert wide[2] / wide[3] == pytest.approx(ratio, rel=1e-3)
    assert wide[2] >= plain[2] - 0.01
    assert wide[3] >= plain[3] - 0.01
    assert (wide[0] + wide[2] / 2, wide[1] + wide[3] / 2) == pytest.approx((plain[2] / 2, plain[3] / 2), abs=0.02)


@pytest.mark.parametrize("name", ["explorer", "shop"])
@pytest.mark.parametrize(("without", "missing"), [("headline", "just failed"), ("legend", "thicker is more")])
def test_headline_and_legend_can_be_hidden(name: str, without: str, missing: str) -> None:
    """The picture itself stays, on less ground; its title says all the same what it is."""
    plain = Drawn.of(render(GRAPHS[name], "svg").decode())
    drawn = Drawn.of(render(GRAPHS[name], "svg", PictureOptions(**{without: "hidden"})).decode())
    assert missing in plain.words
    assert missing not in drawn.words
    assert "worker-2" in drawn.words
    assert float(drawn.root.attrib["height"]) < float(plain.root.attrib["height"])
    assert drawn.root.findtext(f"{SVG}title") == plain.root.findtext(f"{SVG}title")


def test_no_name_is_cut_where_names_are_asked_for_in_full() -> None:
    """Of nodes, services and pods, on the map of the cluster."""
    cluster = sample(SHOP)
    drawn = Drawn.of(draw(cluster, down("node/worker-2"), "svg", options=PictureOptions(names="full")).decode())
    plain = Drawn.of(draw(cluster, down("node/worker-2"), "svg").decode())
    pods = [name.partition("/")[2] for name in cluster.pods]
    assert all(name in drawn.words for name in [*pods, *cluster.nodes])
    assert "…" not in drawn.words
    assert not any(name in plain.words for name in pods)


def test_a_name_that_nothing_bounds_is_still_cut() -> None:
    """A file must not become as wide as somebody likes."""
    long = SHOP.read_text(encoding="utf-8").replace("worker-2", "w" * 4000)
    cluster = build(read([Upload(name="long.yaml", data=long.encode())]))
    drawn = Drawn.of(draw(cluster, Scenario(), "svg", options=PictureOptions(names="full")).decode())
    assert float(drawn.root.attrib["width"]) < 5000


def test_a_dark_file_has_no_light_colour_and_stays_dark() -> None:
    """Whatever its reader prefers."""
    text = render(explorer().graph(), "svg", PictureOptions(ground="dark")).decode()
    used = set(re.findall(r'(?:fill|stroke)="(#[0-9A-F]{6})"', text))
    assert used <= {dark for _, dark in TOKENS.values()}
    assert "<style" not in text


def test_a_light_file_stays_light() -> None:
    """The same drawing as without a word, but for the rule for dark readers."""
    light, auto = (
        render(explorer().graph(), "svg", PictureOptions(ground=word)).decode() for word in ("light", "auto")
    )
    assert re.sub("<style>.*</style>", "", auto) == light


def test_nothing_lies_under_a_transparent_picture() -> None:
    """Its ground is that of the slide."""
    text = render(explorer().graph(), "svg", PictureOptions(ground="transparent")).decode()
    assert 'class="sheet"' not in text
    assert 'class="sheet"' in render(explorer().graph(), "svg").decode()


def test_without_a_choice_a_file_is_as_before() -> None:
    """To the byte: golden files hold that."""
    assert render(explorer().graph(), "svg", PictureOptions()) == render(explorer().graph(), "svg")


# --- names ------------------------------------------------------------------------------------------------------------


def shop(extension: str, service: str | None = None) -> str:
    """Return the sample with a node down and its names hidden."""
    scenario = replace(down("node/worker-2"), service=service)
    return draw(sample(SHOP), scenario, extension, name="Friday's outage", options=HIDDEN).decode()


SECRETS = re.compile(r"worker|\bweb\b|\bapi\b|admin|default/|192\.168|10\.244|7c9d|Friday|zone a")


@pytest.mark.parametrize("service", [None, "default/web"])
@pytest.mark.parametrize("name", [name for name in FORMATS if name not in ("png", "pdf")])
def test_no_format_has_a_name_that_is_hidden(name: str, service: str | None) -> None:
    """Nor an address, nor what somebody called the Scenario."""
    text = shop(name, service)
    assert SECRETS.findall(text) == []
    assert "node-2" in text


QUOTED = """
apiVersion: v1
kind: Service
metadata: {name: secret-one, namespace: secret-team}
spec: {type: NodePort, selector: {app: secret-label}, ports: [{port: 80, targetPort: secret-port, name: secret-name}]}
---
apiVersion: v1
kind: Service
metadata: {name: secret-two, labels: {"secret-key!": secret-value}}
spec: {type: NodePort, ports: [{port: 80, nodePort: 1}]}
---
apiVersion: v1
kind: Pod
metadata: {name: secret-pod, namespace: secret-team, labels: {app: secret-label}}
spec: {nodeSelector: {secret-disk: secret-ssd}, containers: [{name: secret-container, image: x}]}
---
apiVersion: v1
kind: Node
metadata: {name: secret-node, labels: {topology.kubernetes.io/zone: secret-zone}}
spec: {taints: [{key: secret-taint, effect: NoSchedule}]}
"""


@pytest.mark.parametrize("service", [None, "secret-team/secret-one", "default/secret-two"])
@pytest.mark.parametrize("name", [name for name in FORMATS if name not in ("png", "pdf")])
def test_what_a_reason_quotes_is_hidden_also(name: str, service: str | None) -> None:
    """A selector that matches nothing, why a pod is pending, what the API server says of a label."""
    cluster = build(read([Upload(name="secret-file.yaml", data=QUOTED.encode())]))
    assert b"secret" not in draw(cluster, Scenario(service=service), name, options=HIDDEN)


@settings(max_examples=40, deadline=None)
@given(scene=scenes())
def test_hidden_names_change_no_share(scene: Scene) -> None:
    """Whatever names there were: the same vertices and edges with the same numbers, and none of the names."""
    graph, hidden = scene.graph(), without_names(scene.graph())
    assert [data["kind"] for data in graph.nodes.values()] == [data["kind"] for data in hidden.nodes.values()]
    assert [flow["share"] for *_, flow in graph.edges.data()] == [flow["share"] for *_, flow in hidden.edges.data()]
    said = json.dumps([hidden.graph, dict(hidden.nodes.data()), list(hidden.edges.data())], default=str)
    # Short names are parts of many words.
    names = [name for name in (*scene.nodes, *scene.pods, scene.service) if len(name) > 8 and name.isalnum()]
    assert not [name for name in names if name in said]


@pytest.mark.parametrize("name", [*GRAPHS])
def test_numbers_follow_the_order_of_the_picture(name: str) -> None:
    """From top to bottom for nodes, and for the pods lane by lane; folded lanes stand for many."""
    drawn = Drawn.of(render(GRAPHS[name], "svg", HIDDEN).decode())
    ids = [its.removeprefix("n-node-") for its in drawn.ids if re.fullmatch(r"n-node-\d+", its)]
    numbers = [int(its) for its in ids]
    assert all(one < other for one, other in pairwise(numbers))


@pytest.mark.parametrize("scene", ["explorer", "fleet", "many-pods", "pending"])
def test_pictures_with_hidden_names_have_the_same_lanes_and_pods(scene: str) -> None:
    """Folding and order don't depend on names."""
    plain, hidden = (
        Drawn.of(render(SCENES[scene].graph(), "svg", options).decode()) for options in (PictureOptions(), HIDDEN)
    )
    classes = ("node", "entry", "pod", "service")
    counts = [
        [sum(its.get("class") == name for its in each.root.iter()) for name in classes] for each in (plain, hidden)
    ]
    assert counts[0] == counts[1]


# --- words ------------------------------------------------------------------------------------------------------------


def test_the_command_has_an_option_for_each_word() -> None:
    """With the same values, which the command line says itself: the table would bring NetworkX along."""
    options = {option.name: option for option in command.params}
    assert {word: set(options[word].type.choices) for word in PICTURE_OPTIONS} == {
        word: set(its.values) for word, its in PICTURE_OPTIONS.items()
    }


def test_words_say_the_options() -> None:
    """What isn't said has its first value."""
    assert read_picture_options([("scale", "3"), ("names", "hidden"), ("at", "failed")], "png") == PictureOptions(
        scale=3, names="hidden"
    )
    assert read_picture_options([], "svg") == PictureOptions()


@pytest.mark.parametrize(
    ("pairs", "extension", "message"),
    [
        ([("scale", "9")], "png", "scale is one of 2, 1, 3, not '9'"),
        ([("ground", "pink")], "svg", "ground is one of auto, light, dark, transparent"),
        ([("scale", "3")], "svg", "scale does nothing for svg; it is for png"),
        ([("shape", "16:9")], "dot", "shape does nothing for dot"),
    ],
)
def test_what_cannot_be_done_is_said(pairs: list[tuple[str, str]], extension: str, message: str) -> None:
    """A word that is silently skipped would answer another question."""
    with pytest.raises(DiagramError, match=re.escape(message)):
        read_picture_options(pairs, extension)


def test_a_value_that_means_nothing_new_is_taken_everywhere() -> None:
    """As the page's forms send it."""
    assert read_picture_options([("scale", "2"), ("names", "")], "dot") == PictureOptions()
