"""What an exercise is about: a service port that answers, the pods behind it, and who made them."""

from collections.abc import Iterator
from itertools import islice

from webapp.cluster.model import Cluster, Pod, Service, ServicePort
from webapp.cluster.pods import ref_of
from webapp.cluster.rescaling import workload_word
from webapp.failure import Scenario
from webapp.failure.moments import state_at
from webapp.lazy import lazy
from webapp.manifests.manifests import Manifests
from webapp.manifests.objects import WorkloadObject
from webapp.numbers import everything
from webapp.records import dataclass
from webapp.routing import has_entries
from webapp.routing.outcome import Outcomes

_MOST_NODES = 100
"""Nodes that are looked at; more of them answer alike."""


@dataclass(frozen=True, eq=False)
class ExercisePort:
    """A service port that answers every connection through some nodes."""

    manifests: Manifests
    cluster: Cluster
    service: Service
    index: int
    """Of the port."""
    answering: tuple[str, ...]
    """The nodes through which it does, the first of them."""

    @property
    def port(self) -> ServicePort:
        """The service port."""
        return self.service.ports[self.index]

    @property
    def word(self) -> str:
        """``Service/shop/web``, as a patch names it."""
        return f"Service/{self.service.key}"

    @lazy
    def pods(self) -> tuple[Pod, ...]:
        """The pods behind it, each once."""
        keys = dict.fromkeys(e.pod for e in self.port.endpoints if e.pod)
        return tuple(self.cluster.pods[key] for key in keys if key in self.cluster.pods)

    @lazy
    def workload(self) -> WorkloadObject | None:
        """The workload that all its pods come from, if that is one and was uploaded."""
        owners = {pod.owner for pod in self.pods}
        return next((each for each in self.manifests.workloads if {ref_of(each)} == owners), None)

    @property
    def workload_word(self) -> str:
        """``Deployment/shop/web``; empty without a workload."""
        return workload_word(self.workload) if self.workload is not None else ""

    @property
    def homes(self) -> frozenset[str]:
        """The nodes with pods of it."""
        return frozenset(pod.node for pod in self.pods if pod.node)


def subjects(manifests: Manifests, cluster: Cluster) -> Iterator[ExercisePort]:
    """Yield the TCP ports of services that answer every connection through some node, as nothing is down."""
    outcomes = Outcomes(state_at(cluster, Scenario()))
    for service in cluster.services.values():
        for index, port in enumerate(service.ports):
            # curl, with which an exercise asks, speaks TCP.
            if service.accepted and port.protocol == "TCP" and has_entries(service, port):
                entries = outcomes.of(service, index).entries
                # A node that isn't Ready most likely answers nobody.
                free = (e.node for e in entries if everything(e.answered) and cluster.nodes[e.node].ready)
                answering = tuple(dict.fromkeys(islice(free, _MOST_NODES)))
                if answering:
                    yield ExercisePort(manifests, cluster, service, index, answering)
