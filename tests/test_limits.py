"""The table of limits."""

from dataclasses import fields

from webapp.limits import DEFAULT, ClusterLimits, Limits, WordLimits, settings


def test_every_limit_is_in_the_table_with_its_unit_and_what_it_is_for() -> None:
    """Settings pages and their tests rely on it."""
    rows = {row.name: row for row in settings()}
    assert list(rows) == [of.name for kind in (Limits, ClusterLimits, WordLimits) for of in fields(kind)]
    assert all(row.unit and row.help.endswith(".") and row.default > 0 for row in rows.values())


def test_a_limit_can_be_set_by_name() -> None:
    """The others keep their defaults."""
    assert (Limits(depth=8).depth, Limits(depth=8).nodes) == (8, DEFAULT.nodes)
