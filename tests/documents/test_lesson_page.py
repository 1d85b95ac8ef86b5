"""A lesson as one file: all of it is there, nothing is fetched, and what is to be predicted is folded."""

import re
from base64 import b64decode

import pytest

from webapp.documents.lesson_page import lesson_page
from webapp.lessons import open_lessons

LESSONS = open_lessons()


@pytest.mark.parametrize("slug", LESSONS.lessons)
def test_a_file_has_all_steps_and_fetches_nothing(slug: str) -> None:
    """Its pictures are in it; the only addresses are those of sources, which a reader may follow."""
    lesson = LESSONS.lessons[slug]
    page = lesson_page(lesson, LESSONS.figures(slug))
    assert page.count("<section ") == len(lesson.steps)
    assert set(re.findall(r'(?:src|href)="([^"#]{1,12})', page)) <= {"data:image/s", "https://kube"}
    assert page.count('rel="noreferrer"') == len(re.findall('href="https:', page))
    assert not re.search(r"\{(answered|lost)", page)
    pictures = [b64decode(found) for found in re.findall(r"base64,([A-Za-z0-9+/=]+)", page)]
    assert len(pictures) >= len(lesson.steps)
    assert all(picture.startswith(b"<svg") for picture in pictures)


def test_a_question_comes_with_the_picture_before_its_failure() -> None:
    """What happens then is folded, with each choice's reason."""
    page = lesson_page(LESSONS.lessons["node-down"], LESSONS.figures("node-down"))
    step = re.findall("<section.*?</section>", page, re.DOTALL)[1]
    before, folded = step.split("Then see what happens")
    shown = [b64decode(found).decode() for found in re.findall("base64,([A-Za-z0-9+/=]+)", before)]
    assert len(shown) == 1
    assert "Degraded" not in shown[0]
    assert before.count("<summary>") == 3 + 1
    assert "Kubernetes does not know yet" in folded
    assert "Kubernetes does not know yet" not in before


def test_a_state_without_a_failure_is_not_shown_before_its_answer() -> None:
    """Its picture would tell it."""
    page = lesson_page(LESSONS.lessons["policy-local"], LESSONS.figures("policy-local"))
    step = re.findall("<section.*?</section>", page, re.DOTALL)[1]
    assert "base64" not in step.split("Then see what happens")[0]
