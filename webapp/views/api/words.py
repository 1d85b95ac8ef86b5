"""What the words of the API's queries mean, operation by operation."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from webapp.diagram import PICTURE_OPTIONS
from webapp.failure.words import OPTION_WORDS, SCENARIO_WORDS
from webapp.views.api.blueprint import ApiOperation
from webapp.views.page.query import Repeated
from webapp.word_help import WORD_HELP

# By the word, or where it means something else for one operation by `operation.word`.
_HELP: Mapping[str, str] = MappingProxyType(
    {
        "topology": "The id of a stored set, as in the address of its map.",
        "old": "The id of the stored set before the change.",
        "new": "The id of the stored set after it.",
        "output": "What is answered.",
        "entries": "summary: group nodes with the same result.",
        "address": "What a client connects to, with its port: worker-1:30080, a URL, a load balancer, a Service.",
        "protocol": "That of the connection; TCP where nothing is said.",
        "format": "The format of the picture, or the document.",
        "port": "The port of the service, where it has several: its name or number.",
        "state": "Only services in this state.",
        "namespace": "Only services of this namespace.",
        "moment": "Right after the failure, or once it is detected.",
        "through": "How clients connect.",
        "severity": "Only findings of this severity.",
        "rule": "Only findings of this rule, such as NP220.",
        "max-severity": "The worst severity that passes.",
        "survive": "Every port must survive the loss of any one.",
        "badge.survive": "What every service is to survive the loss of.",
        "guaranteed": "With survive: in any placement that the manifests allow, not only with the current one.",
        "check.via": "How clients connect.",
        "keep": "For how many days it is kept.",
        "q": "Only what has all of these words: in names, numbers, labels, pods, nodes; of a finding in what it says.",
        "labels": "Only nodes that this label selector selects, as kubectl -l does.",
        "ignore": "Findings to ignore, with a reason; those of one object, of a namespace, or all of a rule.",
        "anonymize": "Replace names, labels, hosts and addresses: service-1, node-2.",
        "findable": "public: chats show its verdict and picture, and other sites may embed it.",
        "name": "What the state is called.",
        "drawer": "Which tab lies open under the map.",
    }
)
_SHAPES: Mapping[str, str] = MappingProxyType(
    {
        "topology": "ID",
        "old": "ID",
        "new": "ID",
        "address": "HOST:PORT",
        "protocol": "TCP|UDP|SCTP",
        "keep": "DAYS",
        "ignore": "ID[/WHERE]:REASON",
        "rule": "NP…",
        "namespace": "NS",
    }
)
_EXAMPLES: Mapping[str, str] = MappingProxyType({"topology": "sample-shop", "old": "sample-shop", "new": "sample-shop"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A word of one operation's query."""

    name: str
    help: str
    values: tuple[str, ...] = ()
    """What there is, the default first, if there are a few only; without a default the first is empty."""
    shape: str = ""
    """What a value looks like."""
    example: str = ""
    repeats: bool = False
    is_shared: bool = False
    """It is one of the words of the URL that all pages and the command line take."""

    @property
    def default(self) -> str:
        """The value where nobody says one; empty for none."""
        return self.values[0] if self.values else ""


def parameters(of: ApiOperation) -> Iterator[Parameter]:
    """Yield the words of an operation: its own, then those of the Scenario and of the cluster."""
    for word in of.page.words:
        option = PICTURE_OPTIONS.get(word.name)
        told = _HELP.get(f"{of.name}.{word.name}") or _HELP.get(word.name) or (option.help if option else "")
        values = word.values or (option.values if option else ("full", "summary") if word.name == "entries" else ())
        shape, example = _SHAPES.get(word.name, ""), _EXAMPLES.get(word.name, "")
        yield Parameter(
            name=word.name,
            help=told,
            values=values,
            shape=shape,
            example=example,
            repeats=isinstance(word, Repeated),
        )
    yield from (shared(name) for name in WORD_HELP if name in of.page.keeps)


def shared(name: str) -> Parameter:
    """Return a word of the URL that all pages and the command line take."""
    its = WORD_HELP[name]
    return Parameter(
        name=name, help=its.help, shape=its.shape, example=its.example, repeats=its.repeats, is_shared=True
    )


SHARED = {
    "Scenario": tuple(name for name in WORD_HELP if name in SCENARIO_WORDS),
    "Cluster": tuple(name for name in WORD_HELP if name in OPTION_WORDS),
}
"""The words that several operations take, by what they are about."""
