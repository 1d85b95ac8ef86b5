"""The examples in docstrings are true."""

import doctest
from importlib import import_module
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parent.parent
MODULES = [
    ".".join(path.relative_to(TOP).with_suffix("").parts)
    for path in sorted(TOP.glob("webapp/**/*.py"))
    if ">>> " in path.read_text(encoding="utf-8")
]


def test_there_are_examples():
    """Otherwise the next test would say nothing."""
    assert len(MODULES) > 20


@pytest.mark.parametrize("module", MODULES)
def test_each_example_prints_what_stands_below_it(module: str):
    """Run in the module's own names."""
    assert doctest.testmod(import_module(module)).failed == 0
