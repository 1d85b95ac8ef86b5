"""The API writes the snapshots that the command line writes."""

import json

import pytest
import yaml
from click.testing import CliRunner
from flask.testing import FlaskClient

from tests.snapshot.test_snapshotcommand import CANARY, SECRETS, SHOP
from webapp.cli import cli


@pytest.mark.parametrize("options", [[], ["--anonymize"]])
def test_it_is_the_file_of_the_command_line(client: FlaskClient, options: list[str]) -> None:
    """To the byte, of what is sent and of what is stored."""
    printed = CliRunner().invoke(cli, ["snapshot", str(SHOP), *options]).stdout
    word = "anonymize=yes" if options else "anonymize=no"
    sent = client.post(f"/api/v1/snapshot?{word}", data=SHOP.read_bytes())
    stored = client.get(f"/api/v1/snapshot?topology=sample-shop&{word}")
    assert sent.text == stored.text == printed
    assert stored.mimetype == "application/yaml"
    assert stored.headers["Content-Disposition"] == 'attachment; filename="snapshot.yaml"'


def test_it_may_be_json(client: FlaskClient) -> None:
    """One List with the same objects."""
    text = client.get("/api/v1/snapshot?topology=sample-shop").text
    listed = client.get("/api/v1/snapshot?topology=sample-shop&output=json")
    assert listed.mimetype == "application/json"
    assert json.loads(listed.text)["items"] == list(yaml.load_all(text, Loader=yaml.CSafeLoader))


def test_nothing_secret_is_in_it(client: FlaskClient) -> None:
    """Whatever its field."""
    response = client.post("/api/v1/snapshot", data=SECRETS)
    assert response.status_code == 200
    assert CANARY not in response.text


def test_what_can_not_be_decoded_makes_no_snapshot(client: FlaskClient) -> None:
    """An empty file would say that there is nothing."""
    wrong = "apiVersion: v1\nkind: Service\nmetadata: {name: odd}\nspec: {ports: [{port: '80'}]}\n"
    response = client.post("/api/v1/snapshot", data=wrong)
    assert (response.status_code, "could decode none" in response.json["detail"]) == (422, True)
