"""What a cluster was built from, step by step: one of the same manifests with other edits takes over what is the same.

A step comes out the same if it is given the same, and then is not done again. Manifests are never changed in place and
edits make new objects of those that they change only, so nearly always it is enough to see that objects are the same.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from weakref import WeakKeyDictionary

from webapp.cluster.admission import AdmittedServices
from webapp.cluster.assumed_pods import AssumedWorkload
from webapp.cluster.model import Cluster, Node, Service, ServiceKey
from webapp.cluster.options import ClusterOptions, Edits
from webapp.cluster.placement import PlacementResult
from webapp.manifests.manifests import Manifests
from webapp.manifests.problems import Problem
from webapp.records import dataclass

# What decides, apart from the Services, which pods there are and where they go.
_PLACING = (
    "nodes",
    "namespaces",
    "pods",
    "workloads",
    "pod_disruption_budgets",
    "horizontal_pod_autoscalers",
    "priority_classes",
)


@dataclass(frozen=True, slots=True)
class Steps:
    """What was given to the steps of building a cluster, and what came out."""

    options: ClusterOptions
    given: Manifests
    """With the edits."""
    problems: Mapping[int, tuple[Problem, ...]]
    """Of admission, by the id of the object, those of Services aside."""
    families: Sequence[str]
    admitted: AdmittedServices
    nodes: Mapping[str, Node]
    made_up: Sequence[AssumedWorkload]
    placed: PlacementResult
    services: Mapping[ServiceKey, Service]


class EarlierSteps:
    """Those of clusters that were built of the same manifests before, the likeliest ones first."""

    def __init__(self, clusters: Sequence[Cluster], options: ClusterOptions, given: Manifests) -> None:
        plain = replace(options, edits=Edits())
        self._options, self._given = options, given
        self._steps = [
            steps
            for cluster in clusters
            if (steps := _STEPS.get(cluster)) is not None
            and replace(steps.options, edits=Edits()) == plain
            and steps.given.undecodable == given.undecodable
        ]

    def problems(self) -> tuple[Manifests | None, Mapping[int, tuple[Problem, ...]]]:
        """Return objects that the same API server has looked at, and their problems."""
        return next(((steps.given, steps.problems) for steps in self._steps), (None, {}))

    def admitted(self, families: Sequence[str]) -> AdmittedServices | None:
        """Return the Services as admitted, if they are the same."""
        return next(
            (s.admitted for s in self._steps if s.families == families and self._has_same(s, ("services",))), None
        )

    def placed(
        self,
        problems: Mapping[int, tuple[Problem, ...]],
        nodes: Mapping[str, Node],
        services: Sequence[Service],
        made_up: Sequence[AssumedWorkload],
    ) -> Steps | None:
        """Return steps in which the same pods were placed on the same nodes."""
        edits = self._options.edits
        for steps in self._steps:
            if (
                self._has_same(steps, _PLACING)
                and steps.options.edits.moves == edits.moves
                and [*steps.problems.values()] == [*problems.values()]
                and steps.nodes == nodes
                and steps.made_up == made_up
                and _selectors(steps.admitted.services) == _selectors(services)
            ):
                return steps
        return None

    def settled(self, steps: Steps) -> Mapping[ServiceKey, Service]:
        """Return the services of these steps, which had the same pods, if what somebody wrote is the same as well."""
        written = self._has_same(steps, ("endpoints", "endpoint_slices"))
        return steps.services if written and steps.given.problems == self._given.problems else {}

    def _has_same(self, steps: Steps, collections: Sequence[str]) -> bool:
        pairs = ((getattr(steps.given, name), getattr(self._given, name)) for name in collections)
        return all(one is other or (len(one) == len(other) and all(map(_is_same, one, other))) for one, other in pairs)


def _is_same(one: object, other: object) -> bool:
    # Most are the very same; one that both edits changed alike is equal.
    return one is other or one == other


_STEPS: WeakKeyDictionary[Cluster, Steps] = WeakKeyDictionary()


def remember(cluster: Cluster, steps: Steps) -> None:
    """Keep the steps as long as the cluster lives."""
    _STEPS[cluster] = steps


def _selectors(services: Sequence[Service]) -> Mapping[ServiceKey, Mapping[str, str]]:
    """Return what the services select: kube-scheduler spreads the pods of a Service."""
    return {service.key: service.selector for service in services if service.accepted}
