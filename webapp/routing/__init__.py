"""Where each new connection goes, and why it fails: kube-proxy's rules and nothing else.

A State becomes, for one service port, a small plain-data :class:`Plan`; :func:`evaluate` turns that into one
:class:`Entry` for each node; :func:`outcome` puts them together with the ways in (DNS, load balancer, one node).
:func:`simulation_document` is all of it as JSON.
"""

from webapp.routing.document import entry_count, problem_document, simulation_document
from webapp.routing.entry import Cause, Entry, Result
from webapp.routing.equal_entry_points import EntryPointGroup
from webapp.routing.evaluate import balancer_targets, evaluate
from webapp.routing.outcome import PortOutcome, outcome
from webapp.routing.plan import Plan, PlanNode
from webapp.routing.plans import has_entries
from webapp.routing.ways import AddressWay, HostWay, WayKind, address_ways, host_ways

__all__ = [
    "AddressWay",
    "Cause",
    "Entry",
    "EntryPointGroup",
    "HostWay",
    "Plan",
    "PlanNode",
    "PortOutcome",
    "Result",
    "WayKind",
    "address_ways",
    "balancer_targets",
    "entry_count",
    "evaluate",
    "has_entries",
    "host_ways",
    "outcome",
    "problem_document",
    "simulation_document",
]
