"""Pictures and numbers to take away."""

import json
import re
from html import unescape

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient

from webapp.cli import cli
from webapp.diagram import FORMATS
from webapp.diagram.carrying import carried
from webapp.documents import DOCUMENTS
from webapp.documents.schemas import SCHEMAS
from webapp.samples import SAMPLES
from webapp.views import isolation

STATE = "service=default/web&down=node/worker-2&at=failed"


@pytest.mark.parametrize("extension", [name for name in FORMATS if name not in ("png", "pdf")])
def test_every_format_answers_to_the_same_query(client: FlaskClient, extension: str) -> None:
    """Named after the service, with its own type."""
    response = client.get(f"/t/sample-shop/diagram.{extension}?{STATE}")
    assert response.status_code == 200
    assert response.mimetype == FORMATS[extension].mimetype
    assert f'filename="default-web.{extension}"' in response.headers["Content-Disposition"]


def test_the_menu_of_the_page_has_a_row_for_each_format(client: FlaskClient) -> None:
    """With what it is for, in the order of the table; a format that is added there needs nothing else."""
    text = client.get(f"/t/sample-shop?{STATE}").text
    rows = re.findall(r'diagram\.(\w+)[^>]*><span class="strong">\.\w+</span><span class="quiet">([^<]*)', text)
    assert rows == [(name, its.label) for name, its in FORMATS.items()]


def test_how_a_picture_is_written_is_in_its_address(client: FlaskClient) -> None:
    """By the words of the command line; a name that is hidden is not that of the file either."""
    response = client.get(f"/t/sample-shop/diagram.svg?{STATE}&names=hidden&ground=dark&shape=16:9")
    assert response.status_code == 200
    assert "worker" not in response.text
    assert "#FFFFFF" not in response.text
    assert "web" not in response.headers["Content-Disposition"]


@pytest.mark.parametrize(("word", "value"), [("ground", "pink"), ("scale", "3")])
def test_what_a_picture_cannot_be_is_refused(client: FlaskClient, word: str, value: str) -> None:
    """Before anything is drawn, with what there is."""
    response = client.get(f"/t/sample-shop/diagram.svg?{word}={value}")
    assert response.status_code == 400
    assert word in response.text


def test_the_svg_has_the_state_and_no_address_in_it(client: FlaskClient) -> None:
    """It stands alone: nothing leads anywhere."""
    text = client.get(f"/t/sample-shop/diagram.svg?{STATE}").text
    assert "worker-2" in text
    assert not re.search(r'(href|src)="(?!#)', text)
    assert "/t/" not in text


def test_the_svg_is_the_same_under_any_name_of_the_server(client: FlaskClient) -> None:
    """Byte for byte."""
    one = client.get(f"/t/sample-shop/diagram.svg?{STATE}", base_url="http://127.0.0.1")
    other = client.get(f"/t/sample-shop/diagram.svg?{STATE}", base_url="https://nodefall.example")
    assert one.data == other.data


def test_a_picture_is_only_sent_again_if_it_changed(client: FlaskClient) -> None:
    """By its ETag."""
    tag = client.get("/t/sample-shop/diagram.svg").headers["ETag"]
    assert client.get("/t/sample-shop/diagram.svg", headers={"If-None-Match": tag}).status_code == 304


def test_an_unknown_format_is_not_found(client: FlaskClient) -> None:
    """As any other address that isn't one."""
    assert client.get("/t/sample-shop/diagram.exe").status_code == 404


def test_the_simulation_is_the_commands_document(client: FlaskClient) -> None:
    """The same schema as ``nodefall simulate --output json``."""
    document = client.get(f"/t/sample-shop/simulation.json?{STATE}").json
    assert document is not None
    assert document["schema"] == "nodefall/simulation/v1"
    assert document["services"][0]["ports"][0]["answered"]["dns"] == pytest.approx(0.375)


# --- documents --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(DOCUMENTS))
def test_a_document_is_the_commands(client: FlaskClient, name: str) -> None:
    """The same text as ``nodefall render --format`` writes of the same state."""
    sample = next(sample for sample in SAMPLES if sample.slug == "shop")
    result = CliRunner().invoke(
        cli, ["render", str(sample.path), "--format", name, "--down", "node/worker-2", "--at", "failed"]
    )
    response = client.get(f"/t/sample-shop/{name}?down=node/worker-2&at=failed&{OWN_WORDS.get(name, '')}")
    assert response.status_code == 200
    assert response.mimetype == DOCUMENTS[name].mimetype
    if name == "simulation.json":
        assert response.json == json.loads(result.stdout)
    else:
        # The page names files as they were uploaded, the command as they were typed.
        expected = result.stdout.replace(str(sample.path), sample.file)
        assert sorted(response.text.splitlines()) == sorted(expected.splitlines())
        assert name in response.headers["Content-Disposition"]


