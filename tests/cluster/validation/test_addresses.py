"""IP addresses and CIDRs, strict and sloppy."""

import pytest

from webapp.cluster.validation.addresses import cidr_faults, family_of, ip_faults, special_ip_faults


@pytest.mark.parametrize(
    ("text", "family"),
    [
        pytest.param("10.0.0.1", "IPv4", id="IPv4"),
        pytest.param("010.096.000.001", "IPv4", id="IPv4 with leading zeros"),
        pytest.param("2001:db8::1", "IPv6", id="IPv6"),
        pytest.param("::ffff:1.2.3.4", "IPv6", id="IPv4 inside IPv6"),
        pytest.param("fe80::1%eth0", None, id="an address with an interface"),
        pytest.param("10.0.0", None, id="three parts"),
        pytest.param("None", None, id="a word"),
        pytest.param("", None, id="nothing"),
    ],
)
def test_the_family_of_an_address(text: str, family: str | None) -> None:
    """What is no address has none."""
    assert family_of(text) == family


@pytest.mark.parametrize(
    ("text", "old", "new"),
    [
        pytest.param("10.0.0.1", True, True, id="a plain address"),
        pytest.param("0.0.0.0", True, True, id="zeros that lead nowhere"),  # noqa: S104 - no socket here
        pytest.param("10.00.0.1", True, False, id="a leading zero"),
        pytest.param("::ffff:1.2.3.4", True, False, id="IPv4 inside IPv6"),
        pytest.param("2001:db8::01", True, True, id="leading zeros are usual in IPv6"),
        pytest.param("10.0.0.0/8", False, False, id="a range"),
        pytest.param("256.0.0.1", False, False, id="a part that is too large"),
    ],
)
def test_addresses_are_read_strictly_from_1_36_on(text: str, old: bool, new: bool) -> None:
    """Gate StrictIPCIDRValidation."""
    assert (not ip_faults(text, 35), not ip_faults(text, 36)) == (old, new)


@pytest.mark.parametrize(
    ("text", "old", "new"),
    [
        pytest.param("10.0.0.0/8", True, True, id="a plain range"),
        pytest.param("2001:db8::/64", True, True, id="a range of IPv6"),
        pytest.param("10.0.0.1/8", True, False, id="host bits"),
        pytest.param("010.0.0.0/8", True, False, id="leading zeros in the address"),
        pytest.param("10.0.0.0/08", True, False, id="leading zeros in the length"),
        pytest.param("10.0.0.1", False, False, id="no length"),
        pytest.param("10.0.0.0/33", False, False, id="a length beyond the address"),
        pytest.param("10.0.0.0/-1", False, False, id="a negative length"),
        pytest.param("abc/8", False, False, id="no address"),
    ],
)
def test_ranges_are_read_strictly_from_1_36_on(text: str, old: bool, new: bool) -> None:
    """Gate StrictIPCIDRValidation."""
    assert (not cidr_faults(text, 35), not cidr_faults(text, 36)) == (old, new)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        pytest.param("0.0.0.0", "unspecified", id="unspecified"),  # noqa: S104 - no socket here
        pytest.param("::", "unspecified", id="unspecified in IPv6"),
        pytest.param("127.8.0.1", "loopback", id="loopback"),
        pytest.param("169.254.169.254", "link-local range", id="link-local"),
        pytest.param("fe80::1", "link-local range", id="link-local in IPv6"),
        pytest.param("224.0.0.5", "link-local multicast", id="link-local multicast"),
        pytest.param("ff02::5", "link-local multicast", id="link-local multicast in IPv6"),
        pytest.param("nowhere", "must be a valid IP address", id="no address"),
    ],
)
def test_addresses_that_no_traffic_can_be_sent_to(text: str, word: str) -> None:
    """One message each."""
    (found,) = special_ip_faults(text)
    assert word in found


@pytest.mark.parametrize("text", ["10.0.0.1", "8.8.8.8", "224.0.1.1", "2001:db8::1"])
def test_ordinary_addresses_are_not_special(text: str) -> None:
    """Private ones and other multicast ones neither."""
    assert special_ip_faults(text) == ()
