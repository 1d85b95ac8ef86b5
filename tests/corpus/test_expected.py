"""Real manifests that people wrote: ports and endpoint counts as an independent script worked them out."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from tests.real_manifests import CORPUS, HERE
from webapp.cli import cli
from webapp.cluster.build import build
from webapp.cluster.model import Service, ServicePort
from webapp.files import uploads
from webapp.manifests import read

pytestmark = pytest.mark.corpus
NONE: dict[str, Any] = {"corpus": {"cases": [{"subset": [], "exit": 2}]}}


def _cases() -> list[Any]:
    expected = json.loads((CORPUS / "expected.json").read_text()) if HERE else NONE
    return [
        pytest.param(slug, case, id=f"{slug}: {', '.join(case['subset'] or ['all'])}")
        for slug, found in expected.items()
        if slug != "_rules"
        for case in found["cases"]
    ]


def _paths(slug: str, case: dict[str, Any]) -> list[str]:
    folder = CORPUS / slug
    patterns = case["subset"] or []
    return [str(path) for pattern in patterns for path in sorted(folder.glob(pattern))] or [str(folder)]


@pytest.mark.parametrize(("slug", "case"), _cases())
def test_ports_and_endpoints_of_real_manifests(slug: str, case: dict[str, Any]) -> None:
    """Every service listed is accepted or not, has these ports, these node ports and so many pods behind it."""
    cluster = build(read(uploads(_paths(slug, case), render=False)))
    for expected in case["services"]:
        service = cluster.services[expected["service"]]
        assert service.accepted is expected.get("accepted", True), expected
        if service.accepted:
            for given in expected["ports"]:
                _compare(_port(service, given), given, expected, len(cluster.nodes))
        else:
            told = {problem.id for problem in cluster.problems if problem.object == f"Service {service.key}"}
            assert expected["refusal"] in told
            assert not any(port.endpoints for port in service.ports)


def _compare(port: ServicePort, given: dict[str, Any], expected: dict[str, Any], nodes: int) -> None:
    assert _node_port(port) == given["nodePort"], expected
    if "endpoints" in expected:
        assert sum(endpoint.ready for endpoint in port.endpoints) == expected["endpoints"], expected
        return
    pods = nodes if expected["endpoint_pods"] == "1 per eligible node" else expected["endpoint_pods"]
    assert len({endpoint.pod for endpoint in port.endpoints}) == pods, expected
    if given["targetPort_resolved"] is not None:
        assert {endpoint.port for endpoint in port.endpoints} <= {given["targetPort_resolved"]}, expected


@pytest.mark.parametrize(("slug", "case"), [each for each in _cases() if "exit" in each.values[1]])
def test_what_cannot_be_read_is_said_and_exits_with_2(slug: str, case: dict[str, Any]) -> None:
    """With the id of the problem, its file and line, where the files are named by hand."""
    files = sorted(str(file) for path in _paths(slug, case) for file in (Path(path), *Path(path).rglob("*")))
    result = CliRunner().invoke(cli, ["simulate", *filter(os.path.isfile, files), "--no-render"])
    assert result.exit_code == case["exit"]
    for code, file, line in case["problems"]:
        where = f"{slug}/{file}:{line}" if file else ""
        assert any(code in told and where in told for told in result.output.splitlines()), (code, file, line)


def _port(service: Service, given: dict[str, Any]) -> ServicePort:
    (port,) = (
        port
        for port in service.ports
        if (port.port, port.protocol) == (given["port"], given["protocol"]) and given["name"] in (None, port.name)
    )
    return port


def _node_port(port: ServicePort) -> int | str:
    if port.node_port is None:
        return "none"
    return "auto" if port.node_port_assigned else port.node_port
