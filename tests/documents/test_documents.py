"""The documents: tables, reports, the simulation, each held against its schema and against what others say."""

import csv
import json
from io import StringIO
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from jsonschema import Draft202012Validator

from tests.topology.test_paths import SAMPLES, failures, sample
from webapp.cluster.build import build
from webapp.cluster.model import Cluster
from webapp.diagram import render
from webapp.diagram.formats import graph_of
from webapp.documents import DOCUMENTS, Asked, asked
from webapp.documents.schemas import SCHEMAS
from webapp.documents.services import service_records
from webapp.failure import Moment, Scenario
from webapp.failure.words import decode
from webapp.limits import ClusterLimits, TooLargeError
from webapp.manifests import Manifests, Upload, read
from webapp.resilience import matrix
from webapp.simulation.document import simulation_document

WORDS = (("down", "node/worker-2"), ("at", "failed"))
TABLES = [name for name in DOCUMENTS if name.endswith(".csv")]


def manifests(name: str) -> Manifests:
    """Return what a sample says."""
    path = next(path for path in SAMPLES if path.stem == name)
    return read([Upload(name=path.name, data=path.read_bytes())])


def shop(*words: tuple[str, str]) -> Asked:
    """Return the sample with a node down."""
    its = manifests("shop")
    cluster = build(its)
    return asked(its, cluster, decode(words or WORDS, cluster))


def lines(text: str) -> list[dict[str, str]]:
    """Return a table as a spreadsheet reads it."""
    return list(csv.DictReader(StringIO(text)))


def typed(line: dict[str, str], schema: dict[str, Any]) -> dict[str, Any]:
    """Return a line with its cells as the schema says: numbers, truth values, null for nothing."""
    patterns = list(schema.get("patternProperties", {}).values())
    return {name: _value(cell, schema["properties"].get(name, *patterns[:1])) for name, cell in line.items()}


def _value(cell: str, its: dict[str, Any]) -> Any:
    kinds = {its.get("type"), *(each.get("type") for each in its.get("anyOf", ()))}
    if cell == "" and "null" in kinds:
        return None
    if "boolean" in kinds:
        return {"true": True, "false": False}[cell]
    if kinds & {"number", "integer"}:
        return float(cell) if "." in cell or "e" in cell else int(cell)
    return cell


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_each_line_of_a_table_is_as_its_schema_says(name: str, path: Any) -> None:
    """Every column is described, and no other; a program that reads it knows what each cell is."""
    its = manifests(path.stem)
    text = DOCUMENTS[name].render(asked(its, build(its), Scenario()))
    schema = SCHEMAS[DOCUMENTS[name].schema]()
    Draft202012Validator.check_schema(schema)
    found = [typed(line, schema["items"]) for line in lines(text)]
    Draft202012Validator(schema).validate(found)
    fixed = list(schema["items"]["properties"])
    assert text.splitlines()[0].split(",")[: len(fixed)] == fixed


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(failures())
def test_the_simulation_is_as_its_schema_says(asked_for: tuple[Cluster, Scenario]) -> None:
    """For any failure; no key is missing in the schema, and none in the document."""
    validate("simulation", simulation_document(*asked_for))
    validate("simulation", simulation_document(*asked_for, summary=True))


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_the_simulation_of_a_sample_is_as_its_schema_says(path: Any) -> None:
    """With drains, timelines, problems and whatever else samples show."""
    cluster = sample(path)
    node = next(iter(cluster.nodes))
    for words in ([("down", f"node/{node}"), ("service", next(iter(cluster.services)))], [("drain", f"node/{node}")]):
        validate("simulation", simulation_document(cluster, decode(words, cluster)))


@pytest.mark.parametrize("service", [None, "default/web"])
@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_the_graph_is_as_its_schema_says(path: Any, service: str | None) -> None:
    """Of a whole cluster as of one service."""
    cluster = sample(path)
    key = service if service in cluster.services else next(iter(cluster.services)) if service else None
    graph = graph_of(cluster, Scenario(service=key), whole=True)
    validate("topology", json.loads(render(graph, "json")))


def validate(name: str, document: dict[str, Any]) -> None:
    """Hold a document against its schema, in which no key may be that is not described."""
    schema = json.loads(json.dumps(SCHEMAS[name]()))
    Draft202012Validator.check_schema(schema)
    if name == "simulation":
        for definition in schema["$defs"].values():
            if "properties" in definition:
                definition["additionalProperties"] = False
    Draft202012Validator(schema).validate(document)


def test_a_schema_refuses_what_is_not_so() -> None:
    """Or all the other tests would say nothing."""
    document = simulation_document(shop().cluster, shop().scenario)
    document["services"][0]["ports"][0]["answered"] = "half"
    with pytest.raises(Exception, match="half"):
        validate("simulation", document)


def test_services_have_the_shares_of_the_simulation() -> None:
    """By the access path that the Scenario names."""
    for via in ("dns", "lb"):
        its = shop(*WORDS, ("via", via))
        document = simulation_document(its.cluster, its.scenario)
        expected = [port["answered"][via] for service in document["services"] for port in service["ports"]]
        found = [float(line["answered"]) for line in lines(DOCUMENTS["services.csv"].render(its))]
        assert found == pytest.approx(expected)


