"""The page of an exercise: the question, what is printed, and what is said of each choice."""

import html
import re

import pytest
from flask.testing import FlaskClient

from tests.views.uploading import WEB, Uploads
from webapp.samples import SAMPLES
from webapp.views.learn import exercises

SHOP = "/t/sample-shop/exercises"


def choices(text: str) -> list[str]:
    """Return the kinds that can be chosen."""
    return re.findall(r'name="chosen" value="([^"]+)"', text)


def test_a_question_gives_nothing_away(client: FlaskClient) -> None:
    """Four choices, curl and kubectl; no reason, no picture, no hint, and its address doesn't name the cause."""
    text = client.get(f"{SHOP}?number=1").text
    assert "worker-1:30082 does not answer. Why?" in text
    assert len(choices(text)) == 4
    assert "Connection refused" in text
    assert "kubectl get endpointslices" in text
    for word in ("This is the cause", "diagram.svg?", "<strong>Hint.</strong>"):
        assert word not in text


def test_a_right_choice_is_said_and_shown(client: FlaskClient) -> None:
    """With the way of the connection and the map of the state."""
    text = client.get(f"{SHOP}?number=1&chosen=selector").text
    assert re.search(r"Right\. The Service’s selector matches no pod", text)
    assert "no pod matches its selector (app=admn)" in text
    picture = re.search(r'src="([^"]+diagram.svg[^"]+)"', text)
    assert picture is not None
    assert client.get(picture[1].replace("&amp;", "&")).status_code == 200
    assert "Next exercise" in text


def test_a_wrong_choice_is_told_why(client: FlaskClient) -> None:
    """And which one is right."""
    text = client.get(f"{SHOP}?number=1&chosen=not-ready").text
    assert "Not quite." in text
    assert "Your choice." in text
    assert "No: kubectl get pods shows them ready." in text
    assert text.count("This is the cause.") == 1


def test_a_hint_is_shown_when_asked(client: FlaskClient) -> None:
    """The choice is still open."""
    text = client.get(f"{SHOP}?number=1&hint=shown").text
    assert "<strong>Hint.</strong>" in text
    assert "This is the cause" not in text


@pytest.mark.parametrize("number", ["0", "999", "x", ""])
def test_any_number_is_an_exercise(client: FlaskClient, number: str) -> None:
    """The first, or the last."""
    assert client.get(f"{SHOP}?number={number}").status_code == 200


@pytest.mark.parametrize("slug", [sample.slug for sample in SAMPLES])
def test_each_exercise_of_each_sample_has_a_page(client: FlaskClient, slug: str) -> None:
    """Before and after each choice of the first and the last."""
    text = client.get(f"/t/sample-{slug}/exercises").text
    count = int(re.search(r"Exercise 1 of (\d+)", text)[1])  # type: ignore[index]
    for number in (1, count):
        page = client.get(f"/t/sample-{slug}/exercises?number={number}").text
        told = [client.get(f"/t/sample-{slug}/exercises?number={number}&chosen={kind}").text for kind in choices(page)]
        assert sum("Right." in each for each in told) == 1
        assert all(each.count("This is the cause.") == 1 for each in told)


def test_a_service_alone_has_exercises(uploads: Uploads, client: FlaskClient) -> None:
    """With the pods that its map assumes."""
    stored = uploads.stored(WEB.partition("---")[0])
    assert "does not answer. Why?" in client.get(f"{stored}/exercises").text


def test_a_set_in_which_nothing_answers_has_none(uploads: Uploads, client: FlaskClient) -> None:
    """It says so, and leads to a sample."""
    stored = uploads.stored("apiVersion: v1\nkind: Node\nmetadata: {name: a}\n")
    text = client.get(f"{stored}/exercises").text
    assert "Nothing here can be broken" in text
    assert "/t/sample-shop/exercises" in text


def test_a_very_large_set_has_none(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each kind would build it again."""
    monkeypatch.setattr(exercises, "MOST_OBJECTS", 5)
    assert "Too large for exercises" in client.get(SHOP).text


def sent(client: FlaskClient, number: int, chosen: str, old: str, new: str) -> str:
    """Return what comes of a fix: the text of the page, with something changed in it."""
    address = f"{SHOP}?number={number}&chosen={chosen}"
    text = html.unescape(
        client.get(address).text.partition('id="mend-text"')[2].partition(">")[2].partition("</textarea>")[0]
    )
    assert old in text
    return client.post(address, data={"text": text.replace(old, new)}).text


def test_a_fix_is_right_where_every_address_answers(client: FlaskClient) -> None:
    """Whatever the text: here the pods' label is followed."""
    assert "Right: 4 addresses answer." in sent(client, 1, "selector", "app: admn", "app: admin")


def test_a_fix_that_mends_nothing_is_told_what_still_fails(client: FlaskClient) -> None:
    """With the reason, of the text as it is now."""
    text = sent(client, 1, "selector", "app: admn", "app: adm")
    assert "Not yet: 4 of 4 still fail." in text
    assert "no pod matches its selector (app=adm)" in text
    assert "app: adm\n" in text


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("kind: Service", "kind: [", "Line "),
        ("kind: Service", "kind: Secret", "Only these kinds can be changed here"),
        ("kind: Service", "kind: Node", "Only these kinds can be changed here"),
    ],
)
def test_a_fix_that_can_not_be_read_is_told_why(client: FlaskClient, old: str, new: str, said: str) -> None:
    """The text stays."""
    text = sent(client, 1, "selector", old, new)
    assert "Not tried." in text
    assert said in text


def test_a_fix_is_asked_for_only_where_a_manifest_mends_it(client: FlaskClient) -> None:
    """And only once the cause is known."""
    assert 'id="mend"' not in client.get(f"{SHOP}?number=1").text
    pages = [
        client.get(f"{SHOP}?number={number}&chosen={kind}").text
        for number, kind in ((1, "selector"), (15, "node-down"))
    ]
    assert [('id="mend"' in page) for page in pages] == [True, False]


@pytest.mark.parametrize(
    "text", ["", "\0", "{" * 100_000, "a: &a [*a]", "---\n" * 5_000, "kind: Service\nmetadata: {name: \u0430}\n"]
)
def test_hostile_fixes_are_answered(client: FlaskClient, text: str) -> None:
    """None is right, and none is an error of the server."""
    response = client.post(f"{SHOP}?number=1&chosen=selector", data={"text": text})
    assert response.status_code == 200
    assert "Right: 4" not in response.text
