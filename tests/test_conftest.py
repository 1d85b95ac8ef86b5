"""What the test command says at its end."""

from types import SimpleNamespace

from tests.conftest import pytest_terminal_summary


def test_skipped_tests_are_counted_by_reason():
    """The most frequent reason first; nothing is said where nothing was skipped."""
    reports = [
        SimpleNamespace(longrepr=("test_a.py", 1, f"Skipped: {why}")) for why in ("no browser", *["no corpus"] * 2)
    ]
    said: list[str] = []
    pytest_terminal_summary(SimpleNamespace(stats={"skipped": reports}, write_line=said.append))
    pytest_terminal_summary(SimpleNamespace(stats={}, write_line=said.append))
    assert said == ["2 skipped: no corpus", "1 skipped: no browser"]
