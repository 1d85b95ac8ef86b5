"""``nodefall serve`` as a process of its own: it says where it is, serves what it was given, and ends when told to."""

import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import psutil
import pytest

from tests.servers import PATIENCE, command, fetch, serving
from webapp.paths import resource_directory

SHOP = str(resource_directory("samples") / "shop.yaml")


def test_files_on_the_command_line_are_open_at_the_printed_address():
    """The first thing it prints is the address of what it was given, and that answers at once."""
    with serving("--port", "0", SHOP) as (_, address):
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+/t/[\w-]{16,}", address)
        assert "default/web" in fetch(address)


def test_a_page_of_a_watched_folder_hears_that_a_file_was_written(tmp_path: Path):
    """And can open the new reading, with the failure that it shows."""
    file = tmp_path / "shop.yaml"
    file.write_text(Path(SHOP).read_text())
    with serving("--port", "0", "--watch", str(tmp_path)) as (_, address):
        with urlopen(f"{address}/following", timeout=PATIENCE) as stream:  # noqa: S310 - always http://127.0.0.1
            told = (json.loads(line[6:]) for line in stream if line.startswith(b"data: "))
            assert next(told)["newest"]
            file.write_text(file.read_text().replace("replicas: 3", "replicas: 4", 1))
            assert not next(told)["newest"]
        newest = fetch(f"{address}/newest?down=node/worker-2")
        assert "worker-2 is down" in newest
        assert urlsplit(address).path not in re.findall(r'data-state="([^"?]*)', newest)


@pytest.mark.skipif(os.name != "posix", reason="signals between processes are POSIX's")
@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_cleanly(sent: signal.Signals):
    """No traceback, and exit status 0: for Ctrl-C as for what stops a service."""
    with serving("--port", "0") as (server, address):
        fetch(address)
        server.send_signal(sent)
        rest, _ = server.communicate(timeout=PATIENCE)
        assert (server.returncode, rest.strip()) == (0, "nodefall has ended.")


