"""The data and the script of an offline page."""

from collections.abc import Iterable, Sequence
from typing import Any

from webapp.cluster.model import Cluster
from webapp.diagram.offline.phrases import phrases
from webapp.diagram.offline.plan import Data, PlanWriter, PortKey
from webapp.diagram.offline.recovery import recoveries
from webapp.failure import Scenario, state_at
from webapp.paths import resource_directory

SCRIPTS = (
    "numbers.js",
    "failure.js",
    "routing.js",
    "wording.js",
    "folding.js",
    "cluster.js",
    "drawing.js",
    "pods.js",
    "mapdrawing.js",
    "present.js",
    "page.js",
)
"""In the order in which they stand in the page's one script; the first six know no page."""


def document(cluster: Cluster, scenario: Scenario, ports: Sequence[PortKey], name: str = "") -> Data:
    """Return all that an offline page knows: the plan, the states worked out beforehand, the words."""
    writer = PlanWriter(cluster, ports)
    states = _distinct({_key(each): writer.state(state_at(cluster, each)) for each in recoveries(cluster, scenario)})
    return {
        **writer.data(),
        "states": states,
        "pods": writer.pods(),
        "texts": writer.texts(),
        "words": phrases(),
        "saved": _saved(scenario, name),
    }


def _distinct(states: dict[str, Data]) -> dict[str, Data]:
    """Return the states; of one at a later time of the same failure like which it is, and what differs."""
    first: dict[str, str] = {}
    made = {}
    for name, state in states.items():
        known = first.setdefault(name.partition("@")[0], name)
        other = states[known]
        # What is there no more has to be said as well.
        differs = {
            **dict.fromkeys(other.keys() - state.keys()),
            **{k: v for k, v in state.items() if other.get(k) != v},
        }
        made[name] = state if known == name else {"like": known, **dict(sorted(differs.items()))}
    return made


def script_text(names: Iterable[str] = SCRIPTS) -> str:
    """Return the script, in one text; comments and indents are for who reads it here."""
    directory = resource_directory("static") / "offline"
    lines = (line.strip() for name in names for line in (directory / name).read_text(encoding="utf-8").splitlines())
    return "\n".join(line for line in lines if line and not line.startswith("//"))


def _key(scenario: Scenario) -> str:
    """Return the words by which the script finds a state."""
    words = sorted(map(str, scenario.down)) or [f"drain=node/{name}" for name in scenario.drain]
    return f"{'&'.join(words)}@{scenario.at}"


def _saved(scenario: Scenario, name: str) -> dict[str, Any]:
    return {
        "down": sorted(map(str, scenario.down)),
        "drain": list(scenario.drain),
        "at": str(scenario.at),
        "via": scenario.via,
        "name": name,
    }
