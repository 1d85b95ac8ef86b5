"""``nodefall serve`` as a process of its own, for tests of what is around the app."""

import contextlib
import os
import re
import select
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from urllib.request import urlopen

import pytest

from webapp.paths import resource_directory

PATIENCE = 60


def command(*arguments: str) -> list[str]:
    """Return a command line that keeps nothing."""
    return [sys.executable, "-m", "webapp.cli", "serve", "--database", "sqlite://", *arguments]


@contextlib.contextmanager
def serving(
    *arguments: str, within: tuple[str, ...] = (), environ: Mapping[str, str] | None = None
) -> Iterator["tuple[subprocess.Popen[str], str]"]:
    """Start a server, perhaps by another program and with more settings, and give it with the address it prints."""
    server = subprocess.Popen(
        [*within, *command(*arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=resource_directory("samples").parent,
        env=os.environ | (environ or {}),
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
