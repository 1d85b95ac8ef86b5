"""Find anything in a cluster by name, address, port or label, fast enough to answer while somebody types.

One text per kind holds a line for each object, so a search is a few passes of ``str.find``, whatever the size.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from enum import IntEnum, StrEnum

from webapp.cluster.address import node_at, parse_address
from webapp.cluster.model import Cluster, Endpoint, Node, Pod, PodKey, Service
from webapp.manifests.objects import Labels
from webapp.records import dataclass

MAX_WORDS = 6
MAX_QUERY = 200
# Lines compared word by word at most: a few milliseconds. Only odd queries of several common words come so far.
MAX_LOOKED_AT = 20_000


class HitKind(StrEnum):
    """What was found; in this order where several fit as well."""

    NODE = "node"
    ZONE = "zone"
    SERVICE = "service"
    PORT = "port"
    """A port of a service."""
    POD = "pod"
    ENDPOINT = "endpoint"
    """An address behind a service that is no known pod's."""


class Rank(IntEnum):
    """How well it fits: a whole name or label, the start of one, or some part."""

    WHOLE = 0
    START = 1
    PART = 2


@dataclass(frozen=True, slots=True)
class SearchHit:
    """One result."""

    kind: HitKind
    key: str
    """Name of the node or zone, NAMESPACE/NAME of service or pod; for ports NAMESPACE/NAME:INDEX, for endpoints
    NAMESPACE/NAME:INDEX of the service port and then a blank and ``ip:port``."""
    matched: str
    """The address, port or label that fits, where it isn't the name; in lower case."""
    rank: Rank


@dataclass(frozen=True, slots=True)
class Results:
    """The best results first."""

    found: tuple[SearchHit, ...]
    more: bool
    """There are others that fit."""


@dataclass(frozen=True, slots=True)
class NameIndex:
    """The objects of one kind: a line each, of words between tabs, in lower case; the first two are names."""

    kind: HitKind
    keys: tuple[str, ...]
    text: str
    starts: tuple[int, ...]

    def line(self, number: int) -> str:
        """Return the line of one object."""
        end = self.starts[number + 1] if number + 1 < len(self.starts) else len(self.text)
        return self.text[self.starts[number] : end]

    def numbers(self, needle: str) -> Iterator[int]:
        """Yield the numbers of the lines that hold the needle, each once."""
        at = self.text.find(needle)
        while at >= 0:
            number = bisect_right(self.starts, at) - 1
            yield number
            following = self.starts[number + 1] if number + 1 < len(self.starts) else len(self.text)
            at = self.text.find(needle, following)


Index = tuple[NameIndex, ...]


@dataclass(frozen=True, slots=True)
class Addressed:
    """What a ``host:port`` leads to."""

    host: str
    port: int
    node: str | None
    """The node whose name or address it is."""
    pod: PodKey | None
    service: str | None
    port_index: int
    """Of the service port whose nodePort, or behind which the pod, is meant."""


def index(cluster: Cluster) -> Index:
    """Return the index of a cluster, to be built once: about a second for 150,000 pods."""
    zones = dict.fromkeys(node.zone for node in cluster.nodes.values() if node.zone)
    return tuple(
        _name_index(kind, lines)
        for kind, lines in (
            (HitKind.NODE, ((n.name, _node_words(n)) for n in cluster.nodes.values())),
            (HitKind.ZONE, ((zone, (zone, f"zone {zone}")) for zone in zones)),
            (HitKind.SERVICE, ((s.key, _service_words(s)) for s in cluster.services.values())),
            (HitKind.PORT, (line for s in cluster.services.values() for line in _port_lines(s))),
            (HitKind.POD, _pod_lines(cluster.pods.values())),
            (HitKind.ENDPOINT, (line for s in cluster.services.values() for line in _endpoint_lines(cluster, s))),
        )
    )


def pod_name_index(pods: Iterable[Pod]) -> NameIndex:
    """Return an index of pods alone: those that a failure makes, to be searched beside the cluster's."""
    return _name_index(HitKind.POD, _pod_lines(pods))


def search(among: Index, query: str, limit: int = 20, each: int = 8) -> Results:
    """Return at most `limit` objects that have every word of the query, and at most `each` of one kind.

    Whole names, addresses, ports and labels (``key=value``) come first, then their beginnings, then any part.
    """
    words = query[:MAX_QUERY].lower().split()[:MAX_WORDS]
    if not words:
        return Results((), more=False)
    found: list[SearchHit] = []
    more = False
    for names in among:
        here = list(_hits(names, words, each + 1))
        more = more or len(here) > each
        found += here[:each]
    found.sort(key=lambda each: each.rank)
    return Results(tuple(found[:limit]), more=more or len(found) > limit)


