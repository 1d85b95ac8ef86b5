"""Node ports: which number belongs to whom.

One allocator over port *numbers* serves the whole cluster, whatever the protocol, and healthCheckNodePorts come out of
it too (``pkg/registry/core/service/portallocator``, ``storage/alloc.go``). Where a real cluster draws at random, the
number here follows from a hash of the Service's identity, so that other Services hardly ever change it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from hashlib import sha256
from math import gcd

from webapp.cluster.model import Refusal
from webapp.cluster.validation.errors import internal, invalid
from webapp.cluster.validation.service import needs_health_check
from webapp.manifests.objects import ServicePortSpec, ServiceSpec

ALREADY_ALLOCATED = "provided port is already allocated"
FULL = "range is full"
HEALTH_CHECK_PATH = "spec.healthCheckNodePort"

PortRange = tuple[int, int]


def bands(port_range: PortRange) -> tuple[PortRange, PortRange]:
    """Return the static and the dynamic band of a range, both ends included; an empty band ends before it starts."""
    # Automatic numbers come from the dynamic band while it has any, which keeps the static band for fixed ones
    # (KEP-3668): 30000-30085 and 30086-32767 by default.
    first, last = port_range
    size = last - first + 1
    static = 0 if size <= 16 else min(max(16, size // 32), 128)
    return (first, first + static - 1), (first + static, last)


@dataclass(slots=True)
class NodePortAllocator:
    """The numbers that are taken in one cluster."""

    port_range: PortRange
    taken: set[int] = field(default_factory=set)

    def claim(self, number: int) -> str:
        """Take a number that a manifest asks for; return why that is impossible, empty if it was possible."""
        first, last = self.port_range
        if not first <= number <= last:
            return f"provided port is not in the valid range. The range of valid ports is {first}-{last}"
        if number in self.taken:
            return ALREADY_ALLOCATED
        self.taken.add(number)
        return ""

    def draw(self, identity: str) -> int | None:
        """Take and return a free number for `identity`, from the dynamic band if possible; None if all are taken."""
        if self.free == 0:
            return None
        static, dynamic = bands(self.port_range)
        candidates = (number for band in (dynamic, static) for number in _walk(identity, band))
        number = next(number for number in candidates if number not in self.taken)
        self.taken.add(number)
        return number

    def release(self, number: int) -> None:
        """Give a number back."""
        self.taken.discard(number)

    @property
    def free(self) -> int:
        """How many numbers are left."""
        first, last = self.port_range
        return last - first + 1 - len(self.taken)


def rank(identity: str) -> bytes:
    """Return the key that decides who draws first: it depends on the identity alone, never on the others."""
    return sha256(identity.encode()).digest()


def claim_written(spec: ServiceSpec, ports: NodePortAllocator) -> tuple[ServiceSpec, Refusal | None]:
    """Return the spec after taking the numbers that it asks for, or why it cannot have them; then it has taken none."""
    # Ports of one Service with the same number (and another protocol) share one node port; for other pairs the same
    # node port is a clash, even though validation would let TCP and UDP pass (``initNodePorts`` in alloc.go).
    filled = (
        replace(spec, ports=_with_shared(spec)) if _exposes(spec) and any(p.node_port for p in spec.ports) else spec
    )
    mine: list[int] = []
    for path, number in _requests(filled):
        if fault := ports.claim(number):
            release_all(mine, ports)
            return spec, _refused(path, number, fault)
        mine.append(number)
    return filled, None


def draw_missing(spec: ServiceSpec, identity: str, ports: NodePortAllocator) -> tuple[ServiceSpec, Refusal | None]:
    """Return the spec with the numbers that it left open, or why there are none left; then it has taken none."""
    drawn: dict[int | None, int] = {}
    for number_of, path, what in _open(spec):
        number = ports.draw(f"{identity}/{number_of or 'healthCheckNodePort'}")
        if number is None:
            release_all(drawn.values(), ports)
            return spec, internal(path, f"failed to allocate a {what}: {FULL}")
        drawn[number_of] = number
    if not drawn:
        return spec, None
    filled = tuple(replace(port, node_port=port.node_port or drawn.get(port.port)) for port in spec.ports)
    return replace(spec, ports=filled, health_check_node_port=drawn.get(None, spec.health_check_node_port)), None


def written_numbers(spec: ServiceSpec) -> tuple[int, ...]:
    """Return the numbers that a spec takes from the allocator: its node ports and its healthCheckNodePort."""
    return tuple(number for _, number in _requests(spec))


def release_all(numbers: Iterable[int], ports: NodePortAllocator) -> None:
    """Give numbers back, as the API server does when a create fails."""
    for number in numbers:
        ports.release(number)


def _walk(identity: str, band: PortRange) -> Iterator[int]:
    """Yield every number of a band (not an empty one) once, in an order that belongs to this identity."""
    first, last = band
    size = last - first + 1
    digest = rank(identity)
    start, step = int.from_bytes(digest[:8], "big") % size, 1 + int.from_bytes(digest[8:16], "big") % size
    while gcd(step, size) != 1:
        step += 1
    for i in range(size):
        yield first + (start + i * step) % size


def _exposes(spec: ServiceSpec) -> bool:
    return spec.type in ("NodePort", "LoadBalancer")


def _allocates(spec: ServiceSpec) -> bool:
    """Return whether open node ports get a number; LoadBalancers may do without (KEP-1864)."""
    return spec.type == "NodePort" or (
        spec.type == "LoadBalancer" and spec.allocate_load_balancer_node_ports is not False
    )


def _with_shared(spec: ServiceSpec) -> tuple[ServicePortSpec, ...]:
    asked: dict[int | None, int] = {}
    for port in spec.ports:
        if port.node_port:
            asked.setdefault(port.port, port.node_port)
    shared = asked if _allocates(spec) else {}
    return tuple(replace(port, node_port=port.node_port or shared.get(port.port)) for port in spec.ports)


def _open(spec: ServiceSpec) -> Iterator[tuple[int | None, str, str]]:
    """Yield what is to be drawn: a port number (None for the health check), its path, and its name in messages."""
    seen: set[int | None] = set()
    for i, port in enumerate(spec.ports if _allocates(spec) else ()):
        if not port.node_port and port.port not in seen:
            seen.add(port.port)
            yield port.port or 0, f"spec.ports[{i}].nodePort", "nodePort"
    if needs_health_check(spec) and not spec.health_check_node_port:
        yield None, HEALTH_CHECK_PATH, "HealthCheck NodePort 0"


def _requests(spec: ServiceSpec) -> Iterator[tuple[str, int]]:
    """Yield path and number of each allocation, in the API server's order."""
    shared: dict[int | None, int] = {}
    for i, port in enumerate(spec.ports if _exposes(spec) else ()):
        if port.node_port and shared.get(port.port) != port.node_port:
            shared.setdefault(port.port, port.node_port)
            yield f"spec.ports[{i}].nodePort", port.node_port
    if needs_health_check(spec) and spec.health_check_node_port:
        yield HEALTH_CHECK_PATH, spec.health_check_node_port


def _refused(path: str, number: int, fault: str) -> Refusal:
    if path == HEALTH_CHECK_PATH:
        return internal(path, f"failed to allocate requested HealthCheck NodePort {number}: {fault}")
    return invalid(path, number, fault)
