"""Kubernetes quantities."""

from fractions import Fraction

import pytest

from webapp.cluster.scheduling.quantity import parse_quantity, thousandths


@pytest.mark.parametrize(
    ("text", "value"),
    [
        pytest.param("2", 2, id="a plain integer"),
        pytest.param("1.5", Fraction(3, 2), id="a decimal point"),
        pytest.param(".5", Fraction(1, 2), id="nothing before the point"),
        pytest.param("5.", 5, id="nothing after the point"),
        pytest.param("+3", 3, id="a plus sign"),
        pytest.param("-3", -3, id="a minus sign"),
        pytest.param("100m", Fraction(1, 10), id="thousandths"),
        pytest.param("7u", Fraction(7, 10**6), id="millionths"),
        pytest.param("7n", Fraction(7, 10**9), id="billionths"),
        pytest.param("1k", 1000, id="k is decimal and small"),
        pytest.param("2M", 2 * 10**6, id="M"),
        pytest.param("1Ki", 1024, id="Ki is binary and large"),
        pytest.param("1.5Gi", 3 * 2**29, id="a fraction of a binary unit"),
        pytest.param("1E", 10**18, id="E alone is exa"),
        pytest.param("1E3", 1000, id="E with digits is an exponent"),
        pytest.param("12e-1", Fraction(6, 5), id="a negative exponent"),
        pytest.param("8Ei", 2**63 - 1, id="values are cut off at 2^63-1"),
        pytest.param("1e999999999", 2**63 - 1, id="a huge exponent costs no time"),
    ],
)
def test_quantities_are_read_exactly(text: str, value: Fraction) -> None:
    """A number with a binary or decimal suffix, or an exponent."""
    assert parse_quantity(text) == value


@pytest.mark.parametrize("text", ["", "Mi", "1 Gi", "1K", "1mi", "1e", "1e3Mi", "1,5", "0x10", "--1", "1" * 2000])
def test_what_is_no_quantity_is_refused(text: str) -> None:
    """As the API server's decoder does."""
    with pytest.raises(ValueError, match="is not a quantity"):
        parse_quantity(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("250m", 250, id="thousandths stay"),
        pytest.param("1", 1000, id="a whole"),
        pytest.param("1u", 1, id="less than a thousandth is rounded up"),
        pytest.param("1e-999999999", 1, id="however little it is"),
        pytest.param("0", 0, id="zero"),
        pytest.param("-2", 0, id="negative counts as nothing"),
        pytest.param("lots", 0, id="invalid counts as nothing"),
    ],
)
def test_quantities_count_in_thousandths_rounded_up(text: str, expected: int) -> None:
    """What the API server stores of a request."""
    assert thousandths(text) == expected
