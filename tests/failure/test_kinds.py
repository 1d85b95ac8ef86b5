"""The ways to fail: a table that holds all of what tells them apart."""

import re
from pathlib import Path

import pytest

from webapp.failure.kinds import FAILURE_MODES, FailureKind, Impact, TargetType, kinds_of

WEBAPP = Path(__file__).parent.parent.parent / "webapp"
PLAIN = {FailureKind.NODE, FailureKind.ZONE, FailureKind.POD}
"""The words of the boxes that one clicks: pages name these themselves."""


def test_every_kind_has_its_mode() -> None:
    """None is forgotten, and each does something."""
    assert set(FAILURE_MODES) == set(FailureKind)
    assert all(mode.impacts and mode.badge for mode in FAILURE_MODES.values())


def test_every_impact_is_that_of_some_failure() -> None:
    """One that nothing has would be asked for in vain."""
    assert frozenset().union(*(mode.impacts for mode in FAILURE_MODES.values())) == frozenset(Impact)


@pytest.mark.parametrize("kind", FailureKind)
def test_the_manual_spells_the_word_as_it_is_read(kind: FailureKind) -> None:
    """With a name after it, of a pod with its namespace, unless there is only one such thing."""
    name = {TargetType.POD: "/NAMESPACE/NAME", TargetType.CONTROL_PLANE: ""}.get(FAILURE_MODES[kind].subject, "/NAME")
    assert FAILURE_MODES[kind].usage.startswith(f"`{kind}{name}`")


STAGING = {"by_hand.py", "chaos_mesh.py", "drain_script.py", "litmus.py", "rehearsal.py"}


@pytest.mark.parametrize("kind", sorted(set(FailureKind) - PLAIN))
def test_only_the_table_knows_a_failure_word(kind: FailureKind) -> None:
    """So a new one whose impacts are known is one record; every other module asks what a failure does.

    But for those that bring it about in a rehearsal, each kind in its own way: their tests ask for every kind.
    """
    asking = re.compile(rf"FailureKind[.]{kind.name}(?![A-Z_])")
    modules = {path.name for path in WEBAPP.rglob("*.py") if asking.search(path.read_text(encoding="utf-8"))}
    assert modules - STAGING == {"kinds.py"}


@pytest.mark.parametrize("subject", TargetType)
def test_the_panel_offers_every_way_beside_going_down(subject: TargetType) -> None:
    """What isn't the plain word of a box has a button."""
    unlabelled = {kind for kind in kinds_of(subject) if not FAILURE_MODES[kind].label}
    assert unlabelled <= PLAIN
