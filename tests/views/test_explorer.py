"""The map's page: what it says of each state, and where its links lead."""

import re
from html import unescape
from urllib.parse import parse_qsl, urlsplit

import pytest
from flask.testing import FlaskClient

from tests.views.uploading import SETTINGS, Uploads
from webapp.views import create_app

SHOP = "/t/sample-shop"
FAILED = f"{SHOP}?service=default/web&down=node/worker-2&at=failed"


def hrefs(text: str) -> set[str]:
    """Return where the links of a page lead."""
    return {unescape(found) for found in re.findall(r'href="(/(?!static/)[^"#]*)"', text)}


def words(text: str) -> str:
    """Return a page's text without its markup."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", " ", text)))


def test_the_verdict_is_the_users_own_example(client: FlaskClient) -> None:
    """Four nodes, four pods, two of them on the node that failed: 37.5 % of a round robin is answered."""
    text = words(client.get(FAILED).text)
    assert "37.5 % of new connections to default/web:80 are answered" in text
    assert "25 % sent to worker-2’s address" in text
    assert "37.5 % forwarded to the 2 pods on worker-2" in text


def test_the_strips_tell_the_whole_story(client: FlaskClient) -> None:
    """Each moment and each way in carries its share."""
    text = words(client.get(FAILED).text)
    assert re.search(r"Before .*?100 %.*?Just failed .*?37\.5 %.*?Detected .*?75 %.*?Recreated .*?75 %", text)
    assert re.search(r"One node IP .*?50 %.*?DNS .*?37\.5 %.*?Load balancer .*?50 %", text)


@pytest.mark.parametrize(
    "path",
    [
        pytest.param(SHOP, id="nothing down"),
        pytest.param(FAILED, id="a node down"),
        pytest.param(f"{FAILED}&view=table", id="as a table"),
        pytest.param(f"{SHOP}?service=default/web&down=node/worker-2&at=rescheduled", id="recreated pods"),
        pytest.param(f"{SHOP}?down=node/worker-2&at=rescheduled", id="recreated pods on the map"),
        pytest.param("/t/sample-two-zones-dump?down=zone/eu-central-1a&via=lb", id="a zone down"),
        pytest.param("/t/sample-ingress?drain=node/worker-1", id="a drain"),
        pytest.param("/t/sample-fifty-nodes?down=zone/eu-west-1b&at=failed", id="folded lanes"),
        pytest.param("/t/sample-clashing-ports?service=staging/web", id="a service that would be refused"),
        pytest.param("/t/sample-webapp-service?nodes=5", id="assumed nodes"),
        pytest.param(f"{SHOP}/services?down=node/worker-2", id="all services"),
        pytest.param("/t/sample-clashing-ports/problems", id="problems"),
    ],
)
def test_every_link_of_a_page_leads_somewhere(client: FlaskClient, path: str) -> None:
    """No state that a click reaches is an error."""
    broken = {link: client.get(link).status_code for link in hrefs(client.get(path).text) if "/diagram.p" not in link}
    assert {link: status for link, status in broken.items() if status not in (200, 302)} == {}


def test_each_box_of_the_diagram_is_a_link_to_its_own_failure(client: FlaskClient) -> None:
    """A node, a pod and a zone go down by a link; what is down comes back by one."""
    queries = [parse_qsl(urlsplit(link).query) for link in hrefs(client.get(f"{SHOP}?service=default/web").text)]
    down = {value for query in queries for key, value in query if key == "down"}
    assert {"node/worker-1", "node/worker-4", "zone/a", "pod/default/web-7c9d-4xk2p"} <= down


def test_the_table_holds_what_the_diagram_holds(client: FlaskClient) -> None:
    """The same states can be reached, and the same shares are said."""
    diagram, table = client.get(FAILED).text, client.get(f"{FAILED}&view=table").text
    twin = table[table.index('id="twin"') : table.index('id="more-failures"')]

    def targets(text: str) -> set[frozenset[str]]:
        return {frozenset(v for k, v in parse_qsl(urlsplit(link).query) if k == "down") for link in hrefs(text)}

    drawn = diagram[diagram.index('id="canvas"') : diagram.index('class="legend"')]
    assert {t for t in targets(drawn) if not any("zone/" in name for name in t)} <= targets(twin)
    assert words(twin).count("18.75 %") == 4
    assert client.get(f"{FAILED}&drawer=table").text == table, "an older link means the same"


def test_htmx_gets_the_same_page_without_its_shell(client: FlaskClient) -> None:
    """One template, two renderings; caches keep them apart."""
    whole = client.get(FAILED)
    part = client.get(FAILED, headers={"HX-Request": "true", "HX-Request-Type": "partial"})
    inner = whole.text[whole.text.index('<div id="page"') : whole.text.rindex("</body>")].strip()
    assert part.text.strip().endswith(inner)
    assert "HX-Request-Type" in whole.headers["Vary"]


def test_the_same_address_is_the_same_page_and_costs_nothing_twice(client: FlaskClient) -> None:
    """The ETag of the first answer makes the second one 304."""
    first = client.get(FAILED)
    again = client.get(FAILED, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert client.get(FAILED).data == first.data


def test_words_in_any_order_are_the_same_state(client: FlaskClient) -> None:
    """Links of both pages lead to the same canonical addresses."""
    one = client.get(f"{SHOP}?at=failed&down=node/worker-3&down=node/worker-2")
    other = client.get(f"{SHOP}?down=node/worker-2&down=node/worker-3&at=failed")
    assert hrefs(one.text) == hrefs(other.text)


@pytest.mark.parametrize(
    ("query", "said"),
    [
        pytest.param("service=staging/web-preview", "nodefall auto-assigned the nodePort", id="a nodePort we chose"),
        pytest.param("service=staging/web", "provided port is already allocated", id="a service that is refused"),
    ],
)
def test_what_is_not_simply_so_is_said(client: FlaskClient, query: str, said: str) -> None:
    """Assumptions and refusals stand on the page."""
    assert said in words(client.get(f"/t/sample-clashing-ports?{query}&drawer=settings").text)


def test_a_service_without_a_nodeport_is_not_drawn_as_if_it_had_one(client: FlaskClient, uploads: Uploads) -> None:
    """The page says who reaches it instead."""
    path = uploads.stored("kind: Service\napiVersion: v1\nmetadata: {name: db}\nspec: {ports: [{port: 5432}]}\n")
    text = words(client.get(path).text)
    assert "No nodePort" in text
    assert "only clients inside the cluster reach it" in text


def test_an_upload_without_services_says_what_is_missing(client: FlaskClient, uploads: Uploads) -> None:
    """It is kept, and its problems can be read."""
    path = uploads.stored("kind: Node\napiVersion: v1\nmetadata: {name: a}\n")
    assert "No Service in this upload" in client.get(path).text


class TestAssumedNodes:
    """Where no Node is given, their number and names can be changed on the page."""

    def test_one_more_and_one_fewer(self, client: FlaskClient, uploads: Uploads) -> None:
        """Both are states of their own."""
        path = uploads.stored()
        links = hrefs(client.get(path).text)
        assert {f"{path}?nodes=2", f"{path}?nodes=4"} <= links

    def test_a_node_that_would_vanish_is_no_longer_down(self, client: FlaskClient, uploads: Uploads) -> None:
        """With two nodes left there is no node-3 to be down."""
        path = uploads.stored()
        links = hrefs(client.get(f"{path}?down=node/node-3&down=node/node-1").text)
        # Another link takes a node away by name, and keeps the names of the others.
        fewer = next(link for link in links if "nodes=2" in link and "node-names" not in link)
        assert "node-3" not in fewer
        assert client.get(fewer).status_code == 200

    def test_names_of_ones_own(self, client: FlaskClient, uploads: Uploads) -> None:
        """They are drawn in place of node-1, node-2 and node-3."""
        text = client.get(f"{uploads.stored()}?node-names=alpha,beta,gamma").text
        assert "alpha:30080" in words(text)
        assert "node-1" not in text


class TestShare:
    """The address is the share link."""

    def test_on_a_loopback_address_it_says_that_it_works_here_only(self, client: FlaskClient) -> None:
        """And offers the file instead."""
        assert (
            "This link works on this machine only"
            in client.get(f"{FAILED}&share=link", base_url="http://127.0.0.1:8080").text
        )

    def test_elsewhere_it_is_offered_as_it_is(self, client: FlaskClient) -> None:
        """To be copied."""
        text = unescape(client.get(f"{FAILED}&share=link", base_url="https://nodefall.example").text)
        assert "works on this machine only" not in text
        assert f'value="https://nodefall.example{FAILED}"' in text

    def test_a_public_address_wins_over_the_one_asked(self) -> None:
        """Behind a proxy the app may be asked by another name."""
        client = create_app(SETTINGS | {"PUBLIC_URL": "https://k8s.example/nodefall/"}).test_client()
        text = unescape(client.get(f"{FAILED}&share=link", base_url="http://127.0.0.1").text)
        assert f'value="https://k8s.example/nodefall{FAILED}"' in text


def test_pages_work_under_a_prefix(client: FlaskClient) -> None:
    """Every address is made by the app, wherever it is mounted."""
    text = client.get(FAILED, environ_overrides={"SCRIPT_NAME": "/tools/nodefall"}).text
    assert {link for link in hrefs(text) if not link.startswith("/tools/nodefall/")} == set()


INCIDENT = """
apiVersion: v1
kind: Node
metadata: {name: n1}
status: {conditions: [{type: Ready, status: Unknown}]}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {type: NodePort, selector: {app: web}, ports: [{port: 80}]}
---
apiVersion: v1
kind: Pod
metadata: {name: web-1, labels: {app: web}}
spec: {nodeName: n9, containers: [{name: web, image: web}]}
"""


@pytest.mark.parametrize(
    ("node", "facts"),
    [("n9", "assumed, named by 1 pod"), ("n1", "NotReady in this dump")],
    ids=["a node that is not in the upload", "a node that was not ready"],
)
def test_the_page_says_what_is_doubtful_about_a_node(
    uploads: Uploads, client: FlaskClient, node: str, facts: str
) -> None:
    """In the panel, on the phone's cards, and among what was assumed."""
    text = client.get(f"{uploads.stored(INCIDENT)}?select=node/{node}&drawer=settings").text
    assert facts in text
    assert '<span class="tag">NotReady</span>' in text
    assert "n9: named by 1 pod, not in the upload." in text
    assert "n1 is NotReady in this dump: it most likely answers no client." in text
