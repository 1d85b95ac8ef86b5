"""Entry points that fare alike, worked out once for all of them.

kube-proxy cannot tell two nodes apart that are alike but for their names and addresses, unless an endpoint of the
service runs on one of them or a hint names one. So the cost goes with the service's endpoints and the kinds of nodes,
not with the nodes.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from webapp.cluster.model import Endpoint
from webapp.routing.entry_points import Alike, ByFamily
from webapp.routing.evaluate import Evaluator, balancer_targets
from webapp.routing.outcome import Crowd
from webapp.routing.plan import Plan

_StandIn = tuple[str, tuple[str, ...], frozenset[str]]
"""A node to look at, among which it stands for all those that are not in the last."""


def crowds(
    plans: Mapping[str, Plan], kinds: Iterable[Alike], points: ByFamily, apart: frozenset[str]
) -> Iterator[Crowd]:
    """Yield the crowds of a service port; the nodes of `apart`, :func:`mentioned` ones at least, come one by one.

    `plans` by IP family need no nodes.
    """
    found: dict[str, list[_StandIn]] = {}
    for one in kinds:
        found.setdefault(one.family, []).extend(_stand_ins(one, apart))
    for family, its in found.items():
        plan, nodes = plans[family], points[family]
        targets = frozenset(balancer_targets(replace(plan, nodes=tuple(nodes[name] for name, *_ in its))))
        evaluator = Evaluator(plan)
        for name, among, without in its:
            yield Crowd(evaluator.entry(nodes[name]), name in targets, among, without)


def mentioned(endpoints: Iterable[Endpoint]) -> frozenset[str]:
    """Return the nodes that endpoints name, run on or are hinted for."""
    return frozenset(name for e in endpoints for name in (*e.node_hints, e.node or "", e.home or ""))


def _stand_ins(one: Alike, apart: frozenset[str]) -> Iterator[_StandIn]:
    alone = apart & one.members
    yield from ((name, (name,), frozenset()) for name in sorted(alone))
    if len(alone) < len(one.names):
        yield next(name for name in one.names if name not in alone), one.names, alone
