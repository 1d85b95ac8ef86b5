"""A whole cluster placed so that nothing has to be cut: as wide as its longest names, for a file that is printed."""

from collections.abc import Iterable
from dataclasses import replace

from webapp.diagram.cluster_layout import ClusterLayout, arrange_map
from webapp.diagram.cluster_map import ClusterMap, MapLane
from webapp.diagram.text import Face, width

# What stands in a box beside the name: of a pod its sign, of a lane its sign and margins, of a header what is answered.
_BESIDE_POD = 34
_BESIDE_LANE = 48
_BESIDE_SERVICE = 136
_MOST = 1000
"""Pixels that a name gets at most: about the 126 letters of a namespace and a service."""


def arranged_in_full(its: ClusterMap) -> ClusterLayout:
    """Return the placed picture with whole names of nodes, services and pods.

    Of more services than have a column for words, and of more pods than have a box, names stay in titles; one that is
    far longer than names are is still cut.
    """
    sizes = arrange_map(its).sizes
    zones = (replace(zone, lanes=tuple(replace(lane, short=lane.title) for lane in zone.lanes)) for zone in its.zones)
    whole = replace(its, zones=tuple(zones))
    title = _longest(sizes.title, (_title(lane) for lane in its.lanes))
    if not sizes.wide:
        return arrange_map(whole, replace(sizes, title=title))
    pods = (pod.name for lane in its.lanes for cell in lane.cells for pod in cell.pods)
    pod = max([sizes.pod, *(width(name, 12, Face.MONO) + _BESIDE_POD for name in pods)])
    headers = [width(f"{bar.namespace}/", 14) + width(bar.service, 14, Face.BOLD) + _BESIDE_SERVICE for bar in its.bars]
    column = max([sizes.column + pod - sizes.pod, *headers])
    return arrange_map(whole, replace(sizes, title=title, pod=pod, column=column))


def _longest(least: float, needed: Iterable[float]) -> float:
    return max(least, min(max(needed, default=0), _MOST))


def _title(lane: MapLane) -> float:
    state = width(lane.word, 12, Face.BOLD) + 8 if lane.word else 0
    return width(lane.title, 14, Face.BOLD) + state + _BESIDE_LANE
