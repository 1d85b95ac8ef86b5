"""How shares and counts are written."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from webapp.numbers import apart, counted, duration, everything, nothing, percent


@pytest.mark.parametrize(
    ("share", "text"),
    [
        pytest.param(0.0, "0", id="nothing is 0"),
        pytest.param(1.0, "100", id="everything is 100"),
        pytest.param(0.5, "50", id="a whole number has no decimals"),
        pytest.param(0.375, "37.5", id="no zero trails"),
        pytest.param(2 / 3, "66.67", id="two decimals at most"),
        pytest.param(0.1, "10", id="a zero before the point stays"),
        pytest.param(0.99999, ">99.99", id="almost everything is not everything"),
        pytest.param(0.00001, "<0.01", id="almost nothing is not nothing"),
        pytest.param(0.9999, "99.99", id="the last share below everything that has its own number"),
        pytest.param(0.0001, "0.01", id="the first above nothing"),
        pytest.param(sum([0.1] * 10), "100", id="what floats make of ten tenths is everything"),
        pytest.param(1 - sum([0.1] * 10), "0", id="and what they leave is nothing"),
    ],
)
def test_a_share_is_written_as_per_cent(share: float, text: str) -> None:
    """At most two decimals, a narrow no-break space, and 0 and 100 only where they are exact."""
    assert percent(share) == f"{text}\N{NARROW NO-BREAK SPACE}%"


def test_a_share_next_to_the_end_is_neither_all_nor_nothing() -> None:
    """One connection in a million counts."""
    assert (nothing(1e-6), everything(1 - 1e-6), nothing(0.0), everything(1.0)) == (False, False, True, True)


@pytest.mark.parametrize(
    ("number", "text"), [(0, "0 pods"), (1, "1 pod"), (2, "2 pods"), (1629, "1,629 pods")], ids=str
)
def test_counts_carry_their_noun(number: int, text: str) -> None:
    """One is singular, thousands have a comma."""
    assert counted(number, "pod") == text


def test_a_plural_of_its_own_is_used() -> None:
    """Not every noun takes an s."""
    assert counted(2, "address", "addresses") == "2 addresses"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 s"), (50, "50 s"), (600, "600 s"), (720, "12 min"), (16_560, "4.6 h"), (90_000, "25 h")],
    ids=str,
)
def test_a_duration_has_the_unit_that_is_read_best(seconds: float, text: str) -> None:
    """Seconds as long as Kubernetes' own settings count in them, then minutes and hours."""
    assert duration(seconds).replace("\N{NARROW NO-BREAK SPACE}", " ") == text


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (1, 2 / 3, ("100%", "67%")),
        (1, 0.9996, ("100%", "99.96%")),
        (0.0004, 0, ("0.04%", "0%")),
        (0.3334, 0.33339, ("33.34%", "33.339%")),
        (0.5, 0.25, ("50%", "25%")),
    ],
)
def test_two_shares_are_written_apart(before: float, after: float, told: tuple[str, str]) -> None:
    """Short where that is enough; a change never reads as none."""
    assert apart(before, after) == told


@given(st.floats(0, 1), st.floats(0, 1))
def test_different_shares_never_read_the_same(before: float, after: float) -> None:
    """However near they are, and neither pretends to be nothing or all."""
    assume(abs(before - after) > 2e-9)
    one, other = apart(before, after)
    assert one != other
