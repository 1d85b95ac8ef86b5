"""Addresses under other numbers: what is in one range stays in one range, and families and order stay."""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, ip_address

Address = IPv4Address | IPv6Address
# What of an address stays: it says no more than which private or provider's range it is from.
_KEPT_BITS = {4: 8, 6: 16}
# ::ffff:0:0/96 is another way to write IPv4 (RFC 4291, 2.5.5.2), and stays one.
_MAPPED = "0" * 80 + "1" * 16


class Addresses:
    """The other address of each: bits at which all addresses of a range agree become 0, all others stay.

    So two addresses have as many leading bits in common as before, and any range has the same addresses in it.
    """

    def __init__(self, addresses: Iterable[Address]) -> None:
        self._seen = {4: set[str](), 6: set[str]()}
        self._seen[6].update(_MAPPED[:at] + bit for at in range(len(_MAPPED)) for bit in "01")
        for address in addresses:
            bits = _bits(address)
            self._seen[address.version].update(bits[:length] for length in range(1, len(bits) + 1))

    def of(self, address: Address) -> Address:
        """Return the other address; one that means the same on every machine (loopback, link-local) stays."""
        if is_special(address):
            return address
        bits, seen = _bits(address), self._seen[address.version]
        kept = _KEPT_BITS[address.version]
        other = bits[:kept] + "".join(
            bits[at] if bits[:at] + "10"[int(bits[at])] in seen else str(int(at == len(bits) - 1))
            for at in range(kept, len(bits))
        )
        return type(address)(int(other, 2))


def is_special(address: Address) -> bool:
    """Return whether the address means the same everywhere, and Kubernetes or nodefall treats it differently."""
    if isinstance(address, IPv6Address) and int(address) >> 112 == 0 and address.ipv4_mapped is None:
        # Reserved by the IETF: ::, ::1 and what nobody uses any more.
        return True
    return address.is_loopback or address.is_link_local or address.is_multicast or address.is_unspecified


def parsed(text: str) -> Address | None:
    """Return the address that a text is, None if it is none."""
    try:
        return ip_address(text)
    except ValueError:
        return None


def _bits(address: Address) -> str:
    return f"{int(address):0{address.max_prefixlen}b}"
