"""nodefall: what falls when a node falls?

Bytes come in at :mod:`webapp.manifests` and leave as a picture, a verdict or a JSON document:

``manifests`` -> ``cluster`` -> ``failure`` -> ``routing`` -> ``topology`` -> ``diagram``

Each package takes the records of the one before it and returns its own; none of them does I/O. :mod:`webapp.views`
and :mod:`webapp.cli` are the rim, and so is :mod:`webapp.library`, for notebooks and scripts: its names are had from
here, and imported when somebody asks for one.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from webapp.library import NodefallError, SimulatedCluster, Simulation, read

__all__ = ["NodefallError", "SimulatedCluster", "Simulation", "__version__", "read"]

__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    """Return a name of :mod:`webapp.library`: NetworkX, Flask and the rest stay out of ``import webapp``."""
    if name not in __all__:
        raise AttributeError(f"module 'webapp' has no attribute {name!r}")
    from webapp import library  # noqa: PLC0415

    return getattr(library, name)


def __dir__() -> list[str]:
    """Return those names as well: a notebook completes them."""
    return sorted({*globals(), *__all__})
