"""What a finding leads to: the order in which findings are told, the worst first, whatever their severity is called."""

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType

from webapp.findings.rules import BY_ID


class Consequence(Enum):
    """From worst to best."""

    REFUSED = "refused now"
    NOTHING_AFTER_ZONE = "nothing left after the loss of a zone"
    NOTHING_AFTER_NODE = "nothing left after the loss of a node"
    PART_LOST = "part of the connections lost"
    OPEN = "open to others"
    HABIT = "a habit that prevents trouble"

    @property
    def rank(self) -> int:
        """0 for the worst."""
        return list(Consequence).index(self)


_RULES: Mapping[Consequence, str] = MappingProxyType(
    {
        Consequence.REFUSED: "NP201 NP202 NP204 NP206 NP211 NP212 NP213 NP214 NP215 NP216 NP240",
        Consequence.NOTHING_AFTER_ZONE: "NP222",
        Consequence.NOTHING_AFTER_NODE: "NP220 NP221",
        Consequence.PART_LOST: "NP205 NP207 NP209 NP210 NP224 NP225 NP226 NP227 NP228 NP236 NP237 NP241 NP261",
        Consequence.OPEN: "NP230 NP233 NP234 NP260",
        Consequence.HABIT: "NP203 NP208 NP223 NP229 NP231 NP232 NP235 NP250 NP251 NP252 NP253 NP290",
    }
)
_BY_RULE = {id_: consequence for consequence, ids in _RULES.items() for id_ in ids.split()}


def consequence_of(id_: str) -> Consequence:
    """Return what the findings of a rule lead to; what is wrong with reading a file is told last."""
    return _BY_RULE.get(id_, Consequence.HABIT)


def without_consequence() -> frozenset[str]:
    """Return the rules that this table forgot."""
    return frozenset(BY_ID) - _BY_RULE.keys()
