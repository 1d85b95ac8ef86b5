"""Files under names with a hash are kept for good; under any other name they are asked for again."""

import re

import pytest
from flask.testing import FlaskClient

from webapp.paths import resource_directory

BROWSER = {"Accept-Encoding": "gzip, deflate, br"}
STATIC = resource_directory("static")
MOST = 105_000
"""Bytes of a first visit."""


def files_of(page: str) -> list[str]:
    """Return what a page makes a browser fetch."""
    return re.findall(r'(?:href|src)="(/static/[^"]+)"', page)


def fonts_of(client: FlaskClient, files: list[str], faces: str = r"@font-face {[^}]*}") -> set[str]:
    """Return what these faces of their style sheets make a browser fetch, where they have not named it themselves."""
    sheets = "".join(client.get(file).text for file in files if file.endswith(".css"))
    named = re.findall(r"url\(\.\./([^)]+)\)", "".join(re.findall(faces, sheets)))
    return {f"/static/{name}" for name in named} - set(files)


def test_every_file_of_a_page_is_kept_for_good(client: FlaskClient) -> None:
    """A change of a file is a change of its name."""
    files = files_of(client.get("/").text)
    assert len(files) > 5
    for file in (*files, *fonts_of(client, files)):
        assert re.search(r"\.[0-9a-f]{12}\.\w+$", file)
        answer = client.get(file)
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"


@pytest.mark.parametrize("path", ["/", "/t/sample-shop?service=default/web&down=node/worker-2&at=failed"])
def test_a_first_visit_is_small(client: FlaskClient, path: str) -> None:
    """The page with all its files and fonts."""
    files = files_of(client.get(path).text)
    # Letters that the page doesn't show are not fetched: a browser test says so.
    fonts = fonts_of(client, files, r"@font-face {(?:(?!unicode-range)[^}])*}")
    assert len(fonts) == 2
    sizes = [len(client.get(each, headers=BROWSER).data) for each in (path, *files, *fonts)]
    assert sum(sizes) < MOST


def test_a_style_sheet_is_sent_without_what_only_people_read(client: FlaskClient) -> None:
    """Comments and indents go; every rule stays, as does what a string or a calculation needs blanks for."""
    sent, written = client.get("/static/css/nodefall.css").text, (STATIC / "css" / "nodefall.css").read_text("utf-8")
    assert "/*" not in sent
    assert "  " not in sent
    assert sent.count("{") == written.count("{")
    assert "calc(100vw - 32px)" in sent


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("css/nodefall.css", id="without a hash"),
        pytest.param("css/nodefall.0123456789ab.css", id="with that of another release"),
    ],
)
def test_other_names_are_asked_for_again(client: FlaskClient, name: str) -> None:
    """A page of another release, or a proxy's own page, gets what there is."""
    answer = client.get(f"/static/{name}")
    assert answer.headers["Cache-Control"] == "no-cache"
    assert answer.mimetype == "text/css"
    again = client.get(f"/static/{name}", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


@pytest.mark.parametrize(
    "name", ["css/none.css", "../pyproject.toml", "css", "css/../../pyproject.toml", "css/nodefall.css/"]
)
def test_nothing_else_is_served(client: FlaskClient, name: str) -> None:
    """No folder, and nothing outside."""
    assert client.get(f"/static/{name}").status_code == 404
