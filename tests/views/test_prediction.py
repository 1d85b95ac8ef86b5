"""Predict, then reveal: nothing of a failure's result is sent before each question has a choice."""

import re
from html import unescape

import pytest
from flask.testing import FlaskClient

CLUSTER = "/t/sample-shop?down=node/worker-2&at=failed"
WEB = "/t/sample-shop?service=default/web&down=node/worker-2&at=failed"
CHOSEN = "&predict=1&which=1&how-much=1&until=1"
FRAGMENT = {"HX-Request": "true", "HX-Request-Type": "partial"}


def text_of(client: FlaskClient, path: str, headers: dict[str, str] | None = None) -> str:
    """Return a page with its entities as characters, without places to break names at."""
    answer = client.get(path, headers=headers)
    assert answer.status_code == 200
    return unescape(answer.text).replace("<wbr>", "").replace("\u202f", " ")


def links(text: str) -> list[str]:
    """Return where the links to states lead."""
    return re.findall(r'href="(/t/[^"]*)"', text)


@pytest.mark.parametrize("headers", [{}, FRAGMENT], ids=["a page", "a fragment"])
@pytest.mark.parametrize("path", [WEB, CLUSTER, WEB.replace("&at", "&via=lb&at"), f"{WEB}&present=1"])
def test_nothing_of_the_result_is_sent_before_each_question_has_a_choice(
    client: FlaskClient, path: str, headers: dict[str, str]
) -> None:
    """The picture is that before the failure; no reason, no mark, no sentence, no verdict."""
    text = text_of(client, f"{path}&predict=1", headers)
    assert text.count("<fieldset>") == 3
    assert 'role="group" aria-label' in text
    for word in (
        "Degraded", "Unavailable", "degraded", "Right.", 'class="because"', "lesson-choice ok", "lesson-choice bad",
        "still listed", "nothing answers", "is-down", "data-said", "og:description", 'id="verdict', "answers every",
    ):  # fmt: skip
        assert word not in text, word


def test_the_title_says_what_fails_and_not_what_comes_of_it(client: FlaskClient) -> None:
    """Then how many choices are right."""
    title = re.compile("<title>(.*?) · Two pods")
    assert re.findall(title, text_of(client, f"{WEB}&predict=1")) == ["Predict: worker-2 is down"]
    assert re.findall(title, text_of(client, WEB + CHOSEN)) == ["1 of 3 right: worker-2 is down"]


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("kube-proxy/worker-2", "worker-2 has failed"),
        ("partition/worker-2", "worker-2 is partitioned"),
        ("control-plane", "Control plane is down"),
    ],
)
def test_what_fails_is_said_with_its_verb(client: FlaskClient, word: str, said: str) -> None:
    """As on the map of the cluster."""
    assert f"<title>Predict: {said} · " in text_of(client, f"/t/sample-shop?down={word}&at=failed&predict=1")


def test_a_chat_that_shows_a_public_link_does_not_tell_either(client: FlaskClient) -> None:
    """Its preview is that of the map."""
    shared = client.post(f"{WEB.replace('?', '/share?', 1)}", data={"findable": "public", "title": "A node"})
    view = re.search(r"shared=([\w-]+)", shared.headers["Location"])
    assert view is not None
    assert "og:description" in client.get(f"{WEB}&shared={view[1]}").text
    assert "og:" not in text_of(client, f"{WEB}&shared={view[1]}&predict=1").replace("og:site_name", "")


def test_with_a_choice_for_each_question_the_picture_shows_it_and_says_why(client: FlaskClient) -> None:
    """Each choice has its reason; the verdict stands above them."""
    text = text_of(client, WEB + CHOSEN)
    assert text.count('class="because"') == 12
    assert text.count("Right.") == 3
    assert text.count("Your choice.") == 2
    assert "75 % × 50 % = 37.5 %." in text
    assert "37.5 % of new connections to default/web:80 are answered" in text
    assert "Degraded" in text


