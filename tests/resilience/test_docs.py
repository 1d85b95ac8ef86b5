"""The page of the documentation says what the code does."""

import re

from webapp.paths import resource_directory
from webapp.resilience import RULES

PAGE = resource_directory("templates").parent / "docs" / "resilience.md"


def test_the_grades_stand_there_with_their_rules() -> None:
    """All, in their order, and no other."""
    rows = re.findall(r"^\| ([A-F]) \| (.+) \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert rows == [(str(grade), rule) for grade, rule in RULES.items()]
