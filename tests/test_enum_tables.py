"""A table keyed by an enum has every member, or is never asked with ``[...]``: a new member breaks nothing unseen."""

import ast
import enum
import importlib
import inspect
import pkgutil
from collections.abc import Iterator, Mapping
from types import ModuleType

import pytest

import webapp


def modules() -> Iterator[ModuleType]:
    """Yield all modules but those that are programs of their own."""
    for found in pkgutil.walk_packages(webapp.__path__, "webapp."):
        if not found.name.endswith("_worker"):
            yield importlib.import_module(found.name)


def partial_tables(module: ModuleType) -> Iterator[str]:
    """Yield the module's own tables by an enum of nodefall that lack a member."""
    for name, value in vars(module).items():
        kinds = {type(key) for key in value} if isinstance(value, Mapping) and not name.startswith("__") else set()
        kind = kinds.pop() if len(kinds) == 1 else None
        own = kind is not None and issubclass(kind, enum.Enum) and kind.__module__.startswith("webapp")
        if own and set(kind) - set(value):
            yield name


def subscripted(source: str) -> set[str]:
    """Return the names that are asked as ``NAME[...]`` where nobody asks ``in NAME`` first."""
    nodes = list(ast.walk(ast.parse(source)))
    guarded = {ast.unparse(node.comparators[0]) for node in nodes if isinstance(node, ast.Compare)}
    return {ast.unparse(node.value) for node in nodes if isinstance(node, ast.Subscript)} - guarded


def test_a_table_by_an_enum_is_total_or_asked_for_what_may_be_missing():
    """The partial ones are asked with ``get`` or ``in``."""
    risky = {
        module.__name__: found
        for module in modules()
        if (found := set(partial_tables(module)) & subscripted(inspect.getsource(module)))
    }
    assert risky == {}


@pytest.mark.parametrize(
    ("source", "asked"),
    [
        ("x = _SIGNS[y]", {"_SIGNS"}),
        ("x = _SIGNS.get(y)", set()),
        ("x = _SIGNS[y] if y in _SIGNS else z", set()),
    ],
)
def test_a_subscript_is_seen(source: str, asked: set[str]):
    """So that the test above can fail."""
    assert subscripted(source) == asked
