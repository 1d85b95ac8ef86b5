"""Each exercise has one cause: the port answers without it, doesn't with it, and no other choice is true."""

from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from webapp.cluster.build import build
from webapp.cluster.model import Cluster
from webapp.exercises import KINDS, Exercise, attempt, broken_state, changed_lines, editable, exercises
from webapp.exercises.exercise import CHOICES, explained
from webapp.exercises.subject import ExercisePort, subjects
from webapp.failure.words import PAGE
from webapp.findings.explanation import Explanation
from webapp.library import read_manifests
from webapp.manifests.manifests import Manifests
from webapp.numbers import everything
from webapp.paths import resource_directory
from webapp.routing import Result

SAMPLES = sorted(resource_directory("samples").glob("*.yaml"))


def given(path: Path) -> tuple[Manifests, Cluster]:
    """Return what a sample makes, as its page shows it."""
    manifests = read_manifests([str(path)])
    return manifests, build(manifests, PAGE)


@cache
def of_sample(path: Path) -> list[tuple[ExercisePort, Exercise]]:
    """Return the exercises of a sample, each with what it is about."""
    manifests, cluster = given(path)
    known = {(its.service.key, its.port.node_port): its for its in subjects(manifests, cluster)}
    found = exercises(manifests, cluster)
    return [(known[its.service, int(its.address.rpartition(":")[2])], its) for its in found]


ALL = [pytest.param(*each, id=f"{path.stem}, {each[1].kind}") for path in SAMPLES for each in of_sample(path)]


def answers(told: Explanation | None) -> bool:
    """Return whether the whole way is free."""
    return told is not None and not (told.broken or told.unknown or told.losing) and everything(told.answered or 0)


@pytest.mark.parametrize(("subject", "exercise"), ALL)
def test_the_change_is_what_breaks_it(subject: ExercisePort, exercise: Exercise) -> None:
    """With it the address does not answer, without it it does."""
    assert not answers(explained(subject, exercise.pairs, exercise.node))
    assert answers(explained(subject, (), exercise.node))


@pytest.mark.parametrize(("subject", "exercise"), ALL)
def test_one_choice_is_right(subject: ExercisePort, exercise: Exercise) -> None:
    """All say something different, and no other one is true of this state too."""
    right = [choice for choice in exercise.choices if choice.right]
    assert [choice.kind for choice in right] == [exercise.kind]
    assert len({choice.claim for choice in exercise.choices}) == len(exercise.choices) == CHOICES
    for choice in exercise.choices:
        assert choice.right or exercise.kind not in KINDS[choice.kind].implied_by
    assert not any(exercise.claim in hint for hint in exercise.hints)
    assert subject.service.key == exercise.service


@pytest.mark.parametrize(("subject", "exercise"), ALL)
def test_the_intended_fix_heals_it(subject: ExercisePort, exercise: Exercise) -> None:
    """The manifests as they were, in place of the broken ones; those left as they are heal nothing."""
    broken = broken_state(subject.manifests, PAGE, exercise.pairs)
    as_it_is, as_it_was = editable(broken.manifests, exercise), editable(subject.manifests, exercise)
    assert not attempt(broken, exercise, as_it_is).right
    assert attempt(broken, exercise, as_it_was).right == KINDS[exercise.kind].in_manifests


@pytest.mark.parametrize(("subject", "exercise"), ALL)
def test_hints_come_nearer(subject: ExercisePort, exercise: Exercise) -> None:
    """The first tells what the client's words mean, the second where to look; the lines are those that heal it."""
    assert len(set(exercise.hints)) == 3
    if exercise.explanation.outcome is Result.REFUSED:
        assert exercise.hints[0].startswith("Refused")
    broken = broken_state(subject.manifests, PAGE, exercise.pairs)
    text, healthy = editable(broken.manifests, exercise), editable(subject.manifests, exercise)
    lines = changed_lines(text, healthy)
    assert bool(lines) == KINDS[exercise.kind].in_manifests
    assert all(1 <= line <= len(text.splitlines()) for line in lines)


def test_lines_that_are_missing_are_those_before() -> None:
    """Where nothing else is another."""
    assert changed_lines("a\nb\nc\n", "a\nb\nc\n") == ()
    assert changed_lines("a\nx\nc\n", "a\nb\nc\n") == (2,)
    assert changed_lines("a\nc\n", "a\nb\nc\n") == (1,)
    assert changed_lines("c\n", "b\nc\n") == (1,)
    assert changed_lines("a\nx\n", "a\nb\nc\n") == (2,)


def test_a_fix_that_breaks_something_else_is_not_right() -> None:
    """It is said what has stopped to answer."""
    shop = resource_directory("samples") / "shop.yaml"
    subject, exercise = next(each for each in of_sample(shop) if each[1].kind == "selector")
    broken = broken_state(subject.manifests, PAGE, exercise.pairs)
    healthy = editable(subject.manifests, exercise)
    assert attempt(broken, exercise, healthy).right
    tried = attempt(broken, exercise, healthy.replace("app: web\n", "app: none\n", 1))
    assert not tried.failing
    assert tried.lost == ("default/web:30080",)
    assert not tried.right


def test_another_fix_than_the_intended_one_is_right() -> None:
    """Here the pods come to tolerate the taint of their nodes, which no manifest that can be changed takes away."""
    sample = resource_directory("samples") / "webapp-service.yaml"
    subject, exercise = next(each for each in of_sample(sample) if each[1].kind == "taint")
    broken = broken_state(subject.manifests, PAGE, exercise.pairs)
    text = editable(broken.manifests, exercise)
    tolerates = "      tolerations: [{key: dedicated, operator: Exists}]\n      containers:\n"
    assert not attempt(broken, exercise, text).right
    assert attempt(broken, exercise, text.replace("      containers:\n", tolerates)).right


def test_each_kind_breaks_some_sample() -> None:
    """At least fourteen of them most samples; none is there for nothing."""
    kinds = Counter(each.values[1].kind for each in ALL)
    assert set(kinds) == set(KINDS)
    assert len(KINDS) >= 14


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_each_sample_has_many_exercises(path: Path) -> None:
    """The same each time, and no two of a kind."""
    found = [exercise for _, exercise in of_sample(path)]
    assert len({its.kind for its in found}) == len(found) >= 10
    assert found == list(exercises(*given(path)))


def test_what_does_not_answer_is_no_subject() -> None:
    """A set without a Service that answers has no exercise."""
    assert list(exercises(Manifests(), build(Manifests(), PAGE))) == []


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("selector", "endpoints"),
        ("namespace", "endpoints"),
        ("type", "port"),
        ("policy-local", "kube-proxy"),
        ("node-down", "node"),
        ("network-policy", "network policy"),
    ],
)
def test_the_way_ends_where_the_kind_says(kind: str, name: str) -> None:
    """The step of `why` that breaks it."""
    found = next(
        exercise
        for _, exercise in of_sample(resource_directory("samples") / "fifty-nodes.yaml")
        if exercise.kind == kind
    )
    step = found.explanation.broken or found.explanation.unknown
    assert step is not None
    assert step.name == name
