"""Install what the tests need and run them all, in a browser too: ``python3 scripts/test.py``.

Arguments go to pytest. ``--without-browser`` leaves the browser tests out on a machine that has no Chromium.
"""

from __future__ import annotations  # an old Python must get as far as being told that it is too old

import os
import shutil
import sys
from pathlib import Path

from environment import PYTHON, apt_get, prepare, run

CHROMIUMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
APPLICATIONS = (
    Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"),
    Path("/Applications/Chromium.app/Contents/MacOS/Chromium"),
)
NO_CHROMIUM = """\
The browser tests need Chromium (or Chrome), and there is none on this machine. To get it:
  Debian        apt-get install chromium fonts-dejavu-core   (as root; then this script does it by itself)
  Fedora        dnf install chromium
  Ubuntu        snap install chromium
  macOS         brew install --cask chromium
  anywhere      set CHROMIUM to the program's path
Or run everything else: python3 scripts/test.py --without-browser
"""


def chromium() -> str | None:
    """Return the path of a Chromium, installed now if that can be done, or None."""
    return find_chromium() or (find_chromium() if apt_get("chromium", "fonts-dejavu-core") else None)


def find_chromium() -> str | None:
    """Return the path of a Chromium that is there: CHROMIUM first, then the usual names."""
    if given := os.environ.get("CHROMIUM"):
        return given
    found = [path for name in CHROMIUMS if (path := shutil.which(name))]
    return next(iter(found + [str(path) for path in APPLICATIONS if path.exists()]), None)


def main(arguments: list[str]) -> int:
    """Prepare the environment, run pytest and return its exit status."""
    prepare("test")
    if "--without-browser" in arguments:
        arguments = [*(word for word in arguments if word != "--without-browser"), "-m", "not browser"]
    elif browser := chromium():
        os.environ |= {"CHROMIUM": browser, "NODEFALL_REQUIRE_BROWSER": "1"}
    else:
        sys.exit(NO_CHROMIUM)
    return run([PYTHON, "-m", "pytest", "-q", "-n", "auto", "--maxprocesses", "4", *arguments])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
