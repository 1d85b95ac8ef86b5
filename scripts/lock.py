"""Refresh the locked set in requirements/: ``python3 scripts/lock.py``. Look at what changed, then run the tests.

Versions and hashes of all that is installed, direct or not, the same for every Python and system that nodefall runs on:
one file for the app with its extras, one for each dependency group. scripts/environment.py installs them.
"""

from __future__ import annotations  # an old Python must get as far as being told that it is too old

import sys
import tempfile
from pathlib import Path

from environment import APP, BIN, LOCKS, prepare, run, say

OLDEST = "3.11"
"""As requires-python has it."""
SETS = {
    APP: ("pyproject.toml", "--all-extras", "--group", "build"),
    "test": ("--group", "test"),
    "lint": ("--group", "lint"),
    "lock": ("--group", "lock"),
    "load": ("--group", "load"),
    "audit": ("--group", "audit"),
}


def main() -> int:
    """Write the files anew with the newest versions that pyproject.toml allows; return an exit status."""
    prepare("lock")
    with tempfile.TemporaryDirectory() as directory:
        # One resolution of everything first, so that no two files name different versions of one package.
        everything = str(Path(directory) / "everything.txt")
        if not resolve(everything, *(word for words in SETS.values() for word in words)):
            return 1
        for name, words in SETS.items():
            target = LOCKS / f"{name}.txt"
            say(f"{target.relative_to(LOCKS.parent)}")
            if not resolve(str(target), *words, "--constraints", everything, "--generate-hashes"):
                return 1
    return 0


def resolve(target: str, *words: str) -> bool:
    """Let uv write what the words come to, for every system, without addresses; tell whether it could."""
    form = ("--universal", "--python-version", OLDEST, "--upgrade", "--no-header", "--no-annotate", "--quiet")
    return run([BIN / "uv", "pip", "compile", *words, *form, "--output-file", target], quiet=False) == 0


if __name__ == "__main__":
    sys.exit(main())
