"""Real manifests: every set loads, kinds are counted right, and decoding agrees with the API server's own code.

The sets are not part of this repository; NODEFALL_CORPUS names the folder that holds them.
"""

import json
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.real_manifests import CORPUS, HERE
from webapp.manifests import Manifests, Upload, read
from webapp.manifests.candidate_files import is_meant_as_manifest
from webapp.manifests.manifests import KINDS
from webapp.manifests.mistakes import template_language

pytestmark = pytest.mark.corpus
RECORDED = Path(__file__).parents[1] / "data" / "kubernetes" / "control-plane" / "validation_corpus.json"

# What is recognised as a mistake, or is no object, is a problem here and not a kind.
NOT_A_KIND = {"(no kind)", "Kustomization", "Cluster"}
OTHERWISE = {
    ("k8s-examples-storage", "Pod"): "one Pod is a template by its name, vttablet-{{uid}}",
    ("kube-linter-fixtures", "Deployment"): "one merges a list with <<, which kubectl refuses and PyYAML took",
    ("podinfo", "LabelTransformer"): "three overlays, each with a transformer, which makes no object",
    ("podinfo", "Namespace"): "three overlays, of which only one is read",
}


def _sets() -> list[Any]:
    entries = json.loads((CORPUS / "INDEX.json").read_text()) if HERE else [{"slug": "corpus"}]
    return [pytest.param(entry, id=entry["slug"]) for entry in entries]


@cache
def loaded(slug: str) -> Manifests:
    """Return what all files of a set come to."""
    folder = CORPUS / slug
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return read([Upload(str(path.relative_to(folder)), path.read_bytes()) for path in files])


def counted(manifests: Manifests) -> Counter[str]:
    """Return how many objects of each kind were read, later ones of the same name included."""
    kinds = Counter(manifests.not_used)
    for collection in {kind.collection for kind in KINDS.values()}:
        kinds.update(each.kind for each in getattr(manifests, collection))
    kinds.update(str(one.object).split()[0] for one in manifests.problems if one.id == "NP021")
    return Counter({kind: kinds[kind] for kind in kinds})


@pytest.mark.parametrize("entry", _sets())
def test_every_object_of_a_set_is_counted_under_its_kind(entry: dict[str, Any]) -> None:
    """As an independent script counted them; kinds of other groups with the same word are told apart here."""
    slug = entry["slug"]
    found: Counter[str] = Counter()
    for kind, count in counted(loaded(slug)).items():
        found[kind.partition(" (")[0]] += count
    expected = Counter({kind: count for kind, count in entry["kinds"].items() if kind not in NOT_A_KIND})
    differing = {kind for kind in found.keys() | expected.keys() if found[kind] != expected[kind]}
    assert differing == {kind for known, kind in OTHERWISE if known == slug}


@pytest.mark.parametrize("entry", _sets())
def test_files_that_yaml_cannot_read_are_named_with_their_line(entry: dict[str, Any]) -> None:
    """Each has a problem at libyaml's line, is one of the templates that are told together, or no manifest at all."""
    manifests = loaded(entry["slug"])
    found = {one.file: one for one in manifests.problems if one.id in {"NP001", "NP011"}}
    for error in entry["parse_errors_libyaml"]:
        if error["file"].endswith(".tpl"):
            continue
        text = (CORPUS / entry["slug"] / error["file"]).read_text("utf-8")
        if error["file"] in found:
            assert found[error["file"]].id == "NP011" or found[error["file"]].line == error["line"]
        else:
            assert template_language("", text) or not is_meant_as_manifest(text)


def _decoded() -> list[dict[str, Any]]:
    return [
        case
        for case in json.loads(RECORDED.read_text())
        if case["kind"] in KINDS and case.get("stage") not in {"yaml", "not-checked", "api-version"}
    ]


def test_the_api_server_decodes_what_we_decode() -> None:
    """All recorded objects, file by file: the same ones are undecodable, in the same words."""
    cases = _decoded()
    refused = {
        (case["file"], f"{case['kind']} {case['namespace'] or 'default'}/{case['name']}"): case["errors"][0]["detail"]
        for case in cases
        if case.get("stage") == "decode"
    }
    ours = {
        (file, label): text
        for file in {case["file"] for case in cases}
        for label, text in read([Upload(file, (CORPUS / file).read_bytes())]).undecodable.items()
    }
    assert ours == refused
