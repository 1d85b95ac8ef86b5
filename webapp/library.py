"""nodefall in a notebook or a script: ``import webapp as nodefall``; see docs/python.md.

What the command line does between its words and its output, with its words and its messages; it reads through this
module itself. The package ``webapp`` hands these names out when they are asked for, so importing it stays cheap.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from os import PathLike, fspath
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

from webapp.cluster.build import build
from webapp.cluster.model import Cluster
from webapp.failure.edit_words import check_edits_in
from webapp.failure.moments import state_at
from webapp.failure.scenario import Scenario
from webapp.failure.state import State
from webapp.failure.word_values import ScenarioError
from webapp.failure.words import decode, decode_options, encode
from webapp.files import LOCAL_LIMITS, PathError, uploads
from webapp.lazy import lazy
from webapp.limits import TooLargeError
from webapp.manifests import Manifests, Problem, Upload
from webapp.manifests import read as read_uploads
from webapp.routing.outcome import outcome
from webapp.simulation.document import problem_document, simulation_document

if TYPE_CHECKING:
    import networkx as nx

# The options whose word in the URL is another one; elsewhere it is the option with hyphens.
_URL_WORDS = {"assume_nodes": "nodes", "assume_pods": "pods"}


class NodefallError(ValueError):
    """What the command line says before it exits with status 2."""

    def __init__(self, message: str, problems: Iterable[Problem] = ()) -> None:
        super().__init__(message)
        self.problems = tuple(problems)
        """What is wrong with the files, where nothing could be read."""


class ReadOptions(TypedDict, total=False):
    """The settings of the cluster and the what-ifs: the command line's options of the same names."""

    assume_nodes: int
    assume_pods: int
    proxy_mode: str
    nodeport_addresses: str
    service_node_port_range: str
    kubernetes: str
    zones: int
    control_planes: int
    replicas: Iterable[str]
    """``KIND/NAMESPACE/NAME:NUMBER``"""
    policy: Iterable[str]
    """``NAMESPACE/NAME:Local`` or ``:Cluster``"""


def read(*paths: str | PathLike[str], render: bool = True, **settings: Unpack[ReadOptions]) -> "SimulatedCluster":
    """Return the cluster that the manifests at the paths make; each is a file, a folder, an archive, or ``-``.

    Raises:
        NodefallError: nothing could be read, or a setting can't be.

    """
    # **settings takes any name: a misspelled one must not pass for a default.
    if unknown := sorted(settings.keys() - ReadOptions.__annotations__.keys()):
        raise TypeError(f"read() got an unexpected keyword argument '{unknown[0]}'")
    manifests = read_manifests([fspath(path) for path in paths], render=render)
    try:
        pairs = list(option_words(settings))
        cluster = build(manifests, decode_options(pairs, manifests))
        check_edits_in(cluster, pairs)
        return SimulatedCluster(cluster)
    except (ScenarioError, TooLargeError) as error:
        raise NodefallError(str(error)) from None


def read_manifests(paths: Iterable[str], *, render: bool = True) -> Manifests:
    """Return what the paths hold, with everything that is wrong with it.

    Raises:
        NodefallError: a path isn't there or can't be read, or nothing in them could.

    """
    return usable_manifests(uploads(paths, render=render))


def usable_manifests(files: Iterable[Upload]) -> Manifests:
    """Return what the files hold, with everything that is wrong with it; they are read as they are asked for.

    Raises:
        NodefallError: a path isn't there or can't be read, or nothing in them could.

    """
    try:
        manifests = read_uploads(files, LOCAL_LIMITS)
    except PathError as error:
        raise NodefallError(str(error)) from error
    if not manifests.is_usable:
        # The problems name the kinds; "could be read" would be wrong of a Secret that is none of nodefall's business.
        message = "nothing to simulate was read." if manifests.not_used else "nothing could be read."
        raise NodefallError(message, manifests.problems)
    return manifests


