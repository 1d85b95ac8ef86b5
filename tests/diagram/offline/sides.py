"""The two sides that must agree: what the server says of a state, and what the script of an offline page says."""

import json
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import replace
from importlib import import_module
from typing import Any
from unittest.mock import patch

from webapp.cluster.model import Cluster, Service
from webapp.diagram import fold, html, wording
from webapp.diagram.cluster_map import MapLane, cluster_map
from webapp.diagram.cluster_pods import MapPod
from webapp.diagram.lanes import EntryBox, Lane, PodBox
from webapp.diagram.offline.document import SCRIPTS, script_text
from webapp.diagram.offline.plan import PortKey
from webapp.diagram.whole_cluster import MOST_NODES, whole_graph
from webapp.failure import Moment, Scenario, state_at
from webapp.numbers import percent
from webapp.routing import PortOutcome, outcome
from webapp.topology import graph
from webapp.topology.attributes import Graph
from webapp.topology.reading import service_vertex
from webapp.views.map.verdict import sentence, verdict

_MANY = 10**9
describing = import_module("webapp.diagram.describe")
NODE = shutil.which("node")
_DRIVER = """
const { plan: data, asked } = JSON.parse(require("fs").readFileSync(0, "utf8"));
const plan = readPlan(data);
for (const { port, ...scenario } of asked) {
  const state = stateAt(plan, scenario);
  if (!state) console.log("null");
  else if (port < 0) {
    const view = clusterView(plan, state, new Set());
    console.log(JSON.stringify({ ...view, rows: clusterRows(plan, view) }));
  } else {
    const view = portView(plan, state, plan.ports[port]);
    const drawn = shownLanes(plan, view, new Set());
    console.log(JSON.stringify({ ...view, drawn, rows: tableRows(plan, drawn) }));
  }
}
"""


