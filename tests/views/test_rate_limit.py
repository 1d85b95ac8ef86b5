"""Each request costs what it makes the server do; a client has one budget for all of them."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask

from tests.views.uploading import SETTINGS, WEB
from webapp.config import load
from webapp.views import create_app
from webapp.views.rate_limit import COSTS, Limiter, cost_asked

SHOP = "/t/sample-shop"
MANY = "&".join(f"replicas=Deployment/default/{name}:10000" for name in ("web", "api", "admin"))


@pytest.fixture(scope="module")
def app() -> Flask:
    """Return an app without a limit, to ask what requests would cost."""
    return create_app(SETTINGS)


@pytest.fixture
def cost(app: Flask) -> Callable[..., int]:
    """Return what a request costs."""

    def asked(path: str, **request: object) -> int:
        with app.test_request_context(path, **request):
            return cost_asked()

    return asked


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        pytest.param(SHOP, 1, id="a map"),
        pytest.param(f"{SHOP}?down=node/worker-1&at=failed", 1, id="a click"),
        pytest.param(f"{SHOP}/services", 3, id="all services"),
        pytest.param(f"{SHOP}/resilience", 3, id="all failures"),
        pytest.param(f"{SHOP}/diagram.png", 5, id="a picture"),
        pytest.param(f"{SHOP}/diagram.html", 50, id="a page that simulates"),
        pytest.param(f"{SHOP}?{MANY}", 4, id="as many Pods as the address says"),
        pytest.param(f"{SHOP}/diagram.png?{MANY}", 20, id="a picture of them"),
        pytest.param(f"{SHOP}?replicas=Deployment/nowhere/web:9", 1, id="what isn't there"),
        pytest.param(f"{SHOP}/nothing", 0, id="no page"),
        pytest.param("/api/v1/simulate?topology=sample-shop", 10, id="the API"),
        pytest.param(f"/api/v1/simulate?topology=sample-shop&{MANY}", 40, id="of many"),
        pytest.param("/", 0, id="the first page"),
        pytest.param("/healthz", 0, id="a probe"),
        pytest.param("/jobs/x", 0, id="how far an upload is"),
    ],
)
def test_a_request_costs_what_it_asks(cost: Callable[..., int], path: str, expected: int) -> None:
    """By the kind of page, and by the size of the set with what the address makes of it."""
    assert cost(path) == expected


@pytest.mark.parametrize(("size", "expected"), [(1_000, 10), (1 << 20, 15), (10 << 20, 60)])
def test_an_upload_costs_by_its_size(cost: Callable[..., int], size: int, expected: int) -> None:
    """What it says of its size: no more is read."""
    assert cost("/upload", method="POST", data=b"x" * size) == expected
    chunked = {"HTTP_TRANSFER_ENCODING": "chunked", "CONTENT_LENGTH": ""}
    assert cost("/upload", method="POST", environ_overrides=chunked) == 15


def test_every_route_that_computes_costs_something(app: Flask) -> None:
    """One that is about a set, or takes one: a new route is a click unless the table says more."""
    about = {
        rule.endpoint for rule in app.url_map.iter_rules() if rule.arguments & {"topology_id", "old_id", "view_id"}
    }
    takes = {rule.endpoint for rule in app.url_map.iter_rules() if "POST" in (rule.methods or ())}
    free = {endpoint for endpoint, its in COSTS.items() if its == 0}
    assert (about | takes) & free == {"delete.ask", "sharing.edit", "sharing.show", "waiting.cancel"}
    assert set(COSTS) <= set(app.view_functions)


@pytest.fixture
def made() -> Iterator[Callable[..., Flask]]:
    """Make apps with a limit."""
    made: list[Flask] = []

    def make(**settings: object) -> Flask:
        made.append(create_app(SETTINGS | settings))
        return made[-1]

    yield make
    for each in made:
        each.extensions["nodefall"].store.close()


def test_one_budget_pays_for_all(made: Callable[..., Flask]) -> None:
    """The page says when to come back, in its text and in its header; a program is told by a problem document."""
    client = made(RATE_LIMIT="12 per minute").test_client()
    assert client.post("/upload", data={"text": WEB}).status_code == 303
    assert [client.get(SHOP).status_code for _ in range(3)] == [200, 200, 429]
    page = client.get(SHOP, headers={"Accept": "text/html"})
    seconds = int(page.headers["Retry-After"])
    assert 0 < seconds <= 61
    assert re.search(rf"Try again in ({seconds}|{seconds + 1}) seconds?", page.text)
    assert page.headers.get("Cache-Control", "no-store") == "no-store"
    problem = client.get(f"{SHOP}/simulation.json")
    assert (problem.status_code, problem.mimetype) == (429, "application/problem+json")
    assert 0 < int(problem.headers["Retry-After"]) <= 61
    assert client.get("/").status_code == client.get("/healthz").status_code == 200
    assert client.get(SHOP, environ_overrides={"REMOTE_ADDR": "192.0.2.7"}).status_code == 200


def test_what_costs_more_than_a_budget_takes_all_of_it(made: Callable[..., Flask]) -> None:
    """Else it could never be asked for."""
    client = made(RATE_LIMIT="3 per minute").test_client()
    assert client.get(f"{SHOP}/diagram.svg").status_code == 200
    assert client.get(SHOP).status_code == 429


def test_a_class_of_thirty_is_not_kept_waiting_by_default(cost: Callable[..., int]) -> None:
    """Behind one address, within one minute: each clicks once a second, uploads a file and saves five pictures."""
    upload = cost("/upload", method="POST", data={"text": WEB})
    everybody = 30 * (60 * cost(SHOP) + upload + 5 * cost(f"{SHOP}/diagram.png"))
    limiter = Limiter(str(load(environ={})["RATE_LIMIT"]), "")
    assert limiter.wait(everybody, "a school") is None
    assert limiter.wait(500, "a school") is not None
    assert limiter.wait(600, "somebody who clicks ten times a second") is None


def test_a_redis_that_is_away_stops_nobody_and_bounds_everybody() -> None:
    """Each process counts by itself meanwhile."""
    pytest.importorskip("redis")
    limiter = Limiter("3 per minute", "redis://127.0.0.1:1/0")
    assert [limiter.wait(1, "somebody") is None for _ in range(5)] == [True, True, True, False, False]


def test_processes_share_a_budget_in_redis(tmp_path: Path) -> None:
    """The address of the queue will do."""
    pytest.importorskip("redis")
    from tests.jobs.redis_server import Server  # noqa: PLC0415 - it needs the program

    server = Server(tmp_path)
    try:
        one, two = (Limiter("3 per minute", server.url) for _ in range(2))
        waits = [each.wait(1, "somebody") for each in (one, two, one, two, one)]
        assert [wait is None for wait in waits] == [True, True, True, False, False]
    finally:
        server.stop()
