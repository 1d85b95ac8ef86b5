"""Every sentence and word of an offline page as a template, made by the code that speaks on the page itself.

The script fills in ``{name}`` with a text and ``{name:,}`` with a number that has commas between thousands. Where a
function speaks instead of a table, it is asked once with a marker in the place of each name and number, so nothing is
written twice.
"""

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

from webapp.cluster.model import Cluster, Endpoint, NoEndpoints, Service, ServicePort
from webapp.diagram import html, pod_boxes, wording
from webapp.diagram.cluster_bars import FoldedBars
from webapp.diagram.cluster_columns import ALL_SHOWN, MOST_COLUMNS
from webapp.diagram.cluster_map import NO_NODE_YET, NOT_RUNNING, ON_NO_NODE, ClusterMap
from webapp.diagram.cluster_pods import BADGE_WORDS
from webapp.diagram.describe import ELSEWHERE, node_quiet
from webapp.diagram.endings import ENDING_WORDS
from webapp.diagram.fold import NodeInLane
from webapp.diagram.whole_cluster import MOST_NODES
from webapp.failure import FAILURE_MODES, Moment, Scenario, State
from webapp.failure.moments import UNDETECTED
from webapp.failure.no_endpoints import no_endpoints
from webapp.failure.state import PodFate
from webapp.numbers import counted, percent, some
from webapp.routing.entry import Cause, Result
from webapp.routing.sentences import SENTENCES
from webapp.topology import DEAD_ENDPOINT
from webapp.topology.attributes import EndpointState, EndpointVertex, EntryVertex, NodeVertex, Question, ServiceVertex

if TYPE_CHECKING:
    from collections.abc import Sequence

_MANY = 7919
"""A number that stands in no sentence, so it can be found again."""
_SHARE = 0.4321


def phrases() -> dict[str, Any]:
    """Return all templates and tables, by the names that the script knows them by."""
    return {
        "why": dict(SENTENCES),
        "results": {str(result): result.word for result in Result},
        "entryTones": dict(wording.ENTRY_TONES),
        "nodeWords": {str(state): word for state, word in wording.NODE_WORDS.items()},
        "podTones": {str(state): tone for state, tone in wording.POD_TONES.items()},
        "podWords": {str(state): _pod_words(state) for state in EndpointState},
        "fates": [str(fate) for fate in PodFate],
        "fateWords": {
            str(fate): words
            for fate in PodFate
            if (words := _pod_words(EndpointState.NOT_READY, fate)) != _pod_words(EndpointState.NOT_READY)
        },
        "moments": {str(moment): _situation(moment, down=("node/x",)).split(" · ")[1] for moment in Moment},
        "pictured": {str(kind): list(mode.pictured) for kind, mode in FAILURE_MODES.items()},
        "whole": _whole(),
        "selects": _selects(),
        "entry": _entry(),
        "notes": _notes(),
        "lane": _lane(),
        "told": _told(),
        "none": _none(),
        "counts": _counts(),
        "says": _says(),
        "cluster": _cluster(),
        "endings": dict(ENDING_WORDS),
        "columns": list(html.COLUMNS),
    }


def _marked(text: str, name: str = "count") -> str:
    """Return the text with the marker number as a place for another, the marker share as one for a share."""
    places = {f"{_MANY:,}": f"{{{name}:,}}", str(_MANY): f"{{{name}}}", percent(_SHARE): "{share}"}
    for marker, place in places.items():
        text = text.replace(marker, place)
    return text


def _counts() -> dict[str, list[str]]:
    def forms(noun: str) -> list[str]:
        return [counted(1, noun), _marked(counted(_MANY, noun))]

    return {
        "nodes": forms("node"),
        "entries": forms("entry point"),
        "pods": forms("pod"),
        "ports": forms("service port"),
    }


def _says() -> dict[str, str]:
    """Return what a screen reader says of what can be taken down."""
    return {
        "take": wording.spoken(["{words}"], down=False),
        "back": wording.spoken(["{words}"], down=True),
        "share": "{share} of new connections",
    }


