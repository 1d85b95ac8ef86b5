"""EndpointSlices and Endpoints: ``pkg/apis/discovery/validation`` and ``ValidateEndpoints`` in core's validation."""

from collections.abc import Iterator, Sequence

from webapp.cluster.model import Refusal
from webapp.cluster.validation.addresses import family_of, ip_faults, special_ip_faults
from webapp.cluster.validation.errors import duplicate, invalid_each, not_supported, required, too_many
from webapp.cluster.validation.labels import metadata_faults
from webapp.cluster.validation.names import dns_label_faults, dns_subdomain_faults
from webapp.cluster.validation.service import PROTOCOLS, port_number_faults
from webapp.manifests.objects import (
    EndpointAddress,
    EndpointHints,
    EndpointPort,
    EndpointSliceObject,
    EndpointsObject,
    EndpointSubset,
    SliceEndpoint,
)

ADDRESS_TYPES = ("FQDN", "IPv4", "IPv6")
MAX_ADDRESSES = 100
MAX_ENDPOINTS = 1000
MAX_PORTS = 20_000
MAX_HINTS = 8
"""Zones, or nodes, of one endpoint (maxZoneHints and maxNodeHints)."""


def endpoint_slice_faults(given: EndpointSliceObject, minor: int) -> Iterator[Refusal]:
    """Yield what is wrong with an EndpointSlice."""
    yield from metadata_faults(given.metadata, dns_subdomain_faults)
    if not given.address_type:
        yield required("addressType")
    elif given.address_type not in ADDRESS_TYPES:
        yield not_supported("addressType", given.address_type, ADDRESS_TYPES)
    # A slice that large is not looked at further, to bound the work (discovery/validation).
    if len(given.endpoints) > MAX_ENDPOINTS:
        yield too_many("endpoints", len(given.endpoints), MAX_ENDPOINTS)
        return
    for i, endpoint in enumerate(given.endpoints):
        yield from _endpoint_faults(endpoint, given.address_type, f"endpoints[{i}]", minor)
    yield from _slice_port_faults(given.ports)


def endpoints_faults(given: EndpointsObject, minor: int) -> Iterator[Refusal]:
    """Yield what is wrong with legacy Endpoints."""
    yield from metadata_faults(given.metadata, dns_subdomain_faults)
    for i, subset in enumerate(given.subsets):
        yield from _subset_faults(subset, f"subsets[{i}]", minor)


def _endpoint_faults(endpoint: SliceEndpoint, kind: str | None, path: str, minor: int) -> Iterator[Refusal]:
    if not endpoint.addresses:
        yield required(f"{path}.addresses", "must contain at least 1 address")
    elif len(endpoint.addresses) > MAX_ADDRESSES:
        yield too_many(f"{path}.addresses", len(endpoint.addresses), MAX_ADDRESSES)
    # Of 200,000 the others say nothing new, and took 3 s.
    for i, address in enumerate(endpoint.addresses[:MAX_ADDRESSES]):
        yield from invalid_each(f"{path}.addresses[{i}]", address, _address_faults(address, kind, minor))
    if endpoint.node_name:
        yield from invalid_each(f"{path}.nodeName", endpoint.node_name, dns_subdomain_faults(endpoint.node_name))
    if endpoint.hostname is not None:
        yield from invalid_each(f"{path}.hostname", endpoint.hostname, dns_label_faults(endpoint.hostname))
    if endpoint.hints is not None:
        yield from _hint_faults(endpoint.hints, f"{path}.hints")


def _address_faults(address: str, kind: str | None, minor: int) -> tuple[str, ...]:
    if kind == "FQDN":
        return dns_subdomain_faults(address)
    if kind not in ("IPv4", "IPv6"):
        return ()
    if family_of(address) != kind:
        return (f"must be an {kind} address",)
    # Unspecified and loopback addresses make no sense here, link-local ones serve the node (ValidateNonSpecialIP).
    return ip_faults(address, minor) or special_ip_faults(address)


def _hint_faults(hints: EndpointHints, path: str) -> Iterator[Refusal]:
    # The API server looks no further at what has too many (discovery/validation, validateHints).
    for name, given in (("forZones", hints.for_zones), ("forNodes", hints.for_nodes)):
        if len(given) > MAX_HINTS:
            yield too_many(f"{path}.{name}", len(given), MAX_HINTS)
            return
    zones: set[str] = set()
    for i, zone in enumerate(hints.for_zones):
        # kube-proxy takes hints as a set; one that stands twice is a mistake of whoever wrote it.
        if zone.name in zones:
            yield duplicate(f"{path}.forZones[{i}]", zone.name)
        zones.add(zone.name)
    for i, node in enumerate(hints.for_nodes):
        yield from invalid_each(f"{path}.forNodes[{i}].name", node.name, dns_subdomain_faults(node.name))


def _slice_port_faults(ports: Sequence[EndpointPort]) -> Iterator[Refusal]:
    names: set[str] = set()
    if len(ports) > MAX_PORTS:
        yield too_many("ports", len(ports), MAX_PORTS)
        return
    for i, port in enumerate(ports):
        name = port.name or ""
        if name:
            yield from invalid_each(f"ports[{i}].name", name, dns_label_faults(name))
        if name in names:
            yield duplicate(f"ports[{i}].name", name)
        names.add(name)
        if port.protocol and port.protocol not in PROTOCOLS:
            yield not_supported(f"ports[{i}].protocol", port.protocol, PROTOCOLS)


def _subset_faults(subset: EndpointSubset, path: str, minor: int) -> Iterator[Refusal]:
    if not subset.addresses and not subset.not_ready_addresses:
        yield required(path, "must specify `addresses` or `notReadyAddresses`")
    for kind, addresses in (("addresses", subset.addresses), ("notReadyAddresses", subset.not_ready_addresses)):
        for i, address in enumerate(addresses):
            yield from _subset_address_faults(address, f"{path}.{kind}[{i}]", minor)
    for i, port in enumerate(subset.ports):
        yield from _subset_port_faults(port, f"{path}.ports[{i}]", needed=len(subset.ports) > 1)


def _subset_address_faults(address: EndpointAddress, path: str, minor: int) -> Iterator[Refusal]:
    yield from invalid_each(f"{path}.ip", address.ip, ip_faults(address.ip, minor))
    if address.hostname:
        yield from invalid_each(f"{path}.hostname", address.hostname, dns_label_faults(address.hostname))
    if address.node_name is not None:
        yield from invalid_each(f"{path}.nodeName", address.node_name, dns_subdomain_faults(address.node_name))
    yield from invalid_each(f"{path}.ip", address.ip, special_ip_faults(address.ip))


def _subset_port_faults(port: EndpointPort, path: str, *, needed: bool) -> Iterator[Refusal]:
    if port.name:
        yield from invalid_each(f"{path}.name", port.name, dns_label_faults(port.name))
    elif needed:
        yield required(f"{path}.name")
    yield from port_number_faults(port.port or 0, f"{path}.port")
    if port.protocol and port.protocol not in PROTOCOLS:
        yield not_supported(f"{path}.protocol", port.protocol, PROTOCOLS)
