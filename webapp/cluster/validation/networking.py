"""NetworkPolicy and Ingress: ``pkg/apis/networking/validation/validation.go``, as far as fields are kept."""

from collections.abc import Iterator
from ipaddress import ip_network

from webapp.cluster.model import Refusal
from webapp.cluster.validation.addresses import cidr_faults, parsed_ip
from webapp.cluster.validation.errors import forbidden, invalid, invalid_each, not_supported, required
from webapp.cluster.validation.labels import metadata_faults, selector_faults
from webapp.cluster.validation.names import dns_subdomain_faults, port_name_faults
from webapp.cluster.validation.service import PROTOCOLS, port_number_faults
from webapp.manifests.objects import (
    IngressBackend,
    IngressObject,
    IngressPath,
    IPBlock,
    NetworkPolicyObject,
    NetworkPolicyPeer,
    NetworkPolicyPort,
)

POLICY_TYPES = ("Ingress", "Egress")
PATH_TYPES = ("Exact", "Prefix", "ImplementationSpecific")
_INDIRECT = ("//", "/./", "/../", "%2f", "%2F")
_INDIRECT_ENDS = ("/..", "/.")


def network_policy_faults(policy: NetworkPolicyObject, minor: int) -> Iterator[Refusal]:
    """Yield what is wrong with a NetworkPolicy, without its egress rules."""
    yield from metadata_faults(policy.metadata, dns_subdomain_faults)
    yield from selector_faults(policy.spec.pod_selector, "spec.podSelector")
    for i, rule in enumerate(policy.spec.ingress):
        for j, port in enumerate(rule.ports):
            yield from _policy_port_faults(port, f"spec.ingress[{i}].ports[{j}]")
        for j, peer in enumerate(rule.from_):
            yield from _peer_faults(peer, f"spec.ingress[{i}].from[{j}]", minor)
    types = policy.spec.policy_types
    # The API server stops here and does not look at the types themselves.
    if len(types) > len(POLICY_TYPES):
        yield invalid("spec.policyTypes", types, "may not specify more than two policyTypes")
        return
    for i, each in enumerate(types):
        if each not in POLICY_TYPES:
            yield not_supported(f"spec.policyTypes[{i}]", each, POLICY_TYPES)


def ingress_faults(ingress: IngressObject, _: int) -> Iterator[Refusal]:
    """Yield what is wrong with an Ingress's hosts, paths and backends."""
    yield from metadata_faults(ingress.metadata, dns_subdomain_faults)
    spec = ingress.spec
    if not spec.rules and spec.default_backend is None:
        yield invalid("spec", None, "either `defaultBackend` or `rules` must be specified")
    if spec.default_backend is not None:
        yield from _backend_faults(spec.default_backend, "spec.defaultBackend")
    for i, rule in enumerate(spec.rules):
        if rule.host:
            host = rule.host.removeprefix("*.")
            yield from invalid_each(f"spec.rules[{i}].host", rule.host, dns_subdomain_faults(host))
        for j, path in enumerate(rule.http.paths if rule.http else ()):
            # pathType is required since v1; the beta versions took a path as the controller understood it.
            if ingress.api_version == "networking.k8s.io/v1":
                yield from _path_faults(path, f"spec.rules[{i}].http.paths[{j}]")
            yield from _backend_faults(path.backend, f"spec.rules[{i}].http.paths[{j}].backend")


def _policy_port_faults(given: NetworkPolicyPort, path: str) -> Iterator[Refusal]:
    """Yield what is wrong with a port: ValidateNetworkPolicyPort."""
    port, end = given.port, given.end_port
    if given.protocol is not None and given.protocol not in PROTOCOLS:
        yield not_supported(f"{path}.protocol", given.protocol, PROTOCOLS)
    if isinstance(port, int):
        yield from port_number_faults(port, f"{path}.port")
        if end is not None and end < port:
            yield invalid(f"{path}.endPort", end, "must be greater than or equal to `port`")
        if end is not None:
            yield from port_number_faults(end, f"{path}.endPort")
        return
    if end is not None:
        why = "may not be specified when `port` is " + ("not specified" if port is None else "non-numeric")
        yield invalid(f"{path}.endPort", end, why)
    if port is not None:
        yield from invalid_each(f"{path}.port", port, port_name_faults(port))


def _peer_faults(peer: NetworkPolicyPeer, path: str, minor: int) -> Iterator[Refusal]:
    """Yield what is wrong with a peer: ValidateNetworkPolicyPeer."""
    yield from selector_faults(peer.pod_selector, f"{path}.podSelector")
    yield from selector_faults(peer.namespace_selector, f"{path}.namespaceSelector")
    selecting = peer.pod_selector is not None or peer.namespace_selector is not None
    if peer.ip_block is not None:
        yield from _block_faults(peer.ip_block, f"{path}.ipBlock", minor)
        if selecting:
            yield forbidden(path, "may not specify both ipBlock and another peer")
    # An empty peer would read as everybody or nobody; the API takes neither.
    elif not selecting:
        yield required(path, "must specify a peer")


def _block_faults(block: IPBlock, path: str, minor: int) -> Iterator[Refusal]:
    if not block.cidr:
        yield required(f"{path}.cidr")
        return
    faults = cidr_faults(block.cidr, minor)
    yield from invalid_each(f"{path}.cidr", block.cidr, faults)
    for i, text in enumerate(block.except_):
        inner = cidr_faults(text, minor)
        yield from invalid_each(f"{path}.except[{i}]", text, inner)
        if not inner and not faults and not _is_within(text, block.cidr):
            yield invalid(f"{path}.except[{i}]", text, "must be a strict subset of `cidr`")


def _is_within(inner: str, outer: str) -> bool:
    """Return whether a valid range is a part of another one, and not all of it."""
    address, length = parsed_ip(inner.partition("/")[0]), int(inner.partition("/")[2])
    base, mask = parsed_ip(outer.partition("/")[0]), int(outer.partition("/")[2])
    if address is None or base is None or address.version != base.version or length <= mask:
        return False
    return ip_network((address, mask), strict=False) == ip_network((base, mask), strict=False)


def _path_faults(given: IngressPath, path: str) -> Iterator[Refusal]:
    """Yield what is wrong with a path and its type: validateHTTPIngressPath."""
    kind, text = given.path_type, given.path or ""
    if kind is None:
        yield required(f"{path}.pathType", "pathType must be specified")
        return
    if kind not in PATH_TYPES:
        yield not_supported(f"{path}.pathType", kind, PATH_TYPES)
        return
    exact = kind != "ImplementationSpecific"
    if (text or exact) and not text.startswith("/"):
        yield invalid(f"{path}.path", text, "must be an absolute path")
    if exact and text:
        yield from (invalid(f"{path}.path", text, f"must not contain '{part}'") for part in _INDIRECT if part in text)
        ends = (part for part in _INDIRECT_ENDS if text.endswith(part))
        yield from (invalid(f"{path}.path", text, f"cannot end with '{part}'") for part in ends)


def _backend_faults(backend: IngressBackend, path: str) -> Iterator[Refusal]:
    if (service := backend.service) is None:
        return
    if not service.name:
        yield required(f"{path}.service.name")
    name, number = service.port.name, service.port.number
    if name and number:
        yield invalid(path, "", "cannot set both port name & port number")
    elif name:
        yield from invalid_each(f"{path}.service.port.name", name, port_name_faults(name))
    elif number:
        yield from port_number_faults(number, f"{path}.service.port.number")
    else:
        yield required(path, "port name or number is required")
