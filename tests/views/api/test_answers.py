"""Each command of the command line is there by HTTP, with the same answer, about what is stored and what is sent."""

import json
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from webapp.cli import cli
from webapp.diagram import FORMATS
from webapp.documents import DOCUMENTS
from webapp.views.api import operations
from webapp.views.page.query import LISTED_STATE, PAGES
from webapp.views.page.wording import STANDINGS

SHOP = (Path(__file__).parents[3] / "samples" / "shop.yaml").read_bytes()
# Clients know the old number.
CHANGED = SHOP.replace(b"nodePort: 30080", b"nodePort: 30090")
PROGRAMS = [name for name, page in PAGES.items() if page.program]


def ask(client: FlaskClient, path: str, **files: bytes) -> TestResponse:
    """Send files by the names of their fields, as curl does."""
    data = {field: (BytesIO(content), "shop.yaml") for field, content in files.items()}
    return client.post(f"/api/v1/{path}", data=data, content_type="multipart/form-data")


COMMANDS = {
    "simulate": ("simulate shop.yaml --output json", "simulate"),
    "simulate, in words": (
        "simulate shop.yaml --down node/worker-2 --at failed --via lb",
        "simulate?down=node/worker-2&at=failed&via=lb&output=text",
    ),
    "simulate, folded": (
        "simulate shop.yaml --entries summary --assume-pods 2 --output json",
        "simulate?entries=summary&pods=2",
    ),
    "why": ("why shop.yaml worker-1:30080 --output json", "why?address=worker-1:30080"),
    "why, broken": (
        "why shop.yaml worker-1:30080 --down node/worker-1",
        "why?address=worker-1:30080&down=node/worker-1&output=text",
    ),
    "why, unknown": ("why shop.yaml example.org:1 --output json", "why?address=example.org:1"),
    "check": ("check shop.yaml --output json", "check?output=json"),
    "check, as text": ("check shop.yaml", "check?output=text"),
    "check, SARIF": ("check shop.yaml --output sarif", "check?output=sarif"),
    "check, JUnit": (
        "check shop.yaml --survive node --output junit --max-severity none",
        "check?survive=node&output=junit&max-severity=none",
    ),
    "check, Markdown": (
        "check shop.yaml --survive node --guaranteed --via dns --output markdown",
        "check?survive=node&guaranteed=yes&via=dns&output=markdown",
    ),
    "render, a picture": ("render shop.yaml --format svg --service default/web", "render?service=default/web"),
    "render, a table": ("render shop.yaml --format matrix.csv", "render?format=matrix.csv"),
    "render, a report": (
        "render shop.yaml --format report.md --down node/worker-2",
        "render?format=report.md&down=node/worker-2",
    ),
}


@pytest.mark.parametrize(("command", "path"), COMMANDS.values(), ids=COMMANDS.keys())
def test_the_answer_is_that_of_the_command_line(
    client: FlaskClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str, path: str
) -> None:
    """The same text or document; the exit status is in a header."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "shop.yaml").write_bytes(SHOP)
    told = CliRunner().invoke(cli, command.split())
    response = ask(client, path, file=SHOP)
    assert response.status_code == 200, response.text
    assert same(response.text) == same(told.stdout)
    if command.startswith(("why", "check")):
        assert response.headers["Nodefall-Exit-Status"] == str(told.exit_code)


def same(text: str) -> Any:
    """Return what is to be equal: of JSON what it says, of text what is not at its end."""
    try:
        return json.loads(text)
    except ValueError:
        return text.replace("\r\n", "\n").rstrip()


@pytest.mark.parametrize("output", ["json", "text", "markdown", "html"])
def test_two_sets_are_compared_as_by_the_command_line(
    client: FlaskClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, output: str
) -> None:
    """Both sent, in the fields of their names."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "old.yaml").write_bytes(SHOP)
    (tmp_path / "new.yaml").write_bytes(CHANGED)
    told = CliRunner().invoke(cli, ["diff", "old.yaml", "new.yaml", "--output", output])
    response = ask(client, f"diff?output={output}", old=SHOP, new=CHANGED)
    assert response.text == told.stdout
    assert response.headers["Nodefall-Exit-Status"] == str(told.exit_code) == "1"


