"""What a real kube-proxy did: each recorded scenario that a manifest can describe, simulated and compared.

The shares observed are samples, so a difference of up to four standard deviations is chance (the recording's own rule).
"""

import json
from functools import cache
from math import sqrt
from pathlib import Path
from typing import Any

import pytest

from webapp.cluster.build import build
from webapp.cluster.model import Cluster
from webapp.cluster.options import ClusterOptions
from webapp.failure import state_at
from webapp.failure.words import decode
from webapp.manifests import Upload, read
from webapp.routing import Entry, outcome

LAB = Path(__file__).parents[1] / "data" / "kubernetes" / "lab"
RECORDS: list[dict[str, Any]] = json.loads((LAB / "observations.json").read_text())
APPLY = [record for record in RECORDS if not record["beyondManifest"]]
SAME_FAILURE = {"timeout": "timeout", "host-unreachable": "timeout", "refused": "refused"}


def test_records_are_left_out_only_for_what_no_manifest_shows() -> None:
    """A process that doesn't listen, an address that is gone, a stopped kube-proxy: said by the record itself."""
    known = {"not_listening", "kube_proxy_never_ran", "address_gone", "icmp_rate_limits", "partition"}
    known |= {"other_listeners", "kube_proxy_stopped_before_last_change"}
    assert {why for record in RECORDS for why in record["beyondManifest"]} <= known
    assert len(APPLY) >= 160


@cache
def _cluster(manifest: str, mode: str, addresses: str) -> Cluster:
    manifests = read([Upload(name=manifest, data=(LAB / manifest).read_bytes())])
    assert not [p for p in manifests.problems if p.severity == "error"]
    options = ClusterOptions(proxy_mode=mode, nodeport_addresses=tuple(addresses.split(",")) if addresses else ())
    return build(manifests, options)


def _addresses(given: Any) -> str:
    return ",".join(given) if isinstance(given, list) else given or ""


def _entries(record: dict[str, Any]) -> dict[tuple[str, int, str, str | None], Entry]:
    """Return the entries by node, nodePort, protocol and address."""
    cluster = _cluster(record["manifest"], record["proxyMode"], _addresses(record["nodeportAddresses"]))
    words = [("down", f"node/{name}") for name in record["down"] if name in cluster.nodes]
    state = state_at(cluster, decode([*words, ("at", "failed")], cluster))
    return {
        (entry.node, port.node_port, port.protocol, entry.address): entry
        for service in cluster.services.values()
        for index, port in enumerate(service.ports)
        if port.node_port is not None
        for entry in outcome(state, service.key, index).entries
    }


def _by_pod(entry: Entry, cluster: Cluster) -> dict[str, float]:
    return {key.split("/")[-1] if key in cluster.pods else key: share for key, share in entry.shares.items()}


@pytest.mark.parametrize("record", APPLY, ids=lambda record: f"{record['proxyMode']}: {record['name']}")
def test_nodefall_agrees_with_a_real_kube_proxy(record: dict[str, Any]) -> None:
    """Who answers and how often, how the rest fails, which pods are asked, and what address they saw."""
    entries = _entries(record)
    cluster = _cluster(record["manifest"], record["proxyMode"], _addresses(record["nodeportAddresses"]))
    for row in record["rows"]:
        entry = entries.get((row["node"], row["port"], row["protocol"], row["address"]))
        if entry is not None:
            _compare(row, entry, record)
        else:
            assert row["answered"] == 0, row
            assert SAME_FAILURE[row["failure"]] == _failure_without_entry(row, cluster), row


def _failure_without_entry(row: dict[str, Any], cluster: Cluster) -> str:
    """Return how a connection fails that no entry point is for: the node is gone, or no service opens the port."""
    node = cluster.nodes.get(row["node"])
    if node is None:
        return "timeout"
    assert row["address"] == node.internal_ips[0], "entries are at the primary address"
    opened = {(port.node_port, port.protocol) for s in cluster.services.values() for port in s.ports}
    assert (row["port"], row["protocol"]) not in opened, row
    return "refused"


def _compare(row: dict[str, Any], entry: Entry, record: dict[str, Any]) -> None:
    cluster = _cluster(record["manifest"], record["proxyMode"], _addresses(record["nodeportAddresses"]))
    shares = {name: share for name, share in _by_pod(entry, cluster).items() if share}
    assert set(row["byPod"]) <= set(shares), row
    if not record["name"].startswith("affinity"):
        slack = 4 * sqrt(entry.answered * (1 - entry.answered) / row["attempts"])
        assert abs(entry.answered - row["answered"]) <= slack + 1e-9, row
        for name, count in row["byPod"].items():
            assert abs(count / row["attempts"] - shares[name]) <= 4 * sqrt(0.25 / row["attempts"]), row
    if row["answered"] == 0:
        assert entry.result.value == SAME_FAILURE[row["failure"]], row
    if row["clientIP"]:
        assert entry.client_ip == row["clientIP"], row
