"""IP addresses and CIDRs as the API server takes them: sloppy before 1.36, strict from then on.

Gate StrictIPCIDRValidation; ``k8s.io/apimachinery/pkg/util/validation/ip.go`` and KEP-4858.
"""

import re
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from webapp.cluster.validation.names import Faults

STRICT_SINCE = 36

_NOT_AN_IP = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"
_NOT_A_CIDR = "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)"
_LEADING_ZEROS = re.compile(r"(?<![0-9a-fA-F:])0+(?=[0-9])")


def parsed_ip(text: str) -> IPv4Address | IPv6Address | None:
    """Return the address, read as old releases did: leading zeros are decimal; None where it is none.

    >>> parsed_ip("010.0.0.7")
    IPv4Address('10.0.0.7')
    """
    if "%" in text:
        return None
    try:
        return ip_address(_LEADING_ZEROS.sub("", text) if "." in text else text)
    except ValueError:
        return None


def family_of(text: str) -> str | None:
    """Return IPv4 or IPv6, None where the text is no address.

    >>> family_of("10.0.0.7"), family_of("worker-1")
    ('IPv4', None)
    """
    address = parsed_ip(text)
    return f"IPv{address.version}" if address else None


def ip_faults(text: str, minor: int) -> Faults:
    """Return what is wrong with an IP address in a field that is older than the strict rules."""
    if (address := parsed_ip(text)) is None:
        return (_NOT_AN_IP,)
    if minor < STRICT_SINCE:
        return ()
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        return ("must not be an IPv4-mapped IPv6 address",)
    return ("must not have leading 0s",) if "." in text and _LEADING_ZEROS.search(text) else ()


def cidr_faults(text: str, minor: int) -> Faults:
    """Return what is wrong with an address range in a field that is older than the strict rules."""
    host, slash, length = text.partition("/")
    address = parsed_ip(host)
    if address is None or not slash or not re.fullmatch("[0-9]{1,3}", length) or int(length) > address.max_prefixlen:
        return (_NOT_A_CIDR,)
    if minor < STRICT_SINCE:
        return ()
    strict = (
        (not _LEADING_ZEROS.search(host) or "." not in host, "must not have leading 0s in IP"),
        (str(int(length)) == length, "must not have leading 0s in prefix length"),
        (ip_network((address, int(length)), strict=False).network_address == address, _host_bits(address, int(length))),
    )
    return tuple(fault for good, fault in strict if not good)


def special_ip_faults(text: str) -> Faults:
    """Return why traffic cannot be sent to this address: unspecified, loopback and link-local ones."""
    if (address := parsed_ip(text)) is None:
        return ("must be a valid IP address",)
    rules = (
        (address.is_unspecified, f"may not be unspecified ({address})"),
        (address.is_loopback, "may not be in the loopback range (127.0.0.0/8, ::1/128)"),
        (address.is_link_local, "may not be in the link-local range (169.254.0.0/16, fe80::/10)"),
        (_is_link_local_multicast(address), "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)"),
    )
    return tuple(fault for bad, fault in rules if bad)


def _is_link_local_multicast(address: IPv4Address | IPv6Address) -> bool:
    network = ip_network("224.0.0.0/24" if address.version == 4 else "ff02::/16")
    return address in network


def _host_bits(address: IPv4Address | IPv6Address, length: int) -> str:
    network = ip_network((address, length), strict=False)
    return f'must not have bits set beyond the prefix length (e.g. "{network}", or "{address}/{address.max_prefixlen}")'
