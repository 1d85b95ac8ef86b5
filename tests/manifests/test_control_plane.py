"""Decoding as the API server decodes: the recorded answers of its own code, stages ``yaml``, ``decode``, ``api-version``."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from webapp.manifests import Manifests, Upload, read
from webapp.manifests.kinds import KINDS

RECORDED = Path(__file__).parents[1] / "data" / "kubernetes" / "control-plane"
SERVICES: list[dict[str, Any]] = json.loads((RECORDED / "validation_services.json").read_text())
CORPUS: list[dict[str, Any]] = json.loads((RECORDED / "validation_corpus.json").read_text())


def loaded(case: dict[str, Any]) -> Manifests:
    """Return what the file of a Service case comes to."""
    return read([Upload("case.yaml", (RECORDED / case["file"]).read_bytes())])


@pytest.mark.parametrize("case", [pytest.param(c, id=c["case"]) for c in SERVICES if c.get("stage") == "decode"])
def test_what_the_api_server_cannot_decode_is_undecodable_in_its_own_words(case: dict[str, Any]) -> None:
    """The Service is kept, so that it can be shown as refused, with what the API server says."""
    manifests = loaded(case)
    assert list(manifests.undecodable.values()) == [case["errors"][0]["detail"]]
    assert [service.metadata.name for service in manifests.services] == [case["name"]]


@pytest.mark.parametrize(
    "case", [pytest.param(c, id=c["case"]) for c in SERVICES if c.get("stage") not in {"decode", "yaml", "api-version"}]
)
def test_what_the_api_server_can_decode_is_decodable(case: dict[str, Any]) -> None:
    """What is refused later, by allocation or validation, is none of the reader's business."""
    manifests = loaded(case)
    found = manifests.services[case.get("list_item", 0)]
    name = found.metadata.name
    assert (name, name in str(manifests.undecodable)) == (case["name"].replace("*", "1"), False if name else True)


@pytest.mark.parametrize("case", [pytest.param(c, id=c["case"]) for c in SERVICES if c.get("stage") == "api-version"])
def test_a_kind_that_its_api_version_never_had_is_refused(case: dict[str, Any]) -> None:
    """It is kept and undecodable with the words of kubectl."""
    assert list(loaded(case).undecodable.values()) == [case["errors"][0]["detail"]]
