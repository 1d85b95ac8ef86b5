"""Manifests under other names: the same structure and the same results, and nothing that says whose cluster it is."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields, is_dataclass, replace
from functools import cache
from ipaddress import ip_network
from typing import Any, Protocol

from webapp.findings.ignoring import ANNOTATION as IGNORE
from webapp.manifests import Manifests
from webapp.manifests.manifests import subject
from webapp.manifests.objects import Source
from webapp.manifests.objects.metadata import KEPT_ANNOTATIONS
from webapp.manifests.writing import COLLECTIONS, left_out
from webapp.snapshot.addresses import parsed
from webapp.snapshot.kept_words import KEPT_GROUPS, KEPT_KEYS, KEY_FAMILIES
from webapp.snapshot.pseudonyms import Collected, Pseudonyms

_TIME = re.compile(r"[-\d:TZ.+]{1,40}")
_QUANTITY = re.compile(r"[-+]?[\d.]{1,20}([eE][-+]?\d{1,3}|[a-zA-Z]{1,2})?")
_VERSION = re.compile(r"v?\d+\.\d+(\.\d+)?")
_SCHEDULE = re.compile(r"[\d*/,\- ]{1,60}")
_FINDING = re.compile(r"NP\d{3}")
_SOURCE = Source(file="", line=0)
_KINDS = {
    "Node": "node",
    "Namespace": "namespace",
    "Pod": "pod",
    "Service": "service",
    "Endpoints": "service",
    "EndpointSlice": "slice",
    "PodDisruptionBudget": "budget",
    "NetworkPolicy": "policy",
    "Ingress": "ingress",
    "HorizontalPodAutoscaler": "autoscaler",
    "PriorityClass": "priority",
    "Cluster": "cluster",
}
"""The families of objects' names; those of workloads are one, so that they are listed in the same order."""


class _Renamer(Protocol):
    def name(self, family: str, text: str) -> str: ...
    def address(self, text: str) -> str: ...


def anonymized(manifests: Manifests) -> Manifests:
    """Return the objects under other names, without those that can't be decoded, their files and problems.

    Names are numbered in natural order, in which they decide between equals. Ports, quantities, times and the words of
    Kubernetes stay. A nodePort that is not written stays open: nodefall assigns another number to it.
    """
    refused = set(left_out(manifests))
    kept = {
        collection: tuple(each for each in getattr(manifests, collection) if subject(each) not in refused)
        for collection in COLLECTIONS
    }
    collected = Collected()
    _all(kept, _Renaming(collected))
    splits = _splits(kept, collected.names["pod"])
    renamed = _all(kept, _Renaming(Pseudonyms(collected, splits)))
    return replace(manifests, **renamed, undecodable={}, files=(), problems=(), not_used={})


def _all(objects: Mapping[str, tuple[Any, ...]], renaming: "_Renaming") -> dict[str, Any]:
    return {collection: tuple(map(renaming.object, each)) for collection, each in objects.items()}


def _splits(objects: Mapping[str, tuple[Any, ...]], pods: Iterable[str]) -> dict[str, tuple[str, str]]:
    """Return the names that begin with their owner's: a pod's, a ReplicaSet's, and how a StatefulSet calls its pods."""
    found: dict[str, tuple[str, str]] = {}
    sets = {each.metadata.name for each in objects["workloads"] if each.kind == "StatefulSet"}
    for each in (*objects["workloads"], *objects["pods"]):
        name = each.metadata.name
        for owner in each.metadata.owner_references:
            if owner.name and owner.kind != "Node" and name.startswith(f"{owner.name}-"):
                found[name] = owner.name, name[len(owner.name) + 1 :]
                # Its Deployment is known by this name alone where a dump has no ReplicaSets.
                before, dash, last = owner.name.rpartition("-")
                if owner.kind == "ReplicaSet" and dash and last == each.metadata.labels.get("pod-template-hash", last):
                    found.setdefault(owner.name, (before, last))
    # Labels and references name pods that are yet to be made, and such that a StatefulSet will adopt.
    for name in pods:
        head, _, last = name.rpartition("-")
        if name not in found and head in sets:
            found[name] = head, last
    return found


