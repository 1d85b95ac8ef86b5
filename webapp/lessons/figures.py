"""The figures in a lesson's sentences: worked out from its manifests, so that none can be wrong."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl

from webapp.cluster.model import Cluster
from webapp.cluster.options import ClusterOptions
from webapp.failure.moments import state_at
from webapp.failure.word_values import ScenarioError
from webapp.failure.words import PAGE, decode, decode_options
from webapp.lessons.lesson import LessonStep
from webapp.manifests.manifests import Manifests
from webapp.numbers import percent
from webapp.routing.outcome import PortOutcome, outcome

_FIGURE = re.compile(r"\{(\w+)(?: with ([^{}]*))?\}")


class FigureError(ValueError):
    """A figure or a state that these manifests don't have."""


def _answered(found: PortOutcome, via: str) -> str:
    return percent(found.answered(via) or 0.0)


def _lost(found: PortOutcome, via: str) -> str:
    return percent(1 - (found.answered(via) or 0.0))


FIGURES: Mapping[str, Callable[[PortOutcome, str], str]] = {"answered": _answered, "lost": _lost}
"""By name, as a sentence says it: of new connections by the state's access path."""


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of one set of manifests."""

    manifests: Manifests
    cluster: Callable[[ClusterOptions], Cluster]
    """The cluster that the manifests make under some options."""

    def filled(self, text: str, step: LessonStep) -> str:
        """Return a text of a step with its figures.

        ``{answered}`` is what is answered in the step's own state, ``{lost with down=node/node-2}`` what is lost in
        another one.

        Raises:
            FigureError: there is no such figure, or its words name what these manifests don't have.

        """

        def figure(found: re.Match[str]) -> str:
            name, words = found[1], found[2] if found[2] is not None else step.show
            if name not in FIGURES:
                raise FigureError(f"there is no figure {{{name}}}; there are {', '.join(FIGURES)}.")
            return FIGURES[name](*self._outcome(words))

        return _FIGURE.sub(figure, text)

    def _outcome(self, words: str) -> tuple[PortOutcome, str]:
        pairs = parse_qsl(words, keep_blank_values=True)
        try:
            cluster = self.cluster(decode_options(pairs, self.manifests, PAGE))
            scenario = decode(pairs, cluster)
        except ScenarioError as error:
            raise FigureError(f"{error} It stands in `{words}`.") from None
        key = scenario.service or next((key for key, its in cluster.services.items() if its.ports), None)
        if key is None:
            raise FigureError("there is no Service in these manifests.")
        return outcome(state_at(cluster, scenario), key, 0), scenario.via
