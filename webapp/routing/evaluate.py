"""From a plan to its entry points: where new connections go, and why they fail."""

from collections import Counter
from collections.abc import Iterator, Mapping

from webapp.cluster.model import Endpoint
from webapp.records import dataclass
from webapp.routing.categorize import CategorizedEndpoints, Endpoints, categorize_endpoints
from webapp.routing.entry import Cause, Entry, Result
from webapp.routing.plan import Plan, PlanNode
from webapp.routing.sentences import filled


def evaluate(plan: Plan) -> tuple[Entry, ...]:
    """Return the entry of each node, in the plan's order.

    The rules are kube-proxy's: one endpoint of the node's set is selected at random with equal chances, whether or not
    it is alive, and never another after it (Kubernetes, "Virtual IPs and Service Proxies"). An empty set refuses the
    connection if nothing is usable anywhere, and drops it if the policy rules out what there is.

    >>> web = tuple(Endpoint(pod=f"default/web-{node}", port=80, node=node) for node in "ab")
    >>> nodes = tuple(PlanNode(name=node) for node in "abc")
    >>> [(entry.node, entry.answered) for entry in evaluate(Plan(service="default/web", endpoints=web, nodes=nodes))]
    [('a', 1.0), ('b', 1.0), ('c', 1.0)]
    >>> local = Plan(service="default/web", endpoints=web, nodes=nodes, local=True, dead=frozenset({"default/web-b"}))
    >>> [(entry.node, str(entry.cause)) for entry in evaluate(local)]
    [('a', 'answered'), ('b', 'dead-endpoints'), ('c', 'no-local-endpoint')]
    """
    evaluator = Evaluator(plan)
    return tuple(map(evaluator.entry, plan.nodes))


class Evaluator:
    """Evaluates a plan for single nodes, its own or others."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._selections: dict[bool, _Selections] = {}

    def entry(self, node: PlanNode) -> Entry:
        """Return the entry of a node."""
        if node.stale not in self._selections:
            plan = self._plan
            listed = plan.stale_endpoints if node.stale else plan.endpoints
            self._selections[node.stale] = _Selections(plan, categorize_endpoints(listed))
        return self._selections[node.stale].entry(node)


def load_balancer_targets(plan: Plan) -> Iterator[str]:
    """Yield the nodes that an external load balancer sends to.

    It checks each target: the node must be up, and under policy Local hold a ready endpoint: that is what the
    healthCheckNodePort answers with 200 (503 already while terminating endpoints still serve), and what an ordinary
    check of the nodePort results in where the service has none.
    """
    if not plan.local:
        yield from (node.name for node in plan.nodes if node.up and node.lb_target)
        return
    if not plan.proxied:
        return  # nothing listens at either port
    # Terminating endpoints don't count, though they serve: so load balancers turn away before the pods end.
    fresh, stale = categorize_endpoints(plan.endpoints), categorize_endpoints(plan.stale_endpoints)
    for node in plan.nodes:
        ready = (stale if node.stale else fresh).local_ready
        if node.lb_target and node.up and ready.get(node.name):
            yield node.name


@dataclass(frozen=True, slots=True)
class _Mix:
    """What selecting from one set results in; the same for every node that has this set."""

    shares: Mapping[str, float]
    answered: float
    result: Result
    cause: Cause
    reason: str
    client_ip: str | None
    """As long as no endpoint runs in the entry node's own network."""


