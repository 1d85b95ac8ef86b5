"""Where the new connections of one access path come in."""

from collections.abc import Mapping

from webapp.routing.outcome import PortOutcome


def entry_weight(outcome: PortOutcome, via: str) -> float:
    """Return the share of all new connections that comes in at each entry point that an access path leads to."""
    # Round robin over DNS knows no health, so each address gets the same; a load balancer spreads evenly over the
    # targets that pass its check; a client that knows one address uses that one. No target left: nothing comes in.
    chosen = sum(group.count for group in outcome.chosen(via))
    return 1 / chosen if chosen else 0.0


def arrivals(outcome: PortOutcome, via: str) -> Mapping[str, float]:
    """Return the share of all new connections that comes in at entry points that do the same, by the first's node."""
    each = entry_weight(outcome, via)
    if via in ("dns", "lb"):
        return {its.entry.node: each * its.count for its in outcome.groups if via == "dns" or its.lb_target}
    named = outcome.group_of(via.removeprefix("node/"))
    return {named.entry.node: 1.0} if named else {}
