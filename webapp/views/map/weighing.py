"""What an edit would give before it is taken: shares answered in the failure that is shown, else in a likely one."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from webapp.diagram.cluster_columns import PortChange
from webapp.diagram.whole_cluster import port_changes
from webapp.failure import Moment, Target, words
from webapp.failure.kinds import FailureKind
from webapp.numbers import everything, percent
from webapp.views.map.cluster_values import range_or_count
from webapp.views.map.likely_cluster_failures import worst_node as worst_node_of_all
from webapp.views.map.likely_failures import worst_node
from webapp.views.page.cache import keep_latest
from webapp.views.page.edits import MOST_PODS, MOST_PODS_ASKED, answered, cluster_of, is_small, state_there
from webapp.views.page.query import EFFECTS
from webapp.views.page.state import PageState, exposed

MOST_WEIGHED_TOGETHER = 100
"""Service ports of a whole cluster; with more each number would take as long as a click may."""
# Shares are sums of fractions: a difference below this is rounding.
NOISE = 1e-9


@dataclass(frozen=True, slots=True)
class EditEffect:
    """What a state would answer: one share, or of several services the range."""

    text: str
    least: float
    """Of the worst service."""
    total: float
    """Of all of them, to compare."""

    @classmethod
    def of(cls, share: float | None) -> "EditEffect | None":
        """Return the effect of a share; None without one."""
        return None if share is None else cls(percent(share), share, share)

    @property
    def is_whole(self) -> bool:
        """Whether nothing is lost."""
        return everything(self.least)


@dataclass(frozen=True, slots=True)
class Weighing:
    """A state, the failure in which its edits are weighed, and what is answered there without them."""

    page: PageState
    there: PageState
    """The state itself; while all is well, the same with its worst node just failed."""
    now: EditEffect | None
    weighs: bool
    """Whether other clusters may be built."""

    @property
    def supposed(self) -> str:
        """The node that is supposed to fail; empty where the failure is that of the state."""
        return (
            ""
            if self.there.scenario == self.page.scenario
            else next(target.name for target in self.there.scenario.down)
        )

    @property
    def can_be_asked(self) -> bool:
        """Whether there is more to say for those who wait for it."""
        return not self.weighs and self.loses and is_small(self.page, MOST_PODS_ASKED) and _is_of_few(self.page)

    @property
    def loses(self) -> bool:
        """Whether something is lost: while all is well, no number is worth the room but that of a loss."""
        return self.now is not None and not self.now.is_whole

    def effect(self, page: PageState) -> EditEffect | None:
        """Return what an edited state would give in this failure; None where that takes long, or can't be told."""
        if not self.loses or not (self.weighs or page.options == self.page.options):
            return None
        there = replace(page, scenario=replace(self.there.scenario, via=page.scenario.via))
        # Without the node that is supposed to fail there is nothing to weigh.
        if self.supposed and self.supposed not in cluster_of(there).nodes:
            return None
        return effect_of(there)

    def helps_now(self, effect: EditEffect) -> bool:
        """Return whether an effect with nothing down is at least what there is with nothing down."""
        now = effect_of(self.page)
        return now is None or effect.total > now.total - NOISE

    def helps(self, effect: EditEffect | None) -> bool:
        """Return whether an effect is more than there is; one that is not worked out may be."""
        return effect is None or self.now is None or effect.total > self.now.total + NOISE


def weighing(page: PageState) -> Weighing:
    """Return how the edits of a state are weighed."""
    weighs = _is_of_few(page) and is_small(page, MOST_PODS_ASKED if EFFECTS.asked() else MOST_PODS)
    now = effect_of(page) if _is_of_few(page) else None
    if page.has_failure or now is None or not now.is_whole:
        return Weighing(page, page, now, weighs)
    name = worst_node_of_all(page) if page.whole else worst_node(page)
    if not name:
        return Weighing(page, page, now, weighs)
    there = page.toggled(Target(kind=FailureKind.NODE, name=name)).at(Moment.FAILED)
    return Weighing(page, there, effect_of(there), weighs)


def _is_of_few(page: PageState) -> bool:
    return not page.whole or sum(len(its.ports) for its in exposed(page.cluster)) <= MOST_WEIGHED_TOGETHER


def effect_of(page: PageState) -> EditEffect | None:
    """Return what a state answers; None where no client can connect."""
    if not page.whole:
        return EditEffect.of(answered(page))
    changes = changes_of(page)
    return effect_on(changes) if changes else None


def effect_on(changes: Iterable[PortChange]) -> EditEffect:
    """Return the effect on some service ports, one at least."""
    listed = tuple(changes)
    shares = [change.share for change in listed]
    return EditEffect(range_or_count(listed), min(shares), sum(shares))


@keep_latest(64, key=lambda page: (page.topology.id, page.options, page.scenario))
def changes_of(page: PageState) -> tuple[PortChange, ...]:
    """Return what every exposed port answers in a state whose cluster may not have been built yet."""
    cluster = cluster_of(page)
    scenario, _ = words.prune(words.encode(page.scenario), cluster)
    return tuple(port_changes(state_there(page, cluster, scenario)))
