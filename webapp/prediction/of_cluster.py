"""The questions about a whole cluster: which services lose connections, how much the worst, until when."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from webapp.failure.scenario import Moment
from webapp.lazy import lazy
from webapp.numbers import percent
from webapp.prediction.question import MOST_CHOICES, PredictionChoice, PredictionQuestion, apart, mixed, question
from webapp.prediction.until import LOST, until_question
from webapp.records import dataclass

_NAMED = 3
"""So many services are called by name; more are counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceLoss:
    """What a failure does to one exposed service port."""

    name: str
    share: float
    """What is answered, 0 to 1."""
    affected: bool
    """Less is answered than before the failure."""


Affected = Sequence[ServiceLoss]
"""All exposed service ports of a cluster, in its order."""


@dataclass(frozen=True)
class ClusterPrediction:
    """What the questions are made from."""

    at: Moment
    """The moment that is looked at."""
    moments: Mapping[Moment, Affected]
    """At each moment that is known, that one included."""
    paths: Mapping[str, Affected]
    """The same at that moment by other access paths, each with its name: ``by DNS``."""
    placed: frozenset[str]
    """The names of those that have an endpoint on what fails."""
    why: Callable[[str], str]
    """Why connections to a service port of this name are lost, or why none is."""
    why_this_share: Callable[[str], str]
    """How its share comes about."""
    when: Mapping[Moment, str]
    comes_at: tuple[tuple[Moment, float], ...]
    """As those of one port."""
    drain: bool
    seed: str

    @lazy
    def now(self) -> Affected:
        """What the failure does at the moment that is looked at."""
        return self.moments[self.at]


def cluster_questions(given: ClusterPrediction) -> tuple[PredictionQuestion, ...]:
    """Return the questions; none where no service is exposed."""
    if not given.now:
        return ()
    return tuple(filter(None, (_which(given), _how_much(given), _until(given))))


def _names(its: Affected) -> frozenset[str]:
    return frozenset(each.name for each in its if each.affected)


def _which(given: ClusterPrediction) -> PredictionQuestion | None:
    every = tuple(each.name for each in given.now)
    hit = _names(given.now)

    def choice(names: frozenset[str], *, right: bool = False) -> PredictionChoice:
        return PredictionChoice(answer=_said(names, every), because=_because(names, hit, every, given.why), right=right)

    right = choice(hit, right=True)
    offered = apart(right, (choice(names) for names in _sets(given, frozenset(every)) if names != hit))
    return question(
        "which",
        "Which services lose connections?",
        sorted([right, *offered[: MOST_CHOICES - 1]], key=mixed(given.seed)),
    )


def _sets(given: ClusterPrediction, every: frozenset[str]) -> Iterator[frozenset[str]]:
    """Yield which services somebody may think of, the nearest first."""
    yield given.placed & every
    yield every
    yield frozenset()
    yield every - given.placed
    yield from map(_names, given.paths.values())
    yield from map(_names, given.moments.values())


def _said(names: frozenset[str], every: Sequence[str]) -> str:
    if not names:
        return "None of them"
    if len(names) == len(every):
        return f"All {len(every):,} of them" if len(every) > 2 else "Both of them" if len(every) == 2 else f"{every[0]}"
    if len(names) > _NAMED:
        return f"{len(names):,} of {len(every):,}"
    shown = [name for name in every if name in names]
    return f"Only {shown[0]}" if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"


def _because(names: frozenset[str], hit: frozenset[str], every: Sequence[str], why: Callable[[str], str]) -> str:
    """Return why it is these, or of the first that is missing or too much why it is not."""
    differs = next((name for name in every if (name in names) != (name in hit)), None)
    if differs is None:
        return f"{every[0]}: {why(every[0])}" if not hit else _of_first(hit, every, why)
    loses = "loses some too" if differs in hit else "loses none"
    return f"{differs} {loses}: {why(differs)}"


def _of_first(hit: frozenset[str], every: Sequence[str], why: Callable[[str], str]) -> str:
    name = next(name for name in every if name in hit)
    return f"{name}: {why(name)}"


def _worst(its: Affected) -> ServiceLoss:
    """Return the service port that is hit most: what lost everything long before is not hit."""
    return min([each for each in its if each.affected] or its, key=lambda each: each.share)


def _how_much(given: ClusterPrediction) -> PredictionQuestion | None:
    worst = _worst(given.now)
    right = PredictionChoice(
        answer=percent(worst.share), because=f"That is {worst.name}. {given.why_this_share(worst.name)}", right=True
    )
    could_be = list(_shares(given))
    offered = apart(right, (PredictionChoice(answer=percent(share), because=why) for share, why in could_be))
    picked = sorted(offered, key=mixed(f"{given.seed} share"))[: MOST_CHOICES - 1]
    shares = {percent(share): share for share, _ in (*could_be, (worst.share, ""))}
    text = "What share of new connections does the service that is hit most still answer?"
    return question("how-much", text, sorted([right, *picked], key=lambda its: shares[its.answer]))


def _shares(given: ClusterPrediction) -> Iterator[tuple[float, str]]:
    """Yield shares that it could be, each with the reason why it is not that."""
    worst = _worst(given.now)
    more = f"{worst.name} answers {percent(worst.share)}"
    for each in given.now:
        yield each.share, f"{each.name} answers that; {more}."
    for name, its in given.paths.items():
        yield _worst(its).share, f"Of clients that connect {name} the worst answers that."
    for its in given.moments.values():
        yield _worst(its).share, f"The worst answers that at another time; now {more}."
    yield 1.0, f"{more}. {given.why(worst.name)}"
    yield 0.0, f"{more}."
    yield 0.5, f"{more}."


def _until(given: ClusterPrediction) -> PredictionQuestion | None:
    still = {moment: _still(len(_names(its))) for moment, its in given.moments.items()}
    return until_question(LOST, still, given.comes_at, given.when, drain=given.drain)


def _still(count: int) -> str:
    return "" if not count else "1 service loses connections" if count == 1 else f"{count:,} services lose connections"
