"""All words that stand in a picture; the numbers come from the graph, the sentences on why from routing."""

from collections import Counter
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING

from webapp.diagram.fold import NodeInLane
from webapp.diagram.lanes import Diagram, EntryBox, Lane, PodBox, Zone
from webapp.failure.kinds import FAILURE_MODES, FailureKind, Impact
from webapp.failure.scenario import Moment
from webapp.failure.state import PodFate
from webapp.numbers import counted, figure, nothing, percent, some
from webapp.routing.entry import Cause, Result
from webapp.topology.attributes import (
    EndpointState,
    EndpointVertex,
    EntryVertex,
    NodeState,
    Question,
    ServiceVertex,
    Situation,
)

if TYPE_CHECKING:
    from webapp.diagram.cluster_map import ClusterMap

NODE_WORDS: Mapping[NodeState, str] = MappingProxyType(
    {
        NodeState.DOWN: "Down",
        NodeState.PARTITIONED: "Partitioned",
        NodeState.NOT_READY: "NotReady",
        NodeState.EVICTING: "Draining",
        NodeState.DRAINED: "Drained",
        NodeState.CORDONED: "Cordoned",
        NodeState.UP: "",
    }
)
ENTRY_TONES: Mapping[str, str] = MappingProxyType(
    {"answered": "ok", "degraded": "warn", "refused": "refused", "timeout": "bad"}
)
POD_TONES: Mapping[EndpointState, str] = MappingProxyType(
    {
        EndpointState.ANSWERS: "ok",
        EndpointState.NO_ANSWER: "bad",
        EndpointState.DOWN: "bad",
        EndpointState.TERMINATING: "quiet",
        EndpointState.NOT_READY: "quiet",
        EndpointState.NOT_PICKED: "quiet",
    }
)
_POD_WORDS: Mapping[EndpointState, str] = MappingProxyType(
    {
        EndpointState.ANSWERS: Result.ANSWERED.word,
        EndpointState.NO_ANSWER: Result.TIMEOUT.word,
        EndpointState.DOWN: "Down",
        EndpointState.TERMINATING: "Terminating",
        EndpointState.NOT_READY: "Not ready",
        EndpointState.NOT_PICKED: "Not selected",
    }
)
_FATE_WORDS: Mapping[str, str] = MappingProxyType(
    {PodFate.EVICTED: "Evicting", PodFate.STUCK: "Stuck", PodFate.GONE: "Gone"}
)
MOMENT_TITLES: Mapping[Moment, str] = MappingProxyType(
    {
        Moment.BEFORE: "Before",
        Moment.FAILED: "Just failed",
        Moment.DETECTED: "Detected",
        Moment.RESCHEDULED: "Recreated",
        Moment.CORDONED: "Cordoned",
        Moment.EVICTING: "Evicting",
        Moment.DRAINED: "Drained",
    }
)
"""What the moments are called where one of them is chosen."""
_MOMENTS: Mapping[str, str] = MappingProxyType(
    {
        Moment.BEFORE: "before the failure",
        Moment.FAILED: "just failed",
        Moment.DETECTED: "failure detected",
        Moment.RESCHEDULED: "pods recreated",
        Moment.CORDONED: "just cordoned",
        Moment.EVICTING: "being drained",
        Moment.DRAINED: "drained",
    }
)


# --- the client and the service ---------------------------------------------------------------------------------------


def via(word: str) -> str:
    """Return the access path: how the clients connect."""
    if word == "dns":
        return "DNS round robin"
    if word == "lb":
        return "load balancer with health checks"
    return f"{word.removeprefix('node/')}'s IP"


def port_line(service: ServiceVertex) -> str:
    """Return ``port 80 → targetPort 8080 · TCP``."""
    return f"port {service['port']} → targetPort {service['target_port']} · {service['protocol']}"


def service_line(service: ServiceVertex, entries: Sequence[EntryVertex]) -> str:
    """Return how kube-proxy selects an endpoint, or why it selects none."""
    if not service["accepted"]:
        return f"rejected by the API server: {service['refusal']}"
    if not entries:
        return "no nodePort: no entry point on any node"
    return _picking(service) if service["picked"] else _picking_none(service, entries)


