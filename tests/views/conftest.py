"""An app on an empty database in memory."""

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.views.uploading import SETTINGS, Uploads
from webapp.views import create_app


@pytest.fixture
def app() -> Iterator[Flask]:
    """Make the app."""
    made = create_app(SETTINGS)
    made.testing = True
    yield made
    made.extensions["nodefall"].store.close()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Make a client that has no cookies yet."""
    return app.test_client()


@pytest.fixture
def uploads(client: FlaskClient) -> Uploads:
    """Make an uploader."""
    return Uploads(client)
