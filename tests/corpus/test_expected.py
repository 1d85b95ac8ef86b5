"""Real manifests that people wrote: ports and endpoint counts as an independent script worked them out."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from webapp.cluster.build import build
from webapp.cluster.model import Cluster, Service, ServicePort
from webapp.files import uploads
from webapp.manifests import read

pytestmark = pytest.mark.corpus
CORPUS = os.environ.get("NODEFALL_CORPUS")


def _cases() -> list[Any]:
    if not CORPUS:
        reason = "NODEFALL_CORPUS names no folder of real manifests"
        return [pytest.param("", {}, id="corpus", marks=pytest.mark.skip(reason=reason))]
    expected = json.loads((Path(CORPUS) / "expected.json").read_text())
    return [
        pytest.param(slug, case, id=f"{slug}: {', '.join(case['subset'] or ['all'])}")
        for slug, found in expected.items()
        if slug != "_rules"
        for case in found["cases"]
    ]


def _cluster(slug: str, case: dict[str, Any]) -> Cluster:
    folder = Path(CORPUS or "") / slug
    patterns = case["subset"] or []
    paths = [str(path) for pattern in patterns for path in sorted(folder.glob(pattern))] or [str(folder)]
    return build(read(uploads(paths, render=False)))


@pytest.mark.parametrize(("slug", "case"), _cases())
def test_ports_and_endpoints_of_real_manifests(slug: str, case: dict[str, Any]) -> None:
    """Every service listed has these ports, these node ports and so many pods behind it."""
    cluster = _cluster(slug, case)
    for expected in case["services"]:
        service = cluster.services[expected["service"]]
        for given in expected["ports"]:
            port = _port(service, given)
            assert _node_port(port) == given["nodePort"] or not service.accepted, expected
            if service.accepted and isinstance(expected["endpoint_pods"], int):
                assert len({e.pod for e in port.endpoints if e.pod}) == expected["endpoint_pods"], expected


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
