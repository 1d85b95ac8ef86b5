"""What stands in each lane, in words and numbers: records of a picture before it has any coordinates.

The full diagram, the cards of a phone and the tiny diagrams are all placed from these; :mod:`webapp.diagram.describe`
makes them from the graph.
"""

from enum import StrEnum
from typing import TYPE_CHECKING

from webapp.failure.scenario import Target
from webapp.records import dataclass
from webapp.topology.attributes import ClientVertex, NodeState, Question, ServiceVertex

if TYPE_CHECKING:
    from webapp.diagram.state_signs import PodBadge, PodShape


class Tone(StrEnum):
    """How a box is painted; the words beside the sign say the same."""

    OK = "ok"
    WARN = "warn"
    BAD = "bad"
    REFUSED = "refused"
    QUIET = "quiet"


class LaneKind(StrEnum):
    """What kind of lane it is."""

    NODE = "node"
    FOLDED = "folded"
    ELSEWHERE = "elsewhere"
    """Endpoints on no node of the cluster."""
    PENDING = "pending"


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryBox:
    """The entry point of a lane, or of all its nodes together."""

    id: str
    name: str
    """``worker-1`` of ``worker-1:30080``, or ``36 entry points``."""
    port: str
    """``:30080``; empty for several."""
    tone: Tone
    words: str
    share: float
    result: str
    """``answered``, or how the edge from the clients ends here; ``dropped`` in the service's bar."""
    passes: bool
    """It hands connections on to the service."""
    target: bool
    """The chosen way in comes here at all."""
    reason: str
    pool: str = ""
    """It hands connections on to the pods with the same pool; empty if to none."""
    changed: bool = False
    """It answers more or less than before the failure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PodBox:
    """A pod's box, or one for several alike."""

    id: str
    name: str
    """Or ``36 pods``."""
    detail: str
    """The address, and what else is to be said."""
    tone: Tone
    words: str
    count: int
    share: float
    picked: bool
    """Some entry point sends here."""
    lost: bool
    shape: "PodShape"
    """What its outline says."""
    badge: "PodBadge | None"
    """What befell it, at its corner."""
    takes: Target | None
    """What a click takes down or brings back."""
    down: bool
    """A click brings it back."""
    reason: str
    unfold: str
    pool: str = ""
    """The entry points with the same pool send here."""
    changed: bool = False
    """The failure changed it."""
    told: str = ""
    """What befell it: ``from worker-2``, ``now on worker-4``, ``stuck``."""
    came_from: str = ""
    """Id of the box whose place it takes."""
    assumed: bool = False
    """Made up: neither it nor a workload that makes it is in the manifests."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """A node, many alike nodes, or the place of pods that are on none."""

    id: str
    sort: LaneKind
    title: str
    code: str
    """The address, in the code face."""
    quiet: str
    """What else is said in the title."""
    state: NodeState
    word: str
    """``Down``, ``Cordoned`` ...; empty for a node that is simply up."""
    assumed: bool
    count: int
    entry: EntryBox | None
    pods: tuple[PodBox, ...]
    note: tuple[str, ...]
    """Said where no pod is."""
    takes: Target | None
    unfold: str
    pool: str
    """Lanes with the same pool exchange traffic."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Zone:
    """The lanes of one zone."""

    id: str
    name: str
    """Empty if nodes of this cluster have no zones."""
    quiet: str
    lanes: tuple[Lane, ...]
    down: bool
    takes: Target | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagram:
    """A whole picture, unplaced."""

    question: Question
    client: ClientVertex
    service: ServiceVertex
    zones: tuple[Zone, ...]
    service_line: str
    """How the service picks."""
    local: bool
    folded: bool
    calm: bool
    """Nothing is down and every entry point answers all: ticks say so, and no share is written."""

    @property
    def lanes(self) -> tuple[Lane, ...]:
        """All lanes, from top to bottom."""
        return tuple(lane for zone in self.zones for lane in zone.lanes)
