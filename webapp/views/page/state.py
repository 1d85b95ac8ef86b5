"""What a page shows: a topology, a Scenario, and the page's own words. All of it is the query of the address."""

from collections import Counter
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, Literal

from webapp.cluster.model import Cluster, Service, ServicePort, WorkloadRef
from webapp.cluster.nodes import are_counted, counted_nodes
from webapp.cluster.options import ClusterOptions
from webapp.cluster.remembered import once_per_cluster
from webapp.failure import words
from webapp.failure.edit_words import EDIT_WORDS
from webapp.failure.kinds import FailureKind, TargetType, kinds_of
from webapp.failure.scenario import Moment, Scenario, Target
from webapp.findings.ignoring import Ignore
from webapp.limits import WORDS
from webapp.views.page import query
from webapp.views.page.topologies import Topology, open_or_404, topologies

MAX_ASSUMED = 50
"""How many assumed nodes and pods buttons go up to; the address takes more."""

SERVICE: Literal["service"] = "service"
"""Selects the service in focus, which is not something that could be down."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageState:
    """One state of the page; its methods give the states next to it, to be linked to."""

    topology: Topology
    cluster: Cluster
    options: ClusterOptions
    scenario: Scenario
    port: str = ""
    """Name of the service port, else its number; empty for the first."""
    select: Target | Literal["service"] | None = None
    """What the panel is about; without it what is down."""
    drawer: str = ""
    """The tab that lies open under the map; see :data:`query.DRAWER`."""
    unfold: frozenset[str] = frozenset()
    """Folded lanes that are to be shown one by one."""
    name: str = ""
    """What somebody called this state, ``zone a lost``."""
    ignores: tuple[Ignore, ...] = ()
    """Findings that its readers ignore."""
    presented: bool = False
    """Whether it is shown to a room: picture and verdict alone."""

    # --- what it is about

    @property
    def service(self) -> Service | None:
        """The service in focus: the one named, else the first with a node port, else the one to expose."""
        if self.scenario.service is not None:
            return self.cluster.services[self.scenario.service]
        return _first_focus(self.cluster)

    @property
    def whole(self) -> bool:
        """Whether it is about the whole cluster: no service is named, and more than one is exposed."""
        return self.scenario.service is None and not self.port and len(exposed(self.cluster)) > 1

    @property
    def port_index(self) -> int:
        """The index of the service port in focus."""
        ports = self.service.ports if self.service else ()
        for index, port in enumerate(ports):
            # Kubernetes asks for names where a Service has several ports; people remember the numbers.
            if self.port and self.port in (port_word(port), str(port.port), str(port.node_port)):
                return index
        return next((index for index, port in enumerate(ports) if port.node_port is not None), 0)

    @property
    def selected(self) -> Target | None:
        """What could be down and the panel is about: what was selected, else the first of what is down."""
        if self.select == SERVICE:
            return None
        return self.select or _first_down(self.scenario)

    @property
    def found_node(self) -> str:
        """The node that the panel is about, which no picture hides in a number; empty if it is about something else."""
        selected = self.selected
        return selected.name if selected and selected.kind is FailureKind.NODE else ""

    @property
    def has_failure(self) -> bool:
        """Whether something is down or drained, at whichever time one looks."""
        return bool(self.scenario.down or self.scenario.drain)

    @property
    def counts_nodes(self) -> bool:
        """Whether the number of nodes is for the reader to choose: nothing that was uploaded names one."""
        return are_counted(self.cluster.nodes.values())

    # --- addresses

    def pairs(self, plain: ClusterOptions = words.PAGE) -> list[tuple[str, str]]:
        """Return the query, canonical and as short as it can be; settings that are as in `plain` are left out."""
        # What fails first is in the panel anyway: saying so would make two addresses of one state.
        first = _first_down(self.scenario)
        select = None if self.select == (first or SERVICE) else self.select
        return [
            *words.encode(self.scenario),
            *words.encode_options(self.options, plain),
            *query.PORT.written(self.port),
            *query.SELECT.written(str(select or "")),
            *query.DRAWER.written(self.drawer),
            *query.NAME.written(self.name),
            *query.UNFOLD.written(sorted(self.unfold)),
            *query.IGNORE.written([ignore.word for ignore in self.ignores]),
            *query.PRESENT.written("1" if self.presented else ""),
        ]

    def url(self, endpoint: str = "explorer.show", *, external: bool = False, **values: Any) -> str:
        """Return the address of this state on one of the pages; `values` as in :func:`query.address`."""
        return query.address(endpoint, self._pairs_for(endpoint), external=external, **self._path(endpoint), **values)

    def connection_url(self, entry: str = "", pick: str = "", step: int = 1) -> str:
        """Return the address of one connection, step by step; without `entry` and `pick` the page selects."""
        return self.url("connection.show", entry=f"node/{entry}" if entry else "", pick=pick, step=step)

    def form(self, name: str, *, boxes: Iterable[tuple[str, str]] = (), **values: Any) -> query.QueryForm:
        """Return a form that keeps this state but for what it has fields for; see :func:`query.form`."""
        endpoint, _ = query.FORMS[name]
        return query.form(name, self._pairs_for(endpoint), boxes=boxes, **self._path(endpoint), **values)

    def _pairs_for(self, endpoint: str) -> list[tuple[str, str]]:
        return self.pairs(query.PAGES[endpoint].plain)

    def _path(self, endpoint: str) -> dict[str, str]:
        return {"topology_id": self.topology.id} if "topology_id" in query.PAGES[endpoint].path else {}

    # --- the states next to this one

    def toggled(self, target: Target) -> "PageState":
        """Return this state with one thing down that is up, or up that is down."""
        return self.having(words.toggle(self.scenario, target), target)

    def without(self, target: Target) -> "PageState":
        """Return this state with one thing up again, and nothing selected."""
        return self.having(words.toggle(self.scenario, target), None)

    def having(self, scenario: Scenario, select: Target | None) -> "PageState":
        """Return this state with something else down, looked at when it has just failed if nothing was down before."""
        # Programs get `detected` where they say nothing; whoever clicks wants to see what the failure costs, and most
        # is lost at first.
        if scenario.down and not self.scenario.down:
            scenario = replace(scenario, at=Moment.FAILED)
        elif not scenario.down and not scenario.drain:
            scenario = replace(scenario, at=Moment.DETECTED)
        return replace(self, scenario=scenario, select=select)

    def draining(self, node: str) -> "PageState":
        """Return this state with one node drained instead of anything being down."""
        target = Target(kind=FailureKind.NODE, name=node)
        return replace(self, scenario=words.with_drain(self.scenario, (*self.scenario.drain, node)), select=target)

    def reset(self) -> "PageState":
        """Return this state with nothing down."""
        scenario = replace(self.scenario, down=frozenset(), drain=(), at=Moment.DETECTED)
        return replace(self, scenario=scenario, select=None, name="")

    def at(self, moment: Moment) -> "PageState":
        """Return this state at another moment."""
        return replace(self, scenario=replace(self.scenario, at=moment))

    def via(self, way: str) -> "PageState":
        """Return this state with clients that connect another way."""
        return replace(self, scenario=replace(self.scenario, via=way))

    def focused(self, service: str, port: str = "") -> "PageState":
        """Return this state with another service in focus."""
        return replace(self, scenario=replace(self.scenario, service=service), port=port, unfold=frozenset())

    def unfocused(self) -> "PageState":
        """Return this state with the whole cluster instead of one service."""
        select = None if self.select == SERVICE else self.select
        scenario = replace(self.scenario, service=None)
        return replace(self, scenario=scenario, port="", select=select, unfold=frozenset())

    def selecting(self, target: Target | Literal["service"]) -> "PageState":
        """Return this state with something else in the panel."""
        return replace(self, select=target)

    def opening(self, tab: str) -> "PageState":
        """Return this state with another tab of the drawer open, or none."""
        return replace(self, drawer=tab)

    def presenting(self, presented: bool = True) -> "PageState":
        """Return this state as it is shown to a room, or as it is worked with."""
        return replace(self, presented=presented)

    def unfolding(self, fold: str) -> "PageState":
        """Return this state with a folded lane opened, or an open one folded."""
        return replace(self, unfold=self.unfold ^ {fold})

    def assuming(self, count: int) -> "PageState | None":
        """Return this state with so many assumed nodes; None if there can't be as many or as few.

        What is down on nodes that would vanish is skipped.
        """
        options = replace(self.options, assume_nodes=count)
        # Assumed nodes are numbered: one fewer takes away the last, and all that was asked of it.
        names = {node.name for node in counted_nodes(options)}
        gone = self.cluster.nodes.keys() - names
        if len(names) != count:
            return None
        scenario = replace(
            self.scenario,
            down=frozenset(target for target in self.scenario.down if target.name not in gone),
            drain=tuple(name for name in self.scenario.drain if name not in gone),
            via="dns" if self.scenario.via.removeprefix("node/") in gone else self.scenario.via,
        )
        return replace(self, options=_without(options, gone), scenario=scenario, select=None)

    def assuming_pods(self, count: int) -> "PageState":
        """Return this state with so many pods assumed behind each service without any.

        What happens to pods that would vanish is skipped.
        """
        gone, places = set(), Counter[WorkloadRef | None]()
        for key, pod in self.cluster.pods.items() if self.cluster.assumed_workloads else ():
            if self.cluster.is_assumed(pod):
                places[pod.owner] += 1
                if places[pod.owner] > count:
                    gone.add(key)
        down = frozenset(t for t in self.scenario.down if t.kind not in kinds_of(TargetType.POD) or t.name not in gone)
        options = _without(replace(self.options, assume_pods=count), gone)
        return replace(self, options=options, scenario=replace(self.scenario, down=down), select=None)


def _without(options: ClusterOptions, gone: Container[str]) -> ClusterOptions:
    """Return the options without edits of pods and nodes that are gone."""
    edits = replace(
        options.edits,
        moves=tuple(move for move in options.edits.moves if move[0] not in gone and move[1] not in gone),
        cordons=tuple(name for name in options.edits.cordons if name not in gone),
        taints=tuple(taint for taint in options.edits.taints if taint[0] not in gone),
    )
    return replace(options, edits=edits)


def open_page(topology_id: str) -> PageState:
    """Return what the address of this request asks of a topology; answer 404 if that is not here, or no longer.

    Raises:
        ScenarioError: if the address names what isn't there.

    """
    topology, pairs = open_or_404(topology_id), query.asked_pairs()
    options = words.decode_options(pairs, topology.manifests, words.PAGE)
    cluster = topologies().cluster(topology, options)
    return _state(topology, cluster, words.decode(pairs, cluster), pairs)


def fitting(topology: Topology, pairs: query.Pairs) -> tuple[PageState, tuple[str, ...]]:
    """Return the state that the pairs ask of a topology, and those that name what isn't there, as ``down=node/gone``.

    Of the request's address only that counts which its row in the table of pages keeps.
    """
    keeps = query.asked_page().keeps
    said = [(name, value.strip()) for name, value in pairs if name in keeps and value.strip()]
    options, no_edits = words.prune_options(said, topology.manifests, words.PAGE)
    cluster = topologies().cluster(topology, options)
    scenario, missing = words.prune(said, cluster)
    if no_longer := [f"{name}={value}" for name, value in said if name in EDIT_WORDS and f"{name}={value}" in missing]:
        # What is to be done to a Pod or node that the other edits took away.
        page, dropped = fitting(topology, [pair for pair in said if "=".join(pair) not in no_longer])
        return page, tuple(dict.fromkeys((*no_edits, *missing, *dropped)))
    select = query.SELECT.of(said)
    # A Pod may be gone after an edit of replicas; a selection of nothing would be answered 400.
    gone = select not in ("", SERVICE) and bool(words.prune([("down", select)], cluster)[1])
    said = [pair for pair in said if not (gone and pair[0] == query.SELECT.name)]
    return _state(topology, cluster, scenario, said), (*no_edits, *missing)


def _state(topology: Topology, cluster: Cluster, scenario: Scenario, pairs: query.Pairs) -> PageState:
    return PageState(
        topology=topology,
        cluster=cluster,
        options=cluster.options,
        scenario=scenario,
        port=query.PORT.of(pairs),
        select=_selected(query.SELECT.of(pairs), cluster),
        drawer=query.DRAWER.of(pairs) or ("table" if query.VIEW.of(pairs) == "table" else ""),
        unfold=frozenset(query.UNFOLD.all(pairs)),
        name=query.NAME.of(pairs),
        ignores=_ignores(query.IGNORE.all(pairs)),
        presented=bool(query.PRESENT.of(pairs)),
    )


def _ignores(said: Iterable[str]) -> tuple[Ignore, ...]:
    # One that cannot be read ignores nothing, and its finding is shown: no reason to refuse the page.
    found = dict.fromkeys(filter(None, map(Ignore.of, said)))
    return tuple(islice(found, WORDS.ignored_findings))


def is_exposed(service: Service) -> bool:
    """Return whether the service has a node port that the API server would give it."""
    return service.accepted and any(port.node_port is not None for port in service.ports)


def is_exposable(service: Service) -> bool:
    """Return whether a nodePort would lead to pods: kube-proxy does nothing for a headless Service or an alias."""
    port = next(iter(service.ports), None)
    return (
        service.accepted and not service.headless and service.type != "ExternalName" and bool(port and port.endpoints)
    )


@once_per_cluster
def _first_focus(cluster: Cluster) -> Service | None:
    """Return the service that is shown where none is named."""
    services = cluster.services.values()
    if reached := exposed(cluster):
        return reached[0]
    # Without any nodePort the page proposes to expose one: one meant for outside, else one with many pods. A Service
    # without ports has nothing to draw, but the page still says what was uploaded.
    wanted = filter(is_exposable, services)
    most = max(wanted, key=lambda its: (its.type == "LoadBalancer", len(its.ports[0].endpoints)), default=None)
    with_ports = (service for service in services if service.ports)
    return most or next(with_ports, next(iter(services), None))


@once_per_cluster
def exposed(cluster: Cluster) -> tuple[Service, ...]:
    """Return the services that are reached from outside."""
    return tuple(filter(is_exposed, cluster.services.values()))


@once_per_cluster
def zone_sizes(cluster: Cluster) -> Mapping[str, int]:
    """Return how many nodes each zone has."""
    return Counter(node.zone for node in cluster.nodes.values() if node.zone)


def port_word(port: ServicePort) -> str:
    """Return how an address names a service port: its name, which Kubernetes asks for where there are several."""
    return port.name or str(port.port)


def _first_down(scenario: Scenario) -> Target | None:
    if scenario.drain:
        return Target(kind=FailureKind.NODE, name=scenario.drain[0])
    return min(scenario.down, key=str, default=None)


def _selected(word: str, cluster: Cluster) -> Target | Literal["service"] | None:
    """Return what is selected: anything that could be down, or the service in focus."""
    if word == SERVICE:
        return SERVICE
    return next(iter(words.decode([("down", word)], cluster).down)) if word else None
