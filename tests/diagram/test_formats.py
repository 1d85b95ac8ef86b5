"""Every format is readable by its own kind of reader, and none is broken by a name."""

import json
import re
from collections.abc import Callable
from html import unescape
from xml.etree import ElementTree as ET

import networkx as nx
import pytest
from hypothesis import given, settings

from tests.diagram.pictures import HOSTILE, SCENES, scenes
from tests.topology.scenes import Scene, explorer, outcome, state
from webapp.cluster.model import Cluster
from webapp.diagram import FORMATS, DiagramError, draw, render
from webapp.diagram.formats import port_graph
from webapp.failure.scenario import Moment, Scenario

TEXTS = ["mmd", "dot", "d2", "drawio", "json", "graphml", "html"]
few = settings(max_examples=25, deadline=None, derandomize=True)
hostile = explorer(nodes=dict.fromkeys(HOSTILE), pods={"web-1": HOSTILE[0]}, service="a\"]; b -> c;{'}<b>")


@pytest.mark.parametrize("name", ["mmd", "dot", "d2", "drawio", "json", "graphml", "html"])
def test_a_file_looks_as_it_did(name: str, golden: Callable[[str, bytes], None]) -> None:
    """Compared with its golden file; ``--update-golden`` rewrites it."""
    golden(f"explorer.{name}", render(explorer().graph(), name))


def test_json_holds_the_whole_graph() -> None:
    """In node-link form, which NetworkX reads back."""
    graph = explorer().graph()
    read = nx.node_link_graph(json.loads(render(graph, "json")), edges="links")
    assert set(read.nodes) == set(graph.nodes)
    assert read.edges["client", "entry/worker-1"]["share"] == 0.25


def test_graphml_holds_the_whole_graph() -> None:
    """With numbers as numbers, which NetworkX reads back."""
    graph = explorer().graph()
    read = nx.parse_graphml(render(graph, "graphml").decode())
    assert set(read.nodes) == set(graph.nodes)
    assert read.edges["client", "entry/worker-1"]["share"] == 0.25
    assert read.nodes["endpoint/default/web-2"]["live"] is False


def test_drawio_cells_refer_to_cells_that_are_there() -> None:
    """Each arrow has both ends."""
    cells = ET.fromstring(render(explorer().graph(), "drawio")).findall(".//mxCell")  # noqa: S314 - our own
    ids = {cell.attrib["id"] for cell in cells}
    assert len(ids) == len(cells)
    assert {cell.attrib[end] for cell in cells if "edge" in cell.attrib for end in ("source", "target")} <= ids


@pytest.mark.parametrize("name", ["mmd", "d2", "dot"])
def test_arrows_lead_from_box_to_box(name: str) -> None:
    """Client, entry point, service, pod; lost ones are told apart."""
    text = render(explorer().graph(), name).decode()
    assert len(re.findall(r"25\N{NARROW NO-BREAK SPACE}% lost", text)) == 1
    assert len(re.findall(r"18\.75\N{NARROW NO-BREAK SPACE}% lost", text)) == 2


ZONES = {"json": '"zone": "a"', "graphml": ">a</data>"}


@pytest.mark.parametrize("name", ["mmd", "dot", "d2", "drawio", "svg", "html", "json", "graphml"])
def test_headline_situation_and_zones_are_said(name: str) -> None:
    """Whatever reads the file shows what the failure does, when, and what is where."""
    text = unescape(render(explorer().graph(), name).decode())
    assert "default/web:80 answers 37.5\N{NARROW NO-BREAK SPACE}% of new connections" in text
    assert "worker-2 down · just failed" in text
    assert ZONES.get(name, "zone a") in text


