"""Long work is answered by worker processes, with a page that says how far it is; everything else stays as it is."""

import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from flask import Flask
from flask.testing import FlaskClient
from waitress.server import create_server
from werkzeug.test import TestResponse

from tests.jobs import dawdling
from tests.jobs.apps import pids
from tests.views.uploading import WEB
from webapp.cluster.options import ClusterOptions
from webapp.cluster.size import size_of
from webapp.jobs import Call, Pool
from webapp.manifests import Upload, read
from webapp.views import create_app, isolation
from webapp.views.waiting import id_set_aside

PATIENCE = 30
PAGE = {"Accept": "text/html,application/xhtml+xml"}
PART = PAGE | {"HX-Request": "true", "HX-Request-Type": "partial", "HX-Target": "div#page"}
SHOP = "/t/sample-shop"
HOST = {"SERVER_NAME": "localhost", "SERVER_PORT": "80", "HTTP_HOST": "localhost", "wsgi.url_scheme": "http"}
DAWDLING = f"{SHOP}?name=dawdle"
"""An address that takes a minute."""

Make = Callable[..., Flask]


@pytest.fixture(scope="session")
def database(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the URL of a database in a file, which processes can share."""
    return f"sqlite:///{tmp_path_factory.mktemp('jobs')}/nodefall.sqlite3"


@pytest.fixture
def make(database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Make]:
    """Make apps whose sets are all large, and end their workers."""
    monkeypatch.setattr(isolation, "Pool", lambda _, *rest: Pool(dawdling.create, *rest))
    made: list[Flask] = []

    def app(**settings: object) -> Flask:
        standard = {"DATABASE_URL": database, "RATE_LIMIT": "", "WORKERS": 1, "LARGE_SET": 0}
        made.append(create_app(standard | settings))
        return made[-1]

    yield app
    for each in made:
        each.extensions["nodefall-jobs"].close()
        each.extensions["nodefall"].store.close()


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no answer come at once."""
    monkeypatch.setattr(isolation, "AT_ONCE", 0)
    monkeypatch.setattr(isolation, "LARGE_UPLOAD", 0)


def pool_of(app: Flask) -> Pool:
    """Return its pool."""
    return app.extensions["nodefall-jobs"].pool


def finished(client: FlaskClient, address: str, headers: dict[str, str] | None = None) -> TestResponse:
    """Ask again and again, as the page does, until the answer is something else."""
    deadline = time.monotonic() + PATIENCE
    while (response := client.get(address, headers=headers or PAGE)).status_code == 202:
        assert time.monotonic() < deadline, "it never ends"
        time.sleep(0.05)
    return response


def linked(pattern: str, response: TestResponse) -> str:
    """Return an address in a page."""
    found = re.search(pattern, response.text)
    assert found, response.text
    return found[1]


@pytest.mark.parametrize("path", ["", "/services", "/findings", "/resilience", "/diagram.svg", "/simulation.json"])
@pytest.mark.parametrize("headers", [PAGE, PART], ids=["page", "part"])
def test_a_worker_answers_what_the_web_process_would(make: Make, path: str, headers: dict[str, str]) -> None:
    """The same bytes, the same headers."""
    app, plain = make(), make(WORKERS=0)
    address = f"{SHOP}{path}?down=node/worker-2"
    isolated, direct = (finished(each.test_client(), address, headers) for each in (app, plain))
    assert pids(pool_of(app))
    assert isolated.data == direct.data
    assert isolated.status_code == direct.status_code == 200
    # What is of one request alone.
    when = {"Date": "", "X-Request-ID": ""}
    assert dict(isolated.headers) | when == dict(direct.headers) | when
    etag = {"If-None-Match": isolated.headers["ETag"]}
    assert app.test_client().get(address, headers=headers | etag).status_code == 304


def test_small_sets_need_no_worker(make: Make) -> None:
    """The web process is as fast with them."""
    app = make(LARGE_SET=2000)
    client = app.test_client()
    assert client.get(SHOP).status_code == 200
    assert client.post("/upload", data={"text": WEB}).status_code == 303
    assert pids(pool_of(app)) == []


def test_a_database_in_memory_has_no_workers(make: Make) -> None:
    """No other process could see what is stored."""
    app = make(DATABASE_URL="sqlite://")
    assert pool_of(app) is None
    assert app.test_client().get(SHOP).status_code == 200


@pytest.mark.parametrize(
    ("manifests", "options", "count"),
    [
        pytest.param(WEB, ClusterOptions(), 3 + 3 + 3, id="replicas"),
        pytest.param(WEB, ClusterOptions(assume_nodes=100), 100 + 3 + 3, id="assumed nodes"),
        pytest.param(WEB.split("---")[0], ClusterOptions(assume_pods=9), 3 + 9 + 2, id="assumed Pods"),
        pytest.param(WEB.replace("Deployment", "DaemonSet"), ClusterOptions(assume_nodes=50), 108, id="a DaemonSet"),
    ],
)
def test_a_set_is_as_large_as_what_is_made_of_it(manifests: str, options: ClusterOptions, count: int) -> None:
    """A few lines may stand for many Pods."""
    assert size_of(read([Upload("web.yaml", manifests.encode())]), options).work == count


def test_replicas_in_the_address_make_a_set_large(make: Make) -> None:
    """As they would on anybody's sample."""
    app = make(LARGE_SET=2000)
    finished(app.test_client(), f"{SHOP}?replicas=Deployment/default/web:3000")
    assert pids(pool_of(app))


def test_a_page_that_simulates_is_long_for_a_smaller_set(make: Make) -> None:
    """Each failure of it is worked out: half a minute for 200 nodes and as many Services."""
    app = make(LARGE_SET=2000)
    client = app.test_client()
    assert client.get(f"{SHOP}?replicas=Deployment/default/web:300").status_code == 200
    assert client.get(f"{SHOP}/diagram.html").status_code == 200
    assert pids(pool_of(app)) == []
    assert client.get(f"{SHOP}/diagram.html?replicas=Deployment/default/web:300").status_code == 200
    assert pids(pool_of(app))


@pytest.mark.usefixtures("hurried")
def test_a_page_says_how_far_it_is_until_it_is_there(make: Make) -> None:
    """At its own address: with htmx it is asked for again, without JavaScript it refreshes itself."""
    client = make().test_client()
    first = client.get(f"{SHOP}?down=node/worker-1", headers=PAGE)
    assert first.status_code == 202
    assert first.headers["Cache-Control"] == "no-store"
    assert '<noscript><meta http-equiv="refresh" content="2"></noscript>' in first.text
    assert f'hx-get="{SHOP}?down=node/worker-1"' in first.text
    assert 'hx-select="#page"' in first.text
    assert "has-tabs" in finished(client, f"{SHOP}?down=node/worker-1").text


@pytest.mark.usefixtures("hurried")
def test_a_part_of_a_page_is_asked_for_as_a_part(make: Make) -> None:
    """So that it is the same job that is asked for."""
    response = make().test_client().get(SHOP, headers=PART)
    assert response.status_code == 202
    assert "hx-select" not in response.text
    assert "<html" not in response.text


@pytest.mark.usefixtures("hurried")
@pytest.mark.parametrize(
    ("path", "headers"),
    [
        pytest.param("", {}, id="curl"),
        pytest.param("", {"Accept": "application/json"}, id="JSON"),
        pytest.param("/diagram.svg", PAGE, id="a file"),
        pytest.param("/find/list?q=web", PART | {"HX-Target": "div#found"}, id="a list inside the page"),
    ],
)
def test_what_is_not_a_page_just_waits(make: Make, path: str, headers: dict[str, str]) -> None:
    """A program would take the page about progress for the answer."""
    assert make().test_client().get(f"{SHOP}{path}", headers=headers).status_code == 200


@pytest.mark.usefixtures("hurried")
def test_head_waits_and_has_no_body(make: Make) -> None:
    """It is answered from the job of GET."""
    response = make().test_client().head(SHOP, headers=PAGE)
    assert (response.status_code, response.data) == (200, b"")


@pytest.mark.usefixtures("hurried")
def test_an_upload_leads_to_its_map(make: Make) -> None:
    """By way of a page about its stages; the browser gets the token that deletes the set."""
    client = make().test_client()
    sent = client.post("/upload", data={"text": WEB}, headers=PAGE)
    assert sent.status_code == 303
    assert sent.headers["Location"].startswith("/jobs/")
    done = finished(client, sent.headers["Location"])
    assert done.status_code == 303
    assert client.get(f"{done.headers['Location']}/delete").text.count("Delete") > 0
    assert "Only the browser that uploaded it" not in client.get(f"{done.headers['Location']}/delete").text
    assert client.post(f"{done.headers['Location']}/delete").status_code == 303


@pytest.mark.usefixtures("hurried")
def test_htmx_is_led_there_by_a_header(make: Make) -> None:
    """A redirect that its fetch follows would leave the wrong address in the address bar."""
    client = make().test_client()
    sent = client.post("/upload", data={"text": WEB}, headers=PAGE)
    done = finished(client, sent.headers["Location"], PART)
    assert (done.status_code, done.text) == (200, "")
    assert done.headers["HX-Redirect"].startswith("/t/")


@pytest.mark.usefixtures("hurried")
def test_an_upload_without_anything_to_read_says_so(make: Make) -> None:
    """On the first page, with what was typed."""
    client = make().test_client()
    done = finished(client, client.post("/upload", data={"text": "a: ["}, headers=PAGE).headers["Location"])
    assert done.status_code == 422
    assert "Nothing in there could be drawn" in done.text


@pytest.mark.usefixtures("hurried")
def test_an_upload_brings_its_map_along(make: Make) -> None:
    """In one job, whose page lists the stages to come: whoever is led to the map finds it worked out."""
    app = make()
    client = app.test_client()
    address = client.post("/upload", data={"text": WEB}, headers=PAGE).headers["Location"]
    waiting = client.get(address, headers=PAGE).text
    assert re.findall(r'class="coming">.*?</span><span>([^<]+)<', waiting)[-1] == "Writing the page"
    done = finished(client, address)
    job = pool_of(app).find(address.removeprefix("/jobs/"))
    assert job is not None
    titles = [step.stage.title for step in job.steps]
    assert titles[:4] == ["Reading", "Storing", "Placing Pods on nodes", "Working out access paths"]
    assert titles[-1] == "Writing the page"
    map_job = pool_of(app).ask(Call({"REQUEST_METHOD": "GET", "PATH_INFO": done.headers["Location"]} | HOST))
    assert pool_of(app).wait(map_job, PATIENCE)
    assert [step.stage.title for step in map_job.steps] == ["Writing the page"]


@pytest.mark.usefixtures("hurried")
def test_what_is_known_is_shown_at_once(make: Make) -> None:
    """Figures, and the lanes and bars of the map that is to come; the worker remembers them for the next page."""
    client = make().test_client()
    sample = "/t/sample-fifty-nodes"
    finished(client, sample)
    waiting = client.get(f"{sample}?name=dawdle", headers=PAGE).text
    figures = re.findall(r'<p class="value">([^<]+)</p><p class="quiet">([^<]+)</p>', waiting)
    assert figures[:3] == [("50", "nodes in 3 zones"), ("24", "NodePort services, 5 Local"), ("164", "pods")]
    assert re.search(r"\d+ lanes and \d\d bars of services", waiting)


@pytest.mark.usefixtures("hurried")
def test_the_address_of_an_upload_leads_to_its_map_long_after(make: Make) -> None:
    """Also where another process had the job: whoever closed the page comes back to it, and may delete the set."""
    app = make()
    client = app.test_client()
    address = client.post("/upload", data={"text": WEB}, headers=PAGE).headers["Location"]
    job = pool_of(app).find(address.removeprefix("/jobs/"))
    assert job is not None
    assert pool_of(app).wait(job, PATIENCE)
    led_to = make().test_client().get(address, headers=PAGE).headers["Location"]
    assert led_to.startswith("/t/")
    assert client.post(f"{led_to}/delete").status_code == 303


@pytest.mark.usefixtures("hurried")
def test_an_upload_that_was_stored_before_a_limit_can_be_opened(make: Make) -> None:
    """The page says what was read, at which stage it was stopped, and leads to what is stored."""
    app = make()
    client, pool = app.test_client(), pool_of(app)
    body = {"text": WEB + "# procrastinate\n"}
    address = client.post("/upload", data=body, headers=PAGE).headers["Location"]
    stored = id_set_aside(address.removeprefix("/jobs/"))
    until(lambda: app.extensions["nodefall"].describe(stored))
    pool._limits = replace(pool._limits, seconds=0)
    page = finished(client, address)
    assert page.status_code == 503
    assert "No nodes in the manifests, 1 NodePort service, 3 pods, not placed yet." in page.text
    pool._limits = replace(pool._limits, seconds=PATIENCE)
    assert linked(r'href="(/t/[^"]+)">Open what was read', page) == f"/t/{stored}"
    assert finished(client, f"/t/{stored}").status_code == 200


def test_a_page_waits_a_little_only_while_threads_are_left(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else it is answered at once, with how far it is."""
    app = make()
    monkeypatch.setattr(isolation, "AT_ONCE", PATIENCE)
    places = app.extensions["nodefall-jobs"].page_places
    while places.acquire(blocking=False):
        pass
    assert app.test_client().get(DAWDLING, headers=PAGE).status_code == 202


def test_a_program_gets_the_upload_as_json(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """When it is read, however long that takes."""
    monkeypatch.setattr(isolation, "LARGE_UPLOAD", 0)
    response = make().test_client().post("/upload", data={"text": WEB}, headers={"Accept": "application/json"})
    assert response.status_code == 201
    assert response.json is not None
    assert {"id", "url", "deleteToken"} <= response.json.keys()


@pytest.mark.usefixtures("hurried")
def test_a_cancelled_upload_leaves_nothing(make: Make) -> None:
    """Also one that was stored the moment before."""
    app = make()
    client = app.test_client()
    address = client.post("/upload", data={"text": WEB}, headers=PAGE).headers["Location"]
    stored = finished(client, address).headers["Location"]
    assert client.get(stored, headers={"Accept": "*/*"}).status_code == 200
    cancelled = client.post(f"{address}/cancel", headers=PAGE, follow_redirects=True)
    assert "What you sent has been deleted" in cancelled.text
    assert client.get(stored, headers=PAGE).status_code == 404


@pytest.mark.usefixtures("hurried")
def test_cancel_stops_the_work(make: Make) -> None:
    """The page says so, and asking again starts again."""
    client = make().test_client()
    page = client.get(DAWDLING, headers=PAGE)
    assert page.status_code == 202
    cancelled = client.post(linked(r'action="([^"]+/cancel)"', page), headers=PAGE, follow_redirects=True)
    assert cancelled.status_code == 200
    assert "It was stopped." in cancelled.text
    assert linked(r'<a class="btn primary" href="([^"]+)">Try again', cancelled) == DAWDLING
    assert client.get(DAWDLING, headers=PAGE).status_code == 202


@pytest.mark.usefixtures("hurried")
def test_a_cancelled_upload_that_is_still_read_stores_nothing(make: Make) -> None:
    """Whatever the worker was doing."""
    client = make().test_client()
    address = client.post("/upload", data={"text": f"# dawdle\n{WEB}"}, headers=PAGE).headers["Location"]
    assert client.get(address, headers=PAGE).status_code == 202
    cancelled = client.post(f"{address}/cancel", headers=PAGE, follow_redirects=True)
    assert "What you sent has been deleted" in cancelled.text


@pytest.mark.usefixtures("hurried")
def test_the_stages_are_listed_with_how_much_is_done(make: Make) -> None:
    """Those that are done, and the one that it is in."""
    client = make().test_client()
    deadline = time.monotonic() + PATIENCE
    while "Weighing Services" not in (text := client.get(DAWDLING, headers=PAGE).text):
        assert time.monotonic() < deadline
        time.sleep(0.05)  # the worker has a low priority
    assert "Placing Pods on nodes" in text
    assert "3 of 5, 60 %, about" in text
    assert 'max="1" value="0.6"' in text


@pytest.mark.parametrize(
    ("settings", "said", "setting"),
    [
        pytest.param({"JOB_SECONDS": 1}, "stopped after 1 seconds", "NODEFALL_JOB_SECONDS=4", id="time"),
        pytest.param({"JOB_MEGABYTES": 20}, "stopped at 20 MB", "NODEFALL_JOB_MEGABYTES=40", id="memory"),
    ],
)
def test_a_limit_says_what_was_too_much_and_what_to_do(
    make: Make, settings: dict[str, int], said: str, setting: str
) -> None:
    """On a page for people, as JSON for programs; never blank, never 500."""
    client = make(**settings).test_client()
    page = finished(client, DAWDLING)
    assert page.status_code == 503
    assert said in page.text
    assert setting in page.text
    assert "nodefall serve" in page.text
    problem = client.get(f"{SHOP}/simulation.json?name=dawdle")
    assert problem.status_code == 503
    assert problem.json is not None
    assert said in problem.json["error"]
    assert setting in problem.json["error"]


def test_a_worker_that_is_killed_fails_one_page(make: Make) -> None:
    """The next one gets another worker."""
    app = make()
    client = app.test_client()
    assert client.get(DAWDLING, headers=PAGE).status_code == 202
    psutil.Process(pids(pool_of(app))[0]).kill()
    page = finished(client, DAWDLING)
    assert page.status_code == 503
    assert "The process that worked on it is gone" in page.text
    assert finished(client, SHOP).status_code == 200


@pytest.mark.usefixtures("hurried")
def test_the_rate_is_limited_once_for_all_workers(make: Make) -> None:
    """By the web process, as without any."""
    client = make(RATE_LIMIT="20 per minute", WORKERS=2).test_client()
    statuses = [client.post("/upload", data={"text": WEB}).status_code for _ in range(3)]
    assert statuses == [303, 303, 429]


def test_a_few_lines_that_stand_for_many_pods_are_built_by_a_worker(make: Make) -> None:
    """Where the upload keeps what was looked at, which needs the cluster; the API builds it in any case."""
    app = make(LARGE_SET=2000)
    client = app.test_client()
    corrected = client.post(f"{SHOP}/upload?down=node/node-1", data={"text": WEB})
    assert corrected.headers["Location"].endswith("?down=node/node-1")
    assert pids(pool_of(app))


def test_a_form_from_another_site_reaches_no_worker(make: Make) -> None:
    """It is refused before."""
    app = make()
    headers = {"Sec-Fetch-Site": "cross-site"}
    assert app.test_client().post(f"{SHOP}/upload", data={"text": WEB}, headers=headers).status_code == 403
    assert pids(pool_of(app)) == []


def test_an_unknown_job_is_not_there(make: Make) -> None:
    """With a word on why."""
    response = make().test_client().get("/jobs/nothing", headers=PAGE)
    assert response.status_code == 404
    assert "it ended some time ago" in response.text


def test_what_expired_is_gone_though_its_page_is_kept(make: Make, tmp_path: Path) -> None:
    """The web process asks the database first."""
    client = make(DATABASE_URL=f"sqlite:///{tmp_path}/x.sqlite3").test_client()
    stored = client.post("/upload", data={"text": WEB}).headers["Location"]
    assert finished(client, stored).status_code == 200
    client.post(f"{stored}/delete")
    assert finished(client, stored).status_code == 404


@pytest.mark.usefixtures("hurried")
def test_two_sets_are_compared_by_way_of_the_same_page(make: Make) -> None:
    """And the browser may delete both."""
    client = make().test_client()
    sides = {"old-text": WEB, "new-text": WEB.replace("replicas: 3", "replicas: 1")}
    sent = client.post("/compare", data=sides, headers=PAGE)
    done = finished(client, sent.headers["Location"])
    assert done.headers["Location"].startswith("/compare/")
    assert len(done.headers.getlist("Set-Cookie")) == 2
    assert finished(client, done.headers["Location"]).status_code == 200


def test_a_comparison_with_what_is_gone_is_not_handed_out(make: Make, tmp_path: Path) -> None:
    """Though its page is kept, and the other set is still there."""
    client = make(DATABASE_URL=f"sqlite:///{tmp_path}/x.sqlite3").test_client()
    stored = client.post("/upload", data={"text": WEB}).headers["Location"]
    comparison = f"/compare/{stored.removeprefix('/t/')}/sample-shop"
    assert finished(client, comparison).status_code == 200
    client.post(f"{stored}/delete")
    assert finished(client, comparison).status_code == 404


def test_a_program_that_hangs_up_ends_its_job(make: Make) -> None:
    """As `nodefall serve` sees it: waitress looks ahead."""
    app = make()
    server = create_server(app, host="127.0.0.1", port=0, channel_request_lookahead=1)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    with socket.create_connection(("127.0.0.1", server.effective_port)) as program:
        program.sendall(f"GET {DAWDLING} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        until(lambda: pids(pool_of(app)))
        (pid,) = pids(pool_of(app))
    until(lambda: not psutil.pid_exists(pid))
    server.close()


def until(condition: Callable[[], object]) -> None:
    """Wait for something that takes a moment."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.02)


def test_what_is_said_of_a_shared_view_is_never_that_of_a_kept_page(make: Make) -> None:
    """Its address stays the same when its author changes it or stops sharing."""
    client = make().test_client()
    created = client.post(f"{SHOP}/share?down=node/worker-2", data={"title": "Rack seven", "note": "", "keep": "1"})
    (view_id,) = re.findall(r"shared=([\w-]+)", created.headers["Location"])
    page = client.get(f"/s/{view_id}").headers["Location"]
    assert "Rack seven" in finished(client, page).text
    client.post(f"/s/{view_id}/edit", data={"title": "Rack eight", "note": "", "keep": ""})
    changed = finished(client, page).text
    assert "Rack eight" in changed
    assert "Rack seven" not in changed
    client.post(f"/s/{view_id}/edit", data={"stop": "yes"})
    assert "Rack eight" not in finished(client, page).text
