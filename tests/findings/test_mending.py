"""Each remedy mends what it is for: applied as kubectl would, it leaves nothing of its finding."""

import copy
from typing import Any

import pytest
import yaml

from tests.findings.given import Doc, found
from tests.findings.test_rules import SPEAKING

MERGED = {"containers": "name", "ports": "port", "initContainers": "name"}
"""Lists that a strategic merge patch merges, by their key; others are replaced."""


def merged(old: Any, new: Any, name: str = "") -> Any:
    """Return what a strategic merge patch makes of a value; null takes it away."""
    if isinstance(new, dict) and isinstance(old, dict):
        kept = {key: value for key, value in old.items() if new.get(key, 0) is not None}
        return kept | {key: merged(old.get(key), value, key) for key, value in new.items() if value is not None}
    key = MERGED.get(name)
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
    """Return the objects with a patch applied, or an object added."""
    if identity(remedy) not in {identity(doc) for doc in docs}:
        return [*docs, remedy]
    return [merged(doc, remedy) if identity(doc) == identity(remedy) else doc for doc in docs]


@pytest.mark.parametrize(("id_", "docs"), SPEAKING)
def test_a_remedy_mends_its_finding(id_: str, docs: list[Doc]) -> None:
    """All of the rule applied, it keeps silent about what they were for; where there is none, words say what to do."""
    told = [finding for finding in found(*docs) if finding.id == id_]
    assert all(finding.hint or finding.remedy for finding in told)
    for finding in told:
        docs = mended(docs, yaml.safe_load(finding.remedy)) if finding.remedy else docs  # noqa: TID251
    left = {finding.fingerprint for finding in found(*docs) if finding.id == id_}
    assert not left & {finding.fingerprint for finding in told if finding.remedy}
