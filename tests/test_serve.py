"""``nodefall serve`` as a process of its own: it says where it is, serves what it was given, and ends when told to."""

import contextlib
import os
import re
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest

from webapp.paths import resource_directory

PATIENCE = 30
SHOP = str(resource_directory("samples") / "shop.yaml")


def command(*arguments: str) -> list[str]:
    """Return a command line that keeps nothing."""
    return [sys.executable, "-m", "webapp.cli", "serve", "--database", "sqlite://", *arguments]


@contextlib.contextmanager
def serving(*arguments: str) -> Iterator["tuple[subprocess.Popen[str], str]"]:
    """Start a server and give it with the address it prints."""
    server = subprocess.Popen(
        command(*arguments),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=resource_directory("samples").parent,
    )
    try:
        yield server, announced(server)
    finally:
        server.kill()
        server.communicate()


def announced(server: "subprocess.Popen[str]") -> str:
    """Return the address that the first line names."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and server.poll() is None:
        if select.select([server.stdout], [], [], 0.1)[0]:
            line = server.stdout.readline()
            if found := re.search(r"http://\S+", line):
                return found[0]
            pytest.fail(f"nodefall serve said: {line}{server.stdout.read()}")
    pytest.fail("nodefall serve said nothing")


def fetch(url: str) -> str:
    """Return what is there."""
    with urlopen(url, timeout=PATIENCE) as answer:  # noqa: S310 - always http://127.0.0.1
        return answer.read().decode()


def test_files_on_the_command_line_are_open_at_the_printed_address():
    """The first thing it prints is the address of what it was given, and that answers at once."""
    with serving("--port", "0", SHOP) as (_, address):
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+/t/[\w-]{16,}", address)
        assert "default/web" in fetch(address)


@pytest.mark.skipif(os.name != "posix", reason="Ctrl-C is a signal on POSIX only")
def test_ctrl_c_ends_it_cleanly():
    """No traceback, and exit status 0."""
    with serving("--port", "0") as (server, address):
        fetch(address)
        server.send_signal(signal.SIGINT)
        rest, _ = server.communicate(timeout=PATIENCE)
        assert (server.returncode, rest.strip()) == (0, "nodefall has ended.")


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
