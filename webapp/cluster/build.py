"""From manifests to the Cluster: accept services, make pods, place them, list endpoints."""

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import fields, replace
from itertools import chain
from typing import TypeVar

from webapp.cluster.admission import admit_services, is_dumped, problems_by_object, refused_objects
from webapp.cluster.assumed_pods import assumed_workloads
from webapp.cluster.assumptions import assumptions, edit_problems
from webapp.cluster.autoscaling import autoscaled
from webapp.cluster.edits import edited
from webapp.cluster.endpoints import check_endpoints, endpoints_of, family, given_endpoints, index_pods
from webapp.cluster.gates import without_gated_fields
from webapp.cluster.indexes import PodsOn, ServicesOf
from webapp.cluster.model import Cluster, Endpoint, Node, NoEndpoints, Service, ServiceKey, ServicePort
from webapp.cluster.moves import with_moved
from webapp.cluster.no_endpoints import Origins, no_endpoints, origins
from webapp.cluster.node_edits import cordoned_and_tainted, with_places
from webapp.cluster.nodes import added_nodes, counted_nodes, named_nodes, node_of
from webapp.cluster.options import ClusterOptions
from webapp.cluster.order import natural
from webapp.cluster.placement import placed_pods
from webapp.cluster.pods import bound_workloads, parallel_workloads, ref_of, replacement_policy, replicas
from webapp.cluster.quick import changed, unlisted
from webapp.cluster.scheduling.budget_index import budget_index
from webapp.cluster.steps import EarlierSteps, Steps, remember
from webapp.garbage import collection_paused
from webapp.limits import CLUSTER, TooLargeError
from webapp.manifests.manifests import Manifests
from webapp.manifests.objects import (
    EndpointSliceObject,
    EndpointsObject,
    HorizontalPodAutoscalerObject,
    NetworkPolicyObject,
    PodDisruptionBudgetObject,
    PodObject,
    WorkloadObject,
)

_Object = TypeVar(
    "_Object",
    PodObject,
    WorkloadObject,
    EndpointsObject,
    EndpointSliceObject,
    PodDisruptionBudgetObject,
    NetworkPolicyObject,
    HorizontalPodAutoscalerObject,
)


@collection_paused()
def build(manifests: Manifests, options: ClusterOptions | None = None, before: Sequence[Cluster] = ()) -> Cluster:
    """Return the cluster that the manifests describe, before any failure.

    The same manifests in another order give the same cluster. What was left open is in `assumptions`. What the API
    server refuses does not exist, but for services: they are kept, refused.

    `before` may be clusters of the same manifests under other options: what can't differ is taken from them.

    Raises:
        TooLargeError: it would have more nodes, pods, endpoints or budgets of pods than a cluster may have.

    """
    options = options or ClusterOptions()
    # Edits come first: the API server sees what their author would have applied.
    given, uploaded = edited(manifests, options.edits), manifests
    earlier = EarlierSteps(before, options, given)
    by_object = problems_by_object(given, options, *earlier.problems())
    others = tuple(chain.from_iterable(by_object.values()))
    accepted = _accepted(given, refused_objects(others) | given.undecodable.keys())
    manifests = autoscaled(without_gated_fields(accepted, options.minor_version))
    nodes = _nodes(manifests, options, uploaded)
    # Which families a Service gets follows from the cluster's, and those show in its nodes' addresses.
    families = _families(nodes)
    admitted = earlier.admitted(families) or admit_services(
        manifests.services, manifests.undecodable, options, families
    )
    # Only Services that exist can be missing their pods, so these are made up after admission.
    made_up = assumed_workloads(given, admitted.services, options.assume_pods)
    workloads = (*manifests.workloads, *(it.workload for it in made_up))
    known = earlier.placed(by_object, nodes, admitted.services, made_up)
    if known is not None:
        placed, settled = known.placed, earlier.settled(known)
    else:
        placed, settled = placed_pods(manifests, nodes, admitted.services, [it.workload for it in made_up]), {}
        placed = replace(placed, pods=with_moved(placed.pods, options.edits.moves, nodes, manifests))
    pods = placed.pods
    problems = (*given.problems, *others)
    # Rejected objects are among them: they are often why a Service has no endpoints.
    among = origins(given, problems, index_pods(pods, nodes.values()), given_endpoints(manifests), nodes)
    check_endpoints(admitted.services, among.index, among.given)
    services = _with_endpoints(admitted.services, among, settled)
    assumed = tuple(assumptions(accepted, nodes, placed, services, options, made_up))
    cluster = Cluster(
        nodes=nodes,
        pods=pods,
        services=services,
        workload_replicas={ref_of(w): replicas(w) for w in workloads if w.spec.template is not None},
        assumed_workloads={ref_of(it.workload): it.services for it in made_up},
        pod_replacement_policies={ref_of(w): policy for w in manifests.workloads if (policy := replacement_policy(w))},
        parallel_workloads=parallel_workloads(manifests.workloads),
        bound_workloads=bound_workloads(manifests.workloads),
        pods_on=PodsOn(pods),
        services_of=ServicesOf(services, pods, (*among.given.slices, *among.given.endpoints)),
        namespaces=manifests.namespaces,
        pod_disruption_budgets=manifests.pod_disruption_budgets,
        priority_classes=manifests.priority_classes,
        network_policies=manifests.network_policies,
        options=options,
        assumptions=tuple(problem.message for problem in assumed),
        problems=(
            *manifests.problems,
            *admitted.problems,
            *others,
            *assumed,
            *edit_problems(manifests, options.edits),
        ),
    )
    budget_index(cluster).check(pods)
    remember(cluster, Steps(options, given, by_object, families, admitted, nodes, made_up, placed, services))
    return cluster


