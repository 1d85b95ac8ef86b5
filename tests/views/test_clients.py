"""Who gets an answer, and why: the panel's table and its reasons."""

import pytest
from flask import Flask

from webapp.views.map.clients import columns, reasons, rows
from webapp.views.page.simulation import PortSimulation
from webapp.views.page.state import open_page

FAILED = "/t/sample-shop?service=default/web&down=node/worker-2&at=failed"
NARROW = "\u202f"


def simulation(app: Flask, address: str) -> PortSimulation:
    """Return the answers of an address."""
    with app.test_request_context(address):
        return PortSimulation(open_page(address.split("/")[2].partition("?")[0]))


def test_the_table_is_the_users_own_example(app: Flask) -> None:
    """Clients by moments, as worked out by hand."""
    table = {
        row.clients: [cell.text.replace(NARROW, " ") for cell in row.cells] for row in rows(simulation(app, FAILED))
    }
    assert table == {
        "worker-2 only": ["0 %", "0 %", "0 %"],
        "another node": ["50 %", "100 %", "100 %"],
        "DNS": ["37.5 %", "75 %", "75 %"],
        "a load balancer": ["50 %", "100 %", "100 %"],
    }


def test_the_moment_that_is_looked_at_is_marked(app: Flask) -> None:
    """One column only."""
    assert [column.current for column in columns(simulation(app, FAILED))] == [True, False, False]


def test_looking_at_the_moment_before_still_tells_who_will_lose(app: Flask) -> None:
    """The row of the node that is to fail stays."""
    assert next(iter(rows(simulation(app, FAILED.replace("failed", "before"))))).clients == "worker-2 only"


def test_many_nodes_down_share_a_row(app: Flask) -> None:
    """A row each would push everything else away."""
    found = [row.clients for row in rows(simulation(app, "/t/sample-fifty-nodes?down=zone/eu-west-1b"))]
    assert found == ["one of the 17 that are down", "another node", "DNS", "a load balancer"]


def test_nodes_that_fare_differently_are_told_as_a_range(app: Flask) -> None:
    """Policy Local: some answer, some don't."""
    table = {
        row.clients: row.cells[0].text.replace(NARROW, " ") for row in rows(simulation(app, "/t/sample-policy-local"))
    }
    assert table["one node only"] == "0–100 %"


@pytest.mark.parametrize(
    ("address", "said"),
    [
        pytest.param(FAILED, ["worker-2 is down", "2 of 4 endpoints are dead"], id="a node down: the worst first"),
        pytest.param(f"{FAILED}&via=lb", ["2 of 4 endpoints are dead"], id="by a balancer: not the dead address"),
        pytest.param("/t/sample-policy-local?via=node/node-2", ["externalTrafficPolicy Local"], id="policy Local"),
    ],
)
def test_each_rule_that_applied_is_told_once(app: Flask, address: str, said: list[str]) -> None:
    """With its source."""
    found = simulation(app, address)
    told = list(reasons(found.now, found.page.scenario.via))
    assert len(told) == len(said)
    assert all(start in reason.text for start, reason in zip(said, told, strict=True))
    assert all(reason.url.startswith("https://kubernetes.io/docs/") for reason in told)
