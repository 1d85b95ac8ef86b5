"""Rules about which pods an entry point sends to: readiness, affinity, addresses that aren't ready."""

from collections.abc import Iterator

from webapp.cluster.endpoints import target_port
from webapp.findings.facts import Backend, Carrier, Facts
from webapp.findings.finding import Hit
from webapp.findings.rule import rule
from webapp.manifests.objects import Container
from webapp.manifests.problems import Severity


@rule(
    "NP225",
    Severity.WARNING,
    "No readiness probe behind an entry point",
    why="kube-proxy sends clients to the pod while it hangs and, without a startup probe, while it starts.",
    fix="Add a probe that sends the request a client would send. The remedy opens a connection, which is better than "
    "nothing; it is offered where the container declares the port.",
    source='Kubernetes, "Pod Lifecycle", container probes',
)
def no_readiness_probe(facts: Facts) -> Iterator[Hit]:
    """Yield workloads behind entry points whose serving container has no readiness probe."""
    for backend in facts.backends:
        container = _serving(backend)
        static = any(pod.static for pod in backend.pods)
        # A readiness gate, set by a load balancer's controller say, does what a probe would.
        gates = backend.carrier.spec.readiness_gates
        if container is not None and container.readiness_probe is None and not gates and not static:
            yield Hit(
                subject=backend.carrier.subject,
                path=_container_path(backend.carrier, container),
                message=f"Container {container.name} has no readinessProbe, yet it is behind {backend.names}.",
                hint="Add a probe that sends the request a client would send.",
                remedy=_with_probe(backend, container),
            )


@rule(
    "NP216",
    Severity.ERROR,
    "Readiness probe of a port name that the container lacks",
    why="The probe never succeeds, so no pod becomes an endpoint that is ready, and every connection is refused.",
    fix="The kubelet looks the name up among the ports of the probe's own container. The simulation takes the pods "
    "to be ready all the same, as it does with whatever a probe asks.",
    source="kubernetes/kubernetes pkg/probe/util.go, ResolveContainerPort",
)
def probe_of_an_unnamed_port(facts: Facts) -> Iterator[Hit]:
    """Yield workloads behind entry points with a readiness probe of a port name that its container doesn't have."""
    # The kubelet looks among the container's own ports, whatever their protocol (pkg/probe/util.go), and not at those
    # of the pod's other containers, as a service does.
    for backend in facts.backends:
        for container in backend.carrier.spec.containers:
            asked = container.readiness_probe.port_name if container.readiness_probe else ""
            if asked and all(port.name != asked for port in container.ports):
                yield Hit(
                    subject=backend.carrier.subject,
                    path=_container_path(backend.carrier, container),
                    message=f'The readinessProbe of container {container.name} connects to a port named "{asked}", '
                    "which the container lacks, so the pods never become ready. The simulation assumes they are.",
                    hint="Give the container's port that name, or the number of a port to the probe.",
                )


@rule(
    "NP228",
    Severity.WARNING,
    "Entry point to pods that aren't ready",
    why="Readiness probes and the detection of dead nodes no longer keep clients away from broken pods.",
    fix="Keep it for the headless service through which the pods find each other. `--fix` removes it.",
    source="kubernetes/api core/v1, ServiceSpec",
)
def publishes_what_is_not_ready(facts: Facts) -> Iterator[Hit]:
    """Yield entry points with publishNotReadyAddresses: pods that aren't ready get their share."""
    for selected in facts.exposed:
        if selected.service.publish_not_ready_addresses:
            # Without it what isn't ready would lose its clients, and there may be nothing else.
            harmless = all(pod.ready for pod in selected.pods) and bool(selected.pods)
            yield Hit(
                subject=selected.given,
                path="spec.publishNotReadyAddresses",
                message="publishNotReadyAddresses sends clients to pods that aren't ready, and to pods on dead nodes.",
                hint="Keep it for the headless service through which the pods find each other.",
                remedy={"spec": {"publishNotReadyAddresses": False}} if harmless else None,
                old="publishNotReadyAddresses: true" if harmless else "",
                new="",
            )


@rule(
    "NP229",
    Severity.INFO,
    "Session affinity that ends at the node",
    why="Clients that connect through several nodes may lose their session, or stay with a dead pod for longer.",
    fix="Let the load balancer send each client to one node, or keep sessions outside the pods.",
    source='Kubernetes, "Virtual IPs and Service Proxies", session affinity',
    together="{count} services have a sessionAffinity that each node keeps separately: {names}.",
)
def affinity_by_node(facts: Facts) -> Iterator[Hit]:
    """Yield entry points with sessionAffinity ClientIP and policy Cluster."""
    for selected in facts.exposed:
        service = selected.service
        # With policy Local a client that returns to its node finds the same pods there.
        if service.session_affinity == "ClientIP" and service.external_traffic_policy != "Local":
            yield Hit(
                subject=selected.given,
                path="spec.sessionAffinity",
                message="Each node keeps its own sessionAffinity: through another node, clients may reach another pod.",
                hint="Let the load balancer send each client to one node, or keep sessions outside the pods.",
            )


def _serving(backend: Backend) -> Container | None:
    """Return the container that listens on a target port: by its declaration, else the only one there is."""
    containers = backend.carrier.spec.containers
    targets = {
        target_port(backend.carrier.spec, port.target_port, port.protocol)
        for selected in backend.services
        for _, port in selected.node_ports
    }
    declaring = (c for c in containers if any(p.container_port in targets for p in c.ports))
    return next(declaring, containers[0] if len(containers) == 1 else None)


def _container_path(carrier: Carrier, container: Container) -> str:
    return f"{carrier.spec_path}.containers[{carrier.spec.containers.index(container)}]"


def _with_probe(backend: Backend, container: Container) -> dict[str, object] | None:
    """Return the patch that adds a probe of a port that the container declares and a service leads to; None without."""
    # A probe of a port at which nothing may listen would keep the pod from ever being ready.
    targets = {
        port.target_port for selected in backend.services for _, port in selected.node_ports if port.protocol == "TCP"
    }
    declared = [p for p in container.ports if (p.protocol or "TCP") == "TCP" and {p.name, p.container_port} & targets]
    if not declared:
        return None
    probe = {"tcpSocket": {"port": declared[0].name or declared[0].container_port}, "periodSeconds": 5}
    content = {"containers": [{"name": container.name, "readinessProbe": probe}]}
    return backend.carrier.patch(content)