class _Renaming:
    """One walk through all objects. It is done twice: to collect the names, then to replace them."""

    def __init__(self, names: _Renamer) -> None:
        self._names = names

    def object(self, record: Any) -> Any:
        """Return the object with other names."""
        meta = self._record(record.metadata)
        named = replace(meta, name=self._of_kind(record.kind, record.metadata.name))
        rest = {
            field.name: self._value(type(record).__name__, field.name, getattr(record, field.name), record)
            for field in fields(record)
            if field.name not in ("kind", "api_version", "metadata", "source")
        }
        version = self.api_version(record.api_version)
        return replace(record, **rest, metadata=named, api_version=version, source=_SOURCE)

    def _record(self, record: Any) -> Any:
        struct = type(record).__name__
        changed = {}
        kind: type = type(record)
        for name in _names_of(kind):
            value = getattr(record, name)
            if value:
                other = self._value(struct, name, value, record)
                if other != value:
                    changed[name] = other
        return replace(record, **changed) if changed else record

    def _value(self, struct: str, name: str, value: Any, record: Any) -> Any:
        if isinstance(value, str):
            return self._text(struct, name, value, record) if value else value
        if isinstance(value, tuple):
            return tuple(self._value(struct, name, each, record) for each in value)
        if struct == "EndpointHints":
            return replace(value, name=self._names.name("zone" if name == "for_zones" else "node", value.name))
        if is_dataclass(value):
            return self._record(value)
        if isinstance(value, Mapping):
            return self._mapping(name, value)
        return value

    def _mapping(self, name: str, value: Mapping[str, str]) -> dict[str, str]:
        if name == "annotations":
            return {key: self._annotation(key, text) for key, text in value.items() if _is_known(key)}
        if name in _QUANTITIES:
            return {self._names.name("resource", key): _quantity(text) for key, text in value.items()}
        return {self._key(key): self._labelled(key, text) for key, text in value.items()}

    def _key(self, key: str) -> str:
        return key if key in KEPT_KEYS else self._names.name("label", key)

    def _labelled(self, key: str, text: str) -> str:
        return self._names.name(KEY_FAMILIES.get(key, "value"), text)

    def _annotation(self, key: str, text: str) -> str:
        if key.endswith("source-ranges"):
            return ",".join(map(self.in_range, text.split(",")))
        if key == IGNORE:
            # A reason is free text; that there is one counts.
            return "; ".join(map(_without_reason, text.split(";")))
        return "mirror" if key.endswith("mirror") else self._names.name("word", text)

    def _text(self, struct: str, name: str, text: str, record: Any) -> str:
        treatment = _TREATMENTS.get(f"{struct}.{name}") or _TREATMENTS.get(name, "word")
        if isinstance(treatment, str):
            return self._names.name(treatment, text)
        return treatment(self, text, record)

    # --- treatments

    def _of_kind(self, kind: str | None, text: str) -> str:
        family = _KINDS.get(kind or "", "route" if (kind or "").endswith("Route") else "workload")
        return self._names.name(family, text) if text else text

    def of_its_kind(self, text: str, record: Any) -> str:
        return self._of_kind(record.kind, text)

    def of_selected_key(self, text: str, record: Any) -> str:
        return self._labelled(record.key, text)

    def label_key(self, text: str, _: Any) -> str:
        return self._key(text)

    def api_version(self, text: str, _: Any = None) -> str:
        return text if text in KEPT_GROUPS else "example.com/v1"

    def generated(self, text: str, _: Any) -> str:
        dash = "-" if text.endswith("-") else ""
        return self._names.name("workload", text.removesuffix("-")) + dash

    def address(self, text: str, _: Any) -> str:
        if "/" in text:
            return self.in_range(text)
        return self._names.address(text) if _is_address(text) else self._names.name("host", text)

    def in_range(self, text: str, _: Any = None) -> str:
        address, _, length = text.strip().partition("/")
        if not _is_address(address):
            return self._names.name("value", text)
        other = self._names.address(address)
        if not length.isdecimal():
            return other
        # The first address of a range stays the first one: a range with other bits set is refused, or warned about.
        is_first = _is_range(f"{address}/{length}")
        return str(ip_network(f"{other}/{length}", strict=False)) if is_first else f"{other}/{length}"

    def node_address(self, text: str, record: Any) -> str:
        if record.type in ("InternalIP", "ExternalIP") or _is_address(text):
            return self.address(text, record)
        return self._names.name("node", text)

    def host(self, text: str, record: Any) -> str:
        star = "*." if text.startswith("*.") else ""
        return star + self.address(text.removeprefix("*."), record)

    def cluster_ip(self, text: str, record: Any) -> str:
        return text if text == "None" else self.address(text, record)

    def path(self, text: str, _: Any) -> str:
        return text if text == "/" else self._names.name("path", text)

    def timestamp(self, text: str, _: Any) -> str:
        return text if _TIME.fullmatch(text) else "unknown"

    def version(self, text: str, _: Any) -> str:
        found = _VERSION.match(text)
        return found[0] if found else "unknown"

    def schedule(self, text: str, _: Any) -> str:
        return text if _SCHEDULE.fullmatch(text) else "0 0 * * *"


