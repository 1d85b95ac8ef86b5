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
    """Four choices, curl, kubectl and the picture; no reason, no hint, no mark, and no address names the cause."""
    text = client.get(f"{SHOP}?number=1").text
    assert "worker-1:30082 does not answer. Why?" in text
    assert len(choices(text)) == 4
    assert "Connection refused" in text
    assert "kubectl get endpointslices" in text
    assert '<svg class="dg"' in text
    for word in ("This is the cause", "patch=", "Hint 1", "data-lines", "matches its selector", "no pod matches"):
        assert word not in text


def test_a_picture_does_not_say_what_a_policy_does_before(client: FlaskClient) -> None:
    """That a node has no pod is seen; that its policy drops packets is the answer."""
    listed = client.get(f"{SHOP}?list=causes").text
    claims = re.findall(r'<span class="exercise-claim">([^<]+)</span>', listed)
    number = 1 + next(at for at, claim in enumerate(claims) if "externalTrafficPolicy is Local" in claim)
    asked = client.get(f"{SHOP}?number={number}").text
    told = client.get(f"{SHOP}?number={number}&chosen={choices(asked)[0]}").text
    said = ("Policy Local: packets dropped.", ">dropped<")
    assert [word in asked for word in said] == [False, False]
    assert "No pod of this service here." in asked
    assert said[0] in told


@pytest.mark.parametrize("number", range(1, 18))
def test_no_exercise_says_its_cause_before(client: FlaskClient, number: int) -> None:
    """Neither in a word of an address nor as the reason that a map would say; title and preview know the number."""
    listed = client.get(f"{SHOP}?list=causes").text
    claim = re.findall(r'<span class="exercise-claim">([^<]+)</span>', listed)[number - 1]
    text = client.get(f"{SHOP}?number={number}").text
    head, _, body = text.partition("</head>")
    assert claim not in head
    assert body.count(claim) == 1
    assert f"<title>Exercise {number} · " in head
    sure = [html.unescape(its) for its in re.findall(r'(?:href|src|action|data-[a-z-]+)="([^"]*)"', text)]
    words = ("patch", "policy=", "down=", "taint=", "move=", "replicas=", "nodeport-addresses", "chosen=")
    assert [its for its in sure if any(word in its for word in words)] == []
    told = client.get(f"{SHOP}?number={number}&chosen={choices(text)[0]}").text
    reasons = re.findall(r"ends here:</span></span> <span>(.*?)</span></li>", told)
    assert len(reasons) == 1
    assert reasons[0] not in body.replace(claim, "")


def test_a_right_choice_is_said_and_shown(client: FlaskClient) -> None:
    """With the way of the connection, its reason in the picture, and the map of the state."""
    text = client.get(f"{SHOP}?number=1&chosen=selector").text
    assert re.search(r"Right\. The Service’s selector matches no pod", text)
    assert "no pod matches its selector (app=admn)" in text
    assert "no endpoint: no pod matches its selector" in text
    address = re.search(r'href="([^"]+)">Open the broken state', text)
    assert address is not None
    assert client.get(html.unescape(address[1])).status_code == 200
    assert "Another one" in text
    assert 'data-result="solved"' in text


def test_a_wrong_choice_is_told_why(client: FlaskClient) -> None:
    """And which one is right."""
    text = client.get(f"{SHOP}?number=1&chosen=not-ready").text
    assert "Not quite." in text
    assert "Your choice." in text
    assert "No: kubectl get pods shows them ready." in text
    assert text.count("This is the cause.") == 1


def test_hints_come_one_after_another(client: FlaskClient) -> None:
    """The choice is still open; from the second on the faulty line is marked, and said in words."""
    for hints in (1, 2, 3):
        text = client.get(f"{SHOP}?number=1&hint={hints}").text
        assert re.findall(r"Hint (\d) of 3", text) == [str(each) for each in range(1, hints + 1)]
        assert ('data-lines="9"' in text) == (hints > 1)
        assert ("In the file: line 9." in text) == (hints > 1)
        assert ('id="exercise-hint"' in text) == (hints < 3)
        assert "This is the cause" not in text
    assert 'data-result="hinted"' in client.get(f"{SHOP}?number=1&hint=1&chosen=selector").text


def test_a_hint_keeps_the_text(client: FlaskClient) -> None:
    """And marks the faulty line where it is now; one that was changed is marked no more."""
    text = "# mine\n" + edited_text(client, 1)
    asked = client.post(f"{SHOP}?number=1", data={"text": text, "hint": ["1", "2"]}).text
    assert "# mine" in asked
    assert 'data-lines="10"' in asked
    changed = client.post(f"{SHOP}?number=1", data={"text": text.replace("app: admn", "app: x"), "hint": "2"}).text
    assert "data-lines" not in changed