def option_words(options: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """Yield options, by their names in Python, as the words of the URL; what is None isn't said.

    >>> list(option_words({"assume_nodes": 5, "at": None, "down": ("node/a", "node/b")}))
    [('nodes', '5'), ('down', 'node/a'), ('down', 'node/b')]
    """
    for option, value in options.items():
        # A single string is what people pass where one name is enough; iterated it would be letters.
        values = value if isinstance(value, Iterable) and not isinstance(value, str) else (value,)
        name = _URL_WORDS.get(option, option.replace("_", "-"))
        yield from ((name, str(each)) for each in values if each is not None)


class SimulatedCluster:
    """What the manifests make of a cluster, ready to be asked what falls."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster

    @property
    def nodes(self) -> tuple[str, ...]:
        """The names of its nodes, those assumed included."""
        return tuple(self._cluster.nodes)

    @property
    def services(self) -> tuple[str, ...]:
        """Its services, each as ``NAMESPACE/NAME``."""
        return tuple(self._cluster.services)

    @property
    def assumptions(self) -> tuple[str, ...]:
        """What the manifests leave open, and how it was filled in."""
        return self._cluster.assumptions

    @property
    def problems(self) -> tuple[dict[str, Any], ...]:
        """What is wrong with the manifests, as in the simulation document."""
        return tuple(map(problem_document, self._cluster.problems))

    def simulate(
        self,
        *,
        down: Iterable[str] = (),
        drain: Iterable[str] = (),
        at: str | None = None,
        via: str | None = None,
        service: str | None = None,
    ) -> "Simulation":
        """Return what new connections get in a Scenario, said in its words.

        Raises:
            NodefallError: a word can't be understood, or names what isn't there.

        """
        # Back into words: one codec decodes what is typed, linked and called, and says what is wrong with it.
        words = {"down": down, "drain": drain, "at": at, "via": via, "service": service}
        try:
            return Simulation(self._cluster, decode(option_words(words), self._cluster))
        except ScenarioError as error:
            raise NodefallError(str(error)) from None

    def graph(self, service: str | None = None, port: int | None = None) -> "nx.DiGraph[str]":
        """Return the graph of a service port while nothing is down; see `Simulation.graph`."""
        return self.simulate().graph(service, port)

    def _repr_svg_(self) -> str | None:
        return self.simulate()._repr_svg_()

    def __repr__(self) -> str:
        return f"<SimulatedCluster: {len(self.nodes)} nodes, {len(self.services)} services>"


class Simulation:
    """What new connections to each NodePort service get in one Scenario."""

    def __init__(self, cluster: Cluster, scenario: Scenario) -> None:
        self._cluster = cluster
        self._scenario = scenario

    @lazy
    def document(self) -> dict[str, Any]:
        """What ``nodefall simulate --output json`` prints.

        Raises:
            NodefallError: it would be too large; `summary` hardly ever is.

        """
        return self._document(summary=False)

    @lazy
    def summary(self) -> dict[str, Any]:
        """The document as ``--entries summary`` has it: equal nodes are folded and counted.

        Raises:
            NodefallError: it would be too large even so.

        """
        return self._document(summary=True)

    def _document(self, *, summary: bool) -> dict[str, Any]:
        try:
            return simulation_document(self._cluster, self._scenario, summary=summary)
        except TooLargeError as error:
            raise NodefallError(str(error)) from None

    @property
    def services(self) -> dict[str, dict[str, Any]]:
        """The services of `document` by their ``NAMESPACE/NAME``."""
        return {f"{each['namespace']}/{each['name']}": each for each in self.document["services"]}

    def answered(self, service: str | None = None, port: int | None = None) -> float | None:
        """Return the share of new connections that are answered, through the Scenario's `via`; None without a nodePort.

        Without a service it is the one in focus, else the first with a nodePort; a port is said by its number or its
        nodePort.

        Raises:
            NodefallError: there is no such service or port.

        """
        from webapp.diagram import DiagramError, service_port

        try:
            found, index = service_port(self._cluster, service or self._scenario.service, port)
        except DiagramError as error:
            raise NodefallError(str(error)) from None
        return outcome(self._state, found.key, index).answered(self._scenario.via)

    @lazy
    def _state(self) -> State:
        return state_at(self._cluster, self._scenario)

    def graph(self, service: str | None = None, port: int | None = None) -> "nx.DiGraph[str]":
        """Return the graph of a service port, chosen as in `answered`; :mod:`webapp.topology` describes it.

        Raises:
            NodefallError: there is no such service or port.

        """
        from webapp.diagram import DiagramError, port_graph

        try:
            return port_graph(self._cluster, self._seen(service), port)
        except DiagramError as error:
            raise NodefallError(str(error)) from None

    def draw(
        self, extension: str = "svg", service: str | None = None, port: int | None = None, **options: str
    ) -> bytes:
        """Return the picture of a service port, or of the whole cluster, in a format that ``nodefall render`` knows.

        Without a service it is the one in focus, else all exposed ones. The options are those of ``nodefall render``:
        ``scale="3"``, ``ground="dark"``, ``shape="16:9"``, ``names="hidden"``.

        Raises:
            NodefallError: there is no such service, port or format, or this machine lacks what it needs.

        """
        from webapp.diagram import PICTURE_OPTIONS, DiagramError, draw, read_picture_options

        if unknown := sorted(options.keys() - PICTURE_OPTIONS):
            raise TypeError(f"draw() got an unexpected keyword argument '{unknown[0]}'")
        try:
            chosen = read_picture_options(options.items(), extension)
            return draw(self._cluster, self._seen(service), extension, port, options=chosen)
        except DiagramError as error:
            raise NodefallError(str(error)) from None

    def _seen(self, service: str | None) -> Scenario:
        return replace(self._scenario, service=service or self._scenario.service)

    def _repr_svg_(self) -> str | None:
        """Return the picture for a notebook; None, as IPython expects it, where there is no service to draw."""
        try:
            return self.draw().decode()
        except NodefallError:
            return None

    def __repr__(self) -> str:
        words = " ".join(f"{name}={value}" for name, value in encode(self._scenario))
        return f"<Simulation: {words or 'nothing is down'}>"
