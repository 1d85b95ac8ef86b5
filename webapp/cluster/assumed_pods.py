"""Assumed pods: what stands behind a Service whose pods are not in the upload, where nothing in it could be them.

They are the pods of a made-up ReplicaSet with the selector as its labels, so the scheduler places them and a failure
ends and recreates them as it would a Deployment's. A selector that nearly matches something given is a mistake to be
shown, so there nothing is assumed.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType

from webapp.cluster.endpoints import given_endpoints
from webapp.cluster.model import Cluster, Service, ServiceKey
from webapp.cluster.order import natural
from webapp.cluster.pods import controller_of
from webapp.cluster.remembered import once_per_cluster
from webapp.lazy import lazy
from webapp.manifests.catalogue import UNREAD
from webapp.manifests.manifests import Manifests
from webapp.manifests.objects import (
    Container,
    ContainerPort,
    Labels,
    LabelSelector,
    ObjectMeta,
    PodSpec,
    PodTemplate,
    ServiceObject,
    Source,
    WorkloadObject,
    WorkloadSpec,
)
from webapp.records import dataclass

_KIND = "ReplicaSet"
_POD_NAME = "statefulset.kubernetes.io/pod-name"
# By kind: labels that pods get although no template has them (Kubernetes, "Well-Known Labels, Annotations and Taints";
# Argo Rollouts; OpenShift).
_SET_BY_CONTROLLERS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "Deployment": ("pod-template-hash",),
        "ReplicaSet": ("pod-template-hash",),
        "Rollout": ("rollouts-pod-template-hash",),
        "StatefulSet": (_POD_NAME, "apps.kubernetes.io/pod-index", "controller-revision-hash"),
        "DaemonSet": ("controller-revision-hash", "pod-template-generation"),
        "DeploymentConfig": ("deployment", "deploymentconfig"),
        "Job": ("batch.kubernetes.io/job-name", "batch.kubernetes.io/controller-uid", "job-name", "controller-uid"),
        "CronJob": ("batch.kubernetes.io/job-name", "batch.kubernetes.io/controller-uid", "job-name", "controller-uid"),
    }
)
_ANYWHERE = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AssumedWorkload:
    """A made-up ReplicaSet, and the services that select its pods."""

    workload: WorkloadObject
    services: tuple[ServiceKey, ...]

    @property
    def named_ports(self) -> tuple[ContainerPort, ...]:
        """The ports that its pods have because a targetPort names them."""
        template = self.workload.spec.template
        ports = template.spec.containers[0].ports if template else ()
        return tuple(port for port in ports if port.name)


def assumed_workloads(manifests: Manifests, services: Sequence[Service], count: int) -> tuple[AssumedWorkload, ...]:
    """Return a workload of `count` pods for each selector that nothing given matches or could match.

    `manifests` hold what the API server rejects, too: a rejected Deployment is still the one that was meant. One pod
    can stand behind several services: the selectors with the most labels come first, and a service that selects pods
    assumed for another gets none of its own. Where the selector names a pod of a StatefulSet, one pod is all there is.
    """
    if not count or any(problem.id in UNREAD for problem in manifests.problems):
        return ()  # a document that could not be read may hold the pods
    selecting_pods = [*filter(_has_selector, services)]
    given = _Given.of(manifests, selecting_pods)
    lonely = [service for service in selecting_pods if not given.could_be_behind(service)]
    lonely.sort(key=lambda service: natural(service.key))
    made = _LabelSets()
    for service in sorted(lonely, key=lambda service: -len(service.selector)):
        if not any(True for _ in made.matching(service.namespace, service.selector)):
            made.add(service.namespace, service.selector, service.key)
    selecting: dict[ServiceKey, list[Service]] = defaultdict(list)
    for service in lonely:
        for key in made.matching(service.namespace, service.selector):
            selecting[key].append(service)
    names = _Names(manifests)
    return tuple(_workload(key, its, count, names) for key, its in selecting.items())


@once_per_cluster
def assumed_behind(cluster: Cluster) -> Mapping[ServiceKey, int]:
    """Return how many pods are assumed behind each service that has some; for any other 0."""
    found: Counter[ServiceKey] = Counter()
    for pod in cluster.pods.values() if cluster.assumed_workloads else ():
        found.update(cluster.assumed_workloads.get(pod.owner, ()) if pod.owner else ())
    return found


def _has_selector(service: Service) -> bool:
    return bool(service.accepted and service.selector and service.ports and service.type != "ExternalName")


# --- what was given ---------------------------------------------------------------------------------------------------


class _LabelSets:
    """Label sets by namespace; finds those that carry every pair of a selector without looking at all of them."""

    def __init__(self) -> None:
        self._by_pair: dict[tuple[str, str, str], list[tuple[Labels, str]]] = defaultdict(list)

    def add(self, namespace: str, labels: Labels, name: str = "") -> None:
        for key, value in labels.items():
            self._by_pair[namespace, key, value].append((labels, name))

    def matching(self, namespace: str, selector: Labels) -> Iterator[str]:
        """Yield the names of those that the selector matches."""
        pairs = selector.items()
        rarest = min((self._by_pair.get((namespace, *pair), ()) for pair in pairs), key=len, default=())
        return (name for labels, name in rarest if pairs <= labels.items())


@dataclass(frozen=True)
class _Given:
    """The labels of all that was given, and the services whose endpoints are known."""

    carried: Sequence[tuple[str, Labels]]
    """The labels, with their namespaces."""
    words: Mapping[str, set[str]]
    """By namespace: the keys and the values of the labels there."""
    known: frozenset[ServiceKey]

    @classmethod
    def of(cls, manifests: Manifests, services: Iterable[Service]) -> "_Given":
        endpoints = given_endpoints(manifests)
        written = endpoints.slices.keys() | endpoints.endpoints.keys()
        behind_written = ((service.namespace, service.selector) for service in services if service.key in written)
        carried = [*_carried(manifests), *behind_written]
        words: dict[str, set[str]] = defaultdict(set)
        for namespace, labels in carried:
            words[namespace].update(labels.keys(), labels.values())
        return cls(carried, words, frozenset(written | _dumped(manifests)))

    @lazy
    def labels(self) -> _LabelSets:
        """The labels of all namespaces together."""
        found = _LabelSets()
        seen: set[frozenset[tuple[str, str]]] = set()
        for _, labels in self.carried:
            key = frozenset(labels.items())
            if key not in seen:
                seen.add(key)
                found.add(_ANYWHERE, labels)
        return found

    def could_be_behind(self, service: Service) -> bool:
        """Return whether something given is, or may be meant to be, behind the service.

        In its namespace that is all that has a label key or value in common with its selector: the rest may be a typo.
        In another namespace it is what matches: then the namespace may be the mistake.
        """
        words = self.words.get(service.namespace, ())
        near = any(key in words or value in words for key, value in service.selector.items())
        return near or service.key in self.known or any(True for _ in self.labels.matching(_ANYWHERE, service.selector))


def _carried(manifests: Manifests) -> Iterator[tuple[str, Labels]]:
    """Yield the labels of all pods, and of those that workloads make, with their namespaces."""
    for pod in manifests.pods:
        yield pod.metadata.effective_namespace, pod.metadata.labels
    for workload in manifests.workloads:
        if workload.spec.template is not None:
            namespace = workload.metadata.effective_namespace
            yield namespace, workload.spec.template.metadata.labels
            yield namespace, {key: key for key in _SET_BY_CONTROLLERS.get(workload.kind, ())}


def _dumped(manifests: Manifests) -> set[ServiceKey]:
    """Return the services of a running cluster whose pods were dumped with them: of those, none is missing."""
    if not any(pod.status and pod.status.phase for pod in manifests.pods):
        return set()
    return {s.metadata.key for s in manifests.services if _is_live(s)}


def _is_live(service: ServiceObject) -> bool:
    return bool(service.metadata.uid) or service.spec.cluster_ip not in (None, "", "None")


# --- what is made up --------------------------------------------------------------------------------------------------


class _Names:
    """Hands out names of ReplicaSets that none given has."""

    def __init__(self, manifests: Manifests) -> None:
        owners = ((pod.metadata.effective_namespace, controller_of(pod.metadata)) for pod in manifests.pods)
        self._taken = {(namespace, owner.name) for namespace, owner in owners if owner}
        self._taken |= {(w.metadata.effective_namespace, w.metadata.name) for w in manifests.workloads}

    def free(self, namespace: str, wanted: str) -> str:
        name, number = wanted, 1
        while (namespace, name) in self._taken:
            number += 1
            name = f"{wanted}-assumed" if number == 2 else f"{wanted}-assumed-{number - 1}"
        self._taken.add((namespace, name))
        return name


def _workload(key: ServiceKey, services: Sequence[Service], count: int, names: _Names) -> AssumedWorkload:
    first = next(service for service in services if service.key == key)
    labels, name = first.selector, names.free(first.namespace, first.name)
    container = Container(name="assumed", ports=tuple(_container_ports(services)))
    spec = PodSpec(containers=(container,), preemption_policy="Never")
    return AssumedWorkload(
        workload=WorkloadObject(
            kind=_KIND,
            api_version="apps/v1",
            metadata=ObjectMeta(name=name, namespace=first.namespace, labels=labels),
            spec=WorkloadSpec(
                replicas=min(count, 1) if _POD_NAME in labels else count,
                selector=LabelSelector(match_labels=labels),
                template=PodTemplate(metadata=ObjectMeta(labels=labels), spec=spec),
            ),
            source=Source(file="", line=0),
        ),
        services=tuple(service.key for service in services),
    )


def _container_ports(services: Sequence[Service]) -> Iterator[ContainerPort]:
    """Yield each port that the services look for, once.

    A name gets the number of the Service's own port: which one the program listens on is not in the upload.
    """
    wanted = {(port.target_port, port.protocol): port for service in reversed(services) for port in service.ports}
    for (target, protocol), port in reversed(wanted.items()):
        if isinstance(target, str):
            yield ContainerPort(name=target, container_port=port.port, protocol=protocol)
        else:
            yield ContainerPort(container_port=target, protocol=protocol)
