"""Each exercise has one cause: the port answers without it, doesn't with it, and no other choice is true."""

from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from webapp.cluster.build import build
from webapp.cluster.edits import edited
from webapp.cluster.model import Cluster
from webapp.exercises import KINDS, Exercise, attempt, editable, exercises
from webapp.exercises.exercise import CHOICES, explained
from webapp.exercises.subject import ExercisePort, subjects
from webapp.failure.words import PAGE, decode, decode_options
from webapp.findings.explanation import Explanation
from webapp.library import read_manifests
from webapp.manifests.manifests import Manifests
from webapp.numbers import everything
from webapp.paths import resource_directory

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
    assert exercise.claim not in exercise.hint
    assert subject.service.key == exercise.service


@pytest.mark.parametrize(("subject", "exercise"), ALL)
def test_the_intended_fix_heals_it(subject: ExercisePort, exercise: Exercise) -> None:
    """The manifests as they were, in place of the broken ones; those left as they are heal nothing."""
    options = decode_options(list(exercise.pairs), subject.manifests, PAGE)
    scenario = decode(list(exercise.pairs), build(subject.manifests, options))
    broken = edited(subject.manifests, options.edits)
    as_it_is, as_it_was = editable(broken, exercise), editable(subject.manifests, exercise)
    assert not attempt(broken, exercise, options, scenario, as_it_is).right
    assert attempt(broken, exercise, options, scenario, as_it_was).right == KINDS[exercise.kind].in_manifests


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
