"""From a set to its exercises: each kind is tried on each healthy service port, and kept if it breaks just that."""

from collections.abc import Iterator, Sequence
from functools import cache
from hashlib import sha256

from webapp.cluster.address import Address
from webapp.cluster.build import build
from webapp.cluster.edits import edited
from webapp.cluster.model import Cluster
from webapp.cluster.options import ClusterOptions
from webapp.exercises.breaks import Broken, Pairs
from webapp.exercises.kinds import KINDS, ExerciseKind
from webapp.exercises.state import ExerciseState, is_answered
from webapp.exercises.subject import ExercisePort, subjects
from webapp.failure import Scenario
from webapp.failure.word_values import ScenarioError
from webapp.failure.words import decode, decode_options
from webapp.findings.explanation import Explanation
from webapp.manifests.manifests import Manifests
from webapp.records import dataclass
from webapp.routing import Result

CHOICES = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class CauseChoice:
    """One cause that can be chosen."""

    kind: str
    claim: str
    right: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Exercise:
    """One broken service port."""

    kind: str
    service: str
    """``NAMESPACE/NAME``."""
    address: str
    """``node-1:30080``: what does not answer."""
    pairs: Pairs
    """The words of the address that break it."""
    choices: tuple[CauseChoice, ...]
    hints: tuple[str, ...]
    """From vague to near: what the client's words mean, where to look, and what to look at."""
    explanation: Explanation
    """What `why` says of the address."""
    answering: tuple[str, ...]
    """The nodes through which it answered before."""

    @property
    def key(self) -> str:
        """What a browser remembers it by: the same in every set that asks the same, and the cause isn't in it."""
        return sha256(f"{self.kind} {self.service} {self.address}".encode()).hexdigest()[:12]

    @property
    def node(self) -> str:
        """The node that is asked."""
        return self.address.rpartition(":")[0]

    @property
    def claim(self) -> str:
        """The cause."""
        return next(choice.claim for choice in self.choices if choice.right)


def exercises(manifests: Manifests, cluster: Cluster) -> Iterator[Exercise]:
    """Yield one exercise of each kind that these manifests can be broken in, on the services in turn.

    The cluster is what the manifests make, with nothing down and nothing edited.
    """
    given = list(subjects(manifests, cluster))
    healthy = ExerciseState(manifests, cluster, Scenario())
    is_healthy = cache(lambda at: _is_healthy(healthy, given[at]))
    for number, kind in enumerate(KINDS.values()):
        # Not always the same service: a class sees several.
        turned = (at % len(given) for at in range(number, number + len(given)))
        tried = (_exercise(kind, given[at]) for at in turned if is_healthy(at))
        found = next(filter(None, tried), None)
        if found is not None:
            yield found


def _is_healthy(healthy: ExerciseState, subject: ExercisePort) -> bool:
    """Return whether nothing else is in the way that the simulation doesn't know, such as a NetworkPolicy."""
    return is_answered(healthy.why(Address(subject.answering[0], subject.port.node_port)))


def _exercise(kind: ExerciseKind, subject: ExercisePort) -> Exercise | None:
    broken = kind.breaks(subject)
    told = explained(subject, broken.pairs, broken.node) if broken is not None and broken.pairs else None
    # What is broken in two places, or nowhere, is no question with one answer.
    if broken is None or told is None or not (told.broken or told.unknown):
        return None
    # Nodes that only pods have named are gone with them: then it is no question of the Service.
    if told.node != broken.node:
        return None
    return Exercise(
        kind=kind.name,
        service=subject.service.key,
        address=f"{broken.node}:{subject.port.node_port}",
        pairs=broken.pairs,
        choices=_choices(kind, subject, broken),
        hints=(_meaning(told), kind.area.value, broken.hint),
        explanation=told,
        answering=subject.answering,
    )


def explained(subject: ExercisePort, pairs: Sequence[tuple[str, str]], node: str) -> Explanation | None:
    """Return what `why` says of the port through a node under some words; None where they can't be."""
    try:
        its = broken_state(subject.manifests, subject.cluster.options, pairs, (subject.cluster,))
    except ScenarioError:
        return None
    return its.why(Address(node, subject.port.node_port))


def broken_state(
    manifests: Manifests, plain: ClusterOptions, pairs: Sequence[tuple[str, str]], before: Sequence[Cluster] = ()
) -> ExerciseState:
    """Return what the words of an exercise make of the manifests; `plain` is how their cluster was made before.

    `before` may be that cluster: what can't differ is taken from it.

    Raises:
        ScenarioError: if the words can't be.

    """
    options = decode_options(list(pairs), manifests, plain)
    cluster = build(manifests, options, before)
    return ExerciseState(edited(manifests, options.edits), cluster, decode(list(pairs), cluster))


def _meaning(told: Explanation) -> str:
    if told.unknown or told.outcome is Result.TIMEOUT:
        return (
            "Timed out means that nothing came back: the node is away, or the packet was dropped on its way. A port "
            "that nobody opens would be refused at once."
        )
    return (
        "Refused at once means that the node is there and said no: either nothing opens this port on it, or kube-proxy "
        "knows the port and has no endpoint for it."
    )


def _choices(kind: ExerciseKind, subject: ExercisePort, broken: Broken) -> tuple[CauseChoice, ...]:
    """Return the right one and three that could be: in an order that says nothing, and stays."""

    def mixed(word: str) -> str:
        return sha256(f"{subject.service.key} {kind.name} {word}".encode()).hexdigest()

    others: list[CauseChoice] = []
    for each in sorted(KINDS.values(), key=lambda its: mixed(its.name)):
        could_be = each is not kind and kind.name not in each.implied_by
        proposed = each.breaks(subject) if could_be else None
        if proposed is not None and proposed.claim not in (broken.claim, *(other.claim for other in others)):
            others.append(CauseChoice(kind=each.name, claim=proposed.claim, right=False))
    found = [CauseChoice(kind=kind.name, claim=broken.claim, right=True), *others[: CHOICES - 1]]
    return tuple(sorted(found, key=lambda choice: mixed(f"place of {choice.kind}")))
