"""The wheel: what is in it, and that it works where there is no checkout."""

import contextlib
import os
import re
import socket
import subprocess
import sys
import sysconfig
import time
import venv
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError

import pytest

import webapp
from tests.servers import PATIENCE, fetch

TOP = Path(__file__).resolve().parent.parent


def pip(*arguments: object) -> None:
    """Run this environment's pip."""
    subprocess.run([sys.executable, "-m", "pip", "--disable-pip-version-check", *map(str, arguments)], check=True)


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the wheel of this checkout, made without a download: hatchling is among the test dependencies."""
    directory = tmp_path_factory.mktemp("wheel")
    pip("wheel", "--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir", directory, TOP)
    (built,) = directory.glob("*.whl")
    return built


@dataclass(frozen=True)
class Installed:
    """A fresh environment with the wheel in it, and a directory far from the checkout."""

    program: Path
    elsewhere: Path

    @property
    def environ(self) -> dict[str, str]:
        """An environment with nothing in it but a home of its own."""
        return {"HOME": str(self.elsewhere), "PATH": os.defpath}

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run nodefall far from the checkout."""
        command = [str(self.program), *arguments]
        return subprocess.run(
            command, cwd=self.elsewhere, env=self.environ, capture_output=True, text=True, check=False, timeout=PATIENCE
        )


@pytest.fixture(scope="session")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """Return the wheel installed in an environment of its own.

    Its dependencies are lent by this environment, so that the test needs no network; with NODEFALL_TEST_WHEEL_INDEX
    set they are installed from the package index, as for a user, but at the locked versions.
    """
    home = tmp_path_factory.mktemp("environment")
    venv.create(home)
    scripts = home / Path(sysconfig.get_path("scripts")).name
    lend = not os.environ.get("NODEFALL_TEST_WHEEL_INDEX")
    pins = home / "pins.txt"  # without hashes: pip would then ask for one of the wheel as well
    pins.write_text(re.sub(r" *\\\n +--hash=\S+", "", (TOP / "requirements" / "app.txt").read_text()))
    how = ["--no-deps"] if lend else ["--constraint", pins]
    pip("--python", scripts / "python", "install", "--quiet", *how, wheel)
    if lend:
        (site_packages,) = home.glob("**/site-packages")
        (site_packages / "lent.pth").write_text(sysconfig.get_path("purelib"))
    return Installed(scripts / "nodefall", tmp_path_factory.mktemp("elsewhere"))


def test_the_wheel_carries_everything_and_nothing_else(wheel: Path):
    """Static files, templates and samples are in the package, tests and scripts aren't in the wheel."""
    names = zipfile.ZipFile(wheel).namelist()
    assert {re.match(r"[^/]+/[^/]+", name).group() for name in names if "dist-info" not in name} >= {
        "webapp/static",
        "webapp/templates",
        "webapp/samples",
        "webapp/cli.py",
        "webapp/py.typed",
    }
    assert {name.partition("/")[0] for name in names} == {"webapp", f"nodefall-{webapp.__version__}.dist-info"}
    assert f"nodefall-{webapp.__version__}.dist-info/licenses/LICENSE" in names


def test_the_version_is_the_same_everywhere(installed: Installed):
    """``nodefall --version`` says what webapp/__init__.py says."""
    assert webapp.__version__ in installed.run("--version").stdout


def test_an_installed_nodefall_simulates(installed: Installed):
    """``nodefall simulate`` reads a file of the user's own, in any directory."""
    sample = (TOP / "samples" / "shop.yaml").read_bytes()
    (installed.elsewhere / "shop.yaml").write_bytes(sample)
    done = installed.run("simulate", "shop.yaml", "--down", "node/worker-2", "--at", "failed", "--output", "json")
    assert (done.returncode, done.stderr) == (0, "")
    assert '"dns": 0.375' in done.stdout


def test_an_installed_nodefall_serves_pages_and_static_files(installed: Installed):
    """Templates, static files and samples are found inside the installed package."""
    with serving(installed) as base:
        page = fetch(base + "/")
        static = re.search(r'(?:href|src)="(/static/[^"]+\.css[^"]*)"', page).group(1)
        assert "See what falls when a node falls." in page
        assert "--accent" in fetch(base + static)
        assert "webapp-service" in fetch(base + "/samples/webapp-service")


@contextlib.contextmanager
def serving(installed: Installed) -> Iterator[str]:
    """Run ``nodefall serve`` and give its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    command = [str(installed.program), "serve", "--port", port]
    log = (installed.elsewhere / "serve.log").open("w+")
    server = subprocess.Popen(command, cwd=installed.elsewhere, env=installed.environ, stdout=log, stderr=log)
    try:
        yield answering(f"http://127.0.0.1:{port}", server, Path(log.name))
    finally:
        server.terminate()
        server.wait(PATIENCE)
        log.close()


def answering(base: str, server: "subprocess.Popen[bytes]", log: Path) -> str:
    """Return the address once the server answers there."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and server.poll() is None:
        with contextlib.suppress(URLError):
            fetch(base + "/")
            return base
        time.sleep(0.1)
    pytest.fail(f"nodefall serve did not answer:\n{log.read_text()}")