# --- the whole --------------------------------------------------------------------------------------------------------


def _situation(at: Moment, *, down: tuple[str, ...] = (), drain: tuple[str, ...] = (), via: str = "dns") -> str:
    asked = {"at": at, "down": down, "drain": drain, "via": via, "notes": (), "assumptions": ("{text}",)}
    return wording.situation(cast("Question", asked))


def _whole() -> dict[str, Any]:
    asked = {"service": "{service}", "port": "{port}", "answered": _SHARE}
    headline = wording.headline(cast("Question", asked))
    named = wording.headline(cast("Question", {**asked, "name": "{name}"}))
    nothing, clients = _situation(Moment.BEFORE).split(" · ")
    assumed = {"notes": (), "assumptions": ("{text}",)}
    return {
        "headline": _marked(headline),
        "noEntry": wording.headline(cast("Question", {**asked, "answered": None})),
        "called": named.removesuffix(headline),
        "nothing": nothing,
        "situation": f"{{failed}} · {clients.replace(wording.via('dns'), '{via}')}",
        "crash": "{what} · {moment}",
        "drain": _situation(Moment.DRAINED, drain=("{nodes}",)).partition(" · ")[0] + " · {moment}",
        "vias": {"dns": wording.via("dns"), "lb": wording.via("lb"), "node": wording.via("node/{node}")},
        "more": _marked(some(["x"] * (3 + _MANY)).removeprefix("x, x, x"), "rest"),
        "assumed": wording.notes(cast("Question", assumed))[0],
        "undetected": UNDETECTED,
    }


# --- the whole cluster ------------------------------------------------------------------------------------------------


def _cluster() -> dict[str, Any]:
    def headline(hit: int, healthy: int) -> str:
        bars = [_folded(Result.DEGRADED, hit, "x"), _folded(Result.ANSWERED, healthy)]
        its = SimpleNamespace(question={}, bars=[], folded=[each for each in bars if each.count])
        return wording.cluster_headline(cast("ClusterMap", its))

    some = _marked(headline(1, _MANY - 1), "of")
    which, _, lose = some.partition(" lose ")
    every, both = _marked(headline(0, _MANY), "of"), headline(0, 2)
    answer = every.removeprefix(which.replace("1 of ", "All "))
    return {
        "part": which.replace("1 of", "{some:,} of").replace(_marked(counted(_MANY, "service port"), "of"), "{ports}"),
        "all": every.removesuffix(answer).replace(_marked(counted(_MANY, "service port"), "of"), "{ports}"),
        "both": both.removesuffix(answer),
        "lose": f"{{which}} lose {lose.partition(': ')[0]}: {{states}}",
        "healthy": f"{{which}}{answer}",
        "state": "{count:,} {word}",
        "asBefore": _marked(_folded(Result.ANSWERED, _MANY).words).replace(Result.ANSWERED.word.lower(), "{word}"),
        "more": _marked(_folded(Result.DEGRADED, _MANY, "{share}", "{namespace}").words),
        "moreOfAll": _marked(_folded(Result.DEGRADED, _MANY, "{share}").words),
        "badges": {str(badge): words for badge, words in BADGE_WORDS.items()},
        "columns": list(html.CLUSTER_COLUMNS),
        "lanes": {"elsewhere": ON_NO_NODE, "failed": NOT_RUNNING, "pending": NO_NODE_YET},
        "fits": {"columns": MOST_COLUMNS, "all": ALL_SHOWN, "nodes": MOST_NODES},
    }


def _folded(result: Result, count: int, share: str = "", namespace: str = "") -> FoldedBars:
    return FoldedBars(namespace=namespace, results={result: count}, share=share, unfold="")


# --- the service ------------------------------------------------------------------------------------------------------