def script_views(plan: dict[str, Any], asked: Sequence[tuple[int, Scenario]]) -> list[dict[str, Any] | None]:
    """Return what the script says of service ports in scenarios; None where it says that it can't."""
    assert NODE is not None
    words = [{"port": port, **words_of(scenario)} for port, scenario in asked]
    given = json.dumps({"plan": plan, "asked": words})
    text = script_text(SCRIPTS[:6]) + _DRIVER
    ran = subprocess.run([NODE, "-e", text], input=given, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    # Not `splitlines`: a name may hold what Python takes for the end of a line.
    return [json.loads(line) for line in ran.stdout.rstrip("\n").split("\n")]


def words_of(scenario: Scenario) -> dict[str, Any]:
    """Return a scenario as the script has it."""
    down = sorted(map(str, scenario.down))
    return {"down": down, "drain": list(scenario.drain), "at": str(scenario.at), "via": scenario.via}


def server_view(cluster: Cluster, scenario: Scenario, port: PortKey) -> dict[str, Any]:
    """Return what the server says of a service port, node by node."""
    asked = replace(scenario, service=port[0])
    before = outcome(state_at(cluster, replace(asked, at=Moment.BEFORE)), *port)
    now = outcome(state_at(cluster, asked), *port)
    made = graph(state_at(cluster, asked), now, before)
    # Every node and every pod by itself, however many they are: what shares a lane is another question.
    with patch.object(fold, "MOST_ALONE", _MANY), patch.multiple(describing, _PODS_IN_LANE=_MANY, _PODS_IN_ALL=_MANY):
        its = describing.describe(made)
    entries = sum(lane.count for lane in its.lanes if lane.entry and lane.entry.target)
    return {
        "headline": wording.headline(its.question),
        "situation": wording.situation(its.question),
        "notes": list(wording.notes(its.question)),
        "share": its.question["answered"],
        "before": its.question["before"],
        "dns": now.dns,
        "lb": now.lb,
        "refused": now.refused(scenario.via),
        "said": _said(made, cluster.services[port[0]], now),
        "line": its.service_line,
        "head": wording.header_line(its.service, its.service_line),
        "client": wording.client_line(scenario.via, entries),
        "lanes": [_lane(lane) for lane in its.lanes],
        "drawn": [_drawn(lane) for lane in describing.describe(made).lanes],
        "rows": _rows(made),
    }


def server_map(cluster: Cluster, scenario: Scenario) -> dict[str, Any]:
    """Return what the server says of the whole cluster."""
    made = whole_graph(state_at(cluster, scenario))
    its = cluster_map(made)
    said: dict[str, Any] = {
        "headline": wording.cluster_headline(its),
        "situation": wording.situation(its.question),
        "notes": list(wording.notes(its.question)),
        "bars": [
            {
                "namespace": bar.namespace,
                "service": bar.service,
                "ports": bar.ports,
                "share": bar.share,
                "before": bar.before,
                "tone": str(bar.tone),
                "word": bar.word,
                "local": bar.local,
            }
            for bar in its.bars
        ],
        "folded": [{"words": folded.words, "share": folded.share} for folded in its.folded],
        "rows": _rows(made),
    }
    # Beyond that the two fold nodes each in its own way.
    if len(cluster.nodes) <= MOST_NODES:
        said["lanes"] = [_map_lane(lane) for lane in its.lanes]
    return said


def _said(made: Graph, service: Service, now: PortOutcome) -> str:
    share = service_vertex(made)["answered"]
    name = f"{service.key}:{now.port.port}"
    return "" if share is None else sentence(verdict(service, made), name, percent(share))


def _rows(made: Graph) -> list[list[str]]:
    table = html.tabled(made)
    return [list(table.columns), *map(list, table.rows)]


def _map_lane(lane: MapLane) -> dict[str, Any]:
    cells = [
        {
            "answered": cell.answered,
            "down": cell.down,
            "dropped": cell.dropped,
            "passes": cell.passes,
            "lost": cell.lost,
            "pods": [_map_pod(pod) for pod in cell.pods],
        }
        for cell in lane.cells
    ]
    said = {"cells": cells, "title": lane.title, "state": str(lane.state)}
    return said | ({"code": lane.address, "quiet": lane.quiet} if lane.members else {})


def _map_pod(pod: MapPod) -> dict[str, Any]:
    takes = str(pod.takes or "")
    said = {"name": pod.name, "tone": str(pod.tone), "shape": str(pod.shape), "takes": takes, "down": pod.down}
    return said | {"share": pod.share, "assumed": pod.assumed}


def _lane(lane: Lane) -> dict[str, Any]:
    return {
        "title": lane.title,
        "code": lane.code,
        "quiet": lane.quiet,
        "state": str(lane.state),
        "word": lane.word,
        "assumed": lane.assumed,
        "entry": _entry(lane.entry) if lane.entry else None,
        "pods": [_pod(pod) for pod in lane.pods],
        "note": list(lane.note),
    }


def _drawn(lane: Lane) -> dict[str, Any]:
    """Return what is said of a lane that several nodes may share, and of boxes that are several pods."""
    return {
        "title": lane.title,
        "quiet": lane.quiet,
        "word": lane.word,
        "note": list(lane.note),
        "entry": {"name": lane.entry.name, "words": lane.entry.words, "share": lane.entry.share}
        if lane.entry
        else None,
        "pods": [
            {"name": pod.name, "detail": pod.detail, "words": pod.words, "share": pod.share, "count": pod.count}
            for pod in lane.pods
        ],
    }


def _entry(entry: EntryBox) -> dict[str, Any]:
    return {
        "name": entry.name,
        "port": entry.port,
        "tone": str(entry.tone),
        "words": entry.words,
        "share": entry.share,
        "result": entry.result,
        "passes": entry.passes,
        "target": entry.target,
        "reason": entry.reason,
        "pool": entry.pool,
        "changed": entry.changed,
    }


def _pod(pod: PodBox) -> dict[str, Any]:
    return {
        "name": pod.name,
        "detail": pod.detail,
        "tone": str(pod.tone),
        "words": pod.words,
        "share": pod.share,
        "picked": pod.picked,
        "lost": pod.lost,
        "shape": str(pod.shape),
        "badge": str(pod.badge or ""),
        "takes": str(pod.takes or ""),
        "down": pod.down,
        "reason": pod.reason,
        "changed": pod.changed,
        "assumed": pod.assumed,
        "pool": pod.pool,
    }


def same(server: Any, script: Any, path: str = "") -> None:
    """Assert that the script says all that the server says, to the last digit."""
    if isinstance(server, dict):
        for name, value in server.items():
            same(value, script[name], f"{path}.{name}")
    elif isinstance(server, list):
        assert len(server) == len(script), path
        for i, value in enumerate(server):
            same(value, script[i], f"{path}[{i}]")
    else:
        assert server == script, path
