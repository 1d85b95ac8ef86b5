"""A Service's cluster IPs and IP families: how they fit together, and what the API server makes of them.

Rules: ``ValidateServiceClusterIPsRelatedFields`` in ``pkg/apis/core/validation/validation.go`` and
``initIPFamilyFields`` in ``pkg/registry/core/service/storage/alloc.go``; KEP-563 (dual stack).
"""

from collections.abc import Iterator, Sequence

from webapp.cluster.model import Refusal
from webapp.cluster.validation.addresses import family_of, ip_faults
from webapp.cluster.validation.errors import duplicate, invalid, invalid_each, not_supported, required
from webapp.manifests.objects import ServiceSpec

FAMILIES = ("IPv4", "IPv6")
POLICIES = ("PreferDualStack", "RequireDualStack", "SingleStack")
# ``clusterIP: None`` makes a Service headless.
NONE = "None"


def is_headless(spec: ServiceSpec) -> bool:
    """Return whether the Service has no cluster IP at all, so that kube-proxy ignores it."""
    return spec.cluster_ips == (NONE,) or (not spec.cluster_ips and spec.cluster_ip == NONE)


def cluster_ip_faults(spec: ServiceSpec, minor: int) -> Iterator[Refusal]:
    """Yield what is wrong with cluster IPs, families and policy taken together; ExternalName has its own rules.

    What depends on a cluster that nobody has seen (its address ranges, whether it is dual stack) is not looked at.
    """
    if spec.type == "ExternalName":
        return
    yield from _primary_faults(spec)
    yield from _family_faults(spec)
    bad = tuple(_address_faults(spec, minor))
    yield from bad
    if len(spec.cluster_ips) > 2:
        yield invalid("spec.clusterIPs", spec.cluster_ips, "may only hold up to 2 values")
    if not bad:
        yield from _pairing_faults(spec)


def single_stack_faults(spec: ServiceSpec) -> Iterator[Refusal]:
    """Yield what does not fit a single stack, which is also what no policy means: two addresses or two families."""
    if spec.type == "ExternalName" or _policy(spec) != "SingleStack":
        return
    policy = "must be 'RequireDualStack' or 'PreferDualStack' when multiple {} are specified"
    if len(spec.cluster_ips) == 2:
        yield invalid("spec.ipFamilyPolicy", "SingleStack", policy.format("cluster IPs"))
    if len(spec.ip_families) == 2:
        yield invalid("spec.ipFamilyPolicy", "SingleStack", policy.format("IP families"))


def families(spec: ServiceSpec, cluster_families: Sequence[str] = FAMILIES) -> tuple[str, ...]:
    """Return the families for which the Service has endpoints, the primary one first.

    Those it names, those of its cluster IPs, else the cluster's first; any policy but SingleStack adds the other one,
    as far as the cluster has it. A headless Service that says nothing lists endpoints of both (the EndpointSlice
    controller's ``getAddressTypesForService``); an ExternalName has none.
    """
    if spec.type == "ExternalName":
        return ()
    by_address = tuple(family for ip in spec.cluster_ips if (family := family_of(ip)))
    found = spec.ip_families + by_address[len(spec.ip_families) :]
    if not found and is_headless(spec) and spec.ip_family_policy is None:
        return FAMILIES
    found = found or tuple(cluster_families[:1])
    if _policy(spec) == "SingleStack":
        return found[:1]
    wanted = FAMILIES if _policy(spec) == "RequireDualStack" else cluster_families
    return (*found, *(family for family in wanted if family not in found))


def _policy(spec: ServiceSpec) -> str:
    if spec.ip_family_policy is not None:
        return spec.ip_family_policy
    return "RequireDualStack" if is_headless(spec) and not spec.selector else "SingleStack"


def _primary_faults(spec: ServiceSpec) -> Iterator[Refusal]:
    path, ips = "spec.clusterIPs", spec.cluster_ips
    if not spec.cluster_ip:
        if ips:
            yield invalid(path, ips, "must be empty when `clusterIP` is not specified")
    elif not ips:
        yield required(path)
    elif ips[0] != spec.cluster_ip:
        yield invalid(path, ips, "first value must match `clusterIP`")


def _family_faults(spec: ServiceSpec) -> Iterator[Refusal]:
    for i, family in enumerate(spec.ip_families):
        path = f"spec.ipFamilies[{i}]"
        if family not in FAMILIES:
            yield not_supported(path, family, FAMILIES)
        if family in spec.ip_families[:i]:
            yield duplicate(path, family)
    if spec.ip_family_policy is not None and spec.ip_family_policy not in POLICIES:
        yield not_supported("spec.ipFamilyPolicy", spec.ip_family_policy, POLICIES)


def _address_faults(spec: ServiceSpec, minor: int) -> Iterator[Refusal]:
    for i, ip in enumerate(spec.cluster_ips):
        if i == 0 and ip == NONE:
            if len(spec.cluster_ips) > 1:
                yield invalid("spec.clusterIPs", spec.cluster_ips, "'None' must be the first and only value")
        else:
            yield from invalid_each(f"spec.clusterIPs[{i}]", ip, ip_faults(ip, minor))


def _pairing_faults(spec: ServiceSpec) -> Iterator[Refusal]:
    found = tuple(map(family_of, spec.cluster_ips))
    if len(found) > 1 and len(set(found)) == 1:
        yield invalid("spec.clusterIPs", spec.cluster_ips, "may specify no more than one IP for each IP family")
    for i, (family, wanted) in enumerate(zip(found, spec.ip_families, strict=False)):
        if family is not None and wanted in FAMILIES and family != wanted:
            detail = f"expected an {wanted} value as indicated by `ipFamilies[{i}]`"
            yield invalid(f"spec.clusterIPs[{i}]", spec.cluster_ips[i], detail)
