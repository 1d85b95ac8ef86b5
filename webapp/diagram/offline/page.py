"""The one file: picture and table as they were saved, the plan, and the script that takes over from there."""

import json
import re
from base64 import b64encode
from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import cast

from webapp.cluster.model import Cluster
from webapp.diagram import html, wording
from webapp.diagram.markup import element, written
from webapp.diagram.offline.document import document, script_text
from webapp.diagram.offline.legend import legend
from webapp.diagram.offline.plan import PortKey, port_keys
from webapp.diagram.offline.recovery import is_complete
from webapp.diagram.palette import page_rules, page_tokens, uncoloured
from webapp.diagram.signs import every_definition
from webapp.failure import Scenario
from webapp.numbers import counted
from webapp.paths import resource_directory
from webapp.topology.attributes import Graph, Situation

MOST_PORTS = 400
"""Service ports that one file can show: more would make it larger than what goes through a mail."""
MOST_ENDPOINTS = 6000
_ABOUT = (
    "It needs no server and no network, and sends nothing anywhere.",
    "A click or Enter takes nodes, zones and pods down and brings them back up; arrow keys move. It takes JavaScript.",
    "[ and ] change the time, C the access path, R brings all back up. Back undoes.",
    "Present, or P, shows picture and verdict alone in large type, for a room; there ? shows the keys.",
    "It holds names, addresses, zones and where pods run. Replicas, policies and manifests can't be changed in it.",
)
_KEYS = "← → or Space: time. 1–4: one of the times. R: all back up. C: access path. ?: these keys. Esc: leave."
_SCHEDULER = "Recreated pods need kube-scheduler"
_RECOVERY = (
    f"{_SCHEDULER}: the file has them for each node and each zone that fails alone, and for the drain of each node. "
    "Several failures at once take nodefall."
)
_RECOVERY_OF_SAVED = f"{_SCHEDULER}: of a cluster of this size the file has them for the failure it was saved with."
_ESCAPED = {ord(character): f"\\u{ord(character):04x}" for character in "<>&\u2028\u2029"}
"""What could end a script element, or a line of a script, is written as JSON allows it."""


def render(cluster: Cluster, scenario: Scenario, focus: PortKey | None, of: Graph, svg: str) -> bytes:
    """Return the page of a service port in a scenario, or of all of them; `of` and `svg` are its graph and picture.

    The bytes depend on the cluster and the scenario alone.
    """
    exposed = list(port_keys(cluster))
    ports = list(_kept(cluster, focus, exposed))
    name = of.graph.get("name", "")
    data = document(cluster, scenario, ports, name)
    data["saved"]["port"] = ports.index(focus) if focus else -1
    room = _room(len({*exposed, *ports}) - len(ports))
    data["says"] = _says() | {"room": room}
    table = html.tabled(of)
    script = f'(() => {{\n"use strict";\n{script_text()}}})();\n'
    style = _style()
    question = cast("Situation", of.graph)
    body = (
        element(
            "header",
            element("h1", written(table.title), id="headline"),
            element("p", written(wording.situation(question)), id="situation", class_="quiet"),
            element("p", " ", id="verdict"),
            aria_live="polite",
        ),
        element(
            "main",
            _controls(),
            element("div", uncoloured(svg), id="picture"),
            legend(),
            element("div", *(element("p", written(note)) for note in wording.notes(question)), " ", id="notes"),
            element("h2", "The same as a table"),
            element("div", html.written_table(table), class_="scroll", tabindex="0", role="region", aria_label="Table"),
            _about(cluster, room),
            element("p", written(_KEYS), id="keys", hidden="hidden"),
        ),
        element("template", element("svg", uncoloured(every_definition())), id="signs"),
        f'<script type="application/json" id="plan">{_json(data)}</script>',
        f"<script>{script}</script>",
    )
    head = (
        '<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{_policy(style, script)}">',
        '<meta name="viewport" content="width=device-width">',
        '<meta name="referrer" content="no-referrer">',
        f"<title>{written(table.title)}</title><style>{style}</style>",
    )
    page = element("head", *head) + element("body", *body)
    # Names may hold lone surrogates, which UTF-8 has no bytes for.
    return f'<!doctype html>\n<html lang="en" class="static">{page}</html>\n'.encode(errors="replace")


def _kept(cluster: Cluster, focus: PortKey | None, exposed: Sequence[PortKey]) -> Iterator[PortKey]:
    """Yield the ports that the file can show, in the cluster's order: the one in focus, and as many as fit."""
    room = MOST_ENDPOINTS
    chosen = {focus} if focus else set[PortKey]()
    for key, index in exposed:
        room -= len(cluster.services[key].ports[index].endpoints)
        if len(chosen) >= MOST_PORTS or room < 0:
            break
        chosen.add((key, index))
    order = {key: i for i, key in enumerate(cluster.services)}
    yield from sorted(chosen, key=lambda port: (order[port[0]], port[1]))


def _says() -> dict[str, object]:
    return {
        "moments": {str(moment): title for moment, title in wording.MOMENT_TITLES.items()},
        "access": {"dns": "DNS", "lb": "Load balancer", "node": "One node IP"},
        "modes": {"down": "Takes down", "drain": "Drains"},
        "all": "All services",
        "unknown": "not in this file",
    }


# --- parts ------------------------------------------------------------------------------------------------------------


def _controls() -> str:
    """Return the controls, which the script fills: without it there is nothing that they could do."""
    return element(
        "div",
        element(
            "label", element("span", "Service"), element("select", " ", id="services"), id="service", hidden="hidden"
        ),
        _group("moments", "Time after the failure"),
        _group("access", "Clients connect via"),
        _group("modes", "A click on a node"),
        element("button", "Bring all back up", type="button", id="clear"),
        element("button", "As saved", type="button", id="saved"),
        element("button", "Present", type="button", id="present"),
        id="controls",
        hidden="hidden",
    )


def _group(id_: str, title: str) -> str:
    return element("fieldset", element("legend", title), element("div", " ", id=id_))


def _room(left_out: int) -> str:
    """Return what is said where not all service ports are in the file."""
    if not left_out:
        return ""
    return f"{counted(left_out, 'more service port')} of this cluster had no room in this file: it counts without them."


def _about(cluster: Cluster, room: str) -> str:
    recovery = _RECOVERY if is_complete(cluster) else _RECOVERY_OF_SAVED
    lines = (*_ABOUT, recovery, *filter(None, (room,)))
    can = element("ul", *(element("li", written(line)) for line in lines))
    return element("section", element("h2", "What this file can do"), can, id="about")


def _style() -> str:
    text = (resource_directory("static") / "offline" / "page.css").read_text(encoding="utf-8")
    whole = f":root{{color-scheme:light dark;{page_tokens()}}}{text}{page_rules()}"
    return re.sub(r"\s*([{};:,])\s+", r"\1", whole).strip()


# --- what keeps names from becoming code ------------------------------------------------------------------------------


def _json(data: object) -> str:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).translate(_ESCAPED)


def _policy(style: str, script: str) -> str:
    """Return the policy: nothing is loaded, nothing but these two texts is a style or a script."""
    its = f"script-src {_hash(script)}; style-src {_hash(style)}"
    return f"default-src 'none'; {its}; base-uri 'none'; form-action 'none'"


def _hash(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"
