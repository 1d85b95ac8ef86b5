"""The API: manifests in, the simulation document out, nothing kept."""

from flask.testing import FlaskClient

from tests.views.uploading import WEB


def test_what_is_sent_is_simulated(client: FlaskClient) -> None:
    """As the body itself; the query holds the Scenario's words."""
    response = client.post("/api/v1/simulate?down=node/node-1&at=failed", data=WEB, content_type="application/yaml")
    assert response.json is not None
    assert response.json["down"] == ["node/node-1"]
    assert response.json["services"][0]["ports"][0]["nodePort"] == 30080


def test_a_form_with_files_works_as_well(client: FlaskClient) -> None:
    """The same fields as the page's."""
    response = client.post("/api/v1/simulate", data={"text": WEB})
    assert response.json is not None
    assert [service["name"] for service in response.json["services"]] == ["web"]


def test_nothing_is_stored(client: FlaskClient) -> None:
    """The database stays empty."""
    client.post("/api/v1/simulate", data=WEB, content_type="application/yaml")
    store = client.application.extensions["nodefall"].store
    with store.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM topologies").scalar() == 0


def test_a_wrong_word_is_a_400_with_what_exists(client: FlaskClient) -> None:
    """As JSON."""
    response = client.post("/api/v1/simulate?down=node/nope", data=WEB, content_type="application/yaml")
    assert response.status_code == 400
    assert response.json is not None
    assert "node-1" in response.json["error"]


def test_what_cannot_be_read_is_a_422_with_its_problems(client: FlaskClient) -> None:
    """As JSON."""
    response = client.post("/api/v1/simulate", data="a: [", content_type="application/yaml")
    assert response.status_code == 422
    assert response.json is not None
    assert response.json["problems"]
