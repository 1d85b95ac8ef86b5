"""What if: the failures that the map offers while nothing is down, with what they would give."""

import re
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.views.test_clients import simulation
from tests.views.test_explorer import SHOP, words
from tests.views.uploading import WEB, Uploads
from webapp.failure import Moment, Target
from webapp.failure.kinds import FailureKind
from webapp.numbers import percent
from webapp.views.map.likely_failures import likely_failures, survived
from webapp.views.page.simulation import PortSimulation


def row(text: str) -> str:
    """Return the words of the row above the picture."""
    between = text[text.index('class="controls"') : text.index('<div class="explorer')]
    return words(between).replace("\N{NARROW NO-BREAK SPACE}", " ")


def test_the_worst_node_and_zone_and_a_drain_are_offered(client: FlaskClient) -> None:
    """Each with its result; what loses nothing comes last."""
    text = row(client.get(f"{SHOP}?service=default/web").text)
    assert re.search(r"What if … worker-2 fails\? 37.5 % at first, then 75 %", text)
    assert re.search(r"zone a fails\? 12.5 % at first, then 50 % worker-2 drains\? nothing lost", text)


@pytest.mark.parametrize("via", ["dns", "lb", "node/worker-3"])
@pytest.mark.parametrize(
    "sample", ["sample-shop?service=default/web", "sample-policy-local?", "sample-fifty-nodes?service=shop/web"]
)
def test_they_say_what_the_simulation_says(app: Flask, sample: str, via: str) -> None:
    """Also the worst one is: no other node loses more."""
    if "local" in sample:
        via = via.replace("worker", "node")
    asked = simulation(app, f"/t/{sample}&via={via}")
    page = asked.page

    def after(name: str) -> tuple[float, float]:
        there = PortSimulation(page.toggled(Target(kind=FailureKind.NODE, name=name)))
        return tuple(there.at(moment).answered(via) or 0.0 for moment in (Moment.FAILED, Moment.DETECTED))  # type: ignore[return-value]

    with app.test_request_context("/"):
        offered = next(its for its in likely_failures(asked) if its.verb == "fails?" and "zone" not in its.question)
    shares = {name: after(name) for name in page.cluster.nodes}
    assert shares[offered.question] == pytest.approx(min(shares.values()))
    first = percent(shares[offered.question][0])
    assert offered.result in (first, "nothing lost")


def test_it_says_what_the_service_survives(app: Flask) -> None:
    """From the least to the most that one node, or one zone, costs."""
    lines = survived(simulation(app, f"{SHOP}?service=default/web"))
    said = [(its.what, its.lost.replace("\N{NARROW NO-BREAK SPACE}", " ")) for its in lines]
    assert said == [
        ("A drain of any node", "nothing lost"),
        ("The loss of a node", "25–62.5 % lost"),
        ("The loss of a zone", "62.5–87.5 % lost"),
    ]


@pytest.mark.parametrize("via", ["dns", "lb"])
@pytest.mark.parametrize(
    "sample",
    [
        "sample-shop?service=default/web",
        "sample-policy-local?",
        "sample-game-server?",
        "sample-fifty-nodes?service=shop/web",
    ],
)
def test_what_a_drain_costs_is_what_the_worst_of_them_costs(app: Flask, sample: str, via: str) -> None:
    """Of all nodes with pods of the service, while it goes on and afterwards."""
    asked = simulation(app, f"/t/{sample}&via={via}")
    (line,) = (its for its in survived(asked) if its.what == "A drain of any node")
    before = asked.now.answered(via) or 0.0
    left = [
        PortSimulation(asked.page.draining(name)).at(moment).answered(via) or 0.0
        for name in {endpoint.home for endpoint in asked.before.endpoints}
        if name
        for moment in (Moment.EVICTING, Moment.DRAINED)
    ]
    lost = before - min(left)
    assert line.lost == ("nothing lost" if lost < 1e-9 else f"up to {percent(lost)} lost")


def test_a_drain_that_never_ends_is_said_beside_what_it_costs(client: FlaskClient, uploads: Uploads) -> None:
    """A budget that allows no disruption blocks it, and nothing is lost while it does."""
    budget = """
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: web, namespace: default}
spec: {maxUnavailable: 0, selector: {matchLabels: {app: web}}}
"""
    text = words(client.get(uploads.stored(WEB + budget)).text)
    assert "A drain of any node nothing lost 3 of 3 nodes can’t be drained" in text


def test_the_map_of_the_cluster_offers_the_most_critical(client: FlaskClient) -> None:
    """With the range of shares of few services, and how many are affected of many."""
    assert "worker-1 fails? 50–56.25 % at first, then 75 %" in row(client.get(SHOP).text)
    assert re.search(r"fails\? 2[0-9] affected", row(client.get("/t/sample-fifty-nodes").text))


def test_nothing_is_offered_once_something_is_down(client: FlaskClient) -> None:
    """The moments stand there."""
    text = row(client.get(f"{SHOP}?down=node/worker-2&at=failed").text)
    assert "What if" not in text
    assert "Just failed" in text


@pytest.mark.parametrize("path", [SHOP, f"{SHOP}?service=default/web"])
def test_the_first_click_leads_to_the_failure_that_just_happened(client: FlaskClient, path: str) -> None:
    """From the picture, the strip and the menus alike: no link of the page takes something down at another time."""
    links = re.findall(r'href="([^"]*[?&]down=[^"]*)"', unescape(client.get(path).text))
    mine = {link for link in links if link.startswith(f"{SHOP}?")}
    assert len(mine) > 5
    assert {link for link in mine if "at=failed" not in link} == set()
