"""nodefall as it is run for others: behind a real nginx or Caddy, with the configurations of deploy/."""

import contextlib
import os
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, HTTPSHandler, Request, build_opener

import pytest

from tests.servers import PATIENCE, serving

DEPLOY = Path(__file__).resolve().parent.parent / "deploy"
NGINX, CADDY = "nginx", "caddy"
NAMED = ("127.0.0.1:8080", "127.0.0.1:8081")
"""The processes that deploy/ names."""


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    text: str


class _Asked(HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        """Leave a redirect to the test."""


@dataclass(frozen=True)
class Front:
    """A proxy, and what is behind it."""

    base: str
    processes: tuple[str, ...]
    """Their own addresses, past the proxy."""

    def ask(self, path: str, data: bytes | None = None, headers: dict[str, str] | None = None) -> Answer:
        """Send a request through the proxy; a redirect is not followed."""
        trusting = ssl.create_default_context()
        trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
        request = Request(self.base + path, data, headers or {})  # noqa: S310 - always https://localhost
        try:
            with build_opener(_Asked, HTTPSHandler(context=trusting)).open(request, timeout=PATIENCE) as answer:
                return Answer(answer.status, dict(answer.headers), answer.read().decode())
        except HTTPError as error:
            with error:
                return Answer(error.code, dict(error.headers), error.read().decode())


def program(name: str) -> str | None:
    """Return where it is: in some distributions the path of users lacks /usr/sbin."""
    return shutil.which(name, path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/usr/local/sbin")


@contextlib.contextmanager
def fronted(
    proxy: str, folder: Path, *, path: str = "", alternate: bool = False, settings: dict[str, str] | None = None
) -> Iterator[Front]:
    """Start nodefall and the proxy in front, below `path` if one is given.

    With `alternate` these are two processes with a shared database, asked in turn; else both addresses that deploy/
    names are those of one, which starts sooner.
    """
    found, openssl = program(proxy), program("openssl")
    if found is None or openssl is None:
        pytest.skip(f"needs {proxy} and openssl")
    port = free_port()
    public = f"https://localhost:{port}{path}"
    environ = {
        "NODEFALL_TRUSTED_PROXIES": "1",
        "NODEFALL_PUBLIC_URL": public,
        "NODEFALL_ALLOWED_HOSTS": "localhost",
        **(settings or {}),
    }
    database = f"sqlite:///{folder}/shared.sqlite3"
    with contextlib.ExitStack() as stack:
        arguments = ("--port", "0", "--database", database)
        started = [stack.enter_context(serving(*arguments, environ=environ))[1] for _ in range(1 + alternate)]
        processes = (urlsplit(started[0]).netloc, urlsplit(started[-1]).netloc)
        text = (DEPLOY / ("nginx.conf" if proxy == NGINX else "Caddyfile")).read_text()
        for named, process in zip(NAMED, processes, strict=True):
            text = replaced(text, named, process)
        certificate = make_certificate(openssl, folder)
        configure = nginx_command if proxy == NGINX else caddy_command
        command = configure(found, folder, text, port, certificate, path, alternate)
        with (folder / "proxy.log").open("w") as log:
            running = subprocess.Popen(command, stdout=log, stderr=log, env=os.environ | {"HOME": str(folder)})
        stack.callback(running.wait, PATIENCE)
        stack.callback(running.terminate)
        front = Front(public, processes)
        wait_for(front, running, folder / "proxy.log")
        yield front


def nginx_command(
    found: str, folder: Path, text: str, port: int, certificate: Path, path: str, alternate: bool
) -> list[str]:
    """Write a whole configuration around the site's and return what runs it."""
    text = replaced(text, "listen 443", f"listen 127.0.0.1:{port}")
    text = replaced(text, "server_name nodefall.example", "server_name localhost")
    text = replaced(text, "/etc/ssl/nodefall.crt", str(certificate.with_suffix(".crt")))
    text = replaced(text, "/etc/ssl/nodefall.key", str(certificate.with_suffix(".key")))
    if path:
        text = replaced(text, "error_page 413 /too-large", f"error_page 413 {path}/too-large")
        text = replaced(text, "location / {", f"location {path}/ {{")
    if alternate:
        text = replaced(text, "hash $remote_addr consistent;", "")
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    temporary = "".join(f"{kind}_temp_path {folder}/{kind};\n" for kind in kinds)
    (folder / "nginx.conf").write_text(
        f"daemon off; pid {folder}/pid; error_log stderr; worker_processes 1; user root;\n"
        f"events {{ worker_connections 1024; }}\nhttp {{ access_log off; {temporary}\n{text}\n}}\n"
    )
    return [found, "-e", "stderr", "-p", str(folder), "-c", str(folder / "nginx.conf")]


def caddy_command(
    found: str, folder: Path, text: str, port: int, certificate: Path, path: str, alternate: bool
) -> list[str]:
    """Write the configuration with the certificate and the port of the test and return what runs it."""
    keys = f"{certificate.with_suffix('.crt')} {certificate.with_suffix('.key')}"
    text = replaced(text, "nodefall.example {", f"localhost:{port} {{\n\ttls {keys}")
    text = replaced(text, "\tservers {", "\tadmin off\n\tauto_https disable_redirects\n\tservers {")
    if path:
        text = replaced(text, "reverse_proxy 127", f"reverse_proxy {path}/* 127")
    if alternate:
        text = replaced(text, "lb_policy ip_hash", "lb_policy round_robin")
    (folder / "Caddyfile").write_text(text)
    return [found, "run", "--adapter", "caddyfile", "--config", str(folder / "Caddyfile")]


def replaced(text: str, old: str, new: str) -> str:
    """Replace what stands there: a test with a configuration of its own would say nothing of ours."""
    assert any(old in line and not line.lstrip().startswith("#") for line in text.splitlines()), old
    return "\n".join(line if line.lstrip().startswith("#") else line.replace(old, new) for line in text.splitlines())


def make_certificate(openssl: str, folder: Path) -> Path:
    """Make a certificate for localhost, that nobody trusts."""
    stem = folder / "localhost"
    files = ["-keyout", str(stem.with_suffix(".key")), "-out", str(stem.with_suffix(".crt"))]
    kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
    names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    subprocess.run([openssl, "req", "-x509", *kind, *names, *files], check=True, capture_output=True)
    return stem


def free_port() -> int:
    """Return a port that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(front: Front, running: "subprocess.Popen[bytes]", log: Path) -> None:
    """Return once the proxy answers with what a process says."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and running.poll() is None:
        with contextlib.suppress(OSError):
            if front.ask("/healthz").status == 200:
                return
        time.sleep(0.05)
    pytest.fail(f"The proxy does not answer:\n{log.read_text()}")
