"""The graph -> SVG and every other format.

``fold`` puts alike nodes together, ``reader`` says in words what stands in each lane (``contents``), ``arrange`` gives
it coordinates (``layout``), ``svg`` draws that for a page or as a file of its own. ``cards`` are the same for a phone,
``thumbnail`` is the tiny diagram of a gallery. Each other format has its file; :data:`FORMATS` lists them.
"""

from webapp.diagram.arrange import arrange
from webapp.diagram.errors import DiagramError
from webapp.diagram.formats import FORMATS, draw, port_graph, render, service_port
from webapp.diagram.layout import Layout
from webapp.diagram.links import Links
from webapp.diagram.reader import contents

__all__ = [
    "FORMATS",
    "DiagramError",
    "Layout",
    "Links",
    "arrange",
    "contents",
    "draw",
    "port_graph",
    "render",
    "service_port",
]
