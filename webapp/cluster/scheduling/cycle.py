"""The scheduling cycle of one template: its PreFilter and PreScore state, from which Filter and Score follow."""

from collections.abc import Sequence

from webapp.cluster.scheduling.interpod import InterPodAffinity, inter_pod_terms
from webapp.cluster.scheduling.node_group import NodeGroup
from webapp.cluster.scheduling.nodes import NodeClass, NodeInfo, Snapshot
from webapp.cluster.scheduling.pair_counts import HostCounts, PairCounts, TopologyCounts
from webapp.cluster.scheduling.placed import PlacedPods, PodClass
from webapp.cluster.scheduling.spread import SpreadFilter, SpreadScore
from webapp.cluster.scheduling.static_filters import Reasons, StaticResult, static_results
from webapp.cluster.scheduling.template import Template


class SchedulingCycle:
    """One template's view of all nodes.

    What depends on other pods is in pair counts, so that placing one more of the template's own pods costs a few
    additions, and nodes that can't be told apart are looked at once, as a group.
    """

    def __init__(self, template: Template, nodes: Snapshot, placed: PlacedPods, *, scores: bool = True) -> None:
        """Count the pods that are placed; `scores` says whether also for what only scores nodes."""
        inter_pod = inter_pod_terms(template.pod, template.terms, placed)
        self.template = template
        self.keys = template.keys(inter_pod.keys, hosts_unique=nodes.hosts_unique)
        self.topology = TopologyCounts(nodes, self.keys)
        self.static_results = static_results(template, self.topology.classes)
        self._hard = SpreadFilter(template, self.topology, self.static_results, placed)
        self.soft = SpreadScore(template, self.topology, self.static_results, placed, template.soft if scores else ())
        self._pods = InterPodAffinity(template.pod, inter_pod, self.topology, placed)
        # Opened last, so that it is the last of a group's host counts; see NodeGroup.same_workload.
        self._same_workload = self.topology.open(PairCounts, "", per_node=True)
        for pod_class in placed.same_workload(template.pod):
            self.topology.count(self._same_workload, pod_class.nodes)
        # Whether a node that no static filter refuses can be refused for the pods on it.
        self.filtering = bool(template.hard) or self._pods.filtering
        self._counts: dict[int, bool] = {}
        self._deterred = any(static.intolerable_taints for static in self.static_results.values())
        # Ordinary pods ask for nothing: only the system's default spread constraints tell nodes apart.
        others = self.filtering or self._deterred or template.preferred or self._pods.scoring or self.soft.ignores
        self.plain = bool(self.soft) and not others

    def node_group(self, node_class: NodeClass, host_counts: HostCounts) -> NodeGroup:
        """Return a new group."""
        return NodeGroup(node_class, self.static_results[node_class], host_counts)

    def filter_by_plugin(self, node_info: NodeInfo) -> dict[str, Reasons]:
        """Return each plugin's reasons against the node, in the scheduler's order."""
        node_class, host_counts = self.topology.class_of_node[node_info.name], self.topology.host_counts(node_info.name)
        pod_resources, static = self.template.pod_resources, self.static_results[node_class]
        found = {
            **static.refusals,
            "NodePorts": node_info.ports_taken(pod_resources.ports),
            "NodeResourcesFit": node_info.capacity.shortages(pod_resources.requests),
            "PodTopologySpread": self._hard.filter(node_class, host_counts),
            "InterPodAffinity": self._pods.filter(node_class, host_counts),
        }
        if static.prefilter:
            found["NodeAffinity"] = static.prefilter
        return {plugin: reasons for plugin, reasons in found.items() if reasons}

    def filter(self, node_info: NodeInfo) -> Reasons:
        """Return the reasons of the first plugin that refuses the node, empty if it is feasible."""
        prefilter = self.static(node_info).prefilter
        return prefilter or next(iter(self.filter_by_plugin(node_info).values()), ())

    def static(self, node_info: NodeInfo) -> StaticResult:
        """Return what the pods make of the node, whatever runs on it."""
        return self.static_results[self.topology.class_of_node[node_info.name]]

    def filter_placed(self, node_info: NodeInfo) -> Reasons:
        """Return why a node that no static filter refuses is refused for what runs on it and elsewhere, or ()."""
        pod_resources = self.template.pod_resources
        full = node_info.ports_taken(pod_resources.ports) or node_info.capacity.shortages(pod_resources.requests)
        return full or self.filter_domains(node_info)

    def filter_domains(self, node_info: NodeInfo) -> Reasons:
        """Return why the node is refused for the pods in its topology domains, or ()."""
        if not self.filtering:
            return ()
        node_class, host_counts = self.topology.class_of_node[node_info.name], self.topology.host_counts(node_info.name)
        return self._hard.filter(node_class, host_counts) or self._pods.filter(node_class, host_counts)

    def counts(self, pod_class: PodClass) -> bool:
        """Return whether it makes a difference to the filters where these placed pods are."""
        found = self._counts.get(id(pod_class))
        if found is None:
            found = self._counts[id(pod_class)] = self._hard.counts(pod_class) or self._pods.counts(pod_class)
        return found

    def move_pod(self, pod_class: PodClass, node_info: NodeInfo, change: int, *, terminating: bool) -> None:
        """Count placed pods that come to the node or, with a negative number, go from it; for the filters alone."""
        node_class = self.topology.class_of_node[node_info.name]
        if not terminating:
            self._hard.move_pod(pod_class, node_info.name, node_class, change)
        self._pods.move_pod(pod_class, node_info.name, node_class, change)

    def filter_group(self, node_group: NodeGroup) -> Reasons:
        """Return why the group's nodes are refused though no static filter does and the pod would fit; or ()."""
        if not self.filtering:
            return ()
        return self._hard.filter(node_group.node_class, node_group.host_counts) or self._pods.filter(
            node_group.node_class, node_group.host_counts
        )

    def add_pod(self, node_info: NodeInfo, node_class: NodeClass) -> None:
        """Count one more of the template's pods, on this node of the class."""
        self._hard.add_pod(node_info.name, node_class)
        self._pods.add_pod(node_info.name, node_class)
        self.soft.add_pod(node_info.name, node_class)
        self._same_workload.add(node_info.name, 1)

    def score(self, node_groups: Sequence[NodeGroup]) -> list[int]:
        """Return the weighted score of each group's nodes, without the part that depends on their resources."""
        # Weights of the default profile: TaintToleration 3, NodeAffinity, PodTopologySpread and InterPodAffinity 2
        # (pkg/scheduler/apis/config/v1/default_plugins.go). Together the groups must hold all feasible nodes, because
        # the plugins measure nodes against each other.
        totals = [300] * len(node_groups)
        if self._deterred:
            totals = [300 - 3 * score for score in _normalized([g.static.intolerable_taints for g in node_groups])]
        preferred = self.template.preferred
        parts = [_normalized([g.static.preferred_weight for g in node_groups])] if preferred else []
        parts += [self.soft.score(node_groups)] if self.soft else []
        parts += [self._pods.score(node_groups)] if self._pods.scoring else []
        for part in parts:
            totals = [total + 2 * score for total, score in zip(totals, part, strict=True)]
        return totals


def _normalized(scores: Sequence[int]) -> list[int]:
    """Return the scores in percent of the highest (DefaultNormalizeScore, plugins/helper/normalize_score.go)."""
    most = max(scores)
    return [100 * score // most for score in scores] if most else list(scores)