def test_a_comparison_as_a_page_is_a_file_to_keep(client: FlaskClient) -> None:
    """Opened on this site, nothing in it would run."""
    response = ask(client, "diff?output=html", old=SHOP, new=CHANGED)
    assert response.headers["Content-Disposition"] == 'attachment; filename="comparison.html"'
    assert response.headers["Content-Security-Policy"].endswith("sandbox")


def test_both_pictures_of_a_comparison_are_those_of_the_command_line(client: FlaskClient, tmp_path: Path) -> None:
    """Where the change shows most; of no change there is none."""
    for name, data in (("old.yaml", SHOP), ("new.yaml", CHANGED)):
        (tmp_path / name).write_bytes(data)
    paths = [str(tmp_path / name) for name in ("old.yaml", "new.yaml")]
    CliRunner().invoke(cli, ["diff", *paths, "--pictures", str(tmp_path)])
    for side in ("before", "after"):
        response = ask(client, f"diff?output={side}.svg", old=SHOP, new=CHANGED)
        assert response.mimetype == "image/svg+xml"
        assert response.data == (tmp_path / f"{side}.svg").read_bytes()
    same = client.get("/api/v1/diff?old=sample-shop&new=sample-shop&output=after.svg")
    assert (same.status_code, "nothing to draw" in same.json["detail"]) == (422, True)


def test_a_stored_set_is_compared_with_one_that_is_sent(client: FlaskClient) -> None:
    """And either with another stored one."""
    both = client.get("/api/v1/diff?old=sample-shop&new=sample-shop").json
    assert both["changes"] == []
    one = ask(client, "diff?old=sample-shop", new=CHANGED)
    assert one.json["worse"] is True
    twice = ask(client, "diff?old=sample-shop", old=SHOP, new=CHANGED)
    assert (twice.status_code, twice.json["detail"]) == (400, "Say old=ID or send manifests, not both.")
    none = ask(client, "diff?old=sample-shop")
    assert "`new-files` or `new-text`, one file also as `new`; or name a stored set: new=ID" in none.json["detail"]


@pytest.mark.parametrize("name", ["simulate", "services", "matrix", "findings", "check", "render?format=svg"])
def test_a_stored_set_has_the_answer_of_the_same_set_sent(client: FlaskClient, name: str) -> None:
    """And by GET, so that it can be linked to and kept."""
    sep = "&" if "?" in name else "?"
    stored = client.get(f"/api/v1/{name}{sep}topology=sample-shop")
    sent = ask(client, name, file=SHOP)
    assert (stored.status_code, sent.status_code) == (200, 200)
    assert stored.data == sent.data
    again = client.get(f"/api/v1/{name}{sep}topology=sample-shop", headers={"If-None-Match": stored.headers["ETag"]})
    assert again.status_code == 304


def test_a_set_is_named_or_sent_but_not_both(client: FlaskClient) -> None:
    """Which one was meant nobody can tell."""
    for response in (
        ask(client, "simulate?topology=sample-shop", file=SHOP),
        client.post("/api/v1/simulate?topology=sample-shop", data=SHOP),
    ):
        assert (response.status_code, response.json["detail"]) == (400, "Say topology=ID or send manifests, not both.")


@pytest.mark.parametrize("name", [*FORMATS, *DOCUMENTS])
def test_each_format_is_rendered_as_the_page_has_it(client: FlaskClient, name: str) -> None:
    """With the media type of the format."""
    # The page starts from three pods behind a Service that has none, and a picture carries that.
    response = client.get(f"/api/v1/render?topology=sample-shop&format={name}&service=default/web&pods=3")
    assert response.mimetype == (FORMATS.get(name) or DOCUMENTS[name]).mimetype
    if name in FORMATS:
        assert response.data == client.get(f"/t/sample-shop/diagram.{name}?service=default/web").data


def test_services_are_listed_by_state_and_namespace(client: FlaskClient) -> None:
    """With what their clients get in the Scenario."""
    url = "/api/v1/services?topology=sample-shop&down=node/worker-2&at=failed&policy=default/web:Local&via=lb"
    every = client.get(url).json
    assert (every["down"], every["at"], every["via"]) == (["node/worker-2"], "failed", "lb")
    states = {each["state"] for each in every["services"]}
    assert states == {"Healthy", "Degraded"}
    for state in STANDINGS:
        listed = client.get(f"{url}&state={state.slug}").json["services"]
        assert listed == [each for each in every["services"] if each["state"] == state.word]
    assert client.get(f"{url}&namespace=nope").json["services"] == []
    assert (
        client.get(f"{url}&output=csv").text
        == client.get(url.replace("services", "render") + "&format=services.csv").text
    )


