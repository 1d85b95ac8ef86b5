"""A pod in the picture of a whole cluster: what its box or its dot says."""

from webapp.diagram import wording
from webapp.diagram.lanes import Tone
from webapp.diagram.state_signs import PodBadge, PodShape, pod_badge, pod_shape
from webapp.failure import FailureKind, Target
from webapp.records import dataclass
from webapp.topology.attributes import EndpointVertex, Graph, PendingVertex
from webapp.topology.reading import arrival


@dataclass(frozen=True, slots=True, kw_only=True)
class MapPod:
    """A pod of a service in a lane."""

    key: str
    name: str
    tone: Tone
    words: str
    shape: PodShape
    badge: PodBadge | None
    assumed: bool
    share: float
    """Of all new connections to its service, what is sent to it."""
    pool: str
    takes: Target | None
    down: bool
    """A click brings it back."""

    @property
    def dead(self) -> bool:
        """It answers nothing."""
        return self.shape is PodShape.DEAD


def map_pod(endpoint: EndpointVertex, graph: Graph, vertex: str) -> MapPod:
    """Return what the picture says of an endpoint."""
    came, badge = arrival(graph, vertex), pod_badge(endpoint)
    said = (wording.pod_words(endpoint), BADGE_WORDS[badge] if badge else "", "assumed" if endpoint["assumed"] else "")
    return MapPod(
        key=endpoint["key"],
        name=endpoint["label"],
        tone=Tone(wording.POD_TONES[endpoint["state"]]),
        words=", ".join(filter(None, said)),
        shape=pod_shape(endpoint),
        badge=badge,
        assumed=endpoint["assumed"],
        share=came.share if came else 0.0,
        pool=endpoint["pool"],
        takes=Target(kind=FailureKind.POD, name=endpoint["key"]) if endpoint["pod"] else None,
        down=endpoint["down"],
    )


BADGE_WORDS = {
    PodBadge.RECREATED: "recreated",
    PodBadge.BLOCKED: "blocked by a PodDisruptionBudget",
    PodBadge.CUT_OFF: "on a partitioned node",
}


def pending_pod(vertex: PendingVertex) -> MapPod:
    """Return what the picture says of a pod that has no node, or that its kubelet rejects."""
    failed = vertex["rejected_by"] is not None
    why = f": {vertex['reason']}" if vertex["reason"] else ""
    return MapPod(
        key=vertex["key"],
        name=vertex["label"],
        tone=Tone.BAD if failed else Tone.QUIET,
        words=("Failed" if failed else "Pending") + why,
        shape=PodShape.DEAD if failed else PodShape.PENDING,
        badge=PodBadge.RECREATED if vertex["replaces"] else None,
        assumed=vertex["assumed"],
        share=0.0,
        pool="",
        takes=None,
        down=False,
    )