def _selects() -> dict[str, Any]:
    def line(cause: Cause = Cause.ANSWERED, **facts: object) -> str:
        service = {"accepted": True, "picked": _MANY, "policy": "Cluster", "pools": 1, "alike": True, **facts}
        entries = [cast("EntryVertex", {"cause": cause})]
        service = {"endpoints": 1, "no_endpoints": "", **service}
        return wording.service_line(cast("ServiceVertex", service), entries)

    none = {"picked": 0}
    head = {"accepted": True, "port": 1, "target_port": 2, "protocol": "TCP", "node_port_assigned": False}
    random = {**head, "policy": "Cluster", "picked": _MANY, "pools": 1, "alike": True}
    lead = wording.header_line(cast("ServiceVertex", random | {"picked": 1}), "")
    return {
        "local": line(policy="Local"),
        "pools": _marked(line(pools=_MANY, picked=1), "pools"),
        "one": line(picked=1),
        "differ": line(alike=False),
        "random": _marked(line(), "picked"),
        "noNode": line(Cause.NODE_DOWN, **none),
        "notProxied": line(Cause.NOT_PROXIED, **none),
        "excluded": line(Cause.ADDRESS_EXCLUDED, **none),
        "noLocal": line(Cause.NO_LOCAL_ENDPOINT, **none),
        "noneReady": line(Cause.NO_ENDPOINT, **none),
        "noneReadyWhy": line(Cause.NO_ENDPOINT, **none, no_endpoints="{why}"),
        "none": line(Cause.NO_ENDPOINT, **none, endpoints=0),
        "noneWhy": line(Cause.NO_ENDPOINT, **none, endpoints=0, no_endpoints="{why}"),
        "head": f"{{head}}{lead.removeprefix('1 → 2')}{{line}}",
        "headRandom": _marked(wording.header_line(cast("ServiceVertex", random), "").removeprefix(lead), "picked"),
        "clients": {
            way: [_marked(wording.client_line(way, count)) for count in (0, 1, _MANY)] for way in ("dns", "lb")
        },
    }


# --- lanes ------------------------------------------------------------------------------------------------------------


def _entry() -> dict[str, str]:
    def words(answered: float, before: float | None, result: Result, *, several: bool = False) -> str:
        entry = {"answered": answered, "before": before, "result": str(result)}
        text = wording.entry_words([cast("EntryVertex", entry)], several=several)
        return _marked(text.replace(result.word, "{word}"))

    return {
        "passes": words(_SHARE, None, Result.ANSWERED),
        "each": words(_SHARE, None, Result.ANSWERED, several=True),
        "fails": words(0, None, Result.TIMEOUT),
        "was": words(0, _SHARE, Result.TIMEOUT).removeprefix("{word}"),
    }


def _notes() -> dict[str, list[str]]:
    def note(cause: Cause, *, local: bool = False, folded: bool = False, **more: object) -> list[str]:
        entry = {"cause": cause, "pool": "", "answered": 0.0, "before": 0.0, **more}
        member = NodeInLane(cast("NodeVertex", {}), cast("EntryVertex", entry), None, ())
        return list(wording.no_pod(member, local=local, folded=folded))

    return {
        "down": note(Cause.NODE_DOWN),
        "here": note(Cause.NO_ENDPOINT),
        "dead": note(Cause.DEAD_ENDPOINTS, pool="x"),
        "deadEach": note(Cause.DEAD_ENDPOINTS, pool="x", folded=True),
        "elsewhere": note(Cause.ANSWERED, pool="x", answered=1.0),
        "elsewhereEach": note(Cause.ANSWERED, pool="x", answered=1.0, folded=True),
        "local": note(Cause.NO_LOCAL_ENDPOINT, local=True),
        "localGone": note(Cause.NO_LOCAL_ENDPOINT, local=True, before=1.0),
    }


