"""The questions about one service port."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from webapp.failure.scenario import Moment
from webapp.failure.state import State
from webapp.lazy import lazy
from webapp.numbers import everything, nothing, percent
from webapp.prediction.losses import Losses, names
from webapp.prediction.question import (
    MOST_CHOICES,
    PredictionChoice,
    PredictionQuestion,
    apart,
    mixed,
    question,
)
from webapp.prediction.until import LOST, until_question
from webapp.records import dataclass
from webapp.routing.outcome import PortOutcome
from webapp.topology.reading import Ending

_THEN = {
    Moment.BEFORE: "That was answered before the failure",
    Moment.FAILED: "That is answered right after the failure",
    Moment.DETECTED: "That is answered once Kubernetes has detected the failure",
    Moment.RESCHEDULED: "That is answered once pods are recreated",
    Moment.CORDONED: "That is answered while the node is only cordoned",
    Moment.EVICTING: "That is answered while pods are being evicted",
    Moment.DRAINED: "That is answered once the node is drained",
}


@dataclass(frozen=True)
class PortPrediction:
    """What the questions are made from."""

    state: State
    """At the moment that is looked at."""
    outcomes: Mapping[Moment, PortOutcome]
    """Of this port, before the failure and at each moment of it that is known, that one included."""
    when: Mapping[Moment, str]
    """What the times are called, where they are known: ``≈ 50 s``."""
    comes_at: tuple[tuple[Moment, float], ...]
    """The moments from the failure on that come, in order, each with its second; of a drain with its place."""
    via: str
    paths: Mapping[str, str]
    """What other access paths there are to compare with, each with its name: ``by DNS``."""
    seed: str
    """The state in words; choices stand in the same order each time."""

    @lazy
    def at(self) -> Moment:
        """The moment that is looked at."""
        return self.state.scenario.at

    @lazy
    def losses(self) -> Losses:
        """What is lost then."""
        return Losses(self.state, self.outcomes[Moment.BEFORE], self.outcomes[self.at], self.via)


def port_questions(given: PortPrediction) -> tuple[PredictionQuestion, ...]:
    """Return the questions: which connections are lost, how many are answered, until when some are lost."""
    return tuple(filter(None, (_which(given.losses, given.seed), _share(given), _until(given))))


# --- which ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Claim:
    """What somebody may think is lost."""

    endings: frozenset[Ending] = frozenset()
    everything: bool = False


def _which(losses: Losses, seed: str) -> PredictionQuestion | None:
    lost = frozenset(losses.reasons)
    truth = _Claim(lost, losses.all_lost)
    others = [claim for claim in _claims(losses) if claim != truth and not _is_true_too(claim, losses)]
    right = PredictionChoice(answer=_said(truth, losses), because=losses.why_lost(), right=True)
    wrong = [PredictionChoice(answer=_said(claim, losses), because=_refuted(claim, losses)) for claim in others]
    offered = [right, *apart(right, wrong)[: MOST_CHOICES - 1]]
    return question("which", "Which new connections are lost?", sorted(offered, key=mixed(seed)))


def _claims(losses: Losses) -> Iterator[_Claim]:
    """Yield what is often thought, the nearest first."""
    yield _Claim()
    if losses.nodes and not losses.via.startswith("node/"):
        yield _Claim(frozenset({Ending.NODE_DOWN}))
        yield _Claim(frozenset({Ending.NODE_DOWN, Ending.DEAD_ENDPOINT}))
    yield _Claim(frozenset({Ending.DEAD_ENDPOINT}))
    yield _Claim(everything=True)


def _is_true_too(claim: _Claim, losses: Losses) -> bool:
    """Return whether what differs from the right answer is true as well, in other words."""
    lost, failing = losses.reasons.keys(), frozenset(losses.nodes)
    if claim.everything:
        return losses.all_lost
    if claim.endings == lost or (losses.all_lost and claim.endings > lost):
        return True  # where all are lost, those lost in these ways are all
    if Ending.NODE_DOWN not in claim.endings:
        return False
    if losses.all_lost and len(failing) == len(losses.state.cluster.nodes):
        return True
    # What policy Local drops at a node that is drained is lost at its IP.
    return len(claim.endings) == 1 and losses.lost_nodes == failing


def _said(claim: _Claim, losses: Losses) -> str:
    if claim.everything:
        return "All of them"
    if not claim.endings:
        return "None: all are answered"
    parts = [_PARTS[its](losses) for its in Ending if its in claim.endings and its is not Ending.DEAD_ENDPOINT]
    if Ending.DEAD_ENDPOINT not in claim.endings:
        return f"Only {parts[0]}" if len(parts) == 1 else _joined(parts)
    to_pods = f"those that kube-proxy sends to {_pods(losses)}"
    return _joined([*parts, f"some of the others: {to_pods}"]) if parts else f"Some of them: {to_pods}"


def _joined(parts: Sequence[str]) -> str:
    text = ", and ".join(parts)
    return text[:1].upper() + text[1:]


def _node_ips(losses: Losses) -> str:
    nodes = losses.nodes
    return f"those to {names(nodes)}’s IP" if len(nodes) == 1 else f"those to the IPs of {names(nodes)}"


def _pods(losses: Losses) -> str:
    pods = losses.state.dead_pods
    if pods and not losses.state.down_nodes:
        return next(iter(pods)).partition("/")[2] if len(pods) == 1 else "those pods"
    return f"a pod on {names(losses.nodes)}" if losses.nodes else "a pod that is gone"


_PARTS: Mapping[Ending, Callable[[Losses], str]] = {
    Ending.NODE_DOWN: _node_ips,
    Ending.REFUSED: lambda _: "those to a node where kube-proxy refuses",
    Ending.DROPPED: lambda _: "those to a node without a usable endpoint of this Service",
}


def _refuted(claim: _Claim, losses: Losses) -> str:
    """Return why a claim is wrong, by what it misses, else by what it adds."""
    if claim.everything:
        return losses.why_not_all()
    missing = [why for ending, why in losses.reasons.items() if ending not in claim.endings]
    return (
        missing[0]
        if missing
        else losses.why_not(next(its for its in Ending if its in claim.endings - losses.reasons.keys()))
    )


# --- how many ---------------------------------------------------------------------------------------------------------


def _share(given: PortPrediction) -> PredictionQuestion | None:
    share = given.losses.share
    right = PredictionChoice(answer=percent(share), because=given.losses.why_this_share(), right=True)
    sure = _shares(given)
    offered = apart(right, (PredictionChoice(answer=percent(its), because=why) for its, why in sure))
    # Which of them are offered differs from state to state, so that the right one is not always in the middle.
    picked = sorted(offered, key=mixed(f"{given.seed} share"))[: MOST_CHOICES - 1]
    shares = {percent(its): its for its, _ in (*sure, (share, ""))}
    ordered = sorted([right, *picked], key=lambda choice: shares[choice.answer])
    return question("how-much", "What share of new connections is answered?", ordered)


def _shares(given: PortPrediction) -> list[tuple[float, str]]:
    """Return shares that could be, each with the reason why it is not that."""
    losses, now = given.losses, given.losses.now
    found = [
        (outcome.answered(given.via) or 0.0, f"{_THEN[moment]}.")
        for moment, outcome in given.outcomes.items()
        if moment is not given.at
    ]
    found += [
        (now.answered(path) or 0.0, f"That is what clients get that connect {name}.")
        for path, name in given.paths.items()
    ]
    total, hit = len(losses.before.endpoints), len(losses.placed)
    if hit:
        found.append(
            (
                (total - hit) / total,
                f"That is the share of its endpoints that nothing happens to: {total - hit} of {total}.",
            )
        )
    nodes, down = len(losses.state.cluster.nodes), len(losses.nodes)
    if down:
        found.append(
            ((nodes - down) / nodes, f"That is the share of nodes that nothing happens to: {nodes - down} of {nodes}.")
        )
    found.append((1.0, losses.why_lost()))
    found.append((0.0, losses.why_not_all()))
    return found


# --- until when -------------------------------------------------------------------------------------------------------


def _until(given: PortPrediction) -> PredictionQuestion | None:
    before = given.outcomes[Moment.BEFORE].answered(given.via) or 0.0
    # What got no answer before is not lost by the failure.
    also = "" if everything(before) else ", beside those that were lost before"
    lost = {moment: before - (its.answered(given.via) or 0.0) for moment, its in given.outcomes.items()}
    still = {
        moment: "" if nothing(share) else f"{percent(share)} of new connections are lost{also}"
        for moment, share in lost.items()
    }
    text = "Until when are fewer new connections answered than before the failure?" if also else LOST
    return until_question(text, still, given.comes_at, given.when, drain=bool(given.state.scenario.drain))