OWN_WORDS = {
    "matrix.csv": "moment=detected&through=lb&order=name",
    "findings.csv": "severity=all",
    "findings.md": "severity=all",
}
"""What the page narrows or orders otherwise."""


def test_a_page_offers_what_it_shows(client: FlaskClient) -> None:
    """In the menu of downloads and beside the list, with its own filter."""
    for path, names in {
        "": ["report.md", "entries.csv", "simulation.json"],
        "/services": ["services.csv", "entries.csv"],
        "/resilience": ["matrix.csv"],
        "/findings": ["findings.md", "findings.csv"],
    }.items():
        text = client.get(f"/t/sample-shop{path}?{STATE}").text
        menu = text.partition('id="download"')[2].partition("</details>")[0]
        assert re.findall(r'<span class="strong">(\w+\.\w+)</span>', menu) == names
        urls = [url for url in re.findall(r'href="([^"]*)"', text) if any(f"/{name}" in url for name in names)]
        assert len(urls) >= len(names)
        assert {client.get(unescape(url)).status_code for url in urls} == {200}


def test_findings_are_sent_as_they_are_listed(client: FlaskClient) -> None:
    """Of one rule, or of those that a search finds."""
    text = client.get("/t/sample-shop/findings.csv?severity=all&rule=NP250").text
    assert {line.partition(",")[0] for line in text.splitlines()[1:]} == {"NP250"}
    assert client.get("/t/sample-shop/findings.csv").text.count("\n") < client.get(
        "/t/sample-shop/findings.csv?severity=all"
    ).text.count("\n")


def test_the_matrix_is_sent_as_it_is_shown(client: FlaskClient) -> None:
    """For the moment, the access path and the order of the page."""
    one, other = (client.get(f"/t/sample-shop/matrix.csv?{words}").text for words in ("", "moment=detected&order=name"))
    assert one != other
    assert one.splitlines()[0] == other.splitlines()[0]


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_schema_is_served(client: FlaskClient, name: str) -> None:
    """As what it is, for programs."""
    response = client.get(f"/schemas/{name}.json")
    assert response.status_code == 200
    assert response.mimetype == "application/schema+json"
    assert json.loads(response.text)["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def test_a_schema_that_is_not_there_is_not_found(client: FlaskClient) -> None:
    """With those that there are."""
    response = client.get("/schemas/secrets.json")
    assert response.status_code == 404
    assert "simulation" in response.text


def test_every_document_for_programs_has_a_schema() -> None:
    """Only prose has none."""
    assert {its.schema for its in DOCUMENTS.values() if its.schema} == SCHEMAS.keys() - {"topology"}


@pytest.mark.parametrize("extension", [name for name in FORMATS if name != "pdf"])
def test_no_file_with_hidden_names_has_them_in_what_opens_it_again(client: FlaskClient, extension: str) -> None:
    """That would be all of the manifests, where nobody looks."""
    if extension == "png":
        pytest.importorskip("resvg_py", reason="PNG is an extra: pip install 'nodefall[png]'")
    made = client.get(f"/t/sample-shop/diagram.{extension}?{STATE}&names=hidden&carry=yes").data
    assert carried(made) is None
    assert b"worker-" not in made


def test_what_is_saved_as_a_file_is_waited_for(client: FlaskClient) -> None:
    """For a large set a page comes meanwhile: in place of a file it would be saved under the file's name."""
    about = (rule for rule in client.application.url_map.iter_rules() if rule.arguments & {"topology_id", "new_id"})
    files = {rule.endpoint for rule in about if re.search(r"\.(\w+|<extension>)$", rule.rule)}
    assert "services.download" in files
    assert files <= isolation._FILES


def test_a_name_with_a_line_end_is_drawn_and_downloaded(client: FlaskClient) -> None:
    """The API server rejects it; its picture says so, under a file name that fits into a header."""
    web = 'apiVersion: v1\nkind: Service\nmetadata: {name: "we\\nb\\""}\nspec: {type: NodePort, ports: [{port: 80}]}\n'
    path = client.post("/upload", data={"text": web}).headers["Location"]
    response = client.get(f"{path}/diagram.svg")
    assert response.status_code == 200
    assert response.headers["Content-Disposition"] == 'inline; filename="default-we-b-.svg"'
