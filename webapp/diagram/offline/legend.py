"""The legend of the page that simulates: all signs, of which the script shows those that are in its picture."""

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType

from webapp.diagram.cluster_legend import MAP_ITEMS
from webapp.diagram.legend import ITEMS, Item
from webapp.diagram.markup import element, written
from webapp.diagram.palette import uncoloured


def _sign(name: str) -> str:
    return f"[href='#s-{name}']"


_SAME: Mapping[str, str] = MappingProxyType(
    {
        "dropped": ".dropped",
        "folded": ".folded",
        "assumed": ".lane-assumed, [stroke-dasharray='4 4']",
    }
)
SHOWN: Mapping[str, str] = MappingProxyType(
    {
        "arrives": ".edge-ok",
        "lost": ".edge-lost:not(.dropped), .pod .box-bad",
        "refused": _sign("refused"),
        "degraded": _sign("warn"),
        "down": ".lane-down",
        "cordoned": "[fill='url(#tape)']",
        "terminating": _sign("terminating"),
        "not-ready": _sign("paused"),
        "recreated": _sign("recreated"),
        "blocked": _sign("blocked"),
        "cut-off": _sign("partitioned"),
        "changed": ".mark",
        "straight-node": ":not(.folded) > .trunk circle",
        "straight-lane": ".folded > .trunk circle",
        "along-node": ":not(.folded) > .crosses",
        "along-lane": ".folded > .crosses",
        **_SAME,
    }
)
"""What the picture of a service port has in it, as a selector, where a sign is to be explained."""
MAP_SHOWN: Mapping[str, str] = MappingProxyType(
    {
        "rail": "path.rail",
        "entry": ".junction",
        "pod": ".edge-ok",
        "lost": ".edge-lost:not(.dropped), .box-bad",
        "node-down": ".lane-down",
        "node-partitioned": ".partitioned",
        "node-not-ready": ".not-ready",
        "node-evicting": ".evicting",
        "node-drained": ".drained",
        "node-cordoned": ".cordoned",
        "pod-not-ready": _sign("paused"),
        "pod-pending": _sign("pending"),
        "pod-terminating": _sign("terminating"),
        "badge-blocked": _sign("blocked"),
        "badge-cut-off": f".badge {_sign('partitioned')}",
        "badge-recreated": _sign("recreated"),
        **_SAME,
    }
)
"""The same of the picture of a whole cluster."""
NOT_DRAWN = frozenset({"dots", "nodes", "control-planes"})
"""The page writes how many pods and nodes there are where pictures have a dot or a stroke for each."""
_VIEW_BOX = re.compile(r' (?:height="16"|viewBox="[0-9. ]+"|class="dg")')


def legend() -> str:
    """Return the list, in which each entry says in which of the two pictures it explains what."""
    port = [_entry("port", when, ITEMS[name]) for name, when in SHOWN.items() if name not in _SAME]
    whole = [_entry("map", when, MAP_ITEMS[name]) for name, when in MAP_SHOWN.items() if name not in _SAME]
    same = [_entry(None, when, ITEMS[name]) for name, when in _SAME.items()]
    return element("ul", *port, *whole, *same, id="legend", class_="dg", aria_label="Legend", hidden="hidden")


def _entry(picture: str | None, when: str, make: Callable[[], Item]) -> str:
    item = make()
    # The page's style sheet has the colours and the height, and the list is a drawing.
    sample = _VIEW_BOX.sub("", uncoloured(item.svg()), count=3)
    return element("li", sample, written(item.words), data_of=picture, data_when=when)
