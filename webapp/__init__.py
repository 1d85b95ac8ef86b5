"""nodefall: what falls when a node falls?

Bytes come in at :mod:`webapp.manifests` and leave as a picture, a verdict or a JSON document:

``manifests`` -> ``cluster`` -> ``failure`` -> ``routing`` -> ``topology`` -> ``diagram``

Each package takes the records of the one before it and returns its own; none of them does I/O. :mod:`webapp.views`
and :mod:`webapp.cli` are the rim.
"""

__version__ = "0.1.0"
