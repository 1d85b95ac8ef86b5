"""A second, deliberately naive implementation of kube-proxy's rules, to hold the real one against.

Written from the rules alone and as slowly as they read: for each node anew, no index, no sharing.
"""

from webapp.cluster.model import Endpoint
from webapp.routing.plan import Plan, PlanNode


def naive_entry(plan: Plan, node: PlanNode) -> tuple[str, float, dict[str, float]]:
    """Return outcome, share answered and shares of one entry point."""
    if not node.up:
        return "timeout", 0, {}
    usable = _usable_set(plan, node)
    somewhere = any(e.ready or (e.serving and e.terminating) for e in plan.endpoints)
    if not node.listens:
        dropped = plan.iptables and plan.local and not usable and somewhere
        return ("timeout" if dropped else "refused"), 0, {}
    if not usable:
        return ("timeout" if somewhere else "refused"), 0, {}
    shares = {endpoint.key: 1 / len(usable) for endpoint in usable}
    answered = sum(share for key, share in shares.items() if key not in plan.dead)
    dead = [key for key in shares if key in plan.dead]
    if not dead:
        return "answered", 1, shares
    return ("timeout" if len(dead) == len(usable) else "degraded"), answered, shares


def _usable_set(plan: Plan, node: PlanNode) -> list[Endpoint]:
    if plan.local:
        here = [e for e in plan.endpoints if e.node is not None and e.node == node.name]
        ready = [e for e in here if e.ready]
        return ready or [e for e in here if e.serving and e.terminating]
    ready = [e for e in plan.endpoints if e.ready]
    if not ready:
        return [e for e in plan.endpoints if e.serving and e.terminating]
    if all(e.node_hints for e in ready) and any(node.name in e.node_hints for e in ready):
        return [e for e in ready if node.name in e.node_hints]
    if node.zone and all(e.zone_hints for e in ready) and any(node.zone in e.zone_hints for e in ready):
        return [e for e in ready if node.zone in e.zone_hints]
    return ready
