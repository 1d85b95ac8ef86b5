"""A Service alone on the page: assumed pods, how many, and the upload as it stands."""

import html
import io
import re

import pytest
import yaml
from flask.testing import FlaskClient

from tests.views.test_explorer import hrefs, words
from tests.views.uploading import WEB, Uploads

ALONE, DEPLOYMENT = WEB.split("---\n")


@pytest.fixture
def alone(uploads: Uploads) -> str:
    """Upload the Service without its Deployment, and return the path of its map."""
    return uploads.stored(ALONE)


def test_a_service_alone_is_drawn_with_three_assumed_pods(client: FlaskClient, alone: str) -> None:
    """All answered, and the page says what that depends on."""
    markup = client.get(alone).text
    text = words(markup)
    assert "Every new connection to default/web:80 is answered with 3 assumed pods" in text
    assert "The pods of default/web are not in the upload: 3 pods are assumed." in text
    assert "With 3 assumed pods: default/web:80 answers every new connection." in markup
    assert "3 pods (3 assumed)" in text


@pytest.mark.parametrize(
    ("query", "said"),
    [
        pytest.param("?down=node/node-2&at=failed", "44.44", id="a node just failed"),
        pytest.param("?down=pod/default/web-1&at=failed", "66.67", id="a pod vanished"),
        pytest.param("?pods=1&down=node/node-1&at=failed", "0", id="the node of the only pod failed"),
        pytest.param("?pods=0", "0", id="the upload as it stands"),
    ],
)
def test_there_is_something_to_take_down(client: FlaskClient, alone: str, query: str, said: str) -> None:
    """Failures end assumed pods as they would others."""
    assert re.search(rf'id="verdict-number">{said}\s*%<', client.get(alone + query).text)


def test_steppers_lead_to_one_more_and_one_fewer(client: FlaskClient, alone: str) -> None:
    """They are links; what happened to a pod that vanishes is left out, three is the page's own number."""
    links = hrefs(client.get(f"{alone}?down=pod/default/web-3&down=node/node-1").text)
    assert f"{alone}?down=node/node-1&pods=2" in links
    assert f"{alone}?down=node/node-1&down=pod/default/web-3&pods=4" in links
    assert alone in hrefs(client.get(f"{alone}?pods=2").text)
    assert f"{alone}?pods=0" in hrefs(client.get(f"{alone}?pods=1").text)


def test_the_upload_as_it_stands_is_one_link_away(client: FlaskClient, alone: str) -> None:
    """And from there the assumed pods are."""
    assert f"{alone}?pods=0" in hrefs(client.get(alone).text)
    strict = client.get(f"{alone}?pods=0").text
    assert "Without assumed pods, no pod is behind default/web." in words(strict)
    assert alone in hrefs(strict)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(WEB, id="the Deployment is there"),
        pytest.param(ALONE + "---\n" + DEPLOYMENT.replace("app: web", "app: wbe"), id="a typo"),
        pytest.param(ALONE.replace("selector: {app: web}", "sessionAffinity: None"), id="no selector"),
        pytest.param(ALONE.replace("30080", "80"), id="rejected"),
    ],
)
@pytest.mark.parametrize("query", ["", "?pods=0"])
def test_no_pod_is_offered_where_none_could_be_assumed(
    client: FlaskClient, uploads: Uploads, text: str, query: str
) -> None:
    """The page shows no stepper for pods that would change nothing."""
    assert "pods-assumed" not in client.get(uploads.stored(text) + query).text


def test_findings_speak_of_assumed_pods_as_assumed(client: FlaskClient, alone: str) -> None:
    """One note: a Service that nothing matches is no error while pods are drawn behind it."""
    text = words(client.get(f"{alone}/findings").text)
    assert "1 note" in text
    assert "has these labels in its namespace, so 3 pods are assumed." in text


def test_resilience_and_services_count_what_is_drawn(client: FlaskClient, alone: str) -> None:
    """Three pods survive the loss of a node, one does not."""
    assert "3 assumed pods" in words(client.get(f"{alone}/resilience").text)
    assert "Survives any node with the current placement" in words(client.get(f"{alone}/resilience").text)
    assert "Survives any node" not in words(client.get(f"{alone}/resilience?pods=1").text)
    assert "1 assumed pod on node-1" in client.get(f"{alone}/services").text


def test_all_under_one_address_starts_from_three_and_the_api_from_none(client: FlaskClient, alone: str) -> None:
    """A link without the word shows the picture of the page that it was copied from."""
    answered = [
        client.get(f"{alone}/simulation.json{query}").json["services"][0]["ports"][0]["answered"]["dns"]
        for query in ("", "?pods=3", "?pods=0")
    ]
    assert answered == [1.0, 1.0, 0.0]
    for query, share in (("", 0.0), ("?pods=3", 1.0)):
        sent = {"files": (io.BytesIO(ALONE.encode()), "web.yaml")}
        document = client.post(f"/api/v1/simulate{query}", data=sent, content_type="multipart/form-data").json
        assert document["services"][0]["ports"][0]["answered"]["dns"] == share


