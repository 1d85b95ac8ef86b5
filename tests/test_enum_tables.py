"""Tables keyed by an enum are total: a new member without its row is found here, not by a KeyError."""

import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from enum import Enum

import pytest

import webapp

PACKAGES = ("check", "cluster", "failure", "findings", "manifests", "resilience", "routing", "simulation")
"""Where a table has no default. Pages and pictures have some, for which a missing row means "nothing to say"."""


def tables() -> Iterator[tuple[str, Mapping[Enum, object]]]:
    """Yield every module's mapping whose keys are all members of one enum."""
    for module in pkgutil.walk_packages(webapp.__path__, "webapp."):
        if module.name.split(".")[1] in PACKAGES:
            for name, value in vars(importlib.import_module(module.name)).items():
                kinds = {type(key) for key in value} if isinstance(value, Mapping) else set()
                if len(kinds) == 1 and issubclass(kinds.pop(), Enum):
                    yield f"{module.name}.{name}", value


TABLES = dict(tables())


def test_there_are_tables():
    """Otherwise the next test would say nothing."""
    assert len(TABLES) > 5


@pytest.mark.parametrize("name", TABLES)
def test_each_table_has_a_row_for_every_member(name: str):
    """Whoever adds a member is told where its row is missing."""
    table = TABLES[name]
    assert set(table) == set(type(next(iter(table))))