def test_the_services_of_a_cluster_are_asked_about(client: FlaskClient) -> None:
    """Which of them, how much the worst, until when."""
    text = text_of(client, CLUSTER + CHOSEN)
    assert re.findall("<legend><strong>(.*?)</strong>", text) == [
        "Which services lose connections?",
        "What share of new connections does the service that is hit most still answer?",
        "Until when are new connections lost?",
    ]
    assert "That is web. 3 of 4 node IPs are up, 75 %; of the connections to these 50 % are answered" in text
    assert 'role="status"><strong>2 of 3 right.' in text


def test_as_long_as_one_question_has_no_choice_all_stays_covered(client: FlaskClient) -> None:
    """What was chosen stays chosen."""
    text = text_of(client, f"{WEB}&predict=1&which=2&until=3")
    assert "Choose an answer to each question" in text
    assert "Right." not in text
    assert re.findall(r'name="([\w-]+)" value="(\d)" required checked', text) == [("which", "2"), ("until", "3")]


@pytest.mark.parametrize("word", ["0", "9", "x", "²", "1x", "-1"])
def test_a_choice_that_is_not_there_is_none(client: FlaskClient, word: str) -> None:
    """As mistyped links do elsewhere."""
    text = text_of(client, f"{WEB}&predict=1&which={word}&how-much=1&until=1")
    assert "Choose an answer to each question" in text


def test_the_form_keeps_the_state(client: FlaskClient) -> None:
    """And none of the choices twice."""
    form = re.search(r'<form method="get" action="([^"]*)" id="lesson-form">(.*?)<fieldset>', text_of(
        client, f"{WEB}&via=lb&present=1&predict=1&which=1"), re.DOTALL)  # fmt: skip
    assert form is not None
    assert form[1] == "/t/sample-shop"
    assert dict(re.findall(r'name="([^"]*)" value="([^"]*)"', form[2])) == {
        "down": "node/worker-2",
        "at": "failed",
        "via": "lb",
        "service": "default/web",
        "present": "1",
        "predict": "1",
    }


def test_a_click_on_the_covered_picture_asks_about_another_failure(client: FlaskClient) -> None:
    """The result is one link away, and says so."""
    found = links(text_of(client, f"{WEB}&predict=1"))
    assert len(found) > 8
    assert [link for link in found if "predict=1" not in link] == [WEB] * 2


def test_the_next_time_of_the_failure_is_covered_again(client: FlaskClient) -> None:
    """Until the last one."""
    text = text_of(client, WEB + CHOSEN)
    following = re.search(r'id="lesson-next"[^>]*href="([^"]*)"', text)
    assert following is not None
    assert following[1] == "/t/sample-shop?service=default/web&down=node/worker-2&predict=1"
    last = WEB.replace("failed", "rescheduled") + CHOSEN
    assert 'id="lesson-next"' not in text_of(client, last)


def test_before_the_failure_the_first_time_is_asked_about(client: FlaskClient) -> None:
    """Before, nothing is lost for sure."""
    text = text_of(client, f"{WEB.replace('failed', 'before')}&predict=1")
    assert "Just failed" in text


@pytest.mark.parametrize(
    "path",
    [
        "/t/sample-shop?predict=1",
        "/t/sample-shop?service=default/web&predict=1",
        "/t/sample-statefulset?service=default/db-headless&down=node/node-1&at=failed&predict=1",
    ],
    ids=["nothing fails", "nothing fails at a service", "nobody connects"],
)
def test_where_there_is_nothing_to_predict_the_map_is_shown(client: FlaskClient, path: str) -> None:
    """Not an empty page of questions."""
    answer = client.get(path)
    assert "lesson-form" not in answer.text


def test_the_map_of_a_failure_leads_to_its_prediction(client: FlaskClient) -> None:
    """And with nothing down there is none."""
    assert f'id="predict" href="{CLUSTER}&predict=1"' in text_of(client, CLUSTER)
    assert f'id="predict" href="{WEB}&predict=1"' in text_of(client, WEB)
    assert 'id="predict"' not in text_of(client, "/t/sample-shop")


def test_a_class_gets_the_link_of_the_question(client: FlaskClient) -> None:
    """Without what the teacher has chosen, and not large."""
    text = text_of(client, f"{WEB}&present=1&predict=1&which=1")
    assert f'href="http://localhost{WEB}&predict=1">Link to this question' in text
    assert "QR code" in text
