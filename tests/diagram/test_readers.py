"""Each format is given to the program that people open it with, where that is to be had.

.ci/run installs Graphviz, Inkscape, Poppler and CairoSVG, and unpacks the npm packages of Mermaid and D2; what is
missing is skipped, with its reason: LibreOffice, for its weight (``apt-get install libreoffice-draw`` for a look).
Mermaid runs in a browser: tests/browser/test_mermaid.py.
"""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree as ET

import networkx as nx
import pytest
from PIL import Image

from tests.diagram.pictures import SCENES
from tests.diagram.test_cluster_map import FIFTY, SHOP, down, many
from tests.topology.test_paths import sample
from webapp.cluster.model import Cluster
from webapp.diagram import PictureOptions, render
from webapp.diagram.drawn import outline_of
from webapp.diagram.whole_cluster import every_port_graph, whole_graph
from webapp.failure import state_at
from webapp.topology.attributes import Graph

D2 = Path(os.environ.get("NODEFALL_D2", "missing")).resolve() / "dist" / "node-esm" / "index.js"


def in_zones_of_their_own(cluster: Cluster) -> Cluster:
    """Return the cluster with each node in another zone, so that every node has a lane."""
    return replace(cluster, nodes={name: replace(node, zone=name) for name, node in cluster.nodes.items()})


CLUSTERS = {
    "shop": whole_graph(state_at(sample(SHOP), down("node/worker-2"))),
    "fifty": whole_graph(state_at(sample(FIFTY), down("zone/a"))),
    "many": whole_graph(state_at(many(24, 40), down("node/worker-1"))),
    "crowded": whole_graph(state_at(in_zones_of_their_own(many(24, 15, pods=240)), down("node/worker-1"))),
}
GRAPHS: dict[str, Graph] = {name: scene.graph() for name, scene in SCENES.items()} | CLUSTERS
"""Of one service port each, and of whole clusters."""


def run(*command: str, given: bytes = b"", warns: bool = False) -> bytes:
    """Return what a program writes; it fails if the program warns, unless that is nothing of ours."""
    done = subprocess.run(command, input=given, capture_output=True, timeout=300, check=False)
    assert done.returncode == 0
    assert warns or done.stderr.decode() == ""
    return done.stdout


def needs(program: str) -> pytest.MarkDecorator:
    """Skip where a program is not installed."""
    return pytest.mark.skipif(shutil.which(program) is None, reason=f"{program} is not installed")


@needs("dot")
@pytest.mark.parametrize("name", GRAPHS)
def test_graphviz_draws_all_arrows_from_left_to_right(name: str) -> None:
    """From clients to pods: none runs backwards, and no warning is printed."""
    placed = json.loads(run("dot", "-Tjson", given=render(GRAPHS[name], "dot")))
    x = {box["_gvid"]: float(box["pos"].split(",")[0]) for box in placed["objects"] if "pos" in box}
    arrows = [(x[edge["tail"]], x[edge["head"]]) for edge in placed.get("edges", ())]
    assert all(tail < head for tail, head in arrows)
    assert bool(arrows) is (" -> " in render(GRAPHS[name], "dot").decode())


@pytest.mark.skipif(
    "NODEFALL_D2" not in os.environ, reason="NODEFALL_D2 names no folder of the package @terrastruct/d2"
)
def test_d2_compiles_every_picture(tmp_path: Path) -> None:
    """By the compiler of the language: as many shapes and connections as there are boxes, containers and arrows."""
    for name, graph in GRAPHS.items():
        (tmp_path / f"{name}.d2").write_bytes(render(graph, "d2"))
    script = tmp_path / "compile.mjs"
    script.write_text(
        "import { readFileSync } from 'node:fs';\n"
        f"import {{ D2 }} from {json.dumps(D2.as_uri())};\n"
        "const d2 = new D2(), found = {};\n"
        "for (const name of process.argv.slice(2)) {\n"
        "  const { diagram } = await d2.compile(readFileSync(name, 'utf8'));\n"
        "  found[name] = [diagram.shapes.length, diagram.connections.length];\n"
        "}\n"
        "console.log(JSON.stringify(found));\n"
        "process.exit(0);\n"
    )
    files = [str(tmp_path / f"{name}.d2") for name in GRAPHS]
    found = json.loads(run("node", str(script), *files))
    for name, file in zip(GRAPHS, files, strict=True):
        lines = Path(file).read_text(encoding="utf-8").splitlines()
        arrows = sum(" -> " in line for line in lines)
        shapes = sum(bool(re.match(r" *\w+: \"", line)) for line in lines)
        assert found[file] == [shapes, arrows], name