@pytest.mark.parametrize("name", ["mmd", "dot", "d2", "drawio", "svg", "html", "json", "graphml"])
def test_what_was_assumed_is_said(name: str) -> None:
    """Wherever the picture goes, its reader must know what is not in the manifests, and what is not simulated."""
    made = nx.DiGraph(explorer().graph())
    made.graph |= {"notes": ("Policies are not simulated.",), "assumptions": ("3 nodes",)}
    text = render(made, name).decode()
    assert "Policies are not simulated." in text
    assert ("3 nodes" if name in ("json", "graphml") else "Assumed: 3 nodes") in text


@few
@given(scene=scenes())
def test_xml_and_json_stay_well_formed(scene: Scene) -> None:
    """Whatever the names are."""
    graph = scene.graph()
    for name in ("drawio", "graphml"):
        ET.fromstring(render(graph, name))  # noqa: S314 - our own
    json.loads(render(graph, "json"))


@few
@given(scene=scenes())
def test_quoted_text_is_closed_on_its_line(scene: Scene) -> None:
    """Outside of quotes stands nothing that a name brought along."""
    for name in ("mmd", "dot", "d2"):
        for line in render(scene.graph(), name).decode().splitlines():
            # A comment of D2, and the only texts of Mermaid that stand without quotes: what ends them is replaced.
            if re.match(r"# |  acc(Title|Descr): [^#;{}\"'`<>]*$", line):
                continue
            outside = re.sub(r'"(?:\\.|[^"\\])*"', "", line)
            assert re.fullmatch(r"[\w\s\[\]{}():;,.=#>\-]*", outside), line


def test_mermaid_writes_what_it_would_read_as_entities() -> None:
    """Neither its own syntax nor HTML passes through a name."""
    text = render(hostile.graph(), "mmd").decode()
    assert "<script>" not in text
    assert "#60;script#62;" in text


def test_a_page_of_its_own_needs_nothing_else() -> None:
    """No script, no address; the table holds each node."""
    text = render(hostile.graph(), "html").decode()
    assert "<script" not in text
    assert re.findall(r"\w+://[^\"]*", text) == ["http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"]
    assert text.count("<tr>") == 1 + len(HOSTILE)


def test_an_unknown_format_names_the_known_ones() -> None:
    """So that a typing error is mended at once."""
    with pytest.raises(DiagramError, match=", ".join(FORMATS)):
        render(explorer().graph(), "gif")


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize("scene", ["one-node", "not-accepted", "pending", "fleet"])
def test_every_scene_has_every_format(name: str, scene: str) -> None:
    """Without services' entry points, with folded lanes, with pods that wait."""
    assert render(SCENES[scene].graph(), name)


def cluster() -> Cluster:
    """Return the cluster of the reference picture."""
    return state(explorer(down=frozenset())).cluster


def test_a_cluster_is_drawn_in_a_scenario() -> None:
    """From words to bytes: the first service with a nodePort, if none is named."""
    scenario = Scenario(at=Moment.BEFORE)
    assert b"default/web:80 answers" in draw(cluster(), scenario, "svg")


@pytest.mark.parametrize(
    ("service", "port", "message"),
    [
        pytest.param("default/other", None, "There is no service default/other", id="no such service"),
        pytest.param("default/web", 443, "Service default/web has no port 443; it has 80", id="no such port"),
    ],
)
def test_what_is_not_there_is_named(service: str, port: int | None, message: str) -> None:
    """With what is there instead."""
    with pytest.raises(DiagramError, match=message):
        draw(cluster(), Scenario(service=service), "svg", port)


def test_a_port_may_be_named_by_its_node_port() -> None:
    """80 and 30080 are the same port."""
    found = [port_graph(cluster(), Scenario(), port).graph["port"] for port in (None, 80, 30080)]
    assert found == [80, 80, 80]


def test_a_cluster_without_services_has_nothing_to_draw() -> None:
    """And says so."""
    with pytest.raises(DiagramError, match="There is no service to draw"):
        draw(Cluster(nodes={}, pods={}, services={}), Scenario(), "svg")


def test_the_answer_of_the_graph_is_that_of_routing() -> None:
    """One number, whoever asks."""
    assert explorer().graph().graph["answered"] == outcome(explorer()).dns
