"""What is drawn of a graph, be it that of one service port or of a whole cluster."""

from webapp.diagram.arrange import arrange
from webapp.diagram.cluster_layout import arrange_map
from webapp.diagram.cluster_map import cluster_map
from webapp.diagram.cluster_outline import cluster_outline
from webapp.diagram.cluster_svg import export_map
from webapp.diagram.describe import describe
from webapp.diagram.outline import Outline, outline
from webapp.diagram.svg import export
from webapp.topology.attributes import Graph
from webapp.topology.reading import is_cluster


def svg_of(graph: Graph) -> str:
    """Return the picture as a file of its own."""
    return export_map(arrange_map(cluster_map(graph))) if is_cluster(graph) else export(arrange(describe(graph)))


def outline_of(graph: Graph) -> Outline:
    """Return the picture as named boxes and arrows."""
    return cluster_outline(cluster_map(graph)) if is_cluster(graph) else outline(describe(graph))
