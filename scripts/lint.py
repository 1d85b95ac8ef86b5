"""Check style, types, templates and who imports whom: ``python3 scripts/lint.py``."""

import sys

from environment import BIN, prepare, run, say

CHECKS = (
    ("ruff", "check", "."),
    ("ruff", "format", "--check", "."),
    ("mypy",),
    ("lint-imports", "--no-logo"),
    ("djlint", "--quiet", "--lint", "templates"),
)


def main() -> int:
    """Run every check, also after one has failed, and return how many failed."""
    prepare("lint")
    return sum(failed(*check) for check in CHECKS)


def failed(tool: str, *arguments: str) -> bool:
    """Run one check and tell whether it failed."""
    say(" ".join((tool, *arguments)))
    return run([BIN / tool, *arguments]) != 0


if __name__ == "__main__":
    sys.exit(main())
