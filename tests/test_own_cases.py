"""Manifests of our own with what Kubernetes makes of them: read, built and simulated as on the command line."""

import json
from math import isclose
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from webapp.cli import cli

CASES = Path(__file__).parent / "data" / "kubernetes" / "own_cases"
EXPECTED: list[dict[str, Any]] = json.loads((CASES / "expected.json").read_text())


def _simulated(case: dict[str, Any]) -> dict[str, Any]:
    path = str(CASES / f"{case['name']}.yaml")
    result = CliRunner().invoke(cli, ["simulate", path, *case["options"], "--output", "json"])
    assert result.exit_code == 0, result.output
    document: dict[str, Any] = json.loads(result.stdout)
    return document


@pytest.mark.parametrize("case", EXPECTED, ids=lambda case: case["name"])
def test_nodefall_does_what_kubernetes_does(case: dict[str, Any]) -> None:
    """The outcome at every node, who gets which share, and how a drain ends; `means` says it in words."""
    document = _simulated(case)
    found = {
        f"{service['name']}:{port['port']}": {entry["node"]: entry for entry in port["entries"]}
        for service in document["services"]
        for port in service["ports"]
    }
    assert found.keys() == case["entries"].keys()
    for name, expected in case["entries"].items():
        assert {node: entry["outcome"] for node, entry in found[name].items()} == {
            node: entry["outcome"] for node, entry in expected.items()
        }, case["means"]
        for node, entry in expected.items():
            _same_shares(found[name][node]["endpoints"], entry["endpoints"])
    assert {drain["node"]: drain["result"] for drain in document["drains"]} == case.get("drains", {})


def _same_shares(found: dict[str, float], expected: dict[str, float]) -> None:
    assert found.keys() == expected.keys()
    assert all(isclose(found[key], share) for key, share in expected.items())