def addressed(cluster: Cluster, query: str) -> Addressed | None:
    """Return what ``host:port`` means; None if the query isn't one or no such host is known.

    The host is a node (by name or address) or a pod (by ``namespace/name``, or by its address).
    """
    typed = parse_address(query)
    if typed is None or typed.port is None:
        return None
    host, port = typed.host, typed.port
    node = node_at(cluster, host)
    if node is not None:
        service, at = _by_node_port(cluster, port)
        return Addressed(host, port, node.name, None, service, at)
    pod = _pod_at(cluster, host)
    if pod is not None:
        service, at = _by_endpoint(cluster, pod, port)
        return Addressed(host, port, None, pod, service, at)
    return None


def _pod_at(cluster: Cluster, host: str) -> PodKey | None:
    if host in cluster.pods:
        return host
    return next((pod.key for pod in cluster.pods.values() if host in pod.ips), None)


def _by_node_port(cluster: Cluster, number: int) -> tuple[str | None, int]:
    for service in cluster.services.values():
        for at, port in enumerate(service.ports):
            if service.accepted and port.node_port == number:
                return service.key, at
    return None, 0


def _by_endpoint(cluster: Cluster, pod: PodKey, number: int) -> tuple[str | None, int]:
    for key in cluster.services_of.get(pod, ()):
        for at, port in enumerate(cluster.services[key].ports):
            if any(endpoint.pod == pod and endpoint.port == number for endpoint in port.endpoints):
                return key, at
    return None, 0


# --- building the index

# The key of an object, and the words by which it is found.
Line = tuple[str, Iterable[str]]


def _name_index(kind: HitKind, lines: Iterable[Line]) -> NameIndex:
    keys: list[str] = []
    parts: list[str] = []
    starts: list[int] = []
    length = 0
    for key, words in lines:
        part = "\t" + "\t".join(words).lower() + "\t\n"
        keys.append(key)
        starts.append(length)
        parts.append(part)
        length += len(part)
    return NameIndex(kind, tuple(keys), "".join(parts), tuple(starts))


def _labels(labels: Labels) -> list[str]:
    return [f"{key}={value}" for key, value in labels.items()]


def _node_words(node: Node) -> list[str]:
    taints = [taint.key for taint in node.taints]
    return [node.name, f"node/{node.name}", *node.addresses, *node.host_names, *_labels(node.labels), *taints]


def _service_words(service: Service) -> list[str]:
    addresses = (*service.external_ips, *service.load_balancer_addresses)
    return [service.name, service.key, *addresses, *_labels(service.selector), service.type]


def _port_lines(service: Service) -> Iterator[Line]:
    for at, port in enumerate(service.ports):
        numbers = dict.fromkeys((str(port.node_port or port.port), str(port.port), str(port.target_port), port.name))
        # Without the name: who searches a service by name is to find the service, not all of its ports.
        yield f"{service.key}:{at}", [word for word in numbers if word] + [port.protocol]


def _pod_lines(pods: Iterable[Pod]) -> Iterator[Line]:
    of_labels: dict[int, list[str]] = {}
    for pod in pods:
        # The pods of a template share their labels, which are written once.
        labels = of_labels.get(id(pod.labels))
        if labels is None:
            labels = of_labels[id(pod.labels)] = _labels(pod.labels)
        yield pod.key, [pod.name, pod.key, *pod.ips, *labels]


def _endpoint_lines(cluster: Cluster, service: Service) -> Iterator[Line]:
    for at, port in enumerate(service.ports):
        for endpoint in port.endpoints:
            if endpoint.pod is None or endpoint.pod not in cluster.pods:
                yield f"{service.key}:{at} {endpoint.key}", _endpoint_words(endpoint)


def _endpoint_words(endpoint: Endpoint) -> list[str]:
    return [endpoint.key, endpoint.address or endpoint.key]


# --- searching


def _hits(names: NameIndex, words: list[str], limit: int) -> Iterator[SearchHit]:
    """Yield the best lines of one kind that have all words, best first."""
    if not all(word in names.text for word in words):
        return
    rarest = min(words, key=names.text.count) if len(words) > 1 else words[0]
    seen: set[int] = set()
    for rank, needle in ((Rank.WHOLE, f"\t{rarest}\t"), (Rank.START, f"\t{rarest}"), (Rank.PART, rarest)):
        for looked, number in enumerate(names.numbers(needle)):
            if len(seen) >= limit or looked >= MAX_LOOKED_AT:
                break
            line = names.line(number)
            if number not in seen and all(word in line for word in words):
                seen.add(number)
                yield SearchHit(names.kind, names.keys[number], _matched(line, rarest, names.keys[number]), rank)


def _matched(line: str, word: str, key: str) -> str:
    """Return the word of the line that fits, unless it is part of the name."""
    if word in key.lower():
        return ""
    return next((each for each in line.split("\t") if word in each), "")
