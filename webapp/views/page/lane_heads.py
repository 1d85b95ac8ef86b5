"""Heads of narrow columns, one for each lane of nodes: the part of a name that tells it from the others."""

from collections import Counter
from collections.abc import Sequence

from webapp.views.page.names import telling


def lane_heads(names: Sequence[str]) -> tuple[str, ...]:
    """Return a head of up to three letters for each name; where two would look alike, their numbers."""
    short = {name: _short(end) for name, end in telling(names, len(max(names, key=len, default=""))).items()}
    # Lanes of one zone have its name, and then their numbers tell them apart.
    alike = Counter(short[name] for name in names)
    return tuple(short[name] if alike[short[name]] == 1 else str(at) for at, name in enumerate(names, 1))


def _short(name: str) -> str:
    """Return a node's name in up to three letters: ``w2`` of ``worker-2``, ``7qk`` of ``pool-3f2a91c4-x7qk``."""
    end = name.rpartition("-")[2]
    # A number says most with the letter of what is numbered.
    return f"{name[0]}{end[-2:]}" if end.isdigit() else end[-3:]
