"""The list of all services: worst first, filtered, searched and paged."""

import csv
import re
from html import unescape
from io import StringIO

import pytest
from flask.testing import FlaskClient

from tests.views.test_explorer import words
from tests.views.uploading import WEB, Uploads

OTHER_SELECTOR = WEB.replace("selector: {app: web}", "selector: {app: b}")
BAD_NAME = WEB.replace("name: web, image", "name: A_B, image")
FIFTY = "/t/sample-fifty-nodes/services"


def names(text: str) -> list[str]:
    """Return the services in the order of their rows."""
    return re.findall(r'class="c-name"><a href="[^"]*">([^<]+)</a>', text)


def test_every_service_is_listed(client: FlaskClient) -> None:
    """Those that are refused or have no nodePort, too."""
    text = client.get("/t/sample-clashing-ports/services").text
    assert len(names(text)) == 4
    assert "Rejected" in text


def test_a_service_without_ports_is_listed_and_opens(client: FlaskClient, uploads: Uploads) -> None:
    """An ExternalName, say; there is nothing to draw."""
    path = uploads.stored(
        "kind: Service\napiVersion: v1\nmetadata: {name: out}\nspec: {type: ExternalName, externalName: a.example}\n"
    )
    assert names(client.get(f"{path}/services").text) == ["out"]
    assert "default/out has no port" in client.get(path).text
    assert client.get(f"{path}/diagram.svg").status_code == 404


def test_the_worst_comes_first_in_the_worst_namespace(client: FlaskClient) -> None:
    """A service that stops stands above one that loses a share."""
    text = client.get(f"{FIFTY}?down=zone/eu-west-1b&at=failed&via=lb").text
    states = re.findall(r"</svg>(Unavailable|Refused|Degraded|Healthy)</span></td>", text)
    assert states[0] in ("Unavailable", "Refused")
    assert text.index(">subtitles<") < text.index(">thumbnails<")


LISTED = """
apiVersion: v1
kind: Service
metadata: {{name: {name}, namespace: {namespace}}}
spec: {{type: NodePort, selector: {{app: {name}}}, ports: [{{port: 80}}]}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {{name: {name}, namespace: {namespace}}}
spec:
  replicas: {replicas}
  selector: {{matchLabels: {{app: {name}}}}}
  template: {{metadata: {{labels: {{app: {name}}}}}, spec: {{containers: [{{name: c, image: i}}]}}}}
---
"""


def test_worst_first_goes_by_the_share_that_is_answered(uploads: Uploads, client: FlaskClient) -> None:
    """Among services that all lose some, and of namespaces by their worst service; not by names."""
    sizes = {"a": ("two", 9), "b": ("two", 4), "c": ("one", 7), "d": ("one", 5)}
    path = uploads.stored("".join(LISTED.format(name=n, namespace=at, replicas=r) for n, (at, r) in sizes.items()))
    state = "down=node/node-1&at=failed&via=lb"
    services = client.get(f"{path}/simulation.json?{state}").json["services"]
    answered = {service["name"]: round(service["ports"][0]["answered"]["lb"], 2) for service in services}
    assert answered == {"a": 0.67, "b": 0.5, "c": 0.57, "d": 0.8}
    assert names(client.get(f"{path}/services?{state}").text) == ["b", "a", "c", "d"]


def test_a_sentence_sums_it_up(client: FlaskClient) -> None:
    """How many stop and how many lose a share."""
    text = words(client.get("/t/sample-shop/services?down=node/worker-2&at=failed").text)
    assert "With worker-2 down, 3 of 3 service ports are degraded" in text


@pytest.mark.parametrize(
    ("query", "found"),
    [
        pytest.param("checkout", ["checkout"], id="a name"),
        pytest.param("30443", ["checkout"], id="a nodePort"),
        pytest.param("shop/ 443", ["checkout", "payments-callback"], id="every word must fit"),
        pytest.param("nothing-like-it", [], id="nothing"),
    ],
)
def test_a_search_finds_by_name_port_and_place(client: FlaskClient, query: str, found: list[str]) -> None:
    """The words are looked for in names, ports, labels, pods and nodes."""
    assert sorted(names(client.get(FIFTY, query_string={"q": query}).text)) == found


def test_a_state_can_be_shown_alone(client: FlaskClient) -> None:
    """The chip's link leads to those rows."""
    text = client.get(f"{FIFTY}?down=zone/eu-west-1b&at=failed&via=lb&state=no-answer").text
    assert names(text) == ["checkout"]


def test_many_services_come_in_pages(client: FlaskClient, uploads: Uploads) -> None:
    """A hundred rows each, every one once."""
    service = (
        "kind: Service\napiVersion: v1\nmetadata: {{name: s-{}}}\nspec: {{type: NodePort, ports: [{{port: 80}}]}}\n"
    )
    path = uploads.stored("---\n".join(service.format(number) for number in range(250)))
    found = [name for page in (1, 2, 3) for name in names(client.get(f"{path}/services?page={page}").text)]
    assert len(found) == len(set(found)) == 250
    assert 'rel="next"' not in client.get(f"{path}/services?page=99").text


def test_a_row_opens_the_map_of_its_service(client: FlaskClient) -> None:
    """What is down stays down."""
    text = client.get("/t/sample-shop/services?down=node/worker-2&at=failed").text
    assert "/t/sample-shop?service=default/web&amp;down=node/worker-2&amp;at=failed" in text


