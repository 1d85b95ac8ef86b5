"""Rules about kind clusters: which nodePorts their configuration publishes on the machine."""

from collections.abc import Iterator

from webapp.cluster.model import ServicePort
from webapp.findings.facts import Facts, Selection
from webapp.findings.finding import Hit
from webapp.findings.rule import rule
from webapp.manifests.problems import Severity

Mapped = dict[tuple[int, str], int]
"""Host ports by container port and protocol."""


@rule(
    "NP237",
    Severity.WARNING,
    "nodePort that the kind configuration doesn't map",
    why="kind nodes are containers: from the machine they run on, only mapped ports are always reachable.",
    fix="Add the nodePort as a `containerPort` to `extraPortMappings` and recreate the cluster, or use a nodePort "
    "that is mapped. On Linux the nodes' own addresses also answer. Reported only where the upload has a kind "
    "configuration with `extraPortMappings`.",
    source='kind, "Configuration", extra port mappings',
)
def unmapped(facts: Facts) -> Iterator[Hit]:
    """Yield nodePorts that are no containerPort of the kind configuration's extraPortMappings, though it has some.

    kind, "Configuration", Extra Port Mappings.
    """
    mapped, files = mapped_ports(facts)
    ports = [(s, i, p) for s in facts.exposed for i, p in s.node_ports] if mapped else []
    missed = [(s, i, p) for s, i, p in ports if p.node_port_assigned or (p.node_port, p.protocol) not in mapped]
    taken = {(p.node_port, p.protocol) for _, _, p in ports}
    first, last = facts.cluster.options.node_port_range
    # What the port could become: mapped, used by nobody, and a number that the API server accepts.
    free = [each for each in mapped if each not in taken and first <= each[0] <= last]
    listed = ", ".join(
        f"{port} (host port {host})" if host else f"{port}" for (port, _), host in sorted(mapped.items())
    )
    for selected, index, port in missed:
        which = "an auto-assigned nodePort" if port.node_port_assigned else f"nodePort {port.node_port}"
        yield Hit(
            subject=selected.given,
            path=f"spec.ports[{index}].nodePort" if not port.node_port_assigned else f"spec.ports[{index}]",
            message=f"extraPortMappings in {files} maps {listed}, not {which}.",
            hint="Add it there as a containerPort and recreate the cluster, or use a nodePort that is mapped.",
            remedy=_moved(selected, port, free) if len(missed) == 1 else None,
        )


def mapped_ports(facts: Facts) -> tuple[Mapped, str]:
    """Return all mapped ports, and the files that say so; with several clusters any of them counts."""
    found: Mapped = {}
    files: dict[str, None] = {}
    for cluster in facts.manifests.kind_clusters:
        # Whether the file is of the cluster that the manifests go to, nobody says: any mapping counts.
        for each in (mapping for node in cluster.nodes for mapping in node.extra_port_mappings):
            if each.container_port is not None:
                found[each.container_port, (each.protocol or "TCP").upper()] = each.host_port or 0
                files[cluster.source.file] = None
    return found, ", ".join(files)


def _moved(selected: Selection, port: ServicePort, free: list[tuple[int, str]]) -> dict[str, object] | None:
    """Return the patch to the only mapped port that is left, if there is just one."""
    fitting = [number for number, protocol in free if protocol == port.protocol]
    # The patch merge key of ports is `port`: of two with one number a patch would change both.
    alone = sum(each.port == port.port for each in selected.service.ports) == 1
    return {"spec": {"ports": [{"port": port.port, "nodePort": fitting[0]}]}} if alone and len(fitting) == 1 else None
