"""The load on the pods that are left: how much more each takes than before the failure."""

from collections import defaultdict
from collections.abc import Mapping

from webapp.records import dataclass
from webapp.routing.outcome import PortOutcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What one access path brings to the pods."""

    busiest: str
    """Key of the endpoint whose load grows most."""
    factor: float
    """Its load, as a multiple of the mean of all pods before; 2 when half of them carry everything."""


def pod_loads(outcome: PortOutcome, via: str) -> Mapping[str, float]:
    """Return by live endpoint the share of all new connections through one access path that it gets."""
    chosen = outcome.chosen(via)
    total = sum(group.count for group in chosen)
    loads: defaultdict[str, float] = defaultdict(float)
    for group in chosen:
        shares = group.entry.shares
        # What is sent to a dead endpoint loads nobody.
        for key in shares.keys() & outcome.live:
            loads[key] += shares[key] * group.count / total
    return loads


def surviving_load(before: PortOutcome, now: PortOutcome, via: str) -> Load | None:
    """Return how the load of the busiest pod compares with the mean before; None if no pod gets any.

    Each of the n - k pods that are left takes n/(n-k) of what a pod took, as far as connections still reach a node:
    kube-proxy picks with equal chances (Kubernetes, Virtual IPs). Under policy Local, and with hints, one pod may take
    far more than the others.
    """
    old, new = pod_loads(before, via), pod_loads(now, via)
    # By what a mean pod took before, dead shares not counted, so that 2 means twice the work.
    total = sum(old.values())
    if not new or not total:
        return None
    # Sorted, so that of equals the first by name is told.
    busiest = max(sorted(new), key=lambda key: new[key])
    return Load(busiest=busiest, factor=new[busiest] * len(old) / total)