def _picking_none(service: ServiceVertex, entries: Sequence[EntryVertex]) -> str:
    """Return why no connection is sent on: a reason that holds for all entry points that are up."""
    # A node that is down says nothing of the service: the reason is that of the nodes that are up.
    causes = {entry["cause"] for entry in entries} - {Cause.NODE_DOWN}
    if not causes:
        return "no node is up"
    if Cause.NOT_PROXIED in causes:
        return "kube-proxy ignores it because of its label"
    if causes == {Cause.ADDRESS_EXCLUDED}:
        return "kube-proxy opens its nodePort on no address"
    if Cause.NO_LOCAL_ENDPOINT in causes:
        return "policy Local: no endpoint on a node that is up"
    if service["endpoints"]:
        return service["no_endpoints"] or "no endpoint is ready"
    return f"no endpoint: {service['no_endpoints']}" if service["no_endpoints"] else "no endpoint"


def _picking(service: ServiceVertex) -> str:
    if service["policy"] == "Local":
        return "policy Local: only pods on the same node"
    if service["pools"] > 1:
        return f"nodes select from {service['pools']} separate sets of endpoints"
    if service["picked"] == 1:
        return "kube-proxy sends all to one endpoint"
    if not service["alike"]:
        return "kube-proxy selects at random; nodes know different endpoints"
    return f"kube-proxy selects 1 of {service['picked']:,} endpoints at random"


def header_line(service: ServiceVertex, picks: str) -> str:
    """Return ``80 → http · policy Cluster · 1 of 4 pods at random``; `picks` is what :func:`service_line` says."""
    if not service["accepted"]:
        return picks
    ports = f"{service['port']} → {service['target_port']}"
    ports += "" if service["protocol"] == "TCP" else f" {service['protocol']}"
    ports += " · nodePort auto-assigned" if service["node_port_assigned"] else ""
    if service["picked"] > 1 and service["policy"] != "Local" and service["pools"] == 1 and service["alike"]:
        picks = f"policy Cluster · 1 of {service['picked']:,} pods at random"
    return f"{ports} · {picks}"


def client_line(via_word: str, entries: int) -> str:
    """Return how clients connect, and to how many: ``DNS, 4 node IPs``."""
    if via_word not in ("dns", "lb"):
        return via(via_word)
    how, what = ("DNS", "node IP") if via_word == "dns" else ("load balancer", "target")
    # A number stays beside what it counts.
    to = counted(entries, what).replace(" ", "\N{NO-BREAK SPACE}")
    return f"{how}, {to}" if entries else how


# --- lanes ------------------------------------------------------------------------------------------------------------


def entry_words(entries: Sequence[EntryVertex], *, several: bool) -> str:
    """Return ``Degraded 50 % (was 100 %)`` for one entry point or many alike."""
    result = entries[0]["result"]
    each = ", each" if several else ""
    share = "" if result in ("refused", "timeout") else f"{each} {_span([entry['answered'] for entry in entries])}"
    return f"{Result(result).word}{share}{_was(entries)}"


def _span(shares: Sequence[float]) -> str:
    low, high = figure(min(shares)), percent(max(shares))
    return high if high.startswith(low) and low == figure(max(shares)) else f"{low}–{high}"


def has_changed(entries: Sequence[EntryVertex]) -> bool:
    """Return whether one of them answers more or less than before the failure."""
    # Compared as written: a change that no figure shows is none to a reader.
    pairs = ((entry["before"], entry["answered"]) for entry in entries)
    return any(before is not None and percent(before) != percent(now) for before, now in pairs)


def _was(entries: Sequence[EntryVertex]) -> str:
    before = {None if entry["before"] is None else percent(entry["before"]) for entry in entries}
    # Entry points that answered differently before have no one number to come from.
    if len(before) != 1:
        return ""
    was = before.pop()
    return "" if was is None or was == percent(entries[0]["answered"]) else f" (was {was})"


def no_pod(member: NodeInLane, *, local: bool, folded: bool) -> tuple[str, ...]:
    """Return what is said where a lane has no pod."""
    entry = member.entry
    if entry is None or entry["cause"] == Cause.NODE_DOWN:
        return ("No pod of this service.",)
    here = "No pod of this service here."
    if local:
        return _no_local_pod(entry, here)
    if not entry["pool"]:
        return (here,)
    if nothing(entry["answered"]):
        return (here, f"{'Send' if folded else 'Sends'} to pods elsewhere; none answers.")
    return (here, f"{'Their node IPs send' if folded else 'Its node IP sends'} to the pods elsewhere.")