_Treatment = Callable[[_Renaming, str, Any], str]
_R: Any = _Renaming
_QUANTITIES = ("allocatable", "capacity", "overhead", "requests", "limits")
# By struct and field, else by field; what is not here is a word of Kubernetes, or becomes one that is none.
_TREATMENTS: dict[str, str | _Treatment] = {
    "namespace": "namespace",
    "namespaces": "namespace",
    "node_name": "node",
    "uid": "uid",
    "deletion_timestamp": _R.timestamp,
    "start_time": _R.timestamp,
    "api_version": _R.api_version,
    "generate_name": _R.generated,
    "schedule": _R.schedule,
    "kubelet_version": _R.version,
    "OwnerReference.kind": "kind",
    "OwnerReference.name": _R.of_its_kind,
    "ScaleTargetRef.kind": "kind",
    "ScaleTargetRef.name": _R.of_its_kind,
    "ObjectReference.kind": "kind",
    "ObjectReference.name": _R.of_its_kind,
    "BackendRef.kind": "kind",
    "ParentReference.kind": "kind",
    "LabelSelectorRequirement.key": _R.label_key,
    "LabelSelectorRequirement.values": _R.of_selected_key,
    "Taint.key": _R.label_key,
    "Taint.value": _R.of_selected_key,
    "Toleration.key": _R.label_key,
    "Toleration.value": _R.of_selected_key,
    "topology_key": _R.label_key,
    "match_label_keys": _R.label_key,
    "mismatch_label_keys": _R.label_key,
    "cidr": _R.in_range,
    "except_": _R.in_range,
    "load_balancer_source_ranges": _R.in_range,
    "NodeAddress.address": _R.node_address,
    "addresses": _R.address,
    "ip": _R.address,
    "pod_ip": _R.address,
    "host_ip": _R.address,
    "load_balancer_ip": _R.address,
    "external_ips": _R.address,
    "cluster_ip": _R.cluster_ip,
    "cluster_ips": _R.cluster_ip,
    "external_name": _R.host,
    "hostname": "hostname",
    "LoadBalancerIngress.hostname": _R.host,
    "hostnames": _R.host,
    "host": _R.host,
    "path": _R.path,
    "zone": "zone",
    "subdomain": "service",
    "service_name": "service",
    "IngressServiceBackend.name": "service",
    "BackendRef.name": "service",
    "ParentReference.name": "gateway",
    "section_name": "section",
    "ServicePortSpec.name": "port",
    "ContainerPort.name": "port",
    "EndpointPort.name": "port",
    "BackendPort.name": "port",
    "NetworkPolicyPort.port": "port",
    "target_port": "port",
    "service_port": "port",
    "port_name": "port",
    "Container.name": "container",
    "Volume.name": "volume",
    "SchedulingGate.name": "gate",
    "condition_type": "word",
    "scheduler_name": "scheduler",
    "priority_class_name": "priority",
    "ingress_class_name": "class",
    "load_balancer_class": "class",
}


@cache
def _names_of(record: type) -> tuple[str, ...]:
    return tuple(field.name for field in fields(record) if field.name != "handlers")


def _is_address(text: str) -> bool:
    return parsed(text) is not None


def _is_range(text: str) -> bool:
    try:
        ip_network(text)
    except ValueError:
        return False
    return True


def _is_known(annotation: str) -> bool:
    return annotation in KEPT_ANNOTATIONS or annotation == IGNORE


def _quantity(text: str) -> str:
    return text if _QUANTITY.fullmatch(text) else "not-a-quantity"


def _without_reason(clause: str) -> str:
    ids, colon, reason = clause.partition(":")
    known = ", ".join(_FINDING.findall(ids)) or "finding"
    return f"{known}: reason omitted" if colon and reason.strip() else known
