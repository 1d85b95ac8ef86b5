"""The state that an exercise shows: the manifests as they are applied, and what they make with something down."""

from webapp.cluster.address import Address
from webapp.cluster.model import Cluster, Service
from webapp.failure import Scenario
from webapp.failure.moments import state_at
from webapp.failure.state import State
from webapp.findings.explanation import Explanation
from webapp.findings.facts import Facts
from webapp.findings.why import why
from webapp.lazy import lazy
from webapp.manifests.manifests import Manifests
from webapp.numbers import everything
from webapp.records import dataclass


@dataclass(frozen=True, eq=False)
class ExerciseState:
    """Broken, as the exercise begins, or as somebody's fix has made it."""

    manifests: Manifests
    """With what was edited written into them."""
    cluster: Cluster
    scenario: Scenario

    @lazy
    def state(self) -> State:
        """What is up, and what Kubernetes has detected."""
        return state_at(self.cluster, self.scenario)

    @lazy
    def facts(self) -> Facts:
        """What `why` looks at."""
        return Facts(self.manifests, self.cluster)

    def why(self, address: Address) -> Explanation:
        """Return what happens to a TCP connection to the address: curl speaks no other protocol."""
        return why(self.facts, self.state, address, "TCP")

    def service(self, key: str) -> Service | None:
        """Return a Service by ``NAMESPACE/NAME``, else one of its name: it may have got into another namespace."""
        name = key.rpartition("/")[2]
        named = (service for service in self.cluster.services.values() if service.name == name)
        return self.cluster.services.get(key) or next(named, None)


def is_answered(told: Explanation) -> bool:
    """Return whether the whole way is free, for every connection."""
    return not (told.broken or told.unknown or told.losing) and everything(told.answered or 0.0)