@pytest.mark.skipif(os.name != "posix", reason="signals between processes are POSIX's")
@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_no_process_is_left(sent: signal.Signals, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Neither workers nor what starts them, however the server ends."""
    monkeypatch.setenv("NODEFALL_LARGE_SET", "0")
    with serving("--port", "0", "--database", f"sqlite:///{tmp_path}/x.sqlite3") as (server, address):
        fetch(f"{address}t/sample-shop")
        started = psutil.Process(server.pid).children(recursive=True)
        assert len(started) >= 2
        server.send_signal(sent)
        server.communicate(timeout=PATIENCE)
    _, left = psutil.wait_procs(started, timeout=PATIENCE)
    assert [each for each in left if each.status() != psutil.STATUS_ZOMBIE] == []


AS_PROCESS_1 = ("unshare", "--pid", "--fork", "--kill-child")


def can_be_process_1() -> bool:
    """Tell whether this machine lets a test start a process 1."""
    if shutil.which("unshare") is None:
        return False
    return subprocess.run([*AS_PROCESS_1, "true"], capture_output=True, check=False).returncode == 0


@pytest.mark.skipif(not can_be_process_1(), reason="process 1 of a namespace: needs unshare and the right to use it")
def test_sigterm_ends_process_1():
    """The only process of a container has no default action: without a handler a stop lasts until it is killed."""
    with serving("--port", "0", within=AS_PROCESS_1) as (unshare, address):
        fetch(address)
        (first,) = Path(f"/proc/{unshare.pid}/task/{unshare.pid}/children").read_text().split()
        os.kill(int(first), signal.SIGTERM)
        rest, _ = unshare.communicate(timeout=PATIENCE)
        assert (unshare.returncode, rest.strip()) == (0, "nodefall has ended.")


@pytest.mark.skipif(os.name != "posix", reason="signals between processes are POSIX's")
def test_a_request_in_flight_is_finished(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """After SIGTERM: it gets its whole answer, readiness says that the end is near, and then it ends."""
    monkeypatch.setenv("NODEFALL_ENDING_SECONDS", "1")
    monkeypatch.setenv("NODEFALL_WORKERS", "0")
    with contextlib.ExitStack() as stack:
        arguments = (
            "--port",
            "0",
            "--database",
            f"sqlite:///{tmp_path}/x.sqlite3",
        )
        server, address = stack.enter_context(serving(*arguments))
        slow, asked = (HTTPConnection("127.0.0.1", urlsplit(address).port, timeout=PATIENCE) for _ in range(2))
        stack.callback(slow.close)
        stack.callback(asked.close)
        body = Path(SHOP).read_bytes()
        slow.putrequest("POST", "/api/v1/simulate")
        slow.putheader("Content-Length", str(len(body)))
        slow.endheaders()
        slow.send(body[:100])
        assert json.loads(fetch(f"{address}readyz")) == {"status": "ok"}
        server.send_signal(signal.SIGTERM)
        asked.request("GET", "/readyz")
        with asked.getresponse() as answer:
            assert (answer.status, json.load(answer)) == (503, {"status": "ending"})
        slow.send(body[100:])
        with slow.getresponse() as answer:
            assert answer.status == 200
            assert json.load(answer)["schema"] == "nodefall/simulation/v1"
        rest, _ = server.communicate(timeout=PATIENCE)
        assert (server.returncode, rest.strip()) == (0, "nodefall has ended.")


def test_a_trusted_proxy_is_believed(monkeypatch: pytest.MonkeyPatch):
    """Its scheme and host are in the links that are handed out; without the setting nobody is believed."""
    headers = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "nodefall.example", "X-Forwarded-For": "9.9.9.9"}
    for trusted, base in (("1", "https://nodefall.example"), ("0", "http://127.0.0.1:")):
        monkeypatch.setenv("NODEFALL_TRUSTED_PROXIES", trusted)
        with serving("--port", "0") as (_, address):
            asked = Request(f"{address}t/sample-shop?share=link", headers=headers)  # noqa: S310 - always http://127.0.0.1
            with urlopen(asked, timeout=PATIENCE) as answer:  # noqa: S310
                assert f'value="{base}' in answer.read().decode()


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("RATE_LIMIT", "many a minute"),
        ("RATE_LIMIT_STORAGE", "memcached://127.0.0.1"),
        ("QUEUE_URL", "127.0.0.1:6379"),
        ("QUEUE_URL", "redis://127.0.0.1/0?nonsense=1"),
        ("RATE_LIMIT_STORAGE", "redis://127.0.0.1:99999"),
        ("WORKERS", "several"),
        ("KEEP_DAYS", "0"),
        ("ACCESS", "password:short"),
        ("ACCESS", "header:X-Forwarded-User"),  # without a trusted proxy
        ("EMBED_ANCESTORS", "https://a.example; script-src *"),
        ("LOG", "xml"),
        ("PUBLIC_URL", "nodefall.example"),
        ("ALLOWED_HOSTS", "https://nodefall.example"),
        ("DATABASE_URL", "postgresql+psycopg://nobody@127.0.0.1:1/none"),
        ("DATABASE_URL", "no url"),
    ],
)
def test_a_bad_setting_stops_the_start_with_one_line(variable: str, value: str):
    """Which setting, and what is wrong with it; no traceback."""
    done = subprocess.run(
        [sys.executable, "-m", "webapp.cli", "serve", "--port", "0"],
        env=os.environ | {f"NODEFALL_{variable}": value},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        cwd=resource_directory("samples").parent,
        check=False,
    )
    assert done.returncode == 2
    assert re.fullmatch(r"nodefall: [^\n]+\n", done.stderr)


def test_a_port_that_is_taken_is_said_so():
    """One sentence with a way out instead of a traceback."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        top = Path(resource_directory("samples").parent)
        done = subprocess.run(
            command("--port", port), capture_output=True, text=True, timeout=PATIENCE, cwd=top, check=False
        )
    assert done.returncode == 1
    assert re.fullmatch(rf"nodefall: can't listen on 127\.0\.0\.1:{port}: .*Try another --port\.\n", done.stderr)


@pytest.mark.parametrize(
    ("header", "body"),
    [
        pytest.param(("Content-Length", "1000000"), b"", id="by its length"),
        pytest.param(("Transfer-Encoding", "chunked"), b"%x\r\n%s" % (200_000, b"#" * 200_000), id="as it comes"),
    ],
)
def test_too_large_a_body_is_answered_with_a_page(
    monkeypatch: pytest.MonkeyPatch, header: tuple[str, str], body: bytes
) -> None:
    """Waitress refuses it before the app reads anything; the page is the app's all the same."""
    monkeypatch.setenv("NODEFALL_MAX_UPLOAD_BYTES", "100000")
    with serving("--port", "0") as (_, address):
        line = HTTPConnection(urlsplit(address).netloc, timeout=PATIENCE)
        line.putrequest("POST", "/upload")
        line.putheader(*header)
        line.endheaders(body)
        answer = line.getresponse()
        assert answer.status == 413
        assert "An upload may have 98 kB" in answer.read().decode()
        assert answer.headers["Connection"] == "close"


@pytest.mark.skipif(shutil.which("prlimit") is None, reason="a disk that is full: needs prlimit")
@pytest.mark.parametrize("header", [("Content-Length", "700000"), ("Transfer-Encoding", "chunked")])
def test_a_body_that_the_disk_has_no_room_for_is_answered_with_a_page(header: tuple[str, str]) -> None:
    """Waitress puts it into a temporary file: no hang-up, but 503 and when to try again; then all goes on."""
    body = b"#" * 700_000
    if header[1] == "chunked":
        body = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
    with serving("--port", "0", within=("prlimit", "--fsize=600000")) as (_, address):
        line = HTTPConnection(urlsplit(address).netloc, timeout=PATIENCE)
        line.putrequest("POST", "/upload")
        line.putheader(*header)
        line.endheaders()
        with contextlib.suppress(ConnectionError):  # it answers before it has been sent all
            line.send(body)
        answer = line.getresponse()
        assert (answer.status, answer.headers["Retry-After"]) == (503, "5")
        assert "The server’s disk is full" in answer.read().decode()
        line.close()
        assert fetch(f"{address}healthz")
