"""A cluster written down as `kubectl get nodes,pods,services,endpointslices -o json` would show it."""

import json
from typing import Any

from webapp.cluster.model import Cluster, Endpoint, Node, Pod, Service, ServicePort

Plain = dict[str, Any]


def dump(cluster: Cluster) -> bytes:
    """Return the dump; pods without an address get one each."""
    ips = {key: f"10.{i // 62500 + 1}.{i // 250 % 250}.{i % 250 + 1}" for i, key in enumerate(cluster.pods)}
    items = [_node(node) for node in cluster.nodes.values()]
    items += [_pod(pod, ips[pod.key]) for pod in cluster.pods.values()]
    items += [_service(service) for service in cluster.services.values() if service.accepted]
    items += [
        _slice(service, port, index, ips)
        for service in cluster.services.values()
        for index, port in enumerate(service.ports)
        if service.accepted and service.type != "ExternalName"
    ]
    return json.dumps({"apiVersion": "v1", "kind": "List", "items": items}).encode()


def _node(node: Node) -> Plain:
    addresses = [{"type": "InternalIP", "address": ip} for ip in node.internal_ips]
    addresses += [{"type": "ExternalIP", "address": ip} for ip in node.external_ips]
    taints = [{"key": t.key, "value": t.value, "effect": t.effect} for t in node.taints]
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": node.name, "labels": dict(node.labels)},
        "spec": {"taints": taints, "unschedulable": node.unschedulable},
        "status": {
            "addresses": addresses,
            "allocatable": dict(node.allocatable) or {"cpu": "1000000", "memory": "1Pi", "pods": "110"},
            "conditions": [{"type": "Ready", "status": "True" if node.ready else "False"}],
        },
    }


def _pod(pod: Pod, ip: str) -> Plain:
    placed = pod.node is not None
    status: Plain = {"phase": pod.phase, "conditions": [{"type": "Ready", "status": str(pod.ready)}]}
    if placed:
        status |= {"podIP": pod.ips[0] if pod.ips else ip, "podIPs": [{"ip": i} for i in pod.ips or (ip,)]}
    owner = pod.owner
    owners = [{"kind": owner.kind, "name": owner.name, "controller": True, "apiVersion": "apps/v1"}] if owner else []
    meta: Plain = {
        "name": pod.name,
        "namespace": pod.namespace,
        "labels": dict(pod.labels),
        "ownerReferences": owners,
    }
    if pod.terminating:
        meta["deletionTimestamp"] = "2026-01-01T00:00:00Z"
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": meta,
        "spec": {"nodeName": pod.node, "containers": [{"name": "main", "image": "nginx"}]},
        "status": status,
    }


def _service(service: Service) -> Plain:
    ports = [
        {
            "name": port.name,
            "protocol": port.protocol,
            "port": port.port,
            "targetPort": port.target_port,
            "nodePort": port.node_port,
        }
        for port in service.ports
    ]
    spec = {
        "type": service.type,
        "selector": dict(service.selector),
        "ports": ports,
        "externalTrafficPolicy": service.external_traffic_policy,
        "internalTrafficPolicy": service.internal_traffic_policy,
        "publishNotReadyAddresses": service.publish_not_ready_addresses,
        "trafficDistribution": service.traffic_distribution,
        "clusterIP": "None" if service.headless else None,
        "externalName": "example.com" if service.type == "ExternalName" else None,
    }
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": service.name, "namespace": service.namespace},
        "spec": {key: value for key, value in spec.items() if value is not None},
    }


def _slice(service: Service, port: ServicePort, index: int, ips: dict[str, str]) -> Plain:
    managed = {"endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io"} if service.selector else {}
    return {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": {
            "name": f"{service.name}-{index}",
            "namespace": service.namespace,
            "labels": {"kubernetes.io/service-name": service.name} | managed,
        },
        "addressType": "IPv4",
        "ports": [{"name": port.name, "protocol": port.protocol, "port": e} for e in _numbers(port)][:1],
        "endpoints": [_endpoint(endpoint, ips) for endpoint in port.endpoints],
    }


def _numbers(port: ServicePort) -> list[int]:
    return list(dict.fromkeys(endpoint.port for endpoint in port.endpoints)) or [port.port]


def _endpoint(endpoint: Endpoint, ips: dict[str, str]) -> Plain:
    namespace, _, name = (endpoint.pod or "").partition("/")
    found: Plain = {
        "addresses": [endpoint.address or ips[endpoint.pod or ""]],
        "conditions": {"ready": endpoint.ready, "serving": endpoint.serving, "terminating": endpoint.terminating},
        "nodeName": endpoint.node,
        "zone": endpoint.zone,
        "hints": {
            "forZones": [{"name": zone} for zone in sorted(endpoint.zone_hints)],
            "forNodes": [{"name": node} for node in sorted(endpoint.node_hints)],
        },
    }
    if endpoint.pod:
        found["targetRef"] = {"kind": "Pod", "namespace": namespace, "name": name}
    return found