def test_the_states_of_the_list_are_those_of_the_page() -> None:
    """One word for one thing."""
    assert set(LISTED_STATE.values) - {""} == {state.slug for state in STANDINGS}


def test_the_matrix_has_a_line_for_each_port_and_a_share_for_each_column(client: FlaskClient) -> None:
    """The same as in the table."""
    found = client.get("/api/v1/matrix?topology=sample-shop&moment=failed&through=dns").json
    assert (found["moment"], found["through"]) == ("failed", "dns")
    assert all(set(found["columns"]) < set(row) for row in found["rows"])
    table = client.get("/api/v1/matrix?topology=sample-shop&moment=failed&through=dns&output=csv").text.splitlines()
    assert len(table) == 1 + len(found["rows"])


def test_findings_are_listed_by_severity_and_rule(client: FlaskClient) -> None:
    """As JSON, a table and Markdown."""
    url = "/api/v1/findings?topology=sample-shop"
    every = client.get(url).json["findings"]
    assert every
    rule, severity = every[0]["id"], every[0]["severity"]
    assert client.get(f"{url}&rule={rule}").json["findings"] == [each for each in every if each["id"] == rule]
    assert client.get(f"{url}&severity={severity}").json["findings"] == [
        each for each in every if each["severity"] == severity
    ]
    assert client.get(f"{url}&output=csv").text.count("\r\n") == 1 + len(every)
    assert client.get(f"{url}&output=markdown").text.startswith("# Findings")


def test_findings_are_searched_and_ignored_with_a_reason(client: FlaskClient) -> None:
    """As on the page; what is ignored is listed apart, with the reason."""
    url = "/api/v1/findings?topology=sample-shop"
    every = client.get(url).json["findings"]
    chosen = next(each for each in every if each["object"] and not each["also"])
    searched = client.get(
        url.partition("?")[0], query_string={"topology": "sample-shop", "q": chosen["object"].upper()}
    ).json
    assert chosen in searched["findings"]
    assert len(searched["findings"]) < len(every)
    word = f"{chosen['id']}/{chosen['object'].replace(' ', '/')}: that is how it should be"
    asked = {"topology": "sample-shop", "ignore": word}
    found = client.get("/api/v1/findings", query_string=asked).json
    assert chosen["fingerprint"] not in [each["fingerprint"] for each in found["findings"]]
    assert found["ignored"] == [chosen | {"reason": "that is how it should be"}]
    checked = client.get("/api/v1/check", query_string=asked).json
    assert checked["ignored"] == found["ignored"]


@pytest.mark.parametrize("name", ["check", "findings"])
def test_ignoring_without_a_reason_is_refused(client: FlaskClient, name: str) -> None:
    """A page shows the finding instead."""
    response = client.get(f"/api/v1/{name}?topology=sample-shop&ignore=NP220:no")
    assert (response.status_code, "NP220:no" in response.json["detail"]) == (400, True)


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("", ["admin", "api", "web"]),
        ("WEB", ["web"]),
        ("30081", ["api"]),
        ("worker-2 default/web", ["web"]),
        ("no", []),
    ],
)
def test_services_are_searched_as_on_the_page(client: FlaskClient, search: str, found: list[str]) -> None:
    """By name, number, pod or node."""
    listed = client.get("/api/v1/services", query_string={"topology": "sample-shop", "q": search}).json["services"]
    assert sorted(each["service"] for each in listed) == found


def test_a_baseline_accepts_what_there_is(client: FlaskClient) -> None:
    """Made by one request, sent along with the next."""
    made = ask(client, "check?output=baseline&max-severity=none", file=SHOP)
    assert made.headers["Nodefall-Exit-Status"] == "0"
    failed = ask(client, "check?max-severity=none", file=SHOP)
    assert (failed.json["passed"], failed.headers["Nodefall-Exit-Status"]) == (False, "1")
    passed = ask(client, "check?max-severity=none", file=SHOP, baseline=made.data)
    assert (passed.json["passed"], passed.headers["Nodefall-Exit-Status"]) == (True, "0")
    wrong = ask(client, "check", file=SHOP, baseline=b"{}")
    assert (wrong.status_code, wrong.json["detail"][:9]) == (422, "baseline:")


