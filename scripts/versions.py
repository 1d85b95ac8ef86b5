"""Run the tests with other versions than the locked ones: ``python3 scripts/versions.py lowest`` or ``newest``.

``lowest`` takes the oldest versions that pyproject.toml allows: they must work, or the bounds say what is not true.
``newest`` takes the latest of everything: what it breaks is news, to be mended before the locked set is refreshed.
The browser, the corpus and what starts servers are left out. Further arguments go to pytest.
"""

from __future__ import annotations  # an old Python must get as far as being told that it is too old

import os
import sys

from environment import BIN, TOP, prepare, run, say

RESOLUTIONS = {"lowest": "lowest-direct", "newest": "highest"}
"""The oldest of what pyproject.toml names; the oldest of what that needs in turn is not for nodefall to promise."""
WANTED = ("pyproject.toml", "--all-extras", "--group", "build", "--group", "test")


def main(which: str, *arguments: str) -> int:
    """Make an environment under build/, run the tests in it and return the exit status."""
    prepare("lock")
    home = TOP / "build" / which
    python = home / BIN.relative_to(TOP / ".venv") / "python"
    uv = [BIN / "uv", "--quiet"]
    resolution = ("--resolution", RESOLUTIONS[which], "--python", sys.executable)
    say(f"Installing the {which} versions")
    steps = (
        [*uv, "venv", "--clear", "--seed", "--python", sys.executable, home],
        [*uv, "pip", "compile", *WANTED, *resolution, "--no-header", "--output-file", home / "versions.txt"],
        [*uv, "pip", "sync", "--python", python, home / "versions.txt"],
        [*uv, "pip", "install", "--python", python, "--no-deps", "--no-build-isolation", "--editable", TOP],
    )
    if any(run(step) != 0 for step in steps):
        return 1
    for variable in ("NODEFALL_CORPUS", "NODEFALL_TEST_WHEEL_INDEX"):
        os.environ.pop(variable, None)
    chosen = ["-m", "not browser and not servers", *arguments]
    return run([python, "-m", "pytest", "-q", "-n", "auto", "--maxprocesses", "4", *chosen])


if __name__ == "__main__":
    if sys.argv[1:2] not in ([name] for name in RESOLUTIONS):
        sys.exit(f"Which versions? {' or '.join(RESOLUTIONS)}")
    sys.exit(main(*sys.argv[1:]))
