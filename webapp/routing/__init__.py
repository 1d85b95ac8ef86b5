"""Where each new connection goes, and why it fails: kube-proxy's rules and nothing else.

A State becomes, for one service port, a small plain-data :class:`Plan`; :func:`evaluate` turns that into one
:class:`Entry` for each node; :func:`outcome` puts them together with the access paths (DNS, load balancer, one node).
"""

from webapp.routing.access_paths import AddressKind, AddressPath, HostPortPath, address_paths, host_port_paths
from webapp.routing.entry import Cause, Entry, Result
from webapp.routing.equal_entry_points import EntryPointGroup
from webapp.routing.evaluate import evaluate, load_balancer_targets
from webapp.routing.outcome import PortOutcome, outcome
from webapp.routing.plan import Plan, PlanNode
from webapp.routing.plans import has_entries

__all__ = [
    "AddressKind",
    "AddressPath",
    "Cause",
    "Entry",
    "EntryPointGroup",
    "HostPortPath",
    "Plan",
    "PlanNode",
    "PortOutcome",
    "Result",
    "address_paths",
    "evaluate",
    "has_entries",
    "host_port_paths",
    "load_balancer_targets",
    "outcome",
]
