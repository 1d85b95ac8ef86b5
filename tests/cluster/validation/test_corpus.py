"""Real manifests, against what the real API server (1.36.2) answered to each of their objects.

Compared are accepted or not, and type and field of every error in a field that nodefall keeps.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

import pytest

from tests.cluster.given import fields, load, read_files
from tests.real_manifests import CORPUS, HERE
from webapp.cluster.admission import admit_services
from webapp.cluster.options import ClusterOptions
from webapp.cluster.validation.objects import checked_objects
from webapp.cluster.validation.versions import REMOVED
from webapp.manifests.manifests import Manifests

pytestmark = pytest.mark.corpus

KINDS = {
    *("Service", "Pod", "Node", "Namespace", "Endpoints", "EndpointSlice", "PodDisruptionBudget", "NetworkPolicy"),
    *("Ingress", "Deployment", "ReplicaSet", "ReplicationController", "StatefulSet", "DaemonSet", "Job", "CronJob"),
}
NOT_KEPT = re.compile(
    r"imagePullPolicy|managedFields|finalizers|ephemeralContainers|lifecycle|livenessProbe|startupProbe|securityContext|\.env"
    r"|readinessProbe\.((grpc|httpGet|tcpSocket|exec)\.|terminationGracePeriodSeconds)|volumes\[\d+\]\.(?!name)|volumeMounts"
    r"|volumeDevices|volumeClaim|activeDeadlineSeconds|hostnameOverride|[cC]laims|dnsConfig|dnsPolicy|hostAliases"
    r"|runtimeClassName|serviceAccountName|resizePolicy|restartPolicyRules|terminationMessagePolicy|\.os$"
    r"|persistentVolumeClaimRetentionPolicy|updateStrategy$|podCIDR|declaredFeatures|\.tls"
)
"""Fields that nodefall neither keeps nor stores. No object is refused for these alone: accepted or not is compared
whatever the field."""
NOT_SEEN = {
    "`selector` not auto-generated": "whether the Job says manualSelector is not kept, and a dump's selector is right",
    "must be '": "the same Jobs' template labels, which the API server compares with a uid it makes up",
}
NOT_READ = {
    "yaml": "the document can't be read, so there is no object (tests of reading)",
    "decode": "reading refuses it and says why (tests of reading and test_recorded)",
}
TEMPLATES = {
    "k8s-examples-storage/_archived/storage/vitess/vttablet-pod-template.yaml": "reading takes {{uid}} for a template",
}
CLUSTER_SCOPED = {"Node", "Namespace"}


def key_of(row: dict[str, Any]) -> tuple[str, str, str]:
    """Return kind, namespace and name of a record; what is cluster-scoped has no namespace, whatever was written."""
    namespace = "" if row["kind"] in CLUSTER_SCOPED else row["namespace"] or "default"
    return row["kind"], namespace, row["name"]


def rows() -> Iterator[dict[str, Any]]:
    """Yield the records of kinds that are validated here, the last one of each object in a file."""
    last: dict[tuple[str, ...], dict[str, Any]] = {}
    for row in load("control-plane/validation_corpus.json"):
        if row["kind"] in KINDS and row.get("stage") not in NOT_READ and row["file"] not in TEMPLATES:
            last[row["file"], *key_of(row)] = row
    yield from last.values()


def by_file() -> dict[str, list[dict[str, Any]]]:
    """Return the records of each file."""
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows():
        found[row["file"]].append(row)
    return found


@cache
def answers(file: str) -> dict[tuple[str, str, str], list[tuple[str, str]]]:
    """Return what we say of each object in the file, each on its own: kind, namespace and name -> errors."""
    manifests = read_files(CORPUS / file)
    found = dict(_services(manifests))
    for item, refusals in checked_objects(manifests, 36):
        key = (item.kind, item.metadata.namespace or "", item.metadata.name)
        gone = (item.kind, item.api_version) in REMOVED
        found[key] = [("NoKindMatch", "apiVersion")] if gone else fields(refusals)
    return found


def _services(manifests: Manifests) -> Iterator[tuple[tuple[str, str, str], list[tuple[str, str]]]]:
    for given in manifests.services:
        (service,) = admit_services([given], manifests.undecodable, ClusterOptions()).services
        yield ("Service", service.namespace, service.name), fields(service.refusals)


def expected(row: dict[str, Any]) -> Counter[tuple[str, str]]:
    """Return the recorded errors that do not hang on a cluster's addresses or on fields that are not kept."""
    of_cluster = set(row.get("depends_on_cluster", ())) - {"nodeport-range"}
    errors: Sequence[dict[str, str]] = () if of_cluster else row["errors"]
    return Counter(
        (error["type"].removeprefix("FieldValue"), error["field"])
        for error in errors
        if not NOT_KEPT.search(error["field"]) and not (row["kind"] == "Job" and _not_seen(error["detail"]))
    )


def _not_seen(detail: str) -> bool:
    return any(part in detail for part in NOT_SEEN)


@pytest.mark.parametrize("file", sorted(by_file()) if HERE else ["every file"])
def test_every_object_of_a_file_fares_as_in_the_api_server(file: str) -> None:
    """Type and field of each error; objects whose name the server made up are left out."""
    found = answers(file)
    for row in by_file()[file]:
        key = key_of(row)
        if "*" in row["name"] or (not row["name"] and key not in found):
            continue
        assert Counter(found[key]) == expected(row), key
        assert (not found[key]) is accepted(row), key


def accepted(row: dict[str, Any]) -> bool:
    """Return whether the API server takes the object, but for what hangs on a cluster's addresses or a Job's uid."""
    of_cluster = set(row.get("depends_on_cluster", ())) - {"nodeport-range"}
    told = [error for error in row["errors"] if not (row["kind"] == "Job" and _not_seen(error["detail"]))]
    return bool(row["accepted"] or of_cluster or not told)


def sets() -> dict[str, list[dict[str, Any]]]:
    """Return the Services of each set in which some fare differently when all are created in one cluster."""
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows():
        if row["kind"] == "Service":
            found[row["set"]].append(row)
    return {name: some for name, some in found.items() if any(map(clashes, some))}


def clashes(row: dict[str, Any]) -> bool:
    """Return whether the Service is refused in its set, and not because it is there already."""
    return "server_in_set" in row and "AlreadyExists" not in str(row["server_in_set"])


@pytest.mark.parametrize("name", sorted(sets()) if HERE else ["every set"])
def test_clashes_inside_a_set_are_those_of_the_api_server(name: str) -> None:
    """Of two Services that ask for one number or address, the same one is refused."""
    given: dict[tuple[str, str, str], Any] = {}
    for file in dict.fromkeys(row["file"] for row in sets()[name]):
        for service in read_files(CORPUS / file).services:
            given.setdefault(("Service", service.metadata.namespace or "", service.metadata.name), service)
    admitted = admit_services(tuple(given.values()), {}, ClusterOptions())
    found = {("Service", s.namespace, s.name): fields(s.refusals) for s in admitted.services}
    for row in sets()[name]:
        if "AlreadyExists" not in str(row.get("server_in_set")):
            assert Counter(found[key_of(row)]) == expected(row | row.get("server_in_set", {})), key_of(row)
