"""Names that are longer than their places: what all share goes first, then the middle; no two come to look alike."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from itertools import takewhile

from webapp.diagram.text import ELLIPSIS, Face, clean, elide, width


def host(name: str) -> str:
    """Return a node's name without its domain, which is the same for all nodes of a cloud.

    >>> host("ip-10-20-31-117.eu-central-1.compute.internal"), host("10.0.0.7")
    ('ip-10-20-31-117', '10.0.0.7')
    """
    first, _, domain = name.partition(".")
    return first if first and domain[:1].isalpha() else name


def domain_end(name: str) -> str:
    """Return what is left of a domain that is cut: ``…internal``."""
    return ELLIPSIS + name.rpartition(".")[2] if host(name) != name else ""


def hosts(names: Iterable[str], fits: Callable[[str], bool]) -> dict[str, str]:
    """Return the names without their domains if one of them doesn't fit with it, but for those that it tells apart."""
    every = tuple(dict.fromkeys(names))
    if all(map(fits, every)):
        return {name: name for name in every}
    alike = Counter(map(host, every))
    return {name: host(name) if alike[host(name)] == 1 else name for name in every}


def shortened(rooms: Mapping[str, float], size: float, face: Face) -> dict[str, str]:
    """Return each name as it is written in the room that it has; of two that would look alike more is shown."""
    shown = {name: elide(name, room, size, face) for name, room in rooms.items()}
    alike: dict[str, list[str]] = {}
    for name, written in shown.items():
        if written != clean(name):
            alike.setdefault(written, []).append(name)
    for names in alike.values():
        if len(names) > 1:
            shown |= {name: _with_difference(name, names, rooms[name], size, face) for name in names}
    return shown


def _shared(names: Iterable[str]) -> int:
    """Return how many letters all of them begin with."""
    return sum(1 for _ in takewhile(lambda letters: len(set(letters)) == 1, zip(*names, strict=False)))


def _with_difference(name: str, names: list[str], room: float, size: float, face: Face) -> str:
    """Return the name cut around what tells it from the others: ``web-…-blue-…-8mmzq``."""
    same = _shared(names)
    ending = _shared([each[same:][::-1] for each in names])
    text = clean(name)
    telling, end = text[same : len(text) - ending], text[len(text) - ending :]
    for kept_end in range(min(6, ending), -1, -1):
        tail = end if ending <= kept_end + 1 else ELLIPSIS + end[len(end) - kept_end :]
        for head in range(min(same, 12), -1, -1):
            written = text[:head] + (ELLIPSIS if head < same else "") + telling + tail
            if width(written, size, face) <= room:
                return written
    return elide(ELLIPSIS + telling, room, size, face)
