"""What all tests share: golden files, which ``--update-golden`` rewrites, and a word at the end on skipped tests."""

import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

from tests.real_manifests import HERE

# A test says how long something takes only in the benchmarks: here a busy machine would decide. What a change must pass
# is the same each time: Hypothesis looks for new examples on developers' machines, not in CI.
settings.register_profile("nodefall", deadline=None, derandomize=bool(os.environ.get("CI")))
settings.load_profile("nodefall")

GOLDEN = Path(__file__).parent / "data" / "golden"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that rewrites golden files; look at the difference before you commit it."""
    parser.addoption("--update-golden", action="store_true", help="rewrite tests/data/golden instead of comparing")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what reads real manifests where there are none."""
    for item in items:
        if not HERE and item.get_closest_marker("corpus"):
            item.add_marker(pytest.mark.skip(reason="NODEFALL_CORPUS names no folder of real manifests"))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how many tests were skipped, and why: what needs a corpus, a database or a browser must not be missed."""
    skipped = (report.longrepr for report in terminalreporter.stats.get("skipped", ()))
    reasons = Counter(where[2].removeprefix("Skipped: ") for where in skipped if isinstance(where, tuple))
    for reason, count in reasons.most_common():
        terminalreporter.write_line(f"{count} skipped: {reason}")


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, bytes], None]:
    """Compare bytes with the golden file of that name."""

    def compare(name: str, made: bytes) -> None:
        path = GOLDEN / name
        if request.config.getoption("--update-golden"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(made)
        assert path.is_file(), f"{path} is missing: run pytest with --update-golden and look at what it makes"
        assert made.decode().splitlines() == path.read_text(encoding="utf-8").splitlines()

    return compare