def test_any_address_can_be_asked(client: FlaskClient) -> None:
    """Of what is broken, or of what the text has made."""
    assert "Hello from web-7c9d-4xk2p" in client.get(f"{SHOP}?number=1&probe=worker-2:30080").text
    assert "Could not resolve host: nobody" in client.get(f"{SHOP}?number=1&probe=nobody:1").text
    text = edited_text(client, 1).replace("nodePort: 30080", "nodePort: 30088")
    data = {"text": text, "do": "probe", "probe": "worker-2:30080"}
    answer = client.post(f"{SHOP}?number=1", data=data).text
    assert "Failed to connect to worker-2 port 30080" in answer
    assert "still fail" not in answer


def test_what_follows_the_editor_is_sent_alone(client: FlaskClient) -> None:
    """Picture, curl and kubectl of the text; of one that can't be read, why, beside what was seen before."""
    text = edited_text(client, 1)
    address = f"{SHOP}/follow?number=1"
    healed = client.post(address, data={"text": text.replace("app: admn", "app: admin")}).text
    assert "<html" not in healed
    assert healed.count("Hello from admin-") == 4
    assert "3 ready endpoints" in healed or "1 of 3 pods" in healed
    assert "app=admin" in healed
    broken = client.post(address, data={"text": text.replace("kind: Service", "kind: [")}).text
    assert 'data-trouble="Line ' in broken
    assert "Connection refused" in broken


def test_the_list_covers_causes(client: FlaskClient) -> None:
    """From simple to hard; for teachers there is one with causes."""
    text = client.get(f"{SHOP}?list=all").text
    assert re.findall("<h2>(.*?)</h2>", text) == ["Simple", "Medium", "Hard"]
    assert text.count('class="exercise-item"') == 17
    assert "selector matches no pod" not in text
    assert "selector matches no pod" in client.get(f"{SHOP}?list=causes").text


def test_an_exercise_has_a_qr_code(client: FlaskClient) -> None:
    """Of its own address."""
    first, second = (client.get(f"{SHOP}/qr.svg?number={number}") for number in (1, 2))
    assert first.mimetype == "image/svg+xml"
    assert first.data != second.data


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


def edited_text(client: FlaskClient, number: int) -> str:
    """Return what stands in the editor."""
    page = client.get(f"{SHOP}?number={number}").text
    return html.unescape(page.partition('id="fix-text"')[2].partition(">")[2].partition("</textarea>")[0])


def sent(client: FlaskClient, number: int, old: str, new: str, chosen: str = "") -> str:
    """Return what comes of a fix: the text of the page, with something changed in it."""
    text = edited_text(client, number)
    assert old in text
    address = f"{SHOP}?number={number}" + (f"&chosen={chosen}" if chosen else "")
    return client.post(address, data={"text": text.replace(old, new), "do": "check"}).text


def test_a_fix_is_right_where_every_address_answers(client: FlaskClient) -> None:
    """Without a cause chosen before; it is told then, and the picture shows what answers."""
    text = sent(client, 1, "app: admn", "app: admin")
    assert "Right: 4 addresses answer." in text
    assert "Fixed. It was this: The Service’s selector matches no pod." in text
    assert 'data-result="solved"' in text
    assert "worker-1:30082: Healthy 100" in text


def test_a_fix_that_breaks_something_else_is_told(client: FlaskClient) -> None:
    """With what answered before."""
    text = edited_text(client, 1).replace("app: admn", "app: admin").replace("app: web\n", "app: none\n", 1)
    answer = client.post(f"{SHOP}?number=1", data={"text": text, "do": "check"}).text
    assert "something else no longer does" in answer
    assert "default/web:" in answer
    assert 'data-result=""' in answer


def test_a_fix_that_mends_nothing_is_told_what_still_fails(client: FlaskClient) -> None:
    """With the reason, of the text as it is now."""
    text = sent(client, 1, "app: admn", "app: adm", chosen="selector")
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
    text = sent(client, 1, old, new)
    assert "Not tried." in text
    assert said in text


def test_a_fix_that_mends_nothing_does_not_tell_the_cause(client: FlaskClient) -> None:
    """While it is still open."""
    text = sent(client, 1, "app: admn", "app: adm")
    assert "Not yet: 4 of 4 still fail." in text
    assert "matches its selector" not in text
    assert "This is the cause" not in text


def test_what_no_manifest_heals_says_what_does(client: FlaskClient) -> None:
    """Once the cause is known: that there is nothing to edit would tell it."""
    assert "What heals it" not in client.get(f"{SHOP}?number=3").text
    assert 'id="fix-text"' in client.get(f"{SHOP}?number=3").text
    assert "What heals it:</strong> Start the node again" in client.get(f"{SHOP}?number=3&chosen=node-down").text


@pytest.mark.parametrize(
    "text", ["", "\0", "{" * 100_000, "a: &a [*a]", "---\n" * 5_000, "kind: Service\nmetadata: {name: \u0430}\n"]
)
def test_hostile_fixes_are_answered(client: FlaskClient, text: str) -> None:
    """None is right, and none is an error of the server."""
    response = client.post(f"{SHOP}?number=1&chosen=selector", data={"text": text, "do": "check"})
    assert response.status_code == 200
    assert "Right: 4" not in response.text
