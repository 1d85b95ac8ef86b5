"""Placement as kube-scheduler's default profile does it, and the DaemonSet controller's choice of nodes."""

from webapp.cluster.scheduling.daemonset import daemon_spec, daemonset_nodes, is_daemon
from webapp.cluster.scheduling.placement import PlacedTemplate, Placement
from webapp.cluster.scheduling.priority import Priorities
from webapp.cluster.scheduling.scheduler import Scheduler

__all__ = ["PlacedTemplate", "Placement", "Priorities", "Scheduler", "daemon_spec", "daemonset_nodes", "is_daemon"]