def _no_local_pod(entry: EntryVertex, here: str) -> tuple[str, ...]:
    if entry["cause"] != Cause.NO_LOCAL_ENDPOINT:
        return (here,)
    return ("Its last pod here is gone." if entry["before"] else here, "Policy Local: packets dropped.")


def folded_nodes(members: Sequence[NodeInLane]) -> str:
    """Return what else is said of many nodes: their names' pattern and how many pods each has."""
    pods = sorted({len(member.endpoints) for member in members})
    if pods == [0]:
        has = "without a pod of this service"
    elif len(pods) == 1:
        has = f"with {counted(pods[0], 'pod')} each"
    else:
        has = f"with {pods[0]} to {pods[-1]} pods each"
    name = pattern([name for member in members for name in member.names])
    return f"{name} · {has}" if name != "*" else has


def pattern(names: Sequence[str]) -> str:
    """Return what the names have in common, ``web-7c9d-*``: whole parts only.

    >>> pattern(["web-7c9d-4xk2p", "web-7c9d-8mmzq"])
    'web-7c9d-*'
    """
    # Sorted, the first and the last name differ earliest: what they share, all share.
    first, last = min(names), max(names)
    same = next((i for i, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), len(first))
    common = first[:same]
    cut = max(common.rfind("-"), common.rfind(".")) + 1
    return f"{common[:cut]}*"


# --- pods -------------------------------------------------------------------------------------------------------------


def pod_words(endpoint: EndpointVertex) -> str:
    """Return what happens to a connection that reaches the pod."""
    if endpoint["live"] and endpoint["fate"] in _FATE_WORDS and endpoint["state"] is not EndpointState.ANSWERS:
        return _FATE_WORDS[endpoint["fate"]]
    return _POD_WORDS[endpoint["state"]]


def pod_address(endpoint: EndpointVertex) -> str:
    """Return ``10.0.0.7:8080``."""
    host = endpoint["address"] or ""
    return f"[{host}]:{endpoint['port']}" if ":" in host else f"{host}:{endpoint['port']}"


def not_running(pods: int, rejected: int) -> tuple[str, str]:
    """Return the title of the lane of pods that don't run, and the line under it."""
    if not rejected:
        return "No node yet", f"{counted(pods, 'pod')} pending, so no endpoint"
    if rejected == pods:
        return "Failed", f"{counted(pods, 'pod')} rejected by a kubelet, so no endpoint"
    return "Not running", f"{counted(pods, 'pod')}, {rejected} of them rejected by a kubelet: no endpoints"


def told(endpoint: EndpointVertex, successor: str) -> str:
    """Return what befell a pod; `successor` is the node of the one that replaces it, ``pending`` or ``failed``."""
    if endpoint["from_node"] and endpoint["fate"] == PodFate.MOVED:
        return f"from {endpoint['from_node']}"
    if successor:
        return f"replacement {successor}" if successor in ("pending", "failed") else f"now on {successor}"
    if endpoint["state"] is EndpointState.ANSWERS and endpoint["terminating"]:
        return "terminating"
    return "stuck" if endpoint["fate"] == PodFate.STUCK else ""


# --- the whole --------------------------------------------------------------------------------------------------------


def headline(question: Question) -> str:
    """Return the title: what the Scenario is called, and what share of new connections is answered."""
    name = f"{question['service']}:{question['port']}"
    called = f"{question['name']}: " if question.get("name") else ""
    if question["answered"] is None:
        return f"{called}{name} has no entry point"
    return f"{called}{name} answers {percent(question['answered'])} of new connections"


def cluster_headline(its: "ClusterMap") -> str:
    """Return the title of a whole cluster's picture: how many service ports lose connections, and how much."""
    called = f"{its.question['name']}: " if its.question.get("name") else ""
    ports = [(bar.word, bar.share < bar.before, 1) for bar in its.bars]
    ports += [
        (result.word, folded.affected, count) for folded in its.folded for result, count in folded.results.items()
    ]
    total = sum(count for *_, count in ports)
    hit = Counter[str]()
    for word, affected, count in ports:
        hit[word] += count if affected else 0
    if losing := hit.total():
        which = _which(losing, total)
        states = ", ".join(f"{hit[result.word]:,} {result.word.lower()}" for result in Result if hit[result.word])
        return f"{called}{which} lose connections: {states}"
    healthy = sum(count for word, _, count in ports if word == Result.ANSWERED.word)
    return f"{called}{_which(healthy, total)} answer every new connection"


