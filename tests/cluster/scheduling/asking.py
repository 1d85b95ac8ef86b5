"""A scheduler that says of each node why a pod must not go there and how it scores, as the recorded answers do."""

from collections import Counter
from collections.abc import Iterable, Sequence

from webapp.cluster.model import Pod
from webapp.cluster.scheduling import Placement, Scheduler
from webapp.cluster.scheduling.batch import unschedulable
from webapp.cluster.scheduling.cycle import SchedulingCycle
from webapp.cluster.scheduling.nodes import NodeInfo


class AskedScheduler(Scheduler):
    """Asked about one pod at a time."""

    def feasible(self, pod: Pod) -> dict[str, tuple[str, ...]]:
        """Return for each node why the pod must not go there: the first refusing plugin's reasons; empty = it may."""
        cycle = self.cycle(pod)
        return {node_info.name: cycle.filter(node_info) for node_info in self.snapshot.node_infos}

    def reasons_by_plugin(self, pod: Pod) -> dict[str, dict[str, tuple[str, ...]]]:
        """Return for each node the reasons of every plugin that refuses it when asked alone."""
        cycle = self.cycle(pod)
        return {node_info.name: cycle.filter_by_plugin(node_info) for node_info in self.snapshot.node_infos}

    def scores(self, pod: Pod, nodes: Iterable[str] | None = None) -> dict[str, int]:
        """Return the total score of the nodes, all feasible ones if none are given; the highest gets the pod.

        Scores only mean something among the nodes they were asked for: most plugins measure these against each other.
        """
        cycle = self.cycle(pod)
        chosen = set(nodes) if nodes is not None else {name for name, why in self.feasible(pod).items() if not why}
        infos = [node_info for node_info in self.snapshot.node_infos if node_info.name in chosen]
        requests = cycle.template.pod_resources.requests
        totals = zip(infos, _totals(cycle, infos), strict=True)
        return {node_info.name: total + node_info.capacity.score(requests) for node_info, total in totals}

    def message(self, pod: Pod) -> str:
        """Return why the pod fits on no node, as ``kubectl describe pod`` puts it; empty if it fits on one."""
        reasons = self.feasible(pod).values()
        if reasons and not all(reasons):
            return ""
        return unschedulable(Counter(reason for found in reasons for reason in found), len(reasons))

    def place(self, pod: Pod) -> Placement:
        """Return where the pod goes, and put it there."""
        return self.place_many((pod,))[0]


def _totals(cycle: SchedulingCycle, infos: Sequence[NodeInfo]) -> list[int]:
    """Return what the cycle scores each node, if these are all the feasible ones."""
    places = [(cycle.topology.class_of_node[info.name], cycle.topology.host_counts(info.name)) for info in infos]
    sizes = Counter(places)
    groups = [cycle.node_group(*place) for place in sizes]
    for group, size in zip(groups, sizes.values(), strict=True):
        group.size = size
    found = dict(zip(sizes, cycle.score(groups) if groups else (), strict=True))
    return [found[place] for place in places]