def test_mermaid_gets_no_more_arrows_than_it_draws() -> None:
    """What is lost is among them, and what is missing is said."""
    text = render(GRAPHS["crowded"], "mmd").decode()
    assert len(outline_of(GRAPHS["crowded"]).arrows) > 700
    assert sum(" --> " in line or "-x " in line for line in text.splitlines()) == 500
    missing = len(outline_of(GRAPHS["crowded"]).arrows) - 500
    assert f"{missing} arrows are omitted" in text
    assert text.count("lost") == render(GRAPHS["crowded"], "dot").decode().count("lost")


@needs("pdftotext")
@pytest.mark.parametrize("name", ["explorer", "shop"])
def test_text_of_a_pdf_can_be_found_and_copied(name: str) -> None:
    """Names and numbers are text and no outlines, each said once."""
    pytest.importorskip("typst", reason="PDF is an extra: pip install 'nodefall[pdf]'")
    said = run("pdftotext", "-layout", "-", "-", given=render(GRAPHS[name], "pdf")).decode()
    numbers = {"explorer": ("37.5", "18.75"), "shop": ("37.5", "56.25")}[name]
    for word in ("worker-1", "web", "Down", "just failed", *numbers):
        assert word in said
    assert len(re.findall("External", said)) == 1


@needs("pdfinfo")
def test_a_pdf_says_what_it_is() -> None:
    """Its title is the headline; its language and its structure are there for screen readers."""
    pytest.importorskip("typst", reason="PDF is an extra: pip install 'nodefall[pdf]'")
    # It takes offence at the structure that typst writes.
    said = run("pdfinfo", "-", given=render(GRAPHS["explorer"], "pdf"), warns=True).decode()
    assert re.search(r"Title: +default/web:80 answers 37.5\s% of new connections\n", said)
    assert re.search(r"Tagged: +yes", said)
    assert b"/Lang(en)" in render(GRAPHS["explorer"], "pdf")


@needs("pdfinfo")
def test_a_pdf_for_slides_is_16_to_9() -> None:
    """Its page is the picture; a plain one has white around it, for a printer."""
    pytest.importorskip("typst", reason="PDF is an extra: pip install 'nodefall[pdf]'")
    for options, expected in (
        (PictureOptions(shape="16:9"), 16 / 9),
        (PictureOptions(), (1088 + 32 / 0.75) / (786 + 32 / 0.75)),
    ):
        said = run("pdfinfo", "-", given=render(GRAPHS["explorer"], "pdf", options), warns=True).decode()
        found = re.search(r"Page size: +([\d.]+) x ([\d.]+) pts", said)
        assert found
        assert float(found[1]) / float(found[2]) == pytest.approx(expected, rel=0.01)


def by_cairosvg(svg: str, folder: Path) -> Path:
    """Return the picture as CairoSVG draws it."""
    try:
        import cairosvg  # noqa: PLC0415
    except (ImportError, OSError):  # it is there, but the library that it stands on is not
        pytest.skip("CairoSVG is not installed")
    cairosvg.svg2png(svg.encode(), write_to=str(folder / "made.png"))
    return folder / "made.png"


def by_inkscape(svg: str, folder: Path) -> Path:
    """Return the picture as Inkscape draws it."""
    (folder / "made.svg").write_text(svg, encoding="utf-8")
    run("inkscape", str(folder / "made.svg"), f"--export-filename={folder / 'made.png'}", warns=True)
    return folder / "made.png"


def by_libreoffice(svg: str, folder: Path) -> Path:
    """Return the picture as LibreOffice draws it, with settings of its own."""
    (folder / "made.svg").write_text(svg, encoding="utf-8")
    own = f"-env:UserInstallation={(folder / 'settings').as_uri()}"
    to = ("--convert-to", "png", "--outdir", str(folder))
    run("soffice", own, "--headless", *to, str(folder / "made.svg"), warns=True)
    return folder / "made.png"


PAINTERS = [
    pytest.param(by_cairosvg, id="CairoSVG"),
    pytest.param(by_inkscape, id="Inkscape", marks=needs("inkscape")),
    pytest.param(by_libreoffice, id="LibreOffice", marks=needs("soffice")),
]
"""Programs that draw an SVG each in its own way."""


