"""Until when a failure costs connections: the time from which all is answered as before."""

from collections.abc import Iterator, Mapping, Sequence

from webapp.failure.scenario import CRASH_MOMENTS, DRAIN_MOMENTS, Moment
from webapp.lazy import lazy
from webapp.prediction.question import PredictionChoice, PredictionQuestion, question
from webapp.records import dataclass

_UNTIL = {
    Moment.DETECTED: "Until Kubernetes has detected the failure",
    Moment.RESCHEDULED: "Until pods are recreated elsewhere",
    Moment.EVICTING: "Until the first pods are evicted",
    Moment.DRAINED: "Until all pods have left",
}
_NEVER_LOST = "At no time"
_ALWAYS = "For as long as the failure lasts"
_ALWAYS_DRAINED = "For as long as the node stays drained"
_THEN = {
    Moment.FAILED: "Right after the failure",
    Moment.DETECTED: "Once it is detected",
    Moment.RESCHEDULED: "Once pods are recreated",
    Moment.CORDONED: "Once the node is cordoned",
    Moment.EVICTING: "While pods are being evicted",
    Moment.DRAINED: "Once the node is drained",
}
_NEVER = "For this failure that time never comes."


LOST = "Until when are new connections lost?"


def until_question(
    text: str,
    still: Mapping[Moment, str],
    comes_at: Sequence[tuple[Moment, float]],
    when: Mapping[Moment, str],
    *,
    drain: bool,
) -> PredictionQuestion | None:
    """Return the question; None where not all moments are known.

    `still` says what the failure costs at each moment, nothing where it costs nothing; `comes_at` when each comes, and
    `when` the same in words.
    """
    if any(moment not in still for moment, _ in comes_at):
        return None
    choices = _choices(_Levels(still, dict(comes_at)), when, drain=drain)
    return question("until", text, list(choices))


def _choices(given: "_Levels", when: Mapping[Moment, str], *, drain: bool) -> Iterator[PredictionChoice]:
    still, levels, over = given.still, given.levels, given.over
    costs = next((moment for moment in levels if still[moment]), None)
    yield PredictionChoice(
        answer=_NEVER_LOST,
        because="Whatever was answered before is answered all the time." if costs is None else given.said(costs),
        right=over is levels[0],
    )
    for moment in (DRAIN_MOMENTS if drain else CRASH_MOMENTS)[2:]:
        if moment in levels:
            answer = f"{_UNTIL[moment]}, {when[moment]}" if when.get(moment) else _UNTIL[moment]
            yield PredictionChoice(answer=answer, because=given.because(moment), right=moment is over)
        elif moment not in given.seconds:
            yield PredictionChoice(answer=_UNTIL[moment], because=_NEVER)
    lasts = given.said(levels[-1]) if over is None else given.ended(over)
    yield PredictionChoice(answer=_ALWAYS_DRAINED if drain else _ALWAYS, because=lasts, right=over is None)


@dataclass(frozen=True)
class _Levels:
    """What the failure costs, one moment after the other."""

    still: Mapping[Moment, str]
    seconds: Mapping[Moment, float]
    """Of those that come."""

    @lazy
    def levels(self) -> Sequence[Moment]:
        """The moments that last: one that ends in the second in which it begins doesn't."""
        last = {second: moment for moment, second in self.seconds.items()}
        return tuple(last.values())

    @lazy
    def over(self) -> Moment | None:
        """From when on nothing is lost; None if something is for ever."""
        ends = (at for at in range(len(self.levels)) if not any(self.still[each] for each in self.levels[at:]))
        first = next(ends, None)
        return None if first is None else self.levels[first]

    def because(self, moment: Moment) -> str:
        """Return why the loss ends then, or why it doesn't."""
        place, over = self.levels.index(moment), self.over
        if moment is over:
            before = next(each for each in reversed(self.levels[:place]) if self.still[each])
            then = _THEN[moment]
            return f"{self.said(before)[:-1]}; {then[:1].lower()}{then[1:]} none is."
        if over is None or place < self.levels.index(over):
            return self.said(next(each for each in self.levels[place:] if self.still[each]))
        return self.ended(over)

    def said(self, moment: Moment) -> str:
        """Return what is lost at a moment, as a sentence."""
        return f"{_THEN[moment]}, {self.still[moment]}."

    def ended(self, over: Moment) -> str:
        """Return that the loss is over by then."""
        return (
            "Whatever was answered before is answered all the time."
            if over is self.levels[0]
            else f"{_THEN[over]}, nothing more is lost."
        )
