"""The pages of lessons: the list, each step, what is covered until one has predicted, and a teacher's own."""

import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from tests.views.uploading import SETTINGS
from webapp.lessons import open_folder
from webapp.paths import resource_directory
from webapp.views import create_app

STEPS = [
    (slug, number)
    for slug, lesson in open_folder(resource_directory("samples") / "lessons").lessons.items()
    for number in range(1, len(lesson.steps) + 1)
]
ASKS = "/lessons/node-down?step=2"


def test_the_list_names_all_lessons(client: FlaskClient) -> None:
    """With their minutes, in order."""
    text = client.get("/lessons").text
    assert re.findall(r'href="/lessons/([a-z-]+)"', text) == [*dict.fromkeys(slug for slug, _ in STEPS)]
    assert "8 short lessons on NodePort, 21 minutes in all" in text


@pytest.mark.parametrize(("slug", "number"), STEPS)
def test_each_step_is_shown(client: FlaskClient, slug: str, number: int) -> None:
    """With its figures filled in, once it is answered; its map is there."""
    text = client.get(f"/lessons/{slug}?step={number}&chosen=1").text
    assert not re.search(r"\{(answered|lost)", text)
    found = re.search(r'<a href="(/t/[^"]+)">Open this on the map', text)
    if found:
        assert client.get(found[1].replace("&amp;", "&")).status_code == 200


def test_before_a_prediction_nothing_gives_the_answer_away(client: FlaskClient) -> None:
    """The picture is that before the failure; no reason, no mark, no link to the map with the failure."""
    text = client.get(ASKS).text
    assert 'class="dg"' in text
    for word in ("Degraded", "Right.", "because", "Kubernetes does not know yet", "at=failed", "lesson-choice ok"):
        assert word not in text, word


def test_a_picture_without_a_failure_is_covered(client: FlaskClient) -> None:
    """Any would tell it."""
    text = client.get("/lessons/policy-local?step=2").text
    assert 'class="dg"' not in text
    assert "Predict first." in text
    assert 'class="dg"' in client.get("/lessons/policy-local?step=2&chosen=1").text


def test_a_prediction_is_told_why_it_is_right_or_wrong(client: FlaskClient) -> None:
    """Each choice is."""
    wrong = client.get(f"{ASKS}&chosen=1").text
    assert "Your choice." in wrong
    assert "Not quite." in wrong
    assert wrong.count("Right.") == 1
    assert wrong.count('class="because"') == 3
    assert "Kubernetes does not know yet." in wrong
    right = client.get(f"{ASKS}&chosen=2").text
    assert "Your choice." not in right
    assert 'role="status">Right.' in right


@pytest.mark.parametrize(
    "words", ["step=0", "step=999", "step=x", "chosen=9", "chosen=x", "chosen=0", "chosen=²", "present=x"]
)
def test_any_words_show_a_step(client: FlaskClient, words: str) -> None:
    """As mistyped links do elsewhere."""
    assert client.get(f"/lessons/node-down?{words}").status_code == 200


def test_there_is_no_such_lesson(client: FlaskClient) -> None:
    """The page says so."""
    answer = client.get("/lessons/nothing")
    assert (answer.status_code, "There is no such lesson." in answer.text) == (404, True)


def test_a_lesson_is_downloaded_as_one_file(client: FlaskClient) -> None:
    """With a name of its own."""
    answer = client.get("/lessons/node-down.html")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="node-down.html"'
    assert "<h1>A node goes down</h1>" in answer.text
    assert client.get("/lessons/nothing.html").status_code == 404


def test_the_last_step_leads_to_the_next_lesson(client: FlaskClient) -> None:
    """And that of the last lesson to the list."""
    assert 'href="/lessons/any-node">Next lesson: Any node works' in client.get("/lessons/three-ports?step=3").text
    assert 'href="/lessons">All lessons' in client.get("/lessons/good-practice?step=5").text


def test_a_class_gets_the_link_of_a_step(client: FlaskClient) -> None:
    """As text and as a QR code; without what the teacher has chosen."""
    text = client.get(f"{ASKS}&chosen=1&present=1").text
    assert 'id="lesson-link">http://localhost/lessons/node-down?step=2</p>' in text.replace("<wbr>", "")
    assert 'aria-label="QR code of this step’s address"' in text
    assert 'href="/lessons/node-down?step=3&amp;present=1"' in text


def test_a_teacher_has_own_lessons(tmp_path: Path) -> None:
    """With manifests of their own, which are no sample of the gallery."""
    (tmp_path / "1-mine.yaml").write_text(
        "title: Mine\nabout: Of my own.\nminutes: 1\nmanifests: mine.yaml\n"
        "steps:\n  - {title: One, text: '{answered} of all.', show: 'nodes=4'}\n"
    )
    (tmp_path / "mine.yaml").write_bytes((resource_directory("samples") / "webapp-service.yaml").read_bytes())
    app = create_app({**SETTINGS, "LESSONS": str(tmp_path)})
    client = app.test_client()
    text = client.get("/lessons/mine").text
    assert re.search(r"<p>100.% of all\.</p>", text)
    assert "node-4:30080" in text
    assert client.get("/t/sample-lesson-mine?nodes=4").status_code == 200
    assert "mine.yaml" not in client.get("/").text
    app.extensions["nodefall"].store.close()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("title: A\nabout: B\nminutes: 1\nmanifests: gone.yaml\nsteps:\n  - {title: C, text: D}\n", "gone.yaml"),
        (
            "title: A\nabout: B\nminutes: 1\nmanifests: shop\nsteps:\n  - {title: C, text: D, show: 'down=node/x'}\n",
            "line 6",
        ),
    ],
)
def test_a_lesson_that_can_not_be_used_stops_the_start(tmp_path: Path, text: str, said: str) -> None:
    """With one line that says which and why."""
    (tmp_path / "1-a.yaml").write_text(text)
    with pytest.raises(ValueError, match=said):
        create_app({**SETTINGS, "LESSONS": str(tmp_path)})