def _accepted(manifests: Manifests, refused: Set[str]) -> Manifests:
    """Return the manifests without what the API server refuses: pods, workloads, endpoints and what governs them."""

    def kept(objects: Iterable[_Object]) -> tuple[_Object, ...]:
        return tuple(o for o in objects if f"{o.kind} {o.metadata.namespace}/{o.metadata.name}" not in refused)

    if not refused:
        return manifests
    return replace(
        manifests,
        pods=tuple(pod for pod in manifests.pods if is_dumped(pod) or kept([pod])),
        workloads=kept(manifests.workloads),
        endpoints=kept(manifests.endpoints),
        endpoint_slices=kept(manifests.endpoint_slices),
        pod_disruption_budgets=kept(manifests.pod_disruption_budgets),
        network_policies=kept(manifests.network_policies),
        horizontal_pod_autoscalers=kept(manifests.horizontal_pod_autoscalers),
    )


def _families(nodes: Mapping[str, Node]) -> tuple[str, ...]:
    """Return the IP families of the cluster, its first one first; IPv4 where no address is known."""
    found = dict.fromkeys(family(address) for node in nodes.values() for address in node.internal_ips)
    return (*found, *(each for each in ("IPv4", "IPv6") if each not in found))


def _nodes(manifests: Manifests, options: ClusterOptions, uploaded: Manifests) -> dict[str, Node]:
    """Return the given nodes and those that pods and endpoints name beside them; without any, so many as asked for."""
    edits = options.edits
    given = {node.name: node for node in map(node_of, manifests.nodes) if node.name}
    named = named_nodes(manifests, given)
    if edits.patches or edits.replicas or edits.moves or edits.deleted_nodes:
        # The pods that an edit takes away leave their nodes behind.
        there = {*given, *(node.name for node in named), *edits.deleted_nodes}
        named += named_nodes(uploaded, there)
    if given or named:
        named += added_nodes(name for name in edits.added_nodes if name not in given)
    named = cordoned_and_tainted(named, edits)
    known = sorted((*given.values(), *named), key=lambda node: natural(node.name))
    if not known and edits.deleted_nodes:
        # Whoever asks for the last node to be deleted is told that it is there still, not given made-up ones.
        return _nodes(uploaded, replace(options, edits=replace(edits, deleted_nodes=())), uploaded)
    if not known:
        known = list(cordoned_and_tainted(counted_nodes(options), options.edits))
    if len(known) > CLUSTER.cluster_nodes:
        raise TooLargeError(
            f"{len(known):,} nodes. More than {CLUSTER.cluster_nodes:,} nodes: nodefall doesn't draw such a cluster."
        )
    nodes = known if given else with_places(known, options.edits)
    return {node.name: node for node in nodes}


def _with_endpoints(
    services: Sequence[Service], among: Origins, settled: Mapping[ServiceKey, Service]
) -> dict[ServiceKey, Service]:
    """Return the services with their endpoints, those `settled` as they are if nothing else about them has changed."""

    def filled(service: Service) -> Service:
        if (known := settled.get(service.key)) is not None and _are_same(known, service):
            return known
        if not service.accepted or service.type == "ExternalName":
            return service
        return changed(service, ports=tuple(unlisted(port, _listing(service, port, among)) for port in service.ports))

    return {service.key: filled(service) for service in sorted(services, key=lambda s: natural(s.key))}


def _are_same(known: Service, service: Service) -> bool:
    """Return whether a service is one that is known with its endpoints."""
    others = all(getattr(known, name) == getattr(service, name) for name in _OF_SERVICE)
    ports = zip(known.ports, service.ports, strict=False)
    return others and all(changed(port, endpoints=(), no_endpoints=None) == other for port, other in ports)


_OF_SERVICE = tuple(field.name for field in fields(Service) if field.name != "ports")


def _listing(
    service: Service, port: ServicePort, among: Origins
) -> Callable[[], tuple[tuple[Endpoint, ...], NoEndpoints | None]]:
    """Return what works out the port's endpoints, or the reason why it has none."""

    def listing() -> tuple[tuple[Endpoint, ...], NoEndpoints | None]:
        endpoints = endpoints_of(service, port, among.index, among.given, among.nodes)
        return endpoints, None if endpoints else no_endpoints(service, port, among)

    return listing
