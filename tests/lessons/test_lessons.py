"""Lessons from files: what they say is true of their manifests, and what is wrong with one is told by line."""

from pathlib import Path

import pytest

from webapp.cluster.options import ClusterOptions, Edits
from webapp.lessons import FigureError, Lesson, LessonError, LessonStep, check, open_folder, read_lesson
from webapp.paths import resource_directory

SHIPPED = open_folder(resource_directory("samples") / "lessons")
GOOD = """title: A lesson
about: It teaches.
minutes: 1
manifests: shop
steps:
  - title: One
    text: Sentences.
  - title: Two
    text: More.
    show: service=default/web
    ask:
      question: Which?
      choices:
        - {answer: This, because: It is., right: true}
        - {answer: That, because: It is not.}
"""


def test_eight_lessons_of_two_or_three_minutes_are_shipped() -> None:
    """In the order of the course."""
    assert [*SHIPPED.lessons] == [
        "three-ports",
        "any-node",
        "random",
        "node-down",
        "addresses",
        "policy-local",
        "allocation",
        "good-practice",
    ]
    assert {lesson.minutes for lesson in SHIPPED.lessons.values()} == {2, 3}
    assert all(
        lesson.about.endswith(".") and any(step.ask for step in lesson.steps) for lesson in SHIPPED.lessons.values()
    )
    # A claim about Kubernetes has its source.
    assert all(any(step.sources for step in lesson.steps) for lesson in SHIPPED.lessons.values())


def test_states_and_figures_of_all_shipped_lessons_are_those_of_their_samples() -> None:
    """Nobody could see a wrong one otherwise."""
    check(SHIPPED)


# What the sentences say in words, held against the model: (lesson, words of a state, what is answered).
CLAIMS = [
    ("any-node", "replicas=Deployment/default/webapp:1&via=node/node-3", "100 %"),
    ("node-down", "down=node/node-2&at=failed&via=lb", "66.67 %"),
    ("node-down", "down=node/node-2&at=detected&via=lb", "100 %"),
    ("addresses", "down=node/node-2&at=detected&via=node/node-2", "0 %"),
    ("addresses", "down=node/node-2&at=detected", "66.67 %"),
    ("policy-local", "via=node/node-2", "0 %"),
    ("policy-local", "down=node/node-1&at=failed&via=lb", "100 %"),
    ("good-practice", "service=default/web&down=node/worker-2&at=failed&via=lb", "50 %"),
]


@pytest.mark.parametrize(("slug", "words", "answered"), CLAIMS)
def test_what_the_sentences_say_in_words_is_so(slug: str, words: str, answered: str) -> None:
    """Such as that all are answered, or a third is lost."""
    assert (
        SHIPPED.figures(slug)
        .filled("{answered}", LessonStep(title="", text="", show=words))
        .replace("\u202f", " ")
        .replace("\xa0", " ")
        == answered
    )


def test_pods_are_where_the_lessons_say_they_are() -> None:
    """A single replica is not on node-3; of web two are on worker-2, none on worker-4; of tracker none on node-2."""

    def nodes(slug: str, app: str, **edits: object) -> list[str | None]:
        cluster = SHIPPED.figures(slug).cluster(ClusterOptions(assume_nodes=3, edits=Edits(**edits)))  # type: ignore[arg-type]
        return sorted(pod.node or "" for pod in cluster.pods.values() if pod.labels.get("app") == app)

    assert nodes("any-node", "webapp", replicas=(("Deployment/default/webapp", 1),)) == ["node-1"]
    assert nodes("random", "web") == ["worker-1", "worker-2", "worker-2", "worker-3"]
    assert nodes("policy-local", "tracker") == ["node-1", "node-3"]


def test_a_good_file_is_read() -> None:
    """With all that it says."""
    lesson = read_lesson("1-a.yaml", GOOD.encode())
    assert isinstance(lesson, Lesson)
    assert [step.title for step in lesson.steps] == ["One", "Two"]
    assert lesson.steps[1].ask is not None
    assert [choice.right for choice in lesson.steps[1].ask.choices] == [True, False]


@pytest.mark.parametrize(
    ("old", "new", "line", "what"),
    [
        ("minutes: 1", "minutes: one", 3, "Expected `int`, got `str`"),
        ("minutes: 1", "minutes: 0", 3, "at least one minute"),
        ("manifests: shop\n", "", 1, "missing required field `manifests`"),
        ("about: It teaches.", "abuot: It teaches.", 1, "unknown field `abuot`"),
        ("    text: More.\n", "", 8, "missing required field `text`"),
        (", right: true", "", 14, "one choice has `right: true`, not 0"),
        ("because: It is not.", "because: It is not., right: true", 14, "not 2"),
        ("        - {answer: That, because: It is not.}\n", "", 14, "2 to 4 choices, not 1"),
        ("steps:", "steps: [", 6, "this is not a YAML file"),
        ("text: Sentences.", 'text: ""', 6, "a title and a text"),
    ],
)
def test_what_is_wrong_is_told_by_line(old: str, new: str, line: int, what: str) -> None:
    """With the file's name first."""
    with pytest.raises(LessonError) as raised:
        read_lesson("1-a.yaml", GOOD.replace(old, new, 1).encode())
    assert str(raised.value).startswith(f"1-a.yaml, line {line}: ")
    assert what in str(raised.value)


@pytest.mark.parametrize(
    ("old", "new", "line", "what"),
    [
        ("default/web", "default/wbe", 8, "wbe"),
        ("text: More.", "text: Of these {answerd}.", 8, "there is no figure {answerd}"),
        ("text: Sentences.", "text: '{lost with down=node/worker-9}'", 6, "worker-9"),
    ],
)
def test_a_state_that_its_manifests_do_not_have_is_told(
    tmp_path: Path, old: str, new: str, line: int, what: str
) -> None:
    """Before anybody opens it."""
    (tmp_path / "1-a.yaml").write_text(GOOD.replace(old, new, 1))
    with pytest.raises(LessonError) as raised:
        check(open_folder(tmp_path))
    assert str(raised.value).startswith(f"1-a.yaml, line {line}: ")
    assert what in str(raised.value)


def test_manifests_may_lie_beside_a_lesson(tmp_path: Path) -> None:
    """They are no lesson themselves."""
    (tmp_path / "2-own.yaml").write_text(GOOD.replace("manifests: shop", "manifests: mine.yaml"))
    (tmp_path / "1-first.yml").write_text(GOOD)
    (tmp_path / "mine.yaml").write_text("kind: Node\n")
    (tmp_path / "notes.txt").write_text("steps:")
    folder = open_folder(tmp_path)
    assert [*folder.lessons] == ["first", "own"]
    assert (folder.beside("first"), folder.beside("own")) == (None, tmp_path / "mine.yaml")


def test_two_lessons_of_one_name_are_told(tmp_path: Path) -> None:
    """One would hide the other."""
    (tmp_path / "1-same.yaml").write_text(GOOD)
    (tmp_path / "2-same.yaml").write_text(GOOD)
    with pytest.raises(LessonError, match=r"2-same\.yaml, line 1: 1-same\.yaml is called same already"):
        open_folder(tmp_path)


def test_braces_that_are_no_figure_stay() -> None:
    """JSON in a sentence, for one."""
    step = LessonStep(title="", text="")
    assert SHIPPED.figures("random").filled('{"a": 1} {} {two words}', step) == '{"a": 1} {} {two words}'
    with pytest.raises(FigureError):
        SHIPPED.figures("random").filled("{nodes}", step)