@pytest.mark.parametrize("name", ["explorer", "shop"])
@pytest.mark.parametrize("painter", PAINTERS)
def test_lost_shares_and_signs_are_seen_in_other_programs(
    painter: Callable[[str, Path], Path], name: str, tmp_path: Path
) -> None:
    """None knows strokes behind letters, so the red of a number has a ground of its own; signs are there."""
    svg = render(GRAPHS[name], "svg").decode()
    assert "paint-order" not in svg
    number = re.search(
        r'<rect x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="([\d.]+)" rx="3" class="plate[^>]*>'
        r'<text [^>]*class="text-bad',
        svg,
    )
    sign = re.search(r'<use [^>]*href="#s-bad" x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="([\d.]+)"', svg)
    assert number
    assert sign
    whole = Image.open(painter(svg, tmp_path)).convert("RGB")
    scale = whole.width / float(ET.fromstring(svg).attrib["width"])  # noqa: S314 - our own
    red, white, of = inks(whole, [float(side) for side in number.groups()], scale)
    assert white > 0.3 * of
    assert red > 10
    red, _, of = inks(whole, [float(side) for side in sign.groups()], scale)
    assert red > 0.1 * of


def inks(whole: Image.Image, box: Sequence[float], scale: float) -> tuple[int, int, int]:
    """Return how many pixels of a box of the drawing are red, white, and how many there are."""
    x, y, width, height = box
    # The picture stands below and beside its frame.
    left, top = (x + 32) * scale, (y + 96) * scale
    right, bottom = left + width * scale, top + height * scale
    cut = whole.crop((round(left) + 1, round(top) + 1, round(right) - 1, round(bottom) - 1))
    colours = cut.getcolors(maxcolors=100_000)
    red = sum(count for count, (r, g, b) in colours if r - max(g, b) > 60)
    return red, sum(count for count, colour in colours if min(colour) > 250), cut.width * cut.height


@pytest.mark.parametrize("name", GRAPHS)
def test_drawio_cells_are_nested_and_lie_inside(name: str) -> None:
    """Boxes are children of their lanes and lanes of their zones, so that each moves with what is in it."""
    cells = ET.fromstring(render(GRAPHS[name], "drawio")).findall(".//mxCell")  # noqa: S314 - our own
    ids = [cell.attrib["id"] for cell in cells]
    assert len(set(ids)) == len(ids)
    shapes = {cell.attrib["id"]: (cell.attrib["parent"], geometry(cell)) for cell in cells if "vertex" in cell.attrib}
    inside = {id_: parent for id_, (parent, _) in shapes.items() if parent != "1"}
    assert {parent[0] for id_, parent in inside.items() if re.match(r"e\d|p\d", id_)} <= {"n"}
    assert {parent[0] for id_, parent in inside.items() if re.match(r"n\d", id_)} <= {"z"}
    assert all(re.match(r"e\d|p\d", id_) is None or id_ in inside for id_ in shapes)
    # A parent comes first: draw.io builds the model as it reads.
    assert all(ids.index(parent) < ids.index(id_) for id_, parent in inside.items())
    for id_, parent in inside.items():
        (x, y, width, height), (_, _, wide, high) = shapes[id_][1], shapes[parent][1]
        assert min(x, y) >= -0.01, id_
        assert x + width <= wide + 0.01, id_
        assert y + height <= high + 0.01, id_


def geometry(cell: ET.Element) -> tuple[float, ...]:
    """Return the place of a cell, relative to its parent's."""
    found = cell.find("mxGeometry")
    assert found is not None
    return tuple(float(found.attrib[side]) for side in ("x", "y", "width", "height"))


@pytest.mark.parametrize("name", ["json", "graphml"])
def test_networkx_multiplies_the_weights_of_a_path_to_its_share(name: str) -> None:
    """In a graph that was read back: what a tool works out along a path is what the simulation says."""
    graph = every_port_graph(state_at(sample(SHOP), down("node/worker-2")))
    data = render(graph, name)
    read = nx.parse_graphml(data.decode()) if name == "graphml" else nx.node_link_graph(json.loads(data), edges="links")
    assert set(read.nodes) == set(graph.nodes)
    assert read.graph["headline"].startswith("All 3 service ports lose connections")
    pods = [vertex for vertex, data in read.nodes(data=True) if data["kind"] == "endpoint" and read.in_degree(vertex)]
    assert pods
    for pod in pods:
        paths = nx.all_simple_paths(read, "client", pod)
        share = sum(product(read, path) for path in paths)
        assert share == pytest.approx(sum(flow["share"] for *_, flow in read.in_edges(pod, data=True)))


def product(graph: Graph, path: list[str]) -> float:
    """Return the product of the weights along a path."""
    made = 1.0
    for tail, head in pairwise(path):
        made *= graph.edges[tail, head]["weight"]
    return made
