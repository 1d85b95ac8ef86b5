"""Pictures and numbers to take away."""

import re

import pytest
from flask.testing import FlaskClient

from webapp.diagram import FORMATS

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
