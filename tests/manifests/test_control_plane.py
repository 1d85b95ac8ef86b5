"""Decoding as the API server decodes: the recorded answers of its own code."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from webapp.manifests import Manifests, Upload, read

RECORDED = Path(__file__).parents[1] / "data" / "kubernetes" / "control-plane"
SERVICES: list[dict[str, Any]] = json.loads((RECORDED / "validation_services.json").read_text())


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
    assert (found.metadata.name, dict(manifests.undecodable)) == (case["name"].replace("*", "1"), {})


@pytest.mark.parametrize("case", [pytest.param(c, id=c["case"]) for c in SERVICES if c.get("stage") == "yaml"])
def test_what_is_no_yaml_to_the_api_server_is_none_to_us(case: dict[str, Any]) -> None:
    """NP001, and nothing is read."""
    manifests = loaded(case)
    assert ([one.id for one in manifests.problems], manifests.services) == (["NP001"], ())


@pytest.mark.parametrize("case", [pytest.param(c, id=c["case"]) for c in SERVICES if c.get("strict_errors")])
def test_what_strict_validation_refuses_is_told(case: dict[str, Any]) -> None:
    """Unknown fields: a warning with kubectl's words as its hint."""
    hints = [one.hint for one in loaded(case).problems if one.id == "NP010"]
    assert [hint.partition("kubectl says: ")[2].rstrip(".") for hint in hints] == case["strict_errors"]


@pytest.mark.parametrize("case", [pytest.param(c, id=c["case"]) for c in SERVICES if c.get("yaml_strict_error")])
def test_keys_that_strict_yaml_refuses_are_told(case: dict[str, Any]) -> None:
    """At the lines that Go names, except what a merge brought in: that is no second key."""
    told = [one.line for one in loaded(case).problems if one.id == "NP020"]
    named = [int(line) for line in re.findall(r"line (\d+)", case["yaml_strict_error"])]
    assert told == ([] if "merge" in case["case"] else named)


@pytest.mark.parametrize("case", [pytest.param(c, id=c["case"]) for c in SERVICES if c.get("stage") == "api-version"])
def test_a_kind_that_its_api_version_never_had_is_refused(case: dict[str, Any]) -> None:
    """It is kept and undecodable with the words of kubectl."""
    assert list(loaded(case).undecodable.values()) == [case["errors"][0]["detail"]]
