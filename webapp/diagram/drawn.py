"""What is drawn of a graph, be it that of one service port or of a whole cluster."""

from typing import cast

from webapp.diagram import wording
from webapp.diagram.arrange import arrange
from webapp.diagram.cluster_bars import folded_bars, service_bars
from webapp.diagram.cluster_layout import arrange_map
from webapp.diagram.cluster_map import ClusterMap, cluster_map
from webapp.diagram.cluster_outline import cluster_outline
from webapp.diagram.cluster_svg import export_map
from webapp.diagram.describe import describe
from webapp.diagram.full_names import arranged_in_full
from webapp.diagram.outline import Outline, outline
from webapp.diagram.picture_options import PLAIN, PictureOptions
from webapp.diagram.svg import export
from webapp.topology.attributes import ClusterQuestion, Graph, Question, Situation
from webapp.topology.reading import is_cluster


def svg_of(graph: Graph, options: PictureOptions = PLAIN) -> str:
    """Return the picture as a file of its own."""
    if is_cluster(graph):
        its = cluster_map(graph)
        return export_map(arranged_in_full(its) if options.names == "full" else arrange_map(its), options)
    return export(arrange(describe(graph)), options)


def outline_of(graph: Graph) -> Outline:
    """Return the picture as named boxes and arrows."""
    return cluster_outline(cluster_map(graph)) if is_cluster(graph) else outline(describe(graph))


def titles(graph: Graph) -> dict[str, str]:
    """Return the picture's headline and situation, by these words."""
    situation = wording.situation(cast("Situation", graph.graph))
    if not is_cluster(graph):
        return {"headline": wording.headline(cast("Question", graph.graph)), "situation": situation}
    # Without the lanes, which say nothing in a headline: the graph of all nodes has millions of flows.
    question = cast("ClusterQuestion", graph.graph)
    services = ClusterMap(question, tuple(service_bars(graph)), (), tuple(folded_bars(question)))
    return {"headline": wording.cluster_headline(services), "situation": situation}
