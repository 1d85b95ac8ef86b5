"""The picture of a page's state as a file: its bytes, and what it is called."""

import re

from webapp.diagram import DiagramError, PictureOptions, draw
from webapp.diagram.carrying import with_state
from webapp.failure import words
from webapp.manifests.capsule import pack
from webapp.views.page.query import NAME, PORT
from webapp.views.page.state import PageState


class NothingToDrawError(DiagramError):
    """There is no Service in the upload, or none of its ports."""


def picture_file(page: PageState, extension: str, options: PictureOptions) -> bytes:
    """Return the file: the same bytes for the same manifests and Scenario, anywhere.

    Raises:
        NothingToDrawError: there is no service port.
        DiagramError: this machine lacks what the format needs.

    """
    service = page.service
    if service is None:
        raise NothingToDrawError("There is no Service in this upload, so there is nothing to draw.")
    if not service.ports:
        raise NothingToDrawError(f"Service {service.key} has no port, so there is nothing to draw.")
    if page.whole:
        data = draw(page.cluster, page.scenario, extension, name=page.name, options=options)
    else:
        port = service.ports[page.port_index].port
        data = draw(page.cluster, page.focused(service.key).scenario, extension, port, page.name, options)
    return with_state(data, extension, options, lambda: _capsule(page))


def file_name(page: PageState, extension: str, options: PictureOptions) -> str:
    """Return what the file is called, in letters that a header can hold."""
    service = page.service
    named = service is not None and not options.hides_names
    name = "cluster" if page.whole else f"{service.namespace}-{service.name}" if service and named else "service"
    # Names that the API server rejects are drawn too: no line end or quote of theirs may get into a header.
    return re.sub(r"[^\w.-]", "-", f"{name}.{extension}", flags=re.ASCII)


def _capsule(page: PageState) -> str:
    """Return what opens this state again, on a page of nodefall."""
    state = [*words.encode(page.scenario), *words.encode_options(page.options, words.PAGE)]
    return pack(page.topology.manifests, state + PORT.written(page.port) + NAME.written(page.name))
