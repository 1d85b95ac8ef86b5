"""The order of names."""

from webapp.cluster.order import natural


def test_numbers_inside_names_count_as_numbers() -> None:
    """However long they are: more digits than Python turns into an int are no reason to fail."""
    long, longer = "n-" + "9" * 5000, "n-1" + "0" * 5000
    ordered = ["n", "n-2", "n-02a", "n-10", long, longer, "worker-2", "worker-10"]
    mixed = ordered[::-1]
    assert sorted(mixed, key=natural) == ordered
