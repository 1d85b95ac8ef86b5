"""An app on an empty database in memory."""

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jinja2 import FileSystemBytecodeCache

from tests.views.uploading import SETTINGS, Uploads
from webapp.views import create_app


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> FileSystemBytecodeCache:
    """Keep compiled templates: compiling them again for the app of each test takes longer than the test."""
    return FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))


@pytest.fixture
def app(compiled: FileSystemBytecodeCache) -> Iterator[Flask]:
    """Make the app."""
    made = create_app(SETTINGS)
    made.testing = True
    made.jinja_env.bytecode_cache = compiled
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
