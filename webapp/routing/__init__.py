"""Where each new connection goes, and why it fails: kube-proxy's rules and nothing else.

A State becomes, for one service port, a small plain-data :class:`Plan`; :func:`evaluate` turns that into one
:class:`Entry` for each node; :func:`outcome` puts them together with the ways in (DNS, load balancer, one node).
:func:`simulation_document` is all of it as JSON.
"""

from webapp.routing.document import entry_count, problem_document, simulation_document
from webapp.routing.evaluate import balancer_targets, evaluate
from webapp.routing.outcome import Cause, Crowd, Entry, PortOutcome, Result
from webapp.routing.outcomes import has_entries, outcome
from webapp.routing.plan import Plan, PlanNode
from webapp.routing.ways import AddressWay, HostWay, WayKind, address_ways, host_ways

__all__ = [
    "AddressWay",
    "Cause",
    "Crowd",
    "Entry",
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
