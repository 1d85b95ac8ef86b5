"""The graph -> SVG and every other format.

``fold`` puts equal nodes together, ``describe`` says in words what is in each lane (``lanes``), ``arrange`` gives it
coordinates (``layout``), ``svg`` draws that for a page or as a separate file (``svg_file``). Each other format has its
module; :data:`FORMATS` lists them.
"""

from webapp.diagram.arrange import arrange
from webapp.diagram.describe import describe
from webapp.diagram.errors import DiagramError
from webapp.diagram.formats import FORMATS, draw, port_graph, render, service_port
from webapp.diagram.layout import Layout
from webapp.diagram.links import Links
from webapp.diagram.picture_options import PICTURE_OPTIONS, PictureOptions, read_picture_options

__all__ = [
    "FORMATS",
    "PICTURE_OPTIONS",
    "DiagramError",
    "Layout",
    "Links",
    "PictureOptions",
    "arrange",
    "describe",
    "draw",
    "port_graph",
    "read_picture_options",
    "render",
    "service_port",
]
