"""Remedies applied as kubectl would, and what clients get before and after: no remedy may make anything worse."""

import copy
from collections import Counter
from collections.abc import Iterator
from typing import Any

import yaml

from tests.findings.given import Doc
from webapp.cluster.build import build
from webapp.cluster.model import Cluster
from webapp.failure import Moment, Scenario, State, Target, state_at
from webapp.failure.kinds import FailureKind
from webapp.findings import Finding, findings
from webapp.manifests import Upload, read
from webapp.routing import outcome

_MERGED = {"containers": "name", "ports": "port", "topologySpreadConstraints": "topologyKey"}
"""Lists that a strategic merge patch merges, by their key; others are replaced."""
_MOST_NODES = 60
CLOSES = {"NP230"}
"""Rules whose remedy is to close the port that they are about."""
_NOTHING = [(0.0, 0.0)] * (_MOST_NODES + 1)
Answers = dict[tuple[str, int, int], list[tuple[float, float]]]


def merged(old: Any, new: Any, name: str = "") -> Any:
    """Return what a strategic merge patch makes of a value; null takes it away."""
    if isinstance(new, dict) and isinstance(old, dict):
        kept = {key: value for key, value in old.items() if new.get(key, 0) is not None}
        return kept | {key: merged(old.get(key), value, key) for key, value in new.items() if value is not None}
    key = _MERGED.get(name)
    if isinstance(new, list) and isinstance(old, list) and key and all(key in its for its in (*old, *new)):
        by_key = {its[key]: its for its in old}
        for its in new:
            by_key[its[key]] = merged(by_key.get(its[key]), its)
        return list(by_key.values())
    return copy.deepcopy(new)


def identity(doc: Doc) -> tuple[str, ...]:
    """Return what tells objects apart."""
    return doc["kind"], doc["metadata"]["name"], doc["metadata"].get("namespace", "default")


def mended(docs: list[Doc], remedy: Doc) -> list[Doc]:
    """Return the objects with a patch applied, or an object added; pods of a patched template are made anew."""
    if identity(remedy) not in {identity(doc) for doc in docs}:
        return [*docs, remedy]
    patched = [merged(doc, remedy) if identity(doc) == identity(remedy) else doc for doc in docs]
    return list(_restarted(patched, docs, remedy)) if "template" in remedy.get("spec", ()) else patched


def _restarted(patched: list[Doc], docs: list[Doc], remedy: Doc) -> Iterator[Doc]:
    kind, name, namespace = identity(remedy)
    owners = {key: pod.owner for key, pod in built(docs)[1].pods.items()}
    for doc in patched:
        owner = owners.get(f"{identity(doc)[2]}/{identity(doc)[1]}") if doc["kind"] == "Pod" else None
        is_old = owner is not None and (owner.kind, owner.name, owner.namespace) == (kind, name, namespace)
        if not is_old and doc["kind"] not in ("EndpointSlice", "Endpoints", "ReplicaSet"):
            yield doc


def built(docs: list[Doc]) -> tuple[tuple[Finding, ...], Cluster]:
    """Return the findings about the objects, and the cluster that they make."""
    manifests = read([Upload("all.yaml", yaml.dump_all(docs, Dumper=yaml.CSafeDumper).encode(), picked=True)])
    cluster = build(manifests)
    return findings(manifests, cluster), cluster


def answers(cluster: Cluster) -> Answers:
    """Return the shares answered by each service port: before anything, and after the loss of each node, worst first.

    Which node is the worst may change: a workload that is placed otherwise moves others.
    """
    nodes = sorted(cluster.nodes, key=lambda name: (-len(cluster.pods_on.get(name, ())), name))[:_MOST_NODES]
    losses = [
        Scenario(down=frozenset({Target(kind=FailureKind.NODE, name=name)}), at=Moment.DETECTED) for name in nodes
    ]
    before, *after = (state_at(cluster, scenario) for scenario in (Scenario(at=Moment.BEFORE), *losses))
    ports = [
        (key, index, port)
        for key, service in cluster.services.items()
        for index, port in enumerate(service.ports)
        if port.node_port is not None and service.accepted
    ]
    return {
        (key, index, port.port): [_shares(before, key, index), *sorted(_shares(s, key, index) for s in after)]
        for key, index, port in ports
    }


def _shares(state: State, key: str, index: int) -> tuple[float, float]:
    found = outcome(state, key, index)
    return found.lb or 0.0, found.dns or 0.0


def worse(old: Answers, new: Answers, closed: str = "") -> list[str]:
    """Return what clients lose, in words; ports of the service `closed` may be gone."""
    return [
        f"{key}: {was} -> {new.get(key)}"
        for key, was in old.items()
        if (key in new or key[0] != closed) and any(map(_is_less, new.get(key, _NOTHING), was))
    ]


def _is_less(now: tuple[float, float], was: tuple[float, float]) -> bool:
    return any(one < other - 1e-9 for one, other in zip(now, was, strict=True))


def harms(docs: list[Doc], id_: str = "", most: int = 100) -> list[str]:
    """Return what is wrong with the remedies of a rule, or of all: a finding that stays, clients that lose something.

    Each is applied alone, at most so many of a rule.
    """
    told, cluster = built(docs)
    old, tried, found = answers(cluster), Counter[str](), []
    for finding in told:
        if finding.remedy and id_ in ("", finding.id) and tried[finding.id] < most:
            tried[finding.id] += 1
            found += _harm(docs, finding, old)
    return found


def _harm(docs: list[Doc], finding: Finding, old: Answers) -> list[str]:
    after, cluster = built(mended(docs, yaml.safe_load(finding.remedy)))  # noqa: TID251
    stays = [f"stays: {f.fingerprint}" for f in after if f.fingerprint == finding.fingerprint]
    closed = (finding.object or "").removeprefix("Service ") if finding.id in CLOSES else ""
    return [*stays, *(f"{finding.fingerprint}: {each}" for each in worse(old, answers(cluster), closed))]
