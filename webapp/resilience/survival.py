"""Which service ports survive the loss of any one node, or of any one zone."""

from dataclasses import replace

from webapp.cluster.model import Cluster
from webapp.cluster.order import natural
from webapp.failure.scenario import Moment
from webapp.numbers import percent
from webapp.records import dataclass
from webapp.resilience.guarantee import Guarantor, Promise
from webapp.resilience.losses import What, losses_of
from webapp.resilience.reach import NOTHING, Reach, reaches


@dataclass(frozen=True, slots=True, kw_only=True)
class Survival:
    """Whether one service port survives."""

    service: str
    """``NAMESPACE/NAME``."""
    port_index: int
    port_name: str
    protocol: str
    node_port: int | None
    survives: bool
    guaranteed: bool = False
    """Whether this is about the worst placement, rather than the one at hand."""
    exact: bool = True
    """False where the worst placement was not searched to the end, and so is taken to be bad."""
    answered: float
    """The least share answered at ``detected``, over all these losses, as placed."""
    culprits: tuple[str, ...] = ()
    """Nodes or zones whose loss it does not survive, the worst first."""
    reason: str = ""
    """One sentence."""


def survival(
    cluster: Cluster, what: What = "node", via: str = "lb", *, guaranteed: bool = False
) -> tuple[Survival, ...]:
    """Return for each service port with entries whether it survives the loss of any one node, or any one zone.

    It survives a failure when the share answered by `via` is 1 once the failure is detected; `guaranteed` asks this
    of the worst placement that the scheduler's hard rules allow. Where no zone is known, none can be lost.
    """
    found = tuple(reaches(cluster))
    placed = tuple(_survival(reach, what, via) for reach in found)
    if not guaranteed:
        return placed
    guarantor = Guarantor(cluster, len(found))
    return tuple(
        _promised(survived, guarantor.promise(reach, what, via), what)
        for reach, survived in zip(found, placed, strict=True)
    )


def _promised(placed: Survival, promise: Promise, what: What) -> Survival:
    # What fails with the current placement has its reason already.
    if promise.holds or promise.as_placed:
        return replace(placed, guaranteed=True)
    if promise.culprit is None:
        reason = "What the manifests guarantee could not be computed, so nothing is assumed to be guaranteed."
    else:
        word = f"on {promise.culprit}" if what == "node" else f"in zone {promise.culprit}"
        reason = f"Not guaranteed: nothing keeps all its pods from ending up {word}."
    culprits = (promise.culprit,) if promise.culprit else ()
    return replace(placed, survives=False, guaranteed=True, exact=promise.exact, culprits=culprits, reason=reason)


def _survival(reach: Reach, what: What, via: str) -> Survival:
    found = [(answered.by(via), domain.name) for domain, answered in losses_of(reach, what)]
    # The worst comes first, and of equals the first by name, so that two runs say the same.
    bad = sorted((pair for pair in found if pair[0] < 1), key=lambda pair: (pair[0], natural(pair[1])))
    before = reach.answer(NOTHING, Moment.DETECTED).by(via)
    port = reach.port
    return Survival(
        service=reach.service.key,
        port_index=reach.index,
        port_name=port.name,
        protocol=port.protocol,
        node_port=port.node_port,
        survives=not bad and before == 1,
        answered=min([before, *(answered for answered, _ in found)]),
        culprits=tuple(name for _, name in bad),
        reason=_reason(before, bad, what),
    )


def _reason(before: float, bad: list[tuple[float, str]], what: What) -> str:
    if before == 0:
        return "It answers no connection even without a failure."
    if before < 1:
        return f"It answers only {percent(before)} even without a failure."
    if not bad:
        return f"It survives the loss of any one {what}."
    answered, name = bad[0]
    word = name if what == "node" else f"zone {name}"
    return (
        f"It answers no connection without {word}."
        if answered == 0
        else f"It answers only {percent(answered)} without {word}."
    )
