"""The lines of docs/http.md work as they stand there, sent by curl and by the test's own client."""

import re
import shlex
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.serving import make_server

from scripts.refresh import EXAMPLE
from tests.views.uploading import SETTINGS
from webapp.views import create_app
from webapp.views.api import operations

TOP = Path(__file__).parents[3]
LINES = re.findall(r"^curl .*", (TOP / "docs" / "http.md").read_text(encoding="utf-8"), re.MULTILINE)
FILES = ("shop.yaml", "before.yaml", "after.yaml", "large.yaml")
# Nothing is known of a job that is done as soon as it is asked for.
JOB = "/jobs/KEY"
needs_curl = pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")

Ask = Callable[[list[str]], tuple[int, str]]


@dataclass(frozen=True)
class Server:
    """A running nodefall, and a folder with what the lines name."""

    url: str
    client: FlaskClient
    folder: Path

    def by_curl(self, arguments: list[str]) -> tuple[int, str]:
        """Return status and body."""
        command = ["curl", "--silent", "--show-error", "--write-out", "\n%{http_code}", *arguments]
        said = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, check=True, timeout=60).stdout
        body, _, status = said.rpartition("\n")
        return int(status), body

    def by_client(self, arguments: list[str]) -> tuple[int, str]:
        """Return the same for the options of curl that the lines have."""
        sent: dict[str, Any] = {"headers": {}}
        rest = iter(arguments)
        for word in rest:
            match word:
                case "-X":
                    sent["method"] = next(rest)
                case "-H":
                    name, _, value = next(rest).partition(": ")
                    sent["headers"][name] = value
                case "-F":
                    name, _, value = next(rest).partition("=")
                    file = value.removeprefix("@")
                    content = (BytesIO((self.folder / file).read_bytes()), file) if file != value else value
                    sent.setdefault("data", {})[name] = content
                case "--data-binary":
                    sent["data"] = (self.folder / next(rest).removeprefix("@")).read_bytes()
                case "-i":
                    continue
                case _:
                    path = word.removeprefix(self.url)
        response = self.client.open(path, **{"method": "POST" if "data" in sent else "GET"} | sent)
        return response.status_code, response.text

    def line(self, line: str, stored: dict[str, str], shared: dict[str, str]) -> list[str]:
        """Return what a line gives curl, about this server and a set and a shared view that are there."""
        words = shlex.split(line.replace(EXAMPLE, self.url))[1:]
        named = {"topology=ID": f"topology={stored['id']}", "/VIEW": f"/{shared['id']}"}
        named |= {"Edit-Token: TOKEN": f"Edit-Token: {shared['editToken']}", "TOKEN": stored["deleteToken"]}
        for placeholder, value in named.items():
            words = [word.replace(placeholder, value) for word in words]
        return words


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Run nodefall on a free port."""
    folder = tmp_path_factory.mktemp("examples")
    for name in FILES:
        shutil.copy(TOP / "samples" / "shop.yaml", folder / name)
    (folder / "nodefall-baseline.json").write_text('{"schema": "nodefall/baseline/v1", "accepted": []}')
    app = create_app(SETTINGS)
    running = make_server("127.0.0.1", 0, app, threaded=True)
    thread = Thread(target=running.serve_forever, daemon=True)
    thread.start()
    yield Server(f"http://127.0.0.1:{running.server_port}", app.test_client(), folder)
    running.shutdown()
    thread.join()
    running.server_close()
    app.extensions["nodefall"].store.close()


def test_there_are_lines_for_each_operation() -> None:
    """Whoever reads the page can copy one."""
    assert [its.name for its in operations() if not any(its.url.partition("<")[0] in line for line in LINES)] == []


@pytest.mark.parametrize("line", LINES)
def test_a_line_works(server: Server, line: str) -> None:
    """Sent by the test's own client."""
    works(server, server.by_client, line)


@needs_curl
@pytest.mark.parametrize("line", LINES)
def test_a_line_works_by_curl(server: Server, line: str) -> None:
    """As it stands there."""
    works(server, server.by_curl, line)


def works(server: Server, ask: Ask, line: str) -> None:
    """Hold the answer to a line against what it should be."""
    program = {"Accept": "application/json"}
    stored = server.client.post("/api/v1/upload", data=(server.folder / "shop.yaml").read_bytes(), headers=program).json
    shared = server.client.post(f"/api/v1/share?topology={stored['id']}", headers=program).json
    status, body = ask(server.line(line, stored, shared))
    stores = "/upload" in line or "/share?" in line
    assert status == (404 if JOB in line else 204 if "DELETE" in line else 201 if stores else 200), body
    assert body or status == 204


@needs_curl
def test_the_link_that_curl_prints_works(server: Server) -> None:
    """Taken by a shell as the page says."""
    told = re.search(r"`link=(\$\(curl [^`]+\))`", (TOP / "docs" / "http.md").read_text(encoding="utf-8"))
    script = f'curl -sf -o map.html -w "%{{http_code}}" {told[1].replace(EXAMPLE, server.url)}'
    said = subprocess.run(
        ["/bin/sh", "-c", script], cwd=server.folder, capture_output=True, text=True, check=True, timeout=60
    )
    assert said.stdout == "200"
    assert "shop.yaml" in (server.folder / "map.html").read_text(encoding="utf-8")
