"""Where new connections to a service port are lost, where they could be and are not, and why."""

from collections.abc import Iterable, Mapping

from webapp.failure.scenario import Moment
from webapp.failure.state import State
from webapp.lazy import lazy
from webapp.numbers import counted, everything, nothing, percent
from webapp.records import dataclass
from webapp.routing.outcome import PortOutcome
from webapp.topology.reading import Ending, ending_of

_NO_TARGET = "No node passes the load balancer’s health check, so it sends to none."
_DOWN_NOWHERE = "Nothing is down yet."


@dataclass(frozen=True)
class Losses:
    """What clients of one access path lose at one service port, in one state."""

    state: State
    before: PortOutcome
    now: PortOutcome
    via: str

    @lazy
    def share(self) -> float:
        """What is answered, 0 to 1."""
        return self.now.answered(self.via) or 0.0

    @lazy
    def reasons(self) -> Mapping[Ending, str]:
        """For each way in which connections are lost why they are."""
        found: dict[Ending, str] = {}
        groups = self.now.chosen(self.via)
        for group in groups:
            if not everything(group.entry.answered):
                found.setdefault(ending_of(group.entry.cause, group.entry.result), group.entry.said_of(group.count))
        if not groups:
            found[Ending.DROPPED] = _NO_TARGET
        if Ending.NODE_DOWN in found:
            found[Ending.NODE_DOWN] = self._node_down()
        return {ending: found[ending] for ending in Ending if ending in found}

    @lazy
    def all_lost(self) -> bool:
        """Whether nothing is answered."""
        return nothing(self.share)

    @lazy
    def lost_nodes(self) -> frozenset[str]:
        """The nodes at whose IPs nothing is answered; none if something is lost at another one too."""
        groups = [group for group in self.now.chosen(self.via) if not everything(group.entry.answered)]
        whole = all(nothing(group.entry.answered) for group in groups)
        return frozenset(name for group in groups for name in group.nodes) if whole else frozenset()

    @lazy
    def nodes(self) -> tuple[str, ...]:
        """The nodes to which something happens, else those of the pods to which it does; in the cluster's order."""
        failing = self._failing_nodes
        if not failing:
            failing = frozenset(e.home for e in self.before.endpoints if e.pod in self._hit_pods and e.home)
        return tuple(name for name in self.state.cluster.nodes if name in failing)

    @lazy
    def placed(self) -> frozenset[str]:
        """The endpoints of before that are on what fails, by key."""
        hit, nodes = self._hit_pods, self._failing_nodes
        return frozenset(e.key for e in self.before.endpoints if e.home in nodes or e.pod in hit)

    @lazy
    def _failing_nodes(self) -> frozenset[str]:
        state = self.state
        return state.down_nodes.union(state.scenario.drain, state.dead_kube_proxies, state.unseen_nodes)

    @lazy
    def _hit_pods(self) -> frozenset[str]:
        named = {target.name for target in self.state.scenario.down if "/" in target.name}
        return self.state.dead_pods.union(named)

    def why_lost(self) -> str:
        """Return why connections are lost, or why none is."""
        if not self.reasons:
            return f"{self.why_not(Ending.NODE_DOWN)} {self.why_not(Ending.DEAD_ENDPOINT)}"
        return " ".join(self.reasons.values())

    def why_this_share(self) -> str:
        """Return the share as a product, where some are lost at node IPs and some behind them; else why they are."""
        groups = self.now.chosen(self.via)
        ips = sum(group.count for group in groups)
        up = sum(group.count for group in groups if group.entry.node not in self.state.down_nodes)
        share = self.share * ips / up if up else 0.0
        if up == ips or nothing(share) or everything(share):
            return self.why_lost()
        at_ips, behind = percent(up / ips), percent(share)
        return (
            f"{up:,} of {ips:,} node IPs are up, {at_ips}; of the connections to these {behind} are answered: "
            f"{at_ips} × {behind} = {percent(self.share)}."
        )

    def why_not(self, ending: Ending) -> str:
        """Return why none is lost in one of the ways, where none is."""
        if self.state.scenario.at is Moment.BEFORE:
            return _DOWN_NOWHERE
        if ending is Ending.NODE_DOWN:
            return self._no_node_down()
        if ending is Ending.DEAD_ENDPOINT:
            return self._no_dead_endpoint()
        if ending is Ending.REFUSED:
            return "A usable endpoint is left, so kube-proxy does not refuse."
        return "Each node that they come to has an endpoint that it may send to."

    def why_not_all(self) -> str:
        """Return what is still answered, and by what."""
        up = counted(len(self.now.live), "endpoint that is", "endpoints that are")
        return f"{percent(self.share)} are still answered, by {up} up."

    def _node_down(self) -> str:
        down = [group for group in self.now.chosen(self.via) if group.entry.node in self.state.down_nodes]
        count = sum(group.count for group in down)
        first = down[0].entry.node
        which = f"{first} is" if count == 1 else f"{count:,} nodes are"
        nothing_there = f"{which} down, and nothing answers at {'its IP' if count == 1 else 'their IPs'}"
        return f"{nothing_there}, which DNS still gives out." if self.via == "dns" else f"{nothing_there}."

    def _no_node_down(self) -> str:
        if not self.state.down_nodes:
            return (
                "All nodes are up."
                if not self.state.scenario.drain
                else "A drained node is still up, and so is its IP."
            )
        if self.via == "lb":
            return "The load balancer sends only to nodes that pass its health check."
        return f"These clients connect to {self.via.removeprefix('node/')} only, which is up."

    def _no_dead_endpoint(self) -> str:
        if not self.nodes:
            return "All pods keep running."
        if not self.placed:
            return f"None of this Service’s pods is on {names(self.nodes)}."
        if any(e.key in self.placed and e.ready and e.key not in self.now.live for e in self.now.endpoints):
            return "The kube-proxies that these clients reach select none of the pods that are down."
        if self.placed <= self.now.live:
            return "Its pods answer."
        return "The pods that are gone are no longer ready endpoints, so kube-proxy selects only others."


def names(nodes: Iterable[str]) -> str:
    """Return ``worker-2``, or how many there are.

    >>> names(["a"]), names(["a", "b"])
    ('a', 'the 2 nodes')
    """
    found = tuple(nodes)
    return found[0] if len(found) == 1 else f"the {len(found):,} nodes"
