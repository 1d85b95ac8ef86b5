"""What if: the form, the marks, the patches, and the way back."""

import re

import pytest
from flask.testing import FlaskClient

from tests.views.uploading import WEB, Uploads
from webapp.cluster.model import Cluster
from webapp.cluster.options import Edits
from webapp.failure import Scenario, State, state_at
from webapp.views.page import edits

REPLICAS = "replicas=Deployment/default/web:5"


def _leads(client: FlaskClient, path: str) -> str:
    """Return where the form leads."""
    response = client.get(path)
    assert response.status_code == 302, response.text
    return response.headers["Location"].partition("?")[2]


def test_the_form_offers_what_can_be_edited(uploads: Uploads, client: FlaskClient) -> None:
    """Places of assumed nodes, replicas of the workload behind the service, and its policy."""
    page = client.get(f"{uploads.stored()}?drawer=settings").text
    for field in ("zones", "control-planes", "replicas/Deployment/default/web"):
        assert f'name="{field}"' in page
    assert re.search(r'href="[^"]*policy=default/web:Local[^"]*"[^>]*>Local</a>', page)
    assert 'name="zones"' not in client.get("/t/sample-shop?service=default/web&drawer=settings").text


@pytest.mark.parametrize(
    ("asked", "leads"),
    [
        pytest.param("replicas/Deployment/default/web=5", REPLICAS, id="other replicas"),
        pytest.param(f"{REPLICAS}&replicas/Deployment/default/web=7", REPLICAS.replace("5", "7"), id="others again"),
        pytest.param(f"{REPLICAS}&replicas/Deployment/default/web=3", "", id="the manifest's own are no edit"),
        pytest.param(f"{REPLICAS}&replicas/Deployment/default/web=", REPLICAS, id="an empty field changes nothing"),
        pytest.param("policy/default/web=Local", "policy=default/web:Local", id="another policy"),
        pytest.param("policy=default/web:Local&policy/default/web=Cluster", "", id="the manifest's policy"),
        pytest.param(REPLICAS.replace("5", "3"), "", id="nor are they as a word"),
        pytest.param("zones=0&zones=3", "zones=3", id="zones"),
        pytest.param("zones=3&zones=0&control-planes=1", "control-planes=1", id="no zones any more"),
        pytest.param(
            "down=node/node-5&nodes=3", "dropped=down=node/node-5", id="a node that is gone is no longer down"
        ),
        pytest.param("select=node/node-5", "", id="nor selected"),
    ],
)
def test_the_form_leads_to_the_edited_state(uploads: Uploads, client: FlaskClient, asked: str, leads: str) -> None:
    """As words of the address, each once."""
    assert _leads(client, f"{uploads.stored()}/edit?{asked}") == leads


def test_each_edit_is_marked_and_can_be_taken_back(uploads: Uploads, client: FlaskClient) -> None:
    """On every page, with what the manifest says instead; the others stay."""
    path = uploads.stored()
    query = f"zones=2&{REPLICAS}&policy=default/web:Local"
    for name in ("", "/services", "/hop", "/problems"):
        page = client.get(f"{path}{name}?{query}").text
        assert "Deployment default/web: 5 replicas" in page
        assert "was 3" in page
    links = re.findall(r'<a class="chip" href="([^"]+)" aria-label="Undo', page)
    assert [_leads(client, link.replace("&amp;", "&")) for link in links] == [
        f"{REPLICAS}&policy=default/web:Local",
        "zones=2&policy=default/web:Local",
        f"zones=2&{REPLICAS}",
    ]


def test_each_edit_is_shown_as_its_patch(uploads: Uploads, client: FlaskClient) -> None:
    """A line for a terminal, and YAML."""
    page = client.get(f"{uploads.stored()}?control-planes=1&{REPLICAS}&policy=default/web:Local").text
    assert "kubectl -n default patch deployment web --type merge" in page
    for line in ("  replicas: 5", "  externalTrafficPolicy: Local", "  - key: node-role.kubernetes.io/control-plane"):
        assert line.strip() in page


def test_the_picture_follows_the_edit(uploads: Uploads, client: FlaskClient) -> None:
    """Five pods behind the service."""
    path = uploads.stored()
    assert "1 of 5 pods at random" in client.get(f"{path}?{REPLICAS}").text
    assert "web-5" in client.get(f"{path}/diagram.json?{REPLICAS}").text


def test_names_that_are_not_there_are_refused_with_what_exists(uploads: Uploads, client: FlaskClient) -> None:
    """On every page."""
    response = client.get(f"{uploads.stored()}?replicas=Deployment/default/gone:2")
    assert (response.status_code, "Deployment/default/web" in response.text) == (400, True)


