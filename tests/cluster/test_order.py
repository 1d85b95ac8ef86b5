"""The order of names."""

import re

from hypothesis import given
from hypothesis import strategies as st

from webapp.cluster.order import natural


def test_numbers_inside_names_count_as_numbers() -> None:
    """However long they are: more digits than Python turns into an int are no reason to fail."""
    long, longer = "n-" + "9" * 5000, "n-1" + "0" * 5000
    ordered = ["n", "n-2", "n-02a", "n-10", long, longer, "worker-2", "worker-10"]
    mixed = ordered[::-1]
    assert sorted(mixed, key=natural) == ordered


def by_parts(name: str) -> tuple[object, ...]:
    """Return the order as one would write it down: numbers before other parts, and before the end."""
    parts = re.split(r"(\d+)", name)
    numbers = {1: lambda digits: (0, len(digits.lstrip("0")), digits.lstrip("0")), 0: lambda text: (1, 0, text)}
    return (*(numbers[at % 2](part) for at, part in enumerate(parts)), (2, 0, name))


@given(st.lists(st.text("aé-./Z019٣", max_size=7), max_size=9))
def test_one_text_as_the_key_orders_as_its_parts_do(names: list[str]) -> None:
    """Texts are compared faster than tuples."""
    assert sorted(names, key=natural) == sorted(names, key=by_parts)
