"""A redis-server (or valkey-server) for tests, and workers of a queue in it."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

TOP = Path(__file__).parent.parent.parent
PATIENCE = 60


class Server:
    """One on a free port of this machine, that keeps nothing on the disk; by TLS with a certificate for localhost."""

    def __init__(self, directory: Path, certificate: Path | None = None) -> None:
        program = shutil.which("redis-server") or shutil.which("valkey-server")
        if program is None:
            pytest.skip("no redis-server or valkey-server is installed")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self._certificate = certificate
        ports = ["--port", str(self.port)] if certificate is None else ["--port", "0", "--tls-port", str(self.port)]
        self._command = [program, *ports, "--bind", "127.0.0.1", "--save", "", "--dir", str(directory)]
        if certificate is not None:
            crt, key = str(certificate.with_suffix(".crt")), str(certificate.with_suffix(".key"))
            files = ["--tls-cert-file", crt, "--tls-key-file", key, "--tls-ca-cert-file", crt]
            self._command += [*files, "--tls-auth-clients", "no"]
        self.start()

    @property
    def url(self) -> str:
        """Where it is."""
        if self._certificate is None:
            return f"redis://127.0.0.1:{self.port}/0"
        return f"rediss://localhost:{self.port}/0?ssl_ca_certs={self._certificate.with_suffix('.crt')}"

    def start(self) -> None:
        """Start it and wait until it listens."""
        self._process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.02)
        raise TimeoutError

    def stop(self) -> None:
        """End it; all it had is gone."""
        self._process.kill()
        self._process.wait()


@contextmanager
def started(*arguments: str, environ: dict[str, str]) -> Iterator["subprocess.Popen[str]"]:
    """Start Python and wait for its first line; kill it in the end."""
    process = subprocess.Popen(
        [sys.executable, *arguments], cwd=TOP, env=os.environ | environ, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        process.first_line = process.stdout.readline()  # type: ignore[attr-defined]
        yield process
    finally:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


def end(process: "subprocess.Popen[str]", by: signal.Signals = signal.SIGTERM) -> int:
    """End a process and return its status."""
    process.send_signal(by)
    return process.wait(PATIENCE)
