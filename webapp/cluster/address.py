"""Addresses as people type them: ``node-1:30080``, ``http://[2001:db8::1]:30080/x``, ``shop/web:80``."""

import re
from collections.abc import Mapping
from ipaddress import IPv4Address, IPv6Address, ip_address

from webapp.cluster.model import Cluster, Node
from webapp.cluster.remembered import once_per_cluster
from webapp.records import dataclass

MAX_TYPED = 300
PROTOCOLS = ("TCP", "UDP", "SCTP")
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*)://", re.IGNORECASE)
_DEFAULT_PORTS = {"http": 80, "ws": 80, "https": 443, "wss": 443}
# NAMESPACE/NAME of a pod or service.
_OBJECT = re.compile(r"([a-z0-9-]+/[a-z0-9.-]+)(?::(\d+))?")
_PROTOCOL = re.compile(r"/(tcp|udp|sctp)/?$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Address:
    """What was typed, taken apart."""

    host: str
    """In lower case; an IP address in its canonical form, without brackets."""
    port: int | None = None
    protocol: str | None = None
    """Where the text names one: ``udp://`` or ``/UDP``."""

    @property
    def ip(self) -> IPv4Address | IPv6Address | None:
        """The host as an IP address; None if it is a name."""
        return _ip(self.host)

    def __str__(self) -> str:
        """Return ``host:port``, with brackets around an IPv6 address."""
        if self.port is None:
            return self.host
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def parse_address(text: str) -> Address | None:
    """Return the parts of an address, a port or none with it; None if it is not an address.

    >>> parse_address("http://worker-1:30080/path")
    Address(host='worker-1', port=30080, protocol=None)
    """
    text = text.strip()[:MAX_TYPED]
    scheme = _SCHEME.match(text)
    word = scheme.group(1).lower() if scheme else ""
    named = _PROTOCOL.search(text)
    protocol = word.upper() if word.upper() in PROTOCOLS else named.group(1).upper() if named else None
    if not scheme and not named and (found := _OBJECT.fullmatch(text.lower())):
        return Address(found.group(1), _number(found.group(2) or ""))
    rest = re.split(r"[/?#]", text[scheme.end() if scheme else 0 :], maxsplit=1)[0].rpartition("@")[2]
    parts = _host_and_port(rest)
    if parts is None:
        return None
    host, number = parts
    port = _number(number) if number is not None else _DEFAULT_PORTS.get(word)
    if not host or (number is not None and port is None):
        return None
    return Address(host, port, protocol)


def _host_and_port(text: str) -> tuple[str, str | None] | None:
    words = text.split()
    if len(words) == 2 and words[1].isdecimal():  # as nc and telnet have it
        return canonical(words[0]), words[1]
    if len(words) != 1:
        return None
    text = words[0]
    bracketed = re.fullmatch(r"\[([^\]]*)\](?::(.*))?", text)
    if bracketed:
        return canonical(bracketed.group(1)), bracketed.group(2)
    if ":" not in text or _ip(text) is not None:
        return (canonical(text), None) if not text.isdecimal() else None
    host, _, number = text.rpartition(":")
    return (canonical(host), number) if ":" not in host or _ip(host) is not None else None


def _number(text: str) -> int | None:
    if not text.isascii() or not text.isdecimal() or len(text) > 5:
        return None
    return int(text) if 0 < int(text) <= 65535 else None


def _ip(text: str) -> IPv4Address | IPv6Address | None:
    try:
        found = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return (found.ipv4_mapped if isinstance(found, IPv6Address) else None) or found


def canonical(host: str) -> str:
    """Return a host as it is compared: an IP address in its shortest form, a name in lower case without a final dot.

    >>> canonical("Web.Example."), canonical("2001:DB8:0::1")
    ('web.example', '2001:db8::1')
    """
    bare = host.strip("[]")
    return str(_ip(bare) or bare.lower().removesuffix("."))


def node_at(cluster: Cluster, host: str) -> Node | None:
    """Return the node with this name, host name or address; `host` is canonical."""
    return cluster.nodes.get(host) or _by_host(cluster).get(host)


@once_per_cluster
def _by_host(cluster: Cluster) -> Mapping[str, Node]:
    nodes = reversed(list(cluster.nodes.values()))
    return {canonical(host): n for n in nodes for host in (*n.addresses, *n.host_names, n.name)}
