"""The boxes at the right end of a lane: a pod, several alike, or one that fits on no node."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from math import fsum
from typing import Any

from webapp.cluster.order import natural
from webapp.diagram import wording
from webapp.diagram.fold import EndpointInLane
from webapp.diagram.lanes import PodBox, Tone
from webapp.diagram.markup import slug
from webapp.diagram.state_signs import PodShape, pod_badge, pod_shape
from webapp.failure.kinds import FailureKind
from webapp.failure.scenario import Target
from webapp.numbers import counted
from webapp.topology.attributes import EndpointState, EndpointVertex, PendingVertex
from webapp.topology.reading import Arrival


def successors(vertices: Iterable[Mapping[str, Any]]) -> Mapping[str, str]:
    """Return for each pod that another replaces where that one is: a node's name, ``pending`` or ``failed``."""
    its = ((vertex["replaces"], vertex.get("node") or _waits(vertex)) for vertex in vertices if vertex.get("replaces"))
    return dict(its)


def pod(bundle: EndpointInLane, successors: Mapping[str, str]) -> PodBox:
    """Return the box of one endpoint; `successors` says where others are that replace pods."""
    endpoint, _ = bundle
    told = wording.told(endpoint, successors.get(endpoint["key"], ""))
    return _box(
        [bundle],
        id_=f"p-{slug(endpoint['key'])}",
        name=endpoint["label"],
        detail=_joined(wording.pod_address(endpoint), assumed(endpoint), told),
        told=told,
        takes=Target(kind=FailureKind.POD, name=endpoint["key"]) if endpoint["pod"] else None,
    )


def pods_together(its: Sequence[EndpointInLane], id_: str, unfold: str) -> PodBox:
    """Return the box of several alike."""
    endpoints = [endpoint for endpoint, _ in its]
    ports = sorted({endpoint["port"] for endpoint in endpoints})
    pattern = wording.pattern([endpoint["label"] for endpoint in endpoints])
    detail = _joined(pattern, f":{ports[0]}" if len(ports) == 1 else "", assumed(endpoints[0]))
    return _box(its, id_=id_, name=counted(len(its), "pod"), detail=detail, takes=None, unfold=unfold)


def _box(
    its: Sequence[EndpointInLane],
    *,
    id_: str,
    name: str,
    detail: str,
    takes: Target | None,
    told: str = "",
    unfold: str = "",
) -> PodBox:
    endpoint = its[0][0]
    arrivals = [arrival for _, arrival in its if arrival]
    return PodBox(
        id=id_,
        name=name,
        detail=detail,
        tone=Tone(wording.POD_TONES[endpoint["state"]]),
        words=wording.pod_words(endpoint),
        count=len(its),
        share=fsum(arrival.share for arrival in arrivals),
        picked=bool(arrivals),
        lost=endpoint["state"] is EndpointState.NO_ANSWER,
        shape=pod_shape(endpoint),
        badge=pod_badge(endpoint),
        takes=takes,
        down=endpoint["down"],
        reason=_why(endpoint, arrivals),
        unfold=unfold,
        pool=endpoint["pool"],
        changed=any(endpoint["changed"] for endpoint, _ in its),
        told=told,
        came_from=f"p-{slug(endpoint['replaces'])}" if endpoint["replaces"] else "",
        assumed=endpoint["assumed"],
    )


def _joined(*parts: str) -> str:
    return " · ".join(filter(None, parts))


def assumed(vertex: Mapping[str, Any]) -> str:
    """Return what is said of what nodefall made up."""
    return "assumed" if vertex["assumed"] else ""


def _why(endpoint: EndpointVertex, arrivals: Sequence[Arrival]) -> str:
    return endpoint["reason"] or next((arrival.why for arrival in arrivals if arrival.why), "")


def _waits(vertex: Mapping[str, Any]) -> str:
    return "failed" if vertex.get("rejected_by") else "pending"


def pending(vertex: PendingVertex) -> PodBox:
    """Return the box of a pod that has no node, or that its kubelet rejects."""
    where = f"rejected by {vertex['rejected_by']}" if vertex["rejected_by"] else "on no node"
    came = f"from {vertex['from_node']}" if vertex["from_node"] else where
    detail = _joined(came, assumed(vertex))
    box = _waiting_box(f"p-{slug(vertex['key'])}", vertex["label"], detail, 1, vertex)
    return replace(box, came_from=f"p-{slug(vertex['replaces'])}", changed=True) if vertex["replaces"] else box


def pending_together(waiting: Iterable[PendingVertex]) -> Iterator[PodBox]:
    """Yield the boxes of many of them: one of those without a node, one of those that are rejected."""
    alike: dict[str, list[PendingVertex]] = {}
    for vertex in waiting:
        alike.setdefault(_waits(vertex), []).append(vertex)
    for word, its in alike.items():
        names = sorted((vertex["label"] for vertex in its), key=natural)
        detail = _joined(wording.pattern(names), assumed(its[0]))
        # No slug begins with an underscore and a word, so no pod has this id.
        box = _waiting_box(f"p-_{word}", counted(len(its), "pod"), detail, len(its), its[0])
        yield replace(box, changed=any(vertex["replaces"] for vertex in its))


def waiting_word(*, rejected: bool) -> str:
    """Return the state of a pod that does not run: its kubelet rejects it, or it has no node."""
    return "Failed" if rejected else "Pending"


def _waiting_box(id_: str, name: str, detail: str, count: int, vertex: PendingVertex) -> PodBox:
    return PodBox(
        id=id_,
        name=name,
        detail=detail,
        tone=Tone.BAD if vertex["rejected_by"] else Tone.QUIET,
        words=waiting_word(rejected=bool(vertex["rejected_by"])),
        count=count,
        share=0.0,
        picked=False,
        lost=False,
        shape=PodShape.DEAD if vertex["rejected_by"] else PodShape.PENDING,
        badge=None,
        takes=None,
        down=False,
        reason=vertex["reason"],
        unfold="",
        assumed=vertex["assumed"],
    )
