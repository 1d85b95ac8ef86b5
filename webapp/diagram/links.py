"""Where the boxes of a page's picture lead, handed in by the page: the diagram knows no addresses of its own."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field

from webapp.failure.scenario import Target
from webapp.records import dataclass

URL = "{url}"
"""Stands for the link's address in the values of :attr:`Links.attributes`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Links:
    """The addresses of the states that a click leads to."""

    toggle: Callable[[Target], str]
    """The state in which this is taken down, or brought back if it is down."""
    unfold: Callable[[str], str] | None = None
    """The same state with one more lane, or a lane's pods, opened; without it folded lanes stay closed."""
    focus: Callable[[str, str], str] | None = None
    """The map of one service port, ``NAMESPACE/NAME`` and its port."""
    actions: Callable[[Target], Sequence[tuple[str, str]]] | None = None
    """What can be done with a node: the words of each button, and the state that it leads to."""
    connect: Callable[[str], str] | None = None
    """The same state with clients that connect via this node's IP only, or via DNS again if they do."""
    connected: str = ""
    """The node whose IP they connect via."""
    service: str = ""
    """The same state with the service whose map it is selected; empty where nothing can be done with it."""
    add_node: str = ""
    """The same state with one more assumed node; empty where nodes are not counted."""
    attributes: Mapping[str, str] = field(default_factory=dict)
    """Put on every link; ``{url}`` in a value becomes the link's address: ``{"hx-get": "{url}"}``."""

    def on(self, url: str) -> dict[str, str]:
        """Return the attributes of a link to `url`."""
        return {"href": url} | {name: value.replace(URL, url) for name, value in self.attributes.items()}
