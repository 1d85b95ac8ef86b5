"""EndpointSlices and Endpoints."""

from typing import Any

import pytest

from tests.cluster.given import SOURCE, fields, metadata, record
from webapp.cluster.validation.endpoints import endpoint_slice_faults, endpoints_faults
from webapp.manifests.objects import (
    EndpointHints,
    EndpointPort,
    EndpointSliceObject,
    EndpointsObject,
    EndpointSubset,
    ForName,
    SliceEndpoint,
)


def of_slice(address_type: str = "IPv4", ports: Any = (), **endpoint: Any) -> list[tuple[str, str]]:
    """Return what is wrong with an EndpointSlice of one endpoint."""
    given = EndpointSliceObject(
        metadata=metadata(),
        address_type=address_type,
        endpoints=(record(SliceEndpoint, {"addresses": ["10.1.0.1"], **endpoint}),),
        ports=tuple(record(EndpointPort, port) for port in ports),
        source=SOURCE,
    )
    return fields(endpoint_slice_faults(given, 36))


def of_subset(**subset: Any) -> list[tuple[str, str]]:
    """Return what is wrong with Endpoints of one subset."""
    one = record(EndpointSubset, subset)
    return fields(endpoints_faults(EndpointsObject(metadata=metadata(), subsets=(one,), source=SOURCE), 36))


def test_a_plain_slice_is_fine() -> None:
    """One address, one port."""
    assert of_slice(ports=[{"name": "http", "port": 80, "protocol": "TCP"}], nodeName="node-1") == []


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param({"address_type": ""}, [("Required", "addressType")], id="no address type"),
        pytest.param({"address_type": "IP"}, [("NotSupported", "addressType")], id="no such address type"),
        pytest.param({"addresses": []}, [("Required", "endpoints[0].addresses")], id="no address"),
        pytest.param(
            {"addresses": ["a"] * 101, "address_type": "FQDN"}, [("TooMany", "endpoints[0].addresses")], id="101"
        ),
        pytest.param({"addresses": ["2001:db8::1"]}, [("Invalid", "endpoints[0].addresses[0]")], id="the other family"),
        pytest.param({"addresses": ["127.0.0.1"]}, [("Invalid", "endpoints[0].addresses[0]")], id="loopback"),
        pytest.param({"hostname": "A"}, [("Invalid", "endpoints[0].hostname")], id="no host name"),
        pytest.param({"nodeName": "A"}, [("Invalid", "endpoints[0].nodeName")], id="no node's name"),
        pytest.param(
            {"hints": {"forNodes": [{"name": "A"}]}}, [("Invalid", "endpoints[0].hints.forNodes[0].name")], id="a hint"
        ),
        pytest.param(
            {"hints": {"forZones": [{"name": "a"}, {"name": "a"}]}},
            [("Duplicate", "endpoints[0].hints.forZones[1]")],
            id="a zone twice",
        ),
        pytest.param({"ports": [{"name": "A"}]}, [("Invalid", "ports[0].name")], id="no port's name"),
        pytest.param({"ports": [{}, {}]}, [("Duplicate", "ports[1].name")], id="two ports without a name"),
        pytest.param({"ports": [{"protocol": "tcp"}]}, [("NotSupported", "ports[0].protocol")], id="no protocol"),
    ],
)
def test_defects_of_a_slice(given: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    """Each is found in its field."""
    assert of_slice(**given) == expected


def test_a_slice_holds_a_thousand_endpoints() -> None:
    """One more is refused as a whole."""
    many = (SliceEndpoint(addresses=("10.1.0.1",)),) * 1001
    given = EndpointSliceObject(metadata=metadata(), address_type="IPv4", endpoints=many, source=SOURCE)
    assert fields(endpoint_slice_faults(given, 36)) == [("TooMany", "endpoints")]


@pytest.mark.parametrize(("name", "field"), [("for_zones", "forZones"), ("for_nodes", "forNodes")])
def test_an_endpoint_has_hints_for_eight(name: str, field: str) -> None:
    """With 500 each, and 500 endpoints, one picture took over a minute."""
    for number, expected in ((8, []), (9, [("TooMany", f"endpoints[0].hints.{field}")])):
        hints = EndpointHints(**{name: tuple(ForName(name=f"a{i}") for i in range(number))})
        endpoint = SliceEndpoint(addresses=("10.1.0.1",), hints=hints)
        given = EndpointSliceObject(metadata=metadata(), address_type="IPv4", endpoints=(endpoint,), source=SOURCE)
        assert fields(endpoint_slice_faults(given, 36)) == expected


def test_a_slice_has_twenty_thousand_ports() -> None:
    """One more is refused as a whole."""
    ports = tuple(EndpointPort(name=f"p{number}", port=80) for number in range(20_001))
    given = EndpointSliceObject(metadata=metadata(), address_type="IPv4", ports=ports, source=SOURCE)
    assert fields(endpoint_slice_faults(given, 36)) == [("TooMany", "ports")]


@pytest.mark.parametrize(
    ("subset", "expected"),
    [
        pytest.param({"addresses": [{"ip": "10.1.0.1"}], "ports": [{"port": 80}]}, [], id="nothing wrong"),
        pytest.param({}, [("Required", "subsets[0]")], id="no address at all"),
        pytest.param({"addresses": [{"ip": "127.0.0.1"}]}, [("Invalid", "subsets[0].addresses[0].ip")], id="loopback"),
        pytest.param(
            {"notReadyAddresses": [{"ip": "no"}]},
            [("Invalid", "subsets[0].notReadyAddresses[0].ip")] * 2,
            id="no address, said twice as by the API server",
        ),
        pytest.param(
            {"addresses": [{"ip": "10.1.0.1", "hostname": "A", "nodeName": "A"}]},
            [("Invalid", "subsets[0].addresses[0].hostname"), ("Invalid", "subsets[0].addresses[0].nodeName")],
            id="names in upper case",
        ),
        pytest.param(
            {"addresses": [{"ip": "10.1.0.1"}], "ports": [{"port": 80}, {"name": "B", "port": 0, "protocol": "x"}]},
            [
                ("Required", "subsets[0].ports[0].name"),
                ("Invalid", "subsets[0].ports[1].name"),
                ("Invalid", "subsets[0].ports[1].port"),
                ("NotSupported", "subsets[0].ports[1].protocol"),
            ],
            id="ports",
        ),
    ],
)
def test_endpoints(subset: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    """ValidateEndpoints."""
    assert of_subset(**subset) == expected