def _lane() -> dict[str, Any]:
    def quiet(**facts: bool) -> str:
        vertex = {"control_plane": False, "stale": False, **facts}
        return node_quiet(cast("NodeVertex", vertex))

    return {
        "controlPlane": quiet(control_plane=True),
        "stale": quiet(stale=True),
        "elsewhere": list(ELSEWHERE),
        "waiting": [[_marked(text) for text in wording.not_running(*its)] for its in ((1, 0), (_MANY, 0))],
        "rejected": [[_marked(text) for text in wording.not_running(*its)] for its in ((1, 1), (_MANY, _MANY))],
        "mixed": [_marked(text.replace(" 1 ", " {rejected} ")) for text in wording.not_running(_MANY, 1)],
        "folded": _folded_nodes(),
    }


def _folded_nodes() -> dict[str, Any]:
    def quiet(*pods: int) -> str:
        # Names that have nothing in common are not said.
        members = [
            SimpleNamespace(endpoints=range(count), names=(name,)) for count, name in zip(pods, "ab", strict=True)
        ]
        return wording.folded_nodes(cast("Sequence[NodeInLane]", members))

    return {
        "none": quiet(0, 0),
        "each": [quiet(1, 1), _marked(quiet(_MANY, _MANY))],
        "range": quiet(_MANY, _MANY + 1).replace(str(_MANY + 1), "{high}").replace(str(_MANY), "{low}"),
    }


# --- pods -------------------------------------------------------------------------------------------------------------


def _pod_words(state: EndpointState, fate: str = "") -> str:
    return wording.pod_words(cast("EndpointVertex", {"live": True, "fate": fate, "state": state}))


def _told() -> dict[str, str]:
    def told(successor: str = "", **facts: object) -> str:
        plain = {"from_node": None, "fate": "", "state": EndpointState.NOT_READY, "terminating": False}
        return wording.told(cast("EndpointVertex", plain | facts), successor)

    def waits(**facts: object) -> str:
        plain = {"key": "x/x", "label": "x", "reason": "", "assumed": False, "replaces": ""}
        vertex = plain | {"rejected_by": None, "from_node": None} | facts
        return pod_boxes.pending(cast("Any", vertex)).detail

    return {
        "from": told(from_node="{node}", fate=PodFate.MOVED),
        "pending": told("pending"),
        "failed": told("failed"),
        "now": told("{node}"),
        "terminating": told(state=EndpointState.ANSWERS, terminating=True),
        "stuck": told(fate=PodFate.STUCK),
        "waits": waits(),
        "rejected": waits(rejected_by="{node}"),
        "assumed": pod_boxes.assumed({"assumed": True}),
        "dead": DEAD_ENDPOINT,
        "waitingWords": pod_boxes.waiting_word(rejected=False),
        "rejectedWords": pod_boxes.waiting_word(rejected=True),
    }


# --- why there is no endpoint -----------------------------------------------------------------------------------------

_NOWHERE = Cluster(nodes={}, pods={}, services={})


def _none() -> dict[str, str]:
    def none(*listed: Endpoint, down: str = "", dead: str = "") -> NoEndpoints:
        port = ServicePort(port=80, target_port=80, endpoints=listed)
        service = Service(namespace="x", name="x", ports=(port,))
        state = State(
            cluster=_NOWHERE, scenario=Scenario(), down_nodes=frozenset(down.split()), dead_pods=frozenset({dead})
        )
        return cast("NoEndpoints", no_endpoints(state, service, 0, listed))

    def endpoint(node: str, **more: Any) -> Endpoint:
        return Endpoint(pod=f"x/{node}", port=80, node=node, ready=False, serving=False, **more)

    one, other = endpoint("{node}"), endpoint("y")
    count = {"1": "{count:,}", "2": "{count:,}"}
    return {
        "only": none(one).short,
        "several": none(one, other).short.replace("2", count["2"]),
        "onOne": none(one, down="{node}").detail.replace("1", count["1"]),
        "onSeveral": none(one, other, down="{node} y").detail.replace("2", count["2"]),
        "silent": none(other, dead="x/y").detail.replace("1", count["1"]),
        "terminating": none(endpoint("y", terminating=True)).detail.replace("1", count["1"]),
        "whole": str(NoEndpoints("{short}", "{detail}")),
    }