class _Selections:
    """Answers for single nodes and remembers each set it has worked out."""

    def __init__(self, plan: Plan, among: CategorizedEndpoints) -> None:
        self.plan = plan
        self.among = among
        self._mixes: dict[int, _Mix] = {}

    def entry(self, node: PlanNode) -> Entry:
        plan, among = self.plan, self.among
        # Nobody is left at the address to send a reset, so the client can only time out.
        if not node.up:
            return _unanswered(node, Result.TIMEOUT, Cause.NODE_DOWN, filled("node down", node=node.name))
        # Nothing listens on the number, so the node itself resets the connection.
        if not plan.proxied:
            reason = filled("not proxied", service=plan.service)
            return _unanswered(node, Result.REFUSED, Cause.NOT_PROXIED, reason)
        chosen = among.local(node.name) if plan.local else among.cluster(node.name, node.zone)
        # kube-proxy writes a DROP where the policy rules out what there is, and a REJECT where there is nothing at all:
        # a client of the first waits, one of the second knows at once.
        dropped = not chosen and among.has_any
        # The DROP of iptables mode matches any local address and the number; which addresses take nodePorts is asked in
        # a later chain. nftables asks for the address first.
        if not node.listens and not (plan.iptables and dropped):
            return _unanswered(node, Result.REFUSED, Cause.ADDRESS_EXCLUDED, _not_listening(plan, node))
        if dropped:
            reason = filled("no local endpoint", node=node.name, service=plan.service)
            return _unanswered(node, Result.TIMEOUT, Cause.NO_LOCAL_ENDPOINT, reason)
        if not chosen:
            reason = refusal(plan.service, "" if node.stale else plan.no_endpoints)
            return _unanswered(node, Result.REFUSED, Cause.NO_ENDPOINT, reason)
        return self._selected(node, chosen)

    def _selected(self, node: PlanNode, chosen: Endpoints) -> Entry:
        # A set is one tuple, shared by all nodes that have it: its identity is enough, and costs nothing for 150
        # endpoints.
        mix = self._mixes.get(id(chosen))
        if mix is None:
            mix = self._mixes[id(chosen)] = self._mix(node, chosen)
        seen = self._client_ip(node, chosen) if self.plan.host_network else mix.client_ip
        return Entry(node.name, node.address, mix.answered, mix.result, mix.cause, mix.reason, seen, mix.shares)

    def _mix(self, node: PlanNode, chosen: Endpoints) -> _Mix:
        count = len(chosen)
        selected = Counter(endpoint.key for endpoint in chosen)
        # kube-proxy probes no endpoint: a dead one keeps its share for as long as it is listed.
        dead = sum(times for key, times in selected.items() if key in self.plan.dead)
        return _Mix(
            shares={key: times / count for key, times in selected.items()},
            answered=(count - dead) / count,
            result=Result.ANSWERED if not dead else Result.DEGRADED if dead < count else Result.TIMEOUT,
            cause=Cause.DEAD_ENDPOINTS if dead else Cause.ANSWERED,
            reason=self._reason(node, chosen, dead),
            client_ip=self._client_ip(node, chosen),
        )

    def _reason(self, node: PlanNode, chosen: Endpoints, dead: int) -> str:
        count, which = len(chosen), self._which(node, chosen)
        if not dead:
            stays = filled("sticky") if self.plan.sticky else ""
            return filled("one of several" if count > 1 else "only one", count=count, which=which, stays=stays)
        if dead == count:
            return filled("only one, dead" if count == 1 else "all dead", count=count, which=which)
        return filled("one dead" if dead == 1 else "some dead", dead=dead, count=count, which=which)

    def _which(self, node: PlanNode, chosen: Endpoints) -> str:
        """Return which endpoints these are, where they aren't simply all ready ones."""
        if not chosen[0].ready:
            still = "one terminating" if len(chosen) == 1 else "several terminating"
            return filled(f"{still}, local" if self.plan.local else still, node=node.name)
        if self.plan.local:
            return filled("local", node=node.name)
        if chosen is self.among.usable:
            return ""
        by_node = chosen is self.among.by_node_hint.get(node.name)
        return filled("hinted for node" if by_node else "hinted for zone", node=node.name, zone=node.zone)

    def _client_ip(self, node: PlanNode, chosen: Endpoints) -> str | None:
        """Return whose address the pods see.

        Policy Local keeps the client's; Cluster replaces it by the node's, always, except on the way to a pod in the
        entry node's own network.
        """
        live = [e for e in chosen if e.key not in self.plan.dead]
        if not live or self.plan.local:
            return "preserved" if live else None
        # Masquerading is decided by the entry, before an endpoint is selected, so the node of the pod makes no
        # difference ...
        if not self.plan.host_network:
            return "node"
        # ... except where the pod has the entry node's own address: then the packet never leaves the node.
        kept = sum(_stays(e, node, self.plan) for e in live)
        return "node" if not kept else "preserved" if kept == len(live) else "mixed"


def _stays(endpoint: Endpoint, node: PlanNode, plan: Plan) -> bool:
    return endpoint.home == node.name and endpoint.key in plan.host_network


def refusal(service: str, none: object = "") -> str:
    """Return the sentence that kube-proxy refuses, with the reason if it is known."""
    return filled("no endpoint", service=service, why=f": {none}" if none else "")


def _not_listening(plan: Plan, node: PlanNode) -> str:
    if node.lacks:
        return filled("lacks family", node=node.name, family=node.lacks, service=plan.service)
    return filled("address excluded", node=node.name)


def _unanswered(node: PlanNode, result: Result, cause: Cause, reason: str) -> Entry:
    return Entry(node.name, node.address, 0.0, result, cause, reason, None)