def _which(some: int, total: int) -> str:
    """Return ``All 3 service ports``, ``Both service ports`` or ``1 of 3 service ports``."""
    if some < total:
        return f"{some:,} of {counted(total, 'service port')}"
    return "Both service ports" if total == 2 else f"All {counted(total, 'service port')}"


def nodes(count: int) -> str:
    """Return ``1 node`` or ``5,000 nodes``."""
    return counted(count, "node")


def situation(question: Situation) -> str:
    """Return what is down, when one looks, and how the clients come in."""
    return " · ".join((_failed(question), f"clients connect via {via(question['via'])}"))


def notes(question: Situation) -> tuple[str, ...]:
    """Return what a reader must know: notes on the moment, then what was assumed."""
    return (*question["notes"], *(f"Assumed: {text}" for text in question["assumptions"]))


def _failed(question: Situation) -> str:
    if question["at"] == Moment.BEFORE or not (question["down"] or question["drain"]):
        return "nothing is down"
    moment = _MOMENTS[question["at"]]
    if question["drain"]:
        return f"drain of {some(question['drain'])} · {moment}"
    befell: dict[str, list[str]] = {}
    for word in question["down"]:
        kind, _, name = word.partition("/")
        mode = FAILURE_MODES[FailureKind(kind)]
        # Until it is back, a node that will return is simply down.
        if Impact.NODE_RETURNS in mode.impacts and question["at"] != Moment.RESCHEDULED:
            mode = FAILURE_MODES[FailureKind.NODE]
        before, what = mode.pictured
        befell.setdefault(what, []).append(before + name)
    return f"{', '.join(f'{some(names)} {what}' for what, names in befell.items())} · {moment}"


# --- what a screen reader says of a link ------------------------------------------------------------------------------


def zone_label(zone: Zone, seen: str) -> str:
    """Return ``zone a 2 nodes Down. Bring back up``; `seen` is its visible text."""
    return spoken([seen, *_unseen(zone.name, seen)], down=zone.down)


def _unseen(name: str, seen: str) -> list[str]:
    # Who speaks to the computer says what is seen, and who hears the picture wants the whole name (WCAG 2.5.3).
    return [] if name in seen else [name]


def service_label(diagram: Diagram) -> str:
    """Return ``Service default/web, port 80 → targetPort 8080 · TCP, kube-proxy selects 1 of 4 …``."""
    return f"Service {diagram.service['label']}, {port_line(diagram.service)}, {diagram.service_line}"


def node_label(lane: Lane, seen: str) -> str:
    """Return ``worker-2 192.168.0.2 Down, 2 pods, Unavailable (was 100 %), 25 % of new connections. …``."""
    pods = sum(pod.count for pod in lane.pods)
    words = [seen, *_unseen(lane.title, seen), counted(pods, "pod")]
    if lane.entry:
        words += [lane.entry.words, f"{percent(lane.entry.share)} of new connections"]
    return spoken(words, down=lane.state is NodeState.DOWN)


def entry_label(entry: EntryBox, seen: str, *, chosen: bool) -> str:
    """Return ``worker-2:30080 Unavailable (was 100 %). Connect via this node IP``."""
    name = f"{entry.name}{entry.port}"
    words = [seen, *_unseen(name, seen), *([] if entry.words.split()[0] in seen else [entry.words])]
    return f"{', '.join(words)}. Connect via {'DNS' if chosen else 'this node IP'}"


def pod_label(pod: PodBox, lane: Lane, seen: str) -> str:
    """Return ``web-1 10.0.0.1:8080 Healthy, on worker-1, 25 % of new connections. Take down``."""
    words = [
        seen,
        *_unseen(pod.name, seen),
        *_unseen(pod.words, seen),
        f"on {lane.title}" if lane.sort in ("node", "folded") else "",
        f"{percent(pod.share)} of new connections" if pod.picked else "",
    ]
    return f"{', '.join(filter(None, words))}. Unfold" if pod.unfold else spoken(words, down=pod.down)


def spoken(words: Sequence[str], *, down: bool) -> str:
    """Return what a link says that takes something down or brings it back."""
    return f"{', '.join(filter(None, words))}. {'Bring back up' if down else 'Take down'}"
