"""The virtual environment .venv: made where there is none, brought up to date where the locked set has changed.

Needs nothing but Python 3.11 or later, and no network once all is installed. What is installed is named, version and
hash, in requirements/ (``python3 scripts/lock.py`` refreshes it): the same today and in a year, here and in CI.
"""

from __future__ import annotations  # an old Python must get as far as being told that it is too old

import hashlib
import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent
VENV = TOP / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
STAMP = VENV / "installed"
"""What is installed: the state that it was installed for, then the groups."""
LOCKS = TOP / "requirements"
APP = "app"
"""The locked set of nodefall itself, with its extras and what builds it; the others are dependency groups."""


def prepare(*groups: str) -> Path:
    """Return the Python of an environment that has nodefall, its extras and these dependency groups."""
    if sys.version_info < (3, 11):
        sys.exit("nodefall needs Python 3.11 or later; this is " + sys.version.split()[0])
    if not works():
        create()
    installed = STAMP.read_text().split() if STAMP.exists() else []
    if installed[:1] != [state()]:
        installed = []
    if not installed or not set(groups) <= set(installed[1:]):
        wanted = sorted({*installed[1:], *groups})
        install(wanted)
        STAMP.write_text(" ".join([state(), *wanted]))
    return PYTHON


def state() -> str:
    """Return what an installation depends on, in short: when it changes, it's time to install again."""
    texts = [path.read_bytes() for path in (TOP / "pyproject.toml", *sorted(LOCKS.glob("*.txt")))]
    return hashlib.sha256(b"\0".join([*texts, str(TOP).encode(), sys.version.encode()])).hexdigest()


def works() -> bool:
    """Tell whether there is an environment whose Python still runs: the one it was made from may be gone."""
    return PYTHON.exists() and run([PYTHON, "-c", "import pip"], quiet=True) == 0


def create() -> None:
    """Make the environment anew, pip included."""
    say(f"Making the virtual environment {VENV}")
    shutil.rmtree(VENV, ignore_errors=True)
    if find_spec("ensurepip") is None:  # Debian leaves it out of its Python
        apt_get("python3-venv")
    make = [sys.executable, "-m", "venv", VENV]
    bootstrap = [sys.executable, "-m", "pip", "--python", PYTHON, "install", "--quiet", "pip"]
    if run(make, quiet=True) != 0 and (run([*make, "--clear", "--without-pip"]) != 0 or run(bootstrap) != 0):
        shutil.rmtree(VENV, ignore_errors=True)
        sys.exit("Python can't make a virtual environment with pip. On Debian and Ubuntu: apt-get install python3-venv")


def install(groups: list[str]) -> None:
    """Install nodefall as an editable package with its extras, and the groups."""
    say("Installing nodefall" + "".join(f" + {group}" for group in groups))
    pip = [PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
    files = (word for name in (APP, *groups) for word in ("--requirement", LOCKS / f"{name}.txt"))
    # Two steps: an editable package has no hash. Nothing is fetched for building it: hatchling is in the locked set.
    for step in ([*pip, "--require-hashes", *files], [*pip, "--no-build-isolation", "--editable", TOP]):
        if run(step) != 0:
            sys.exit("pip could not install what is needed; its message is above.")


def separate(name: str) -> Path:
    """Return where the programs of a locked set are, installed apart: they need more than what the tests run with."""
    home = TOP / "build" / name
    stamp, wanted = home / "installed", hashlib.sha256((LOCKS / f"{name}.txt").read_bytes()).hexdigest()
    python = home / PYTHON.relative_to(VENV)
    if not stamp.exists() or stamp.read_text() != wanted:
        say(f"Installing {name}")
        make = [sys.executable, "-m", "venv", "--clear", home]
        pip = [
            python,
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--no-deps",
            "--require-hashes",
        ]
        if run(make) != 0 or run([*pip, "--requirement", LOCKS / f"{name}.txt"]) != 0:
            sys.exit("It could not be installed; the message is above.")
        stamp.write_text(wanted)
    return python.parent


def apt_get(*packages: str) -> bool:
    """Install Debian packages and return True, or False where that can't be done here."""
    if shutil.which("apt-get") is None or not hasattr(os, "geteuid") or os.geteuid() != 0:
        return False
    say("Installing " + " ".join(packages))
    run(["apt-get", "update", "-qq"], quiet=True)
    return run(["apt-get", "install", "-qq", "-y", "--no-install-recommends", *packages], quiet=True) == 0


def run(command: list[str | Path], *, quiet: bool = False) -> int:
    """Run a command at the top of the checkout and return its exit status."""
    output = subprocess.DEVNULL if quiet else None
    environ = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    return subprocess.run(command, cwd=TOP, env=environ, stdout=output, stderr=output, check=False).returncode


def say(text: str) -> None:
    """Print a line of progress."""
    print(f"== {text}", flush=True)
