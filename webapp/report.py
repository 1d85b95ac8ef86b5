"""The simulation document, and that of `why`, as text for a terminal."""

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from webapp.notes import problem_line
from webapp.numbers import counted, percent, some
from webapp.routing.entry import Result, said_of_several


def lines(document: dict[str, Any]) -> Iterator[str]:
    """Yield the lines of a simulation document (``nodefall/simulation/v1``): ports with their entries, then notes."""
    down = ", ".join([*document["down"], *(f"{node} drained" for node in document["drain"])]) or "nothing"
    yield f"{counted(len(document['nodes']), 'node')}; down: {down}; at {document['at']}"
    for service in document["services"]:
        yield from _service(service)
    for title, texts in (("Note", document["notes"]), ("Assumed", document["assumptions"])):
        yield from (f"{title}: {text}" for text in texts)
    # Notes of reading are in the JSON document; here they would bury what is wrong.
    for problem in document["problems"]:
        if problem["severity"] != "info":
            yield problem_line(problem)


def _service(service: dict[str, Any]) -> Iterator[str]:
    policy = f", policy {service['externalTrafficPolicy']}" if service["externalTrafficPolicy"] else ""
    yield ""
    yield f"{service['namespace']}/{service['name']}  {service['type']}{policy}"
    for refusal in service["refusals"]:
        yield "  rejected by the API server: " + ": ".join(filter(None, (refusal["field"], refusal["detail"])))
    for port in service["ports"]:
        yield from _port(port)


def _port(port: dict[str, Any]) -> Iterator[str]:
    way = f"  {port['port']}/{port['protocol']} -> {port['targetPort']}"
    if not port["entries"]:
        yield f"{way}, no nodePort, {counted(len(port['endpoints']), 'endpoint')}"
        return
    assigned = " (auto-assigned)" if port["nodePortAssigned"] else ""
    answered = f"DNS {percent(port['answered']['dns'])}, load balancer {percent(port['answered']['lb'])}"
    yield f"{way}, nodePort {port['nodePort']}{assigned}: {answered}"
    for _, alike in groupby(port["entries"], key=lambda e: (e["outcome"], e["answered"], _reason(e))):
        yield from _entries(list(alike))


def _entries(alike: list[dict[str, Any]]) -> Iterator[str]:
    first = alike[0]
    # Equal entries are one line: 5,000 nodes that answer alike would scroll everything else away.
    names = some([name for entry in alike for name in entry.get("nodes", [entry["node"]])], 4)
    reason = first["reason"] if len(alike) == 1 else _reason(first)
    yield f"    {names}: {Result(first['outcome']).word} {percent(first['answered'])}. {reason}"


def _reason(entry: dict[str, Any]) -> str:
    return said_of_several(entry["reason"], entry["node"])


# --- why

_MARKS = {"ok": "ok", "loses": "DEGRADED", "breaks": "BREAKS HERE", "unknown": "UNKNOWN"}


def why_lines(document: dict[str, Any]) -> Iterator[str]:
    """Yield the lines of an explanation (``nodefall/why/v1``): the steps with their remarks, then causes outside."""
    yield f"{document['headline']} ({document['protocol']}, at {document['at']})."
    yield ""
    for step in document["steps"]:
        yield f"  {_MARKS[step['mark']]:<14}{step['name']}: {step['text']}"
        for remark in step["remarks"]:
            yield f"{'':16}{remark['finding']}: {remark['text']}"
            yield from (f"{'':18}{line}" for line in remark["remedy"].splitlines())
    yield ""
    yield "What no manifest shows:"
    for cause in document["outside"]:
        yield f"  - {cause['cause']} {cause['check']}"
