"""When the moments of this failure are, in words: by its own clock; with nothing down, by the version's defaults."""

from collections.abc import Mapping
from dataclasses import replace

from webapp.failure import CRASH_MOMENTS, Moment
from webapp.failure.nodelifecycle import usual_seconds
from webapp.numbers import duration
from webapp.views.page.simulation import clock_of
from webapp.views.page.state import PageState
from webapp.views.page.wording import MOMENTS, MomentWords

_TIMED = (Moment.DETECTED, Moment.RESCHEDULED)


def seconds_of(page: PageState) -> Mapping[Moment, float]:
    """Return when the moments of the failure come; with nothing down those of a node's usual course."""
    return clock_of(page).seconds_at or usual_seconds(page.options.minor_version)


def moment_words(moment: Moment, seconds_at: Mapping[Moment, float]) -> MomentWords:
    """Return what a moment is called and when it is; one that never comes says so."""
    words = MOMENTS[moment]
    if moment not in _TIMED:
        return words
    if moment not in seconds_at:
        last = max((known for known in seconds_at), key=CRASH_MOMENTS.index)
        return replace(words, when="never", detail=f"never · same as {MOMENTS[last].title.lower()}")
    when = _about(seconds_at[moment])
    return replace(words, short=when, when=when, detail=f"{when} · {words.detail}")


def _about(seconds: float) -> str:
    """Return ``≈ 50 s``, ``≈ 6 min``, ``≈ 4.7 h``."""
    rough = seconds if seconds < 120 or seconds >= 7200 else 60 * round(seconds / 60)
    text = f"{rough / 60:.0f} min" if 120 <= rough < 7200 else duration(seconds)
    return f"≈ {text}"
