"""Sets of manifests that are nearly right: objects of the samples with something in them changed, by Hypothesis.

Bytes at random are refused by the reader. What gets past it, and hurts later, has the structure of real objects.
"""

import copy
import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from hypothesis import strategies as st

from webapp.limits import Limits
from webapp.manifests.documents import read_documents
from webapp.manifests.tree import Document, Usage
from webapp.samples import SAMPLES

Json = Any
DIGITS = "1" * 4301
"""Python converts no number that long."""
SCALARS: Sequence[Json] = (
    *(None, True, False, 0, 1, -1, 3, 80, 30080, 65536, 2**31 - 1, 2**31, 2**63, -(2**31), 0.5, 1e308, float("inf")),
    *["", " ", "\n", "a\nb", "0", "-1", "80", "true", "null", "~", "a", "web", "веб", "é" * 300, "\u202e", "\0", "/"],
    *["a" * 64, "a" * 254, DIGITS, "<b>&'\"", "../..", "a/b/c", "=1+1", "::1", "10.0.0.1", "10.0.0.0/8", "::/0"],
    *["Local", "Cluster", "NodePort", "LoadBalancer", "ExternalName", "None", "UDP", "SCTP", "50%", "100%", "101%"],
    *["ClientIP", "PreferClose", "Auto", "NoExecute", "NoSchedule", "Exists", "NotIn", "Gt", "DoNotSchedule", "1Ei"],
)
CONTAINERS: Sequence[Json] = ([], {}, [None], {"": ""}, [[]], {"a": {}}, [1, "a"], {"app": "web"})
KINDS = ("Service", "Deployment", "StatefulSet", "DaemonSet", "Pod", "Node", "EndpointSlice", "List")
KEYS = ("name", "namespace", "labels", "selector", "spec", "replicas", "ports", "nodeName", "status", "items", "")


FEW = 12
"""Of a sample with more objects each case would take long."""


@cache
def seeds() -> tuple[tuple[Json, ...], ...]:
    """Return the objects of each sample, as plain data."""
    return tuple(tuple(_objects(sample.path.read_text(encoding="utf-8"))) for sample in SAMPLES)


def _objects(text: str) -> Iterator[Json]:
    for document in read_documents(text, Usage(Limits())):
        if isinstance(document, Document) and isinstance(document.data, dict):
            # Those of a list may be read apart from it.
            yield from (part.data[0] if part.is_item else part.data for part in document.parts or [document])


@st.composite
def sets(draw: st.DrawFn) -> list[Json]:
    """Return a small sample, and objects of others, of which some places are changed."""
    small = [objects for objects in seeds() if len(objects) <= FEW]
    objects = list(copy.deepcopy(draw(st.sampled_from(small))))
    every = [each for sample in seeds() for each in sample]
    objects += [copy.deepcopy(every[number]) for number in draw(st.lists(st.integers(0, len(every) - 1), max_size=3))]
    for _ in range(draw(st.integers(0, 6))):
        _change(draw, objects)
    return objects


def _change(draw: st.DrawFn, objects: list[Json]) -> None:
    places = [*_places(objects)]
    holder, key = places[draw(st.integers(0, len(places) - 1))]
    match draw(st.integers(0, 7)):
        case 0:
            del holder[key]
        case 1:
            holder[key] = copy.deepcopy(draw(st.sampled_from(CONTAINERS)))
        case 2 if isinstance(holder, dict):
            holder[draw(st.sampled_from(KEYS))] = holder.pop(key)
        case 3 if isinstance(holder, list):
            holder.append(copy.deepcopy(holder[key]))
        case 4:
            # What is right in one place is often wrong in another, of the same name or not.
            other, its = places[draw(st.integers(0, len(places) - 1))]
            holder[key] = copy.deepcopy(other[its])
        case 5 if isinstance(holder, dict) and "kind" in holder:
            holder["kind"] = draw(st.sampled_from(KINDS))
        case _:
            holder[key] = draw(st.sampled_from(SCALARS))
    if not objects:
        objects.append({})


def _places(of: Json) -> Iterator[tuple[Any, Any]]:
    """Yield each place in the objects, as what holds it and its key or index."""
    inside = of.items() if isinstance(of, dict) else enumerate(of) if isinstance(of, list) else ()
    for key, value in inside:
        yield of, key
        yield from _places(value)


def written(objects: Sequence[Json]) -> bytes:
    """Return the objects as a file: one JSON document after the other, as YAML takes them also."""
    return "\n---\n".join(json.dumps(each) for each in objects).encode()


def words(cluster_nodes: Sequence[str], services: Sequence[str]) -> Mapping[str, list[tuple[str, str]]]:
    """Return Scenarios to ask of a cluster, by what is said of them."""
    first, last = cluster_nodes[:1], cluster_nodes[-1:]
    return {
        "nothing": [],
        "a node lost": [("down", f"node/{name}") for name in first] + [("at", "rescheduled")],
        "a node just failed": [("down", f"node/{name}") for name in last] + [("at", "failed"), ("via", "lb")],
        "a drain": [("drain", f"node/{name}") for name in last],
        "a service": [("service", key) for key in services[:1]],
    }
