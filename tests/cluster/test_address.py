"""Addresses as people type them."""

import pytest

from tests.findings.given import manifests, node
from webapp.cluster.address import Address, node_at, parse_address
from webapp.cluster.build import build

NODE = node("node-1")
NODE["status"]["addresses"] = [
    {"type": "InternalIP", "address": "10.0.0.1"},
    {"type": "InternalIP", "address": "2001:db8::11"},
    {"type": "ExternalIP", "address": "198.51.100.7"},
    {"type": "Hostname", "address": "Host-1"},
    {"type": "InternalDNS", "address": "ip-10-0-0-1.ec2.internal"},
    {"type": "ExternalDNS", "address": "ec2-198-51-100-7.example.com"},
]


@pytest.mark.parametrize(
    ("typed", "host", "port", "protocol"),
    [
        ("node-1:30080", "node-1", 30080, None),
        (" NODE-1:30080/ ", "node-1", 30080, None),
        ("node-1", "node-1", None, None),
        ("http://node-1:30080/a/b?c=d#e", "node-1", 30080, None),
        ("HTTP://node-1/", "node-1", 80, None),
        ("https://user:secret@node-1", "node-1", 443, None),
        ("udp://node-1:53", "node-1", 53, "UDP"),
        ("node-1:53/udp", "node-1", 53, "UDP"),
        ("tcp://node-1:53/", "node-1", 53, "TCP"),
        ("[2001:DB8:0::11]:30080", "2001:db8::11", 30080, None),
        ("http://[2001:db8::11]:30080/", "2001:db8::11", 30080, None),
        ("[2001:db8::11]", "2001:db8::11", None, None),
        ("2001:db8::11", "2001:db8::11", None, None),
        ("2001:db8::11:30080", "2001:db8::11", 30080, None),
        ("fe80::1%eth0", "fe80::1", None, None),
        ("::ffff:10.0.0.1", "10.0.0.1", None, None),
        ("10.0.0.1 30080", "10.0.0.1", 30080, None),
        ("ec2.example.com.:30080", "ec2.example.com", 30080, None),
        ("shop/web:80", "shop/web", 80, None),
        ("::1", "::1", None, None),
        ("[::1]:80", "::1", 80, None),
    ],
)
def test_an_address_is_taken_apart(typed: str, host: str, port: int | None, protocol: str | None) -> None:
    """Schemes, paths, brackets, capitals and final slashes are read past."""
    assert parse_address(typed) == Address(host, port, protocol)


@pytest.mark.parametrize(
    "typed", ["", ":", ":30080", "30080", "node-1:", "node-1:0", "node-1:65536", "node-1:http", "a b c", "[::1", "x:٣"]
)
def test_what_is_no_address_is_none(typed: str) -> None:
    """Nothing is guessed."""
    assert parse_address(typed) is None


@pytest.mark.parametrize(
    "host",
    ["node-1", "10.0.0.1", "2001:db8::11", "198.51.100.7", "host-1", "ip-10-0-0-1.ec2.internal"],
)
def test_a_node_is_known_by_each_of_its_addresses(host: str) -> None:
    """Names of the types Hostname, InternalDNS and ExternalDNS included."""
    found = node_at(build(manifests(NODE)), host)
    assert found is not None
    assert found.name == "node-1"


@pytest.mark.parametrize(("address", "text"), [(Address("::1", 80), "[::1]:80"), (Address("a"), "a")])
def test_an_address_is_written_as_it_is_typed(address: Address, text: str) -> None:
    """With brackets around an IPv6 address only."""
    assert str(address) == text
