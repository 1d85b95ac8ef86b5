"""Bringing manifests in, with a browser and without."""

import json
import re
import zlib

import pytest
from flask.testing import FlaskClient

from tests.views.uploading import WEB, Uploads
from webapp.limits import ClusterLimits
from webapp.views.site import storing

OTHER = WEB.replace("name: web", "name: shop").replace("app: web", "app: shop").replace("30080", "30081")


def test_a_pasted_manifest_is_stored_and_its_map_is_opened(client: FlaskClient, uploads: Uploads) -> None:
    """The answer to the form is a redirect to an address that cannot be guessed."""
    response = uploads.send(text=WEB)
    assert response.status_code == 303
    assert re.fullmatch(r"/t/[\w-]{22}", response.headers["Location"])
    assert "default/web:80" in client.get(response.headers["Location"]).text


def test_a_set_is_not_built_before_its_map_because_of_its_pods(
    uploads: Uploads, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More of them than there may be nodes are no reason to count these: that took longer than all the rest."""
    monkeypatch.setattr(storing, "CLUSTER", ClusterLimits(cluster_nodes=20))
    monkeypatch.setattr(storing, "build", None)
    assert uploads.send(text=WEB.replace("replicas: 3", "replicas: 50")).status_code == 303


def test_several_files_become_one_topology(client: FlaskClient, uploads: Uploads) -> None:
    """Files of a folder keep their paths as names."""
    response = uploads.send(("k8s/web.yaml", WEB), ("k8s/shop.yaml", OTHER))
    page = client.get(response.headers["Location"]).text
    assert "2 files" in page
    assert "default/shop" in page


def test_a_folder_is_searched(client: FlaskClient, uploads: Uploads, monkeypatch: pytest.MonkeyPatch) -> None:
    """Patches are no objects, what is no manifest is counted, the folder may be hidden, and no tool is run."""
    monkeypatch.setattr("subprocess.run", None)
    patch = WEB.partition("---\n")[2].replace("replicas: 3", "replicas: 9")
    response = uploads.send(
        (".k8s/kustomization.yaml", "resources: [web.yaml]\npatches: [{path: more.yaml}]\n"),
        (".k8s/web.yaml", WEB),
        (".k8s/more.yaml", patch),
        (".k8s/package.json", "{}"),
        (".k8s/.git/config.yaml", OTHER),
    )
    page = client.get(response.headers["Location"] + "/problems").text
    assert "Not applied: 1 patch." in page
    assert "3 files were skipped: hidden files (1)" in page
    assert "all files" in page
    assert "default/shop" not in client.get(response.headers["Location"]).text


def test_a_folder_without_manifests_is_answered_with_what_it_has(uploads: Uploads) -> None:
    """It is not as if nothing had been sent."""
    response = uploads.send(("web/compose.yml", "services: {web: {image: web}}"), ("web/README.md", "# Web"))
    assert response.status_code == 422
    assert "Nothing in there could be drawn" in response.text
    assert "This is a Compose file" in response.text


def test_a_misspelled_kind_is_counted_among_the_problems(client: FlaskClient, uploads: Uploads) -> None:
    """With its right spelling."""
    response = uploads.send(text=WEB.replace("kind: Service", "kind: service"))
    page = client.get(response.headers["Location"] + "/problems").text
    assert "There is no service in v1." in page
    assert "It is Service of v1." in page
    assert "0 of 1 service would be accepted" in page


def test_files_and_text_may_come_together(client: FlaskClient, uploads: Uploads) -> None:
    """What was pasted is one more file."""
    response = uploads.send(("web.yaml", WEB), text=OTHER)
    assert "2 files" in client.get(response.headers["Location"]).text


def test_an_upload_without_anything_asks_for_something(uploads: Uploads) -> None:
    """An empty form is answered with the first page."""
    response = uploads.send()
    assert response.status_code == 422
    assert "Choose a file or paste something first" in response.text


def test_text_that_is_no_manifest_comes_back_with_its_problems(uploads: Uploads) -> None:
    """Nothing that was typed is lost."""
    response = uploads.send(text="a: [1, 2\nb: <&> 3")
    assert response.status_code == 422
    assert "a: [1, 2\nb: &lt;&amp;&gt; 3" in response.text
    assert "pasted.yaml" in response.text


def test_the_same_upload_twice_has_two_addresses(uploads: Uploads) -> None:
    """Nobody learns that somebody else uploaded the same."""
    assert uploads.stored() != uploads.stored()


@pytest.mark.parametrize(
    ("chosen", "kept"),
    [
        pytest.param("1", "86400", id="one of the choices"),
        pytest.param("99999", "7776000", id="longer than the setting allows: the setting"),
        pytest.param("x", "7776000", id="no number: the setting"),
    ],
)
def test_the_uploader_chooses_how_long_it_is_kept(uploads: Uploads, chosen: str, kept: str) -> None:
    """The token that deletes it lives as long."""
    assert f"Max-Age={kept}" in uploads.send(text=WEB, keep=chosen).headers["Set-Cookie"]


def test_a_program_gets_json(client: FlaskClient) -> None:
    """With Accept: application/json the answer is 201 with the id and the token that deletes it."""
    response = client.post("/upload", data={"text": WEB}, headers={"Accept": "application/json"})
    assert response.status_code == 201
    assert set(json.loads(response.text)) == {"id", "url", "deleteToken"}


def test_a_program_is_told_what_was_wrong_as_json(client: FlaskClient) -> None:
    """The same 422 without a page."""
    response = client.post("/upload", data={"text": "["}, headers={"Accept": "application/json"})
    assert response.status_code == 422
    assert response.json is not None
    assert response.json["problems"]


class TestCorrectedSet:
    """A corrected set gets an address of its own and keeps what was looked at."""

    def test_the_scenario_is_kept(self, uploads: Uploads) -> None:
        """What is down, when, how clients come in and what that is called stay as they were."""
        path = uploads.stored()
        query = "service=default/web&down=node/node-2&at=failed&via=lb&drawer=table&name=node-2+lost"
        response = uploads.send(text=WEB, to=f"{path}/upload?{query}")
        new, _, kept = response.headers["Location"].partition("?")
        assert new != path
        assert kept == query

    def test_what_no_longer_exists_is_dropped_and_named(self, client: FlaskClient, uploads: Uploads) -> None:
        """The service was renamed, so it is no longer in focus, and the page says so."""
        path = uploads.stored()
        response = uploads.send(text=OTHER, to=f"{path}/upload?service=default/web&down=node/node-2")
        page = client.get(response.headers["Location"])
        assert page.status_code == 200
        assert "service=default/web" in page.text
        assert "so skipped" in page.text

    def test_the_first_set_stays(self, client: FlaskClient, uploads: Uploads) -> None:
        """Stored topologies never change."""
        path = uploads.stored()
        uploads.send(text=OTHER, to=f"{path}/upload")
        assert "default/web" in client.get(path).text

    def test_an_unknown_topology_cannot_be_corrected(self, uploads: Uploads) -> None:
        """It is not found."""
        assert uploads.send(text=WEB, to="/t/unknown/upload").status_code == 404


def test_nothing_of_the_text_itself_is_stored(uploads: Uploads) -> None:
    """Comments, environment values, commands and Secrets are not in the database."""
    path = uploads.stored(
        WEB.replace("{name: web, ports", "{name: web, command: [hunter2], env: [{name: P, value: hunter2}], ports")
        + "# hunter2\n---\nkind: Secret\napiVersion: v1\nmetadata: {name: s}\nstringData: {p: hunter2}\n"
    )
    store = uploads.client.application.extensions["nodefall"].store
    with store.engine.connect() as connection:
        row = connection.exec_driver_sql("SELECT document FROM topologies").one()
    assert path
    assert b"hunter2" not in zlib.decompress(row[0])
