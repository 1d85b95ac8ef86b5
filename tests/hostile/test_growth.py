"""Twice as much of anything is about twice the work: what was quadratic, and hurt, counted in operations."""

from collections.abc import Callable

import pytest

from tests.hostile.inputs import (
    INPUTS,
    addresses_of_one,
    budgets,
    daemon_sets,
    many_ports,
    owned_pods,
    stateful_set,
    wide_budget,
)
from tests.hostile.operations import growth, operations
from webapp.cluster.build import build
from webapp.cluster.scheduling.cycle import SchedulingCycle
from webapp.failure.scenario import Scenario
from webapp.failure.words import PAGE
from webapp.findings import RULES, findings
from webapp.findings.facts import Facts
from webapp.manifests import Upload, read
from webapp.resilience import matrix
from webapp.resilience.voluntary import voluntary_loss
from webapp.simulation.document import simulation_document

NEARLY_LINEAR = 2.6


def _findings(data: bytes) -> Callable[[], object]:
    manifests = read([Upload("hostile.yaml", data)])
    return lambda: findings(manifests, build(manifests, PAGE))


def _build(data: bytes) -> Callable[[], object]:
    manifests = read([Upload("hostile.yaml", data)])
    return lambda: build(manifests, PAGE)


def _ports_alone(data: bytes) -> Callable[[], object]:
    manifests = read([Upload("hostile.yaml", data)])
    facts = Facts(manifests, build(manifests, PAGE))
    assert facts.services[0].carriers
    rules = [rule for rule in RULES if rule.id in ("NP204", "NP206", "NP207", "NP208", "NP209")]
    return lambda: [hit for rule in rules for hit in rule.check(facts)]


def _matrix(data: bytes) -> Callable[[], object]:
    cluster = build(read([Upload("hostile.yaml", data)]), PAGE)
    return lambda: matrix(cluster)


def _voluntary(data: bytes) -> Callable[[], object]:
    cluster = build(read([Upload("hostile.yaml", data)]), PAGE)
    return lambda: voluntary_loss(cluster)


def _document(data: bytes) -> Callable[[], object]:
    cluster = build(read([Upload("hostile.yaml", data)]), PAGE)
    return lambda: simulation_document(cluster, Scenario(), summary=True)


@pytest.mark.parametrize(
    ("make", "size"),
    [
        pytest.param(lambda n: _findings(many_ports(n, 3)), 60, id="ports of a Service: findings"),
        pytest.param(lambda n: _ports_alone(many_ports(n, 1)), 150, id="ports of a Service: rules about them"),
        pytest.param(lambda n: _matrix(many_ports(n, 3)), 40, id="ports of a Service: matrix"),
        pytest.param(lambda n: _document(many_ports(n, 3)), 40, id="ports of a Service: document"),
        pytest.param(lambda n: _matrix(many_ports(1, n)), 130, id="pods of a Service: matrix"),
        pytest.param(lambda n: _findings(many_ports(1, n)), 60, id="pods of a Service: findings"),
        pytest.param(lambda n: _findings(daemon_sets(n, 20)), 8, id="DaemonSets: findings"),
        pytest.param(lambda n: _findings(budgets(n)), 25, id="budgets and workloads: findings"),
        pytest.param(lambda n: _voluntary(budgets(n)), 25, id="budgets and workloads: drains"),
        pytest.param(lambda n: _build(stateful_set(n)), 80, id="Pods of a StatefulSet: placing"),
        pytest.param(lambda n: _findings(wide_budget(n, 3)), 200, id="values of a selector: findings"),
    ],
)
def test_twice_as_much_is_about_twice_the_work(make: Callable[[int], Callable[[], object]], size: int) -> None:
    """Each of these took seconds to minutes of a processor for a few hundred kilobytes."""
    assert growth(make, size) < NEARLY_LINEAR


def test_a_search_that_sees_other_pods_each_time_is_given_up_sooner() -> None:
    """To see all nodes as another pod does takes as long as several questions: 200 owners took 3 s of a processor."""
    cluster, nodes_of = build(read([Upload("hostile.yaml", owned_pods(200))]), PAGE), SchedulingCycle.__init__
    seen = 0

    def counting(self: SchedulingCycle, *words: object) -> None:
        nonlocal seen
        seen += 1
        nodes_of(self, *words)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(SchedulingCycle, "__init__", counting)
        patch.setattr("webapp.resilience.guarantee.QUESTIONS_EACH", (3_000, 3_000))
        matrix(cluster)
    assert 200 < seen < 3_000 / 4


def test_addresses_beyond_what_an_endpoint_may_have_are_not_looked_at() -> None:
    """The API server takes 100: of 200,000 each was parsed four times."""
    few, many = (operations(_build(addresses_of_one(number))) for number in (101, 1_000))
    assert many < 1.2 * few


def test_every_input_is_made_of_what_it_says() -> None:
    """The measurements are of these: a generator that makes nothing would look cheap."""
    large = {"2,700 ports x 1,000 Pods", "10,000 ports in one Service", "200,000 addresses"}
    assert large <= INPUTS.keys()
    assert many_ports(3, 1).count(b"port:") == 3