def test_a_corrected_set_keeps_the_edits_that_fit(uploads: Uploads) -> None:
    """And says which it dropped."""
    path = uploads.stored()
    corrected = WEB.replace("Deployment", "StatefulSet")
    response = uploads.send(text=corrected, to=f"{path}/upload?{REPLICAS}&policy=default/web:Local")
    query = response.headers["Location"].partition("?")[2]
    assert query == f"policy=default/web:Local&dropped={REPLICAS}"


def test_a_connection_can_be_tried_with_the_other_policy(client: FlaskClient) -> None:
    """And back: the manifest's own policy is no edit."""
    page = client.get("/t/sample-shop/hop?service=default/web&entry=node/worker-1").text.replace("&amp;", "&")
    (link,) = re.findall(r'href="([^"]+)">Try it on this service', page)
    assert "policy=default/web:Local" in link
    tried = client.get(link).text.replace("&amp;", "&")
    assert "The client’s own address" in tried
    (back,) = re.findall(r'href="([^"]+)">Try it on this service', tried)
    assert "policy=" not in back


SCALER = """---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web}
spec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}, minReplicas: 4, maxReplicas: 6}
"""


def test_the_form_and_the_marks_say_what_an_autoscaler_makes_of_a_number(uploads: Uploads, client: FlaskClient) -> None:
    """The form shows the number that there is, which is no edit; one out of bounds is marked with what it becomes."""
    path = uploads.stored(WEB + SCALER)
    page = client.get(path).text
    assert "4 to 6, HorizontalPodAutoscaler web" in page
    assert re.search(r'name="replicas/Deployment/default/web"[^>]* value="4"', page)
    assert _leads(client, f"{path}/edit?replicas/Deployment/default/web=4") == ""
    marked = client.get(f"{path}?{REPLICAS.replace('5', '9')}").text
    assert "Deployment default/web: 9 replicas, scaled to 6 by HorizontalPodAutoscaler web" in marked


def test_the_bar_says_what_the_changes_give_and_undoes_them_all(client: FlaskClient) -> None:
    """Also when that is nothing; what is down stays down."""
    path = "/t/sample-shop?service=default/web&down=node/worker-2&at=failed"
    patch = 'patch=Deployment/default/web:{"spec":{"replicas":8}}'
    page = client.get(f"{path}&{patch}&cordon=worker-4").text.replace("\N{NARROW NO-BREAK SPACE}", " ")
    bar = re.sub(
        r"<[^>]+>|\s+", " ", page[page.index('id="edited"') : page.index("</section>", page.index('id="edited"'))]
    )
    assert "Deployment default/web: replicas 8" in bar
    assert "worker-4 cordoned" in bar
    assert re.search(r"web +37.5 % +→ +becomes +[\d.]+ %", bar)
    (undo,) = re.findall(r'id="undo-edits" href="([^"]+)"', page)
    assert undo.replace("&amp;", "&") == "/t/sample-shop?service=default/web&down=node/worker-2&at=failed"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ('{"spec":{"template":{"spec":{"topologySpreadConstraints":[]}}}}', "topologySpreadConstraints"),
        ('{"spec":{"selector":{"app":"web"}}}', "app web"),
        ('{"spec":{"ports":[{"port":80,"targetPort":8080}]}}', "targetPort 8080"),
        ('{"metadata":{"labels":{"a":null}}}', "no a"),
    ],
)
def test_a_patch_is_said_in_few_words(uploads: Uploads, client: FlaskClient, content: str, says: str) -> None:
    """What it changes, not where; the whole of it is below."""
    word = "Deployment" if "template" in content else "Service"
    page = client.get(uploads.stored(), query_string={"patch": f"{word}/default/web:{content}"}).text
    assert f"{word} default/web: {says}" in page
    assert f"kubectl -n default patch {word.lower()} web --type strategic" in page


def test_an_edit_that_takes_a_pod_away_drops_what_was_asked_of_it(uploads: Uploads, client: FlaskClient) -> None:
    """Its move and its failure, with a word about it."""
    asked = "replicas/Deployment/default/web=2&move=default/web-3:node-1&down=pod/default/web-3"
    location = client.get(f"{uploads.stored()}/edit?{asked}").headers["Location"]
    assert "replicas=Deployment/default/web:2" in location
    assert "&move=" not in location
    assert "dropped=move" in location


def test_what_is_shown_is_worked_out_once(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """A lost zone of a large cluster takes seconds: only clusters with other edits are asked beside the page's own."""

    def state_of_edited(cluster: Cluster, scenario: Scenario) -> State:
        assert cluster.options.edits != Edits()
        return state_at(cluster, scenario)

    monkeypatch.setattr(edits, "state_at", state_of_edited)
    for at in ("failed", "rescheduled"):
        for query in ("service=default/web&", ""):
            page = client.get(f"/t/sample-shop?{query}down=node/worker-2&at={at}&drawer=settings")
            assert page.status_code == 200
            assert "worker-2" in page.text
