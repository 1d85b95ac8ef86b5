"""Small clusters drawn at random, odd ones included, for the tests of resilience."""

from typing import Any

from hypothesis import strategies as st

from webapp.cluster.hints import with_hints
from webapp.cluster.model import Cluster, Endpoint, Node, Pod, Service, ServicePort
from webapp.cluster.options import ClusterOptions
from webapp.manifests.objects import PodSpec

ZONE = "topology.kubernetes.io/zone"
EXCLUDED = "node.kubernetes.io/exclude-from-external-load-balancers"
KEY = "default/web"


@st.composite
def nodes(draw: st.DrawFn) -> dict[str, Node]:
    """Draw up to five nodes; some have no zone, no address, or are no targets of balancers."""
    return {name: draw(_node(i)) for i, name in enumerate(f"n{i}" for i in range(1, draw(st.integers(1, 5)) + 1))}


@st.composite
def _node(draw: st.DrawFn, number: int) -> Node:
    zone = draw(st.sampled_from(["a", "b", "c", None]))
    labels = {**({ZONE: zone} if zone else {}), **({EXCLUDED: ""} if draw(st.integers(0, 4)) == 0 else {})}
    addresses = draw(st.sampled_from([(f"192.168.0.{number}",)] * 5 + [(f"fd00::{number + 1}",), ()]))
    return Node(
        name=f"n{number + 1}",
        zone=zone,
        labels=labels,
        internal_ips=addresses,
        allocatable={"cpu": draw(st.sampled_from(["2", "8"]))},
        control_plane=draw(st.integers(0, 3)) == 0,
    )


@st.composite
def clusters(draw: st.DrawFn) -> Cluster:
    """Draw a cluster with one service whose endpoints may be of any kind."""
    known = draw(nodes())
    odd = draw(st.booleans())
    listed = tuple(draw(_endpoint(i, tuple(known), odd=odd)) for i in range(draw(st.integers(0, 5))))
    fields: dict[str, Any] = {
        "external_traffic_policy": draw(st.sampled_from(["Cluster", "Local"])),
        "publish_not_ready_addresses": odd and draw(st.booleans()),
        "traffic_distribution": draw(st.sampled_from([None, None, "PreferSameZone", "PreferSameNode"])),
        "topology_mode": draw(st.sampled_from([None, None, "Auto"])),
        "proxied": draw(st.integers(0, 9)) > 0,
        "ip_families": draw(st.sampled_from([("IPv4",), ("IPv4", "IPv6")])),
    }
    service = Service(namespace="default", name="web", type="NodePort", selector={"app": "web"}, **fields)
    port = ServicePort(port=80, target_port=80, node_port=30080, endpoints=with_hints(listed, service, known))
    pods = [
        Pod(namespace="default", name=e.pod.partition("/")[2], spec=PodSpec(), node=e.home) for e in listed if e.pod
    ]
    options = ClusterOptions(nodeport_addresses=draw(st.sampled_from([(), (), ("192.168.0.0/31",)])))
    filled = Service(namespace="default", name="web", type="NodePort", ports=(port,), **fields)
    return Cluster(nodes=known, pods={p.key: p for p in pods}, services={KEY: filled}, options=options)


@st.composite
def _endpoint(draw: st.DrawFn, number: int, names: tuple[str, ...], *, odd: bool) -> Endpoint:
    on = draw(st.sampled_from([*names, *((None, "elsewhere") if odd else ())]))
    zone = draw(st.sampled_from(["a", "b", None]))
    ready = draw(st.integers(0, 3)) > 0
    managed = not odd or draw(st.booleans())
    address = draw(st.sampled_from([f"10.0.0.{number}", "192.168.0.1", f"fd01::{number + 1}"])) if odd else None
    return Endpoint(
        pod=None if odd and address and draw(st.booleans()) else f"default/web-{number}",
        address=address,
        port=80,
        node=on,
        ready=ready,
        serving=ready or draw(st.booleans()),
        terminating=not ready and draw(st.booleans()),
        zone=zone,
        zone_hints=frozenset({zone}) if odd and zone and draw(st.booleans()) else frozenset(),
        managed=managed,
        elsewhere=None if managed else draw(st.sampled_from([None, None, *(name for name in names if name != on)])),
    )