def test_each_port_of_a_service_has_its_own_row(client: FlaskClient) -> None:
    """They may fare differently."""
    assert names(client.get("/t/sample-ingress/services").text).count("ingress-controller:https") == 1


def test_one_namespace_can_be_shown_alone(client: FlaskClient) -> None:
    """By the form's list or by the link on its heading; the counts of the states are its own."""
    text = client.get(f"{FIFTY}?via=lb&namespace=games").text
    assert set(names(text)) == {"lobby", "match-eu", "voice"}
    assert '<option value="games" selected>games</option>' in text
    assert re.search(r"Healthy <strong>3</strong>", text)
    assert f'href="{FIFTY}?namespace=media"' in client.get(FIFTY).text


@pytest.mark.parametrize(
    ("order", "first"),
    [
        pytest.param("name", ["echo", "mqtt", "webapp-service"], id="by namespace and name"),
        pytest.param("port", ["shop/web", "shop/cart"], id="by nodePort, across namespaces"),
        pytest.param("share", ["media/subtitles"], id="by share, the least first"),
    ],
)
def test_the_list_can_be_sorted(client: FlaskClient, order: str, first: list[str]) -> None:
    """A column's heading leads there and says so."""
    text = client.get(f"{FIFTY}?order={order}").text
    assert names(text)[: len(first)] == first
    assert text.count('aria-sort="ascending"') == 1
    assert f'href="{FIFTY}?order={order}"' in text


def test_what_narrows_the_list_stays_together(client: FlaskClient) -> None:
    """Query, state, namespace and order are kept by each other's links and by the form."""
    text = client.get(f"{FIFTY}?q=e&state=answers&namespace=media&order=name").text
    assert f'href="{FIFTY}?q=e&amp;state=answers&amp;namespace=media&amp;order=port"' in text
    assert f'href="{FIFTY}?q=e&amp;namespace=media&amp;order=name"' in text
    assert '<input type="hidden" name="state" value="answers">' in text


def test_a_client_of_one_address_can_be_asked_about(client: FlaskClient) -> None:
    """That of the first node which is up."""
    text = client.get("/t/sample-shop/services?down=node/worker-1").text
    assert 'href="/t/sample-shop/services?down=node/worker-1&amp;via=node/worker-2"' in text


@pytest.mark.parametrize(
    ("text", "query", "why"),
    [
        pytest.param(OTHER_SELECTOR, "pods=0", "no pod matches its selector (app=b)", id="no pod"),
        pytest.param(BAD_NAME, "", "Deployment web is rejected", id="rejected"),
        pytest.param(WEB, "down=unready/default/web-1", "Answered by 2 pods.", id="one of three isn't ready"),
    ],
)
def test_a_row_says_why(client: FlaskClient, uploads: Uploads, text: str, query: str, why: str) -> None:
    """What keeps the pods from being endpoints, or how many of them are used."""
    assert why in words(client.get(f"{uploads.stored(text)}/services?{query}").text)


def test_squares_of_many_nodes_are_those_of_the_lanes_of_the_map(client: FlaskClient) -> None:
    """Fifty nodes are three columns; what is down is so in both."""
    text = client.get(f"{FIFTY}?down=zone/eu-west-1b&at=failed&via=lb&q=checkout").text
    assert re.findall(r'<span title="([^"]*)">(\w+)</span>', text) == [
        ("17 nodes of zone eu-west-1a", "1a"),
        ("17 nodes of zone eu-west-1b", "1b"),
        ("16 nodes of zone eu-west-1c", "1c"),
    ]
    assert 'aria-label="4 pods on 17 nodes of zone eu-west-1b"' in text
    assert text.count("square has is-down") == 1


def test_what_is_filtered_has_bars_on_the_map(client: FlaskClient) -> None:
    """The button leads to the map with the namespace and the state unfolded."""
    text = client.get(f"{FIFTY}?state=answers&namespace=games&down=zone/eu-west-1b&at=failed").text
    link = re.search(r'href="([^"]*)"><svg[^>]*><use href="#i-map"/></svg>Show on the map', text)
    assert link
    assert unescape(link[1]).endswith("&unfold=namespace.games&unfold=services.answered")


def test_the_list_is_downloaded_as_csv(client: FlaskClient) -> None:
    """In the words, the order and with the filters of the page; all pages of it."""
    state = "down=zone/eu-west-1b&at=failed&via=lb"
    answer = client.get(f"{FIFTY.removesuffix('services')}services.csv?{state}&namespace=shop")
    assert answer.mimetype == "text/csv"
    rows = list(csv.DictReader(StringIO(answer.text)))
    assert [row["service"] for row in rows] == names(client.get(f"{FIFTY}?{state}&namespace=shop").text)
    assert (rows[0]["state"], rows[0]["answered"], rows[0]["nodePort"]) == ("Unavailable", "0.0", "30443")
    assert client.get(f"{FIFTY.removesuffix('services')}services.csv?namespce=shop").status_code == 400


def test_a_name_is_no_formula_in_a_spreadsheet(client: FlaskClient, uploads: Uploads) -> None:
    """Whatever somebody calls a Service."""
    given = "apiVersion: v1\nkind: Service\nmetadata: {name: '=1+1'}\nspec: {type: NodePort, ports: [{port: 80}]}\n"
    row = client.get(f"{uploads.stored(given)}/services.csv").text.splitlines()[1]
    assert row.startswith("default,'=1+1,80,TCP,")