def test_a_number_that_cannot_be_is_answered_with_the_range(client: FlaskClient, alone: str) -> None:
    """Neither less than none nor so many that one service costs without bound."""
    for wrong in ("-1", "101", "many", "9" * 400):
        response = client.get(f"{alone}?pods={wrong}")
        assert response.status_code == 400
        assert "pods is a number from 0 to 100" in response.text


def test_the_settings_keep_and_change_the_number(client: FlaskClient, alone: str) -> None:
    """The form has it, and each word stands in the address once."""
    assert 'name="pods"' in client.get(f"{alone}?pods=2").text
    there = client.get(f"{alone}/settings?pods=5&proxy-mode=nftables").headers["Location"]
    assert there == f"{alone}?pods=5&proxy-mode=nftables"


def test_two_sets_are_compared_with_the_number_that_the_address_names(
    client: FlaskClient, uploads: Uploads, alone: str
) -> None:
    """With three the same as a Deployment of three; without, everything gets better; links keep the word."""
    whole = uploads.stored(WEB)
    url = f"/compare/{alone.rpartition('/')[2]}/{whole.rpartition('/')[2]}"
    assert "Clients from outside get the same as before" in words(client.get(url).text)
    strict = client.get(f"{url}?pods=0").text
    assert "default/web gets better" in words(strict)
    assert f"{url}/comparison.json?pods=0" in hrefs(strict)


def test_a_service_alone_shows_what_was_read_what_was_not_and_the_file_as_it_stands(
    client: FlaskClient, alone: str
) -> None:
    """The YAML is written from what is kept; the strict truth is one link away."""
    text = html.unescape(client.get(alone).text)
    seed = text[text.index('id="seed"') :]
    assert "spec:\n  type: NodePort\n  selector:\n    app: web\n  ports:\n  - port: 80\n    targetPort: 8080" in seed
    assert "3 nodes" in seed
    strict = re.search(r'href="([^"]+)">Show that instead', seed)
    assert strict is not None
    assert "Assume some pods" in client.get(strict[1]).text


def test_assumed_pods_can_be_placed_on_one_node_and_spread_again(client: FlaskClient, alone: str) -> None:
    """A link each, without a script; one failure then takes all of them."""
    (one,) = re.findall(r'id="placed-2" href="([^"]+)"', html.unescape(client.get(alone).text))
    moved = html.unescape(client.get(one, follow_redirects=True).text)
    assert len(re.findall(r"Undo: Pod default/web-\d on node-1", moved)) == 2
    (spread,) = re.findall(r'id="placed-1" href="([^"]+)"', moved)
    assert spread == alone


def test_one_pod_or_node_fewer_takes_the_edits_of_it_along(client: FlaskClient, alone: str) -> None:
    """The steppers lead to states that are there."""
    text = html.unescape(client.get(f"{alone}?move=default/web-3:node-3&cordon=node-3&taint=node-3:a:NoSchedule").text)
    for step in ("pods-fewer", "nodes-fewer"):
        (link,) = re.findall(rf'id="{step}" href="([^"]+)"', text)
        assert (step, client.get(link).status_code) == (step, 200)


def test_one_more_node_or_pod_says_what_it_would_give(client: FlaskClient, alone: str) -> None:
    """If the worst node failed; the numbers are those of the state that each leads to."""
    markup = client.get(alone).text.replace("\N{NARROW NO-BREAK SPACE}", " ")
    bar = words(re.findall(r'<section class="assuming".*?</section>', markup, re.DOTALL)[0])
    assert "4 → would give 50 %" in bar
    assert "4 → would give 33.33 %" in bar
    assert "if node-1 fails, 44.44 % as it is" in bar
    for query, share in (("nodes=4", 0.5), ("pods=4", 1 / 3)):
        failed = client.get(f"{alone}/simulation.json?{query}&down=node/node-1&at=failed").json
        assert failed["services"][0]["ports"][0]["answered"]["dns"] == pytest.approx(share)


def test_a_lane_below_the_last_one_adds_a_node(client: FlaskClient, alone: str) -> None:
    """Where nodes are counted; in no file, and not where Nodes were uploaded."""
    (link,) = re.findall(r'id="add-node"[^>]*href="([^"]+)"', client.get(alone).text) or re.findall(
        r'href="([^"]+)"[^>]*id="add-node"', client.get(alone).text
    )
    assert link == f"{alone}?nodes=4"
    assert "Add a node" not in client.get(f"{alone}/diagram.svg").text
    assert 'id="add-node"' not in client.get("/t/sample-shop?service=default/web").text
    assert 'id="add-node"' not in client.get(f"{alone}?nodes=50").text


def test_what_is_shown_of_the_file_is_what_was_kept_of_it(client: FlaskClient, uploads: Uploads) -> None:
    """Read again it is the same Service; what is not kept, such as a comment, is not shown."""
    text = ALONE.replace(
        "type: NodePort", "type: NodePort\n  externalTrafficPolicy: Local\n  sessionAffinity: ClientIP  # why"
    )
    markup = client.get(uploads.stored(text)).text
    shown = html.unescape(re.findall(r'<pre class="remedy"[^>]*as it was read">(.*?)</pre>', markup, re.DOTALL)[0])
    assert yaml.load(shown, yaml.CSafeLoader) == yaml.load(text, yaml.CSafeLoader)
    assert "why" not in shown