def test_entries_are_those_of_the_simulation() -> None:
    """Line by line."""
    its = shop()
    document = simulation_document(its.cluster, its.scenario)
    expected = [
        (service["name"], entry["node"], entry["answered"], entry["outcome"], entry["reason"])
        for service in document["services"]
        for port in service["ports"]
        for entry in port["entries"]
    ]
    found = [
        (line["service"], line["node"], float(line["answered"]), line["outcome"], line["reason"])
        for line in lines(DOCUMENTS["entries.csv"].render(its))
    ]
    assert found == expected
    assert {line["node"] for line in lines(DOCUMENTS["entries.csv"].render(its)) if line["up"] == "false"} == {
        "worker-2"
    }


def test_with_a_service_in_focus_a_table_has_that_one() -> None:
    """As the simulation has."""
    its = shop(*WORDS, ("service", "default/web"))
    for name in ("services.csv", "entries.csv"):
        assert {line["service"] for line in lines(DOCUMENTS[name].render(its))} == {"web"}


def test_the_matrix_has_a_column_for_each_node_and_zone() -> None:
    """With what is answered without it."""
    found = matrix(shop().cluster)
    table = lines(DOCUMENTS["matrix.csv"].render(shop()))
    names = [column.word for column in found.columns]
    assert list(table[0])[-len(names) :] == names
    assert [[float(line[name]) for name in names] for line in table] == [list(row.cells) for row in found.rows]


@pytest.mark.parametrize(
    ("state", "manifest"),
    [
        ("Rejected", "spec: {type: NodePort, ports: [{port: 80, nodePort: 99}]}"),
        ("No nodePort", "spec: {type: ClusterIP, ports: [{port: 80}]}"),
        ("Refused", "spec: {type: NodePort, selector: {a: b}, ports: [{port: 80}]}"),
    ],
)
def test_a_service_that_nobody_reaches_says_why(state: str, manifest: str) -> None:
    """In the words of the page."""
    text = f"apiVersion: v1\nkind: Service\nmetadata: {{name: web}}\n{manifest}\n"
    (record,) = service_records(build(read([Upload(name="x.yaml", data=text.encode())])), Scenario())
    assert record.state == state
    assert record.why


@pytest.mark.parametrize("name", ["findings.md", "report.md"])
def test_nothing_in_prose_is_markup_but_its_own(name: str) -> None:
    """Names are the manifests' author's: none breaks a table or places a link."""
    hostile = "a|b`*_[x](http://evil.example)<script>@all"
    text = (
        "apiVersion: v1\nkind: Service\nmetadata: {name: web}\n"
        f"spec: {{type: NodePort, selector: {{app: {json.dumps(hostile)}}}, ports: [{{port: 80}}]}}\n"
    )
    its = read([Upload(name="x.yaml", data=text.encode())])
    made = DOCUMENTS[name].render(asked(its, build(its), Scenario()))
    assert "<script>" not in made
    assert "](http" not in made.replace("\\]", "")
    assert "@all" not in made


def test_a_report_says_all_of_it() -> None:
    """Verdict, situation, services, what survives, what to fix."""
    text = DOCUMENTS["report.md"].render(shop())
    assert text.startswith("# All 3 service ports lose connections: 3 degraded\n\nworker-2 down · just failed")
    for heading in ("## Services", "## Resilience", "## Findings"):
        assert heading in text
    assert "| <code>default/web</code> | 80 | 30080 | Degraded | 37.5\N{NARROW NO-BREAK SPACE}% |" in text
    assert "NP225" in text


def test_a_report_says_what_was_assumed() -> None:
    """Without Nodes they are made up."""
    its = manifests("webapp-service")
    cluster = build(its)
    assert cluster.assumptions
    text = DOCUMENTS["report.md"].render(asked(its, cluster, Scenario(at=Moment.BEFORE)))
    assert "- Assumed: " in text


def test_a_set_without_services_has_documents_also() -> None:
    """With nothing in them."""
    its = read([Upload(name="x.yaml", data=b"apiVersion: v1\nkind: Node\nmetadata: {name: a}\n")])
    subject = asked(its, build(its), Scenario())
    for name, document in DOCUMENTS.items():
        text = document.render(subject)
        assert text
        assert not name.endswith(".csv") or lines(text) == []
    assert DOCUMENTS["report.md"].render(subject).startswith("# Nothing to draw")


def test_too_many_entries_are_refused_with_a_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody reads millions of lines, and no worker has the memory for them."""
    monkeypatch.setattr("webapp.simulation.document.CLUSTER", ClusterLimits(entries=1))
    for name in ("entries.csv", "simulation.json"):
        with pytest.raises(TooLargeError, match="Name a service"):
            DOCUMENTS[name].render(shop())


@pytest.mark.parametrize("name", TABLES)
def test_no_cell_is_a_formula(name: str) -> None:
    """A spreadsheet runs what begins like one."""
    text = (
        "apiVersion: v1\nkind: Service\nmetadata: {name: '=HYPERLINK(1)', namespace: '@x'}\n"
        "spec: {type: NodePort, selector: {a: b}, ports: [{port: 80}]}\n"
    )
    its = read([Upload(name="=1+1.yaml", data=text.encode())])
    for line in lines(DOCUMENTS[name].render(asked(its, build(its), Scenario()))):
        assert not [cell for cell in line.values() if cell.startswith(("=", "+", "-", "@"))]
