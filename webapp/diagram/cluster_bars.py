"""The graph of a whole cluster -> what its columns say: a bar for each service port, a number for those without one."""

from collections.abc import Iterator, Mapping
from typing import cast

from webapp.cluster.order import natural
from webapp.diagram import wording
from webapp.diagram.cluster_columns import as_before_word, namespace_word
from webapp.diagram.lanes import Tone
from webapp.diagram.markup import slug
from webapp.diagram.whole_cluster import port_result
from webapp.numbers import figure, nothing, percent
from webapp.records import dataclass
from webapp.routing import Result
from webapp.topology.attributes import ClusterQuestion, Graph, ServiceVertex, VertexKind
from webapp.topology.reading import Ending, endings_by_port, of_kind


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceBar:
    """One service port: a bar across all lanes, with its header."""

    id: str
    name: str
    """``default/web:80``, as in the ids of the graph."""
    namespace: str
    service: str
    port: int
    ports: str
    """``80 ← 30080``"""
    share: float
    before: float
    tone: Tone
    word: str
    local: bool
    """Policy Local: nothing runs from lane to lane."""
    endings: Mapping[Ending, float]
    """How new connections end; the parts of the gauge."""

    @property
    def label(self) -> str:
        """What a screen reader says of its link."""
        was = "" if nothing(abs(self.before - self.share)) else f", was {percent(self.before)}"
        return f"{self.namespace}/{self.service}, {percent(self.share)}{was}, {self.ports}, {self.word.lower()}. Open"


@dataclass(frozen=True, slots=True, kw_only=True)
class FoldedBars:
    """Service ports without a bar: what clients see of them, and what gives them one."""

    namespace: str
    """Whose they are; empty: of any namespace."""
    results: Mapping[Result, int]
    """Worst first."""
    share: str
    """``50–66.67 %``, of those that are affected; empty for those that are as before the failure."""
    unfold: str

    @property
    def count(self) -> int:
        """How many there are."""
        return sum(self.results.values())

    @property
    def affected(self) -> bool:
        """Whether the failure changes what they answer."""
        return bool(self.share)

    @property
    def worst(self) -> Result:
        """What is the worst of them."""
        return next(iter(self.results))

    @property
    def tone(self) -> Tone:
        """How they are painted."""
        return Tone(wording.ENTRY_TONES[self.worst])

    @property
    def id(self) -> str:
        """What stays the same from state to state."""
        return f"f-{slug(self.unfold)}"

    @property
    def words(self) -> str:
        """Return ``10 healthy, as before`` or ``4 more in shop, 66.67 %``."""
        if not self.affected:
            return f"{self.count:,} {self.worst.word.lower()}, as before"
        return f"{self.count:,} more{f' in {self.namespace}' if self.namespace else ''}, {self.share}"


def service_bars(graph: Graph) -> Iterator[ServiceBar]:
    """Yield the service ports of the graph."""
    endings = endings_by_port(graph)
    services = {data["of"]: cast("ServiceVertex", data) for _, data in of_kind(graph, VertexKind.SERVICE)}
    for name, service in services.items():
        share = service["answered"] or 0.0
        lost = {ending: part for ending, part in endings[name].items() if not nothing(part)}
        # The IP of a node that is down refuses nobody: the nodes that are up decide the word.
        refused = Ending.REFUSED in lost and not lost.keys() - {Ending.REFUSED, Ending.NODE_DOWN}
        result = port_result(share, refused=refused)
        yield ServiceBar(
            id=f"b-{slug(name)}",
            name=name,
            namespace=service["namespace"],
            service=service["name"],
            port=service["port"],
            ports=f"{service['port']} ← {service['node_port']}",
            share=share,
            before=service["before"] or 0.0,
            tone=Tone(wording.ENTRY_TONES[result]),
            word=result.word,
            local=service["policy"] == "Local",
            endings=lost,
        )


def folded_bars(question: ClusterQuestion) -> Iterator[FoldedBars]:
    """Yield those that are affected, namespace by namespace, then those as before the failure, healthy ones first."""
    for namespace in sorted(question["more"], key=natural):
        its = question["more"][namespace]
        low, high = figure(its["least"]), percent(its["most"])
        span = high if low == figure(its["most"]) else f"{low}–{high}"
        word = namespace_word(namespace) if namespace else ""
        yield FoldedBars(namespace=namespace, results=_worst_first(its["results"]), share=span, unfold=word)
    for result, count in reversed(_worst_first(question["others"]).items()):
        yield FoldedBars(namespace="", results={result: count}, share="", unfold=as_before_word(result))


def _worst_first(results: Mapping[str, int]) -> dict[Result, int]:
    return {result: results[result] for result in _FROM_WORST if result in results}


_FROM_WORST = (Result.TIMEOUT, Result.REFUSED, Result.DEGRADED, Result.ANSWERED)
