"""What a reader looks at: a topology, a Scenario, and the page's own words. All of it is the query of the address."""

from collections import Counter
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from flask import request, url_for

from webapp.cluster.model import Cluster, Service, ServicePort, WorkloadRef
from webapp.cluster.nodes import are_counted, counted_nodes
from webapp.cluster.options import ClusterOptions
from webapp.cluster.remembered import once_per_cluster
from webapp.diagram.text import clean
from webapp.failure import words
from webapp.failure.scenario import POD_KINDS, Kind, Moment, Scenario, Target
from webapp.views.page.opened import Topology, library

PAGE_WORDS = frozenset({"port", "select", "view", "name", "unfold"})
"""The words of an address that belong neither to the Scenario nor to the cluster's settings."""
MAX_NAME = 80
"""Longer names would not fit above a picture."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One state of the page; its methods give the states next to it, to be linked to."""

    topology: Topology
    cluster: Cluster
    options: ClusterOptions
    scenario: Scenario
    port: str = ""
    """Name of the service port, else its number; empty for the first."""
    select: Target | None = None
    table: bool = False
    """Show the table instead of the diagram."""
    unfold: frozenset[str] = frozenset()
    """Folded lanes that are to be shown one by one."""
    name: str = ""
    """What somebody called this state, ``zone a lost``."""

    # --- what it is about

    @property
    def service(self) -> Service | None:
        """The service in focus: the one named, else the first with a node port, else the first with a port."""
        services = self.cluster.services
        if self.scenario.service is not None:
            return services[self.scenario.service]
        with_ports = (service for service in services.values() if service.ports)
        return next(filter(is_exposed, services.values()), next(with_ports, next(iter(services.values()), None)))

    @property
    def port_index(self) -> int:
        """The index of the service port in focus."""
        ports = self.service.ports if self.service else ()
        for index, port in enumerate(ports):
            if self.port and self.port in (port_word(port), str(port.port), str(port.node_port)):
                return index
        return next((index for index, port in enumerate(ports) if port.node_port is not None), 0)

    @property
    def selected(self) -> Target | None:
        """What the panel is about: what was selected, else the first of what is down."""
        return self.select or _first_down(self.scenario)

    @property
    def counts_nodes(self) -> bool:
        """Whether the number of nodes is for the reader to choose: nothing that was uploaded names one."""
        return are_counted(self.cluster.nodes.values())

    # --- addresses

    def pairs(self) -> list[tuple[str, str]]:
        """Return the query, canonical and as short as it can be."""
        pairs = words.encode(self.scenario) + words.encode_options(self.options, words.PAGE)
        if self.port:
            pairs.append(("port", self.port))
        if self.select is not None and self.select != _first_down(self.scenario):
            pairs.append(("select", str(self.select)))
        if self.table:
            pairs.append(("view", "table"))
        if self.name:
            pairs.append(("name", self.name))
        return pairs + [("unfold", fold) for fold in sorted(self.unfold)]

    def url(self, endpoint: str = "explorer.show", *, external: bool = False, **values: str) -> str:
        """Return the address of this state on one of the topology's pages."""
        path = url_for(endpoint, topology_id=self.topology.id, _external=external, **values)
        query = urlencode(self.pairs(), safe="/:,")
        return f"{path}?{query}" if query else path

    # --- the states next to this one

    def toggled(self, target: Target) -> "Look":
        """Return this state with one thing down that is up, or up that is down."""
        return replace(self, scenario=words.toggle(self.scenario, target), select=target)

    def without(self, target: Target) -> "Look":
        """Return this state with one thing up again, and nothing selected."""
        return replace(self, scenario=words.toggle(self.scenario, target), select=None)

    def draining(self, node: str) -> "Look":
        """Return this state with one node drained instead of anything being down."""
        target = Target(kind=Kind.NODE, name=node)
        return replace(self, scenario=words.with_drain(self.scenario, (*self.scenario.drain, node)), select=target)

    def reset(self) -> "Look":
        """Return this state with nothing down."""
        scenario = replace(self.scenario, down=frozenset(), drain=(), at=Moment.DETECTED)
        return replace(self, scenario=scenario, select=None, name="")

    def at(self, moment: Moment) -> "Look":
        """Return this state at another moment."""
        return replace(self, scenario=replace(self.scenario, at=moment))

    def via(self, way: str) -> "Look":
        """Return this state with clients that connect another way."""
        return replace(self, scenario=replace(self.scenario, via=way))

    def focused(self, service: str, port: str = "") -> "Look":
        """Return this state with another service in focus."""
        return replace(self, scenario=replace(self.scenario, service=service), port=port, unfold=frozenset())

    def selecting(self, target: Target) -> "Look":
        """Return this state with something else in the panel."""
        return replace(self, select=target)

    def as_table(self, table: bool) -> "Look":
        """Return this state as table or as diagram."""
        return replace(self, table=table)

    def unfolding(self, fold: str) -> "Look":
        """Return this state with a folded lane opened, or an open one folded."""
        return replace(self, unfold=self.unfold ^ {fold})

    def assuming(self, count: int) -> "Look | None":
        """Return this state with so many assumed nodes; None if there can't be as many or as few.

        What is down on nodes that would vanish is skipped.
        """
        options = replace(self.options, assume_nodes=count)
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
        return replace(self, options=options, scenario=scenario, select=None)

    def assuming_pods(self, count: int) -> "Look":
        """Return this state with so many pods assumed behind each service without any.

        What happens to pods that would vanish is skipped.
        """
        gone, places = set(), Counter[WorkloadRef | None]()
        for key, pod in self.cluster.pods.items() if self.cluster.assumed_workloads else ():
            if self.cluster.is_assumed(pod):
                places[pod.owner] += 1
                if places[pod.owner] > count:
                    gone.add(key)
        down = frozenset(t for t in self.scenario.down if t.kind not in POD_KINDS or t.name not in gone)
        options = replace(self.options, assume_pods=count)
        return replace(self, options=options, scenario=replace(self.scenario, down=down), select=None)


def look_at(topology: Topology) -> Look:
    """Return what this request's address asks of a topology.

    Raises:
        ScenarioError: if it names what isn't there.

    """
    pairs = list(request.args.items(multi=True))
    options = words.decode_options(pairs, topology.manifests, words.PAGE)
    cluster = library().cluster(topology, options)
    return Look(
        topology=topology,
        cluster=cluster,
        options=options,
        scenario=words.decode(pairs, cluster),
        port=request.args.get("port", ""),
        select=_selected(request.args.get("select"), cluster),
        table=request.args.get("view") == "table",
        unfold=frozenset(request.args.getlist("unfold")),
        name=" ".join(clean(request.args.get("name", "")).split())[:MAX_NAME].strip(),
    )


def is_exposed(service: Service) -> bool:
    """Return whether the service has a node port that the API server would give it."""
    return service.accepted and any(port.node_port is not None for port in service.ports)


@once_per_cluster
def exposed(cluster: Cluster) -> tuple[Service, ...]:
    """Return the services that are reached from outside."""
    return tuple(filter(is_exposed, cluster.services.values()))


def port_word(port: ServicePort) -> str:
    """Return how an address names a service port: its name, which Kubernetes asks for where there are several."""
    return port.name or str(port.port)


def _first_down(scenario: Scenario) -> Target | None:
    if scenario.drain:
        return Target(kind=Kind.NODE, name=scenario.drain[0])
    return min(scenario.down, key=str, default=None)


def _selected(word: str | None, cluster: Cluster) -> Target | None:
    """Return what is selected: anything that could be down."""
    return next(iter(words.decode([("down", word)], cluster).down)) if word else None