def test_fixes_are_a_diff_of_what_was_sent(client: FlaskClient) -> None:
    """That ``patch`` takes; of a stored set no text is kept, so there is none."""
    text = ask(client, "check?output=fix", file=SHOP.replace(b"nodePort: 30080", b"nodePort: 80"))
    assert text.status_code == 200
    stored = client.get("/api/v1/check?output=fix&topology=sample-shop")
    assert stored.data == b""


URLS = {its.endpoint: (its.url.replace("<view_id>", "x"), its.methods[0]) for its in operations()}


@pytest.mark.parametrize("endpoint", [name for name in PROGRAMS if name.startswith("api.") and PAGES[name].known])
def test_a_mistyped_word_is_refused_by_each_route(client: FlaskClient, endpoint: str) -> None:
    """With what may have been meant."""
    known = next(iter(PAGES[endpoint].known))
    response = client.open(f"{URLS[endpoint][0]}?{known}x=1", method=URLS[endpoint][1])
    assert response.status_code == 400
    assert f'no parameter "{known}x". Did you mean' in response.json["detail"]


VALUES = [
    (name, word.name) for name in PROGRAMS if name.startswith("api.") for word in PAGES[name].words if word.values
]


@pytest.mark.parametrize(("endpoint", "word"), VALUES)
def test_a_mistyped_value_is_refused(client: FlaskClient, endpoint: str, word: str) -> None:
    """Elsewhere it would pass for the usual one."""
    values = next(each.values for each in PAGES[endpoint].words if each.name == word)
    path, method = URLS[endpoint]
    response = client.open(f"{path}?{word}={values[-1]}x", method=method)
    assert response.status_code == 400
    assert f"Did you mean {values[-1]}?" in response.json["detail"]


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("simulate?assume-nodes=5", "Did you mean nodes?"),
        ("check?down=node/worker-1", 'no parameter "down"'),
        ("check?guaranteed=yes", "needs survive=node or survive=zone"),
        ("simulate?down=node/worker-9", "There is no node"),
        ("render?scale=3", "scale does nothing for svg"),
        ("matrix?move=default/nope:worker-1", "nope"),
    ],
)
def test_what_the_command_line_refuses_is_refused(client: FlaskClient, path: str, said: str) -> None:
    """With what there is instead."""
    response = ask(client, path, file=SHOP)
    assert response.status_code == 400
    assert said in response.json["detail"]


def test_what_the_page_finds_is_found(client: FlaskClient) -> None:
    """A node by its name, with the kind and what fits; all Pods of it."""
    said = client.get("/api/v1/find?topology=sample-shop&q=worker-2").get_json()
    assert (said["schema"], said["more"]) == ("nodefall/find/v1", False)
    assert said["found"][0] == {"kind": "node", "key": "worker-2", "matched": ""}
    by_address = ask(client, "find?q=192.168.1.103", file=SHOP).get_json()["found"]
    assert [(its["key"], its["matched"]) for its in by_address][:1] == [("worker-3", "192.168.1.103")]
    assert client.get("/api/v1/find?topology=sample-shop&q=nowhere").get_json()["found"] == []


def test_nodes_are_selected_by_labels(client: FlaskClient) -> None:
    """As the page takes them down; one that selects none is refused, with what there is."""
    said = client.get("/api/v1/find?topology=sample-shop&labels=topology.kubernetes.io/zone=a").get_json()
    assert [its["key"] for its in said["found"]] == ["worker-1", "worker-2"]
    refused = client.get("/api/v1/find?topology=sample-shop&labels=zone=nowhere")
    assert (refused.status_code, "topology.kubernetes.io/zone=a" in refused.get_json()["detail"]) == (400, True)


@pytest.mark.parametrize("words", ["", "q=a&labels=b", "q=%20"])
def test_find_asks_for_one_of_both(client: FlaskClient, words: str) -> None:
    """It says so."""
    refused = client.get(f"/api/v1/find?topology=sample-shop&{words}")
    assert (refused.status_code, "q=WORDS or labels=SELECTOR" in refused.get_json()["detail"]) == (400, True)
