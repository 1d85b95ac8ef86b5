"""Each exercise has one cause: the port answers without it, doesn't with it, and no other choice is true."""

from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from webapp.cluster.address import Address
from webapp.cluster.build import build
from webapp.cluster.model import Cluster
from webapp.exercises import KINDS, Exercise, attempt, broken_state, changed_lines, editable, exercises
from webapp.exercises.exercise import CHOICES, explained
from webapp.exercises.state import is_answered
from webapp.exercises.subject import ExercisePort, subjects
from webapp.failure.words import PAGE
from webapp.library import read_manifests
from webapp.manifests import Upload, read
from webapp.manifests.manifests import Manifests
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


@pytest.mark.parametrize(("subject", "exercise"), ALL)
def test_the_change_is_what_breaks_it(subject: ExercisePort, exercise: Exercise) -> None:
    """With it the address does not answer, without it it does."""
    broken, healthy = (explained(subject, pairs, exercise.node) for pairs in (exercise.pairs, ()))
    assert broken is not None
    assert not is_answered(broken)
    assert broken.node == exercise.node
    assert healthy is not None
    assert is_answered(healthy)


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


WEB = """
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {type: NodePort, selector: {app: web}, ports: [{port: 80, nodePort: 30080}]}
---
apiVersion: v1
kind: Service
metadata: {name: other}
spec: {type: NodePort, selector: {app: web}, ports: [{port: 80}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: web}]}
"""
POLICY = """---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: inside}
spec: {podSelector: {matchLabels: {app: web}}, ingress: [{from: [{podSelector: {}}]}]}
"""
NOT_READY = """---
apiVersion: v1
kind: Node
metadata: {name: good}
---
apiVersion: v1
kind: Node
metadata: {name: bad}
status: {conditions: [{type: Ready, status: "False"}]}
"""
NAMED = """---
apiVersion: v1
kind: Pod
metadata: {name: web-1, labels: {app: web}}
spec: {nodeName: named, containers: [{name: web, image: web}]}
"""


def of_text(text: str) -> tuple[Manifests, list[Exercise]]:
    """Return what is read of a text, and its exercises."""
    manifests = read([Upload(name="web.yaml", data=text.encode(), picked=True)])
    return manifests, list(exercises(manifests, build(manifests, PAGE)))


@pytest.mark.parametrize("text", [WEB, WEB + NOT_READY, WEB.partition("---")[0] + NAMED], ids=["auto", "sick", "named"])
def test_a_set_with_peculiarities_has_sound_exercises(text: str) -> None:
    """Numbers that are assigned anew, a node that isn't Ready, a node that only a pod names: each fix still heals."""
    manifests, found = of_text(text)
    assert len(found) >= 5
    for exercise in found:
        assert "bad" not in (exercise.node, *exercise.answering)
        broken = broken_state(manifests, PAGE, exercise.pairs)
        assert broken.why(Address(exercise.node, 30080)).node == exercise.node
        tried = attempt(broken, exercise, editable(manifests, exercise))
        assert tried.right == KINDS[exercise.kind].in_manifests, exercise.kind


def test_what_something_else_blocks_is_no_subject() -> None:
    """A NetworkPolicy that lets no client in would be a second cause."""
    assert of_text(WEB + POLICY)[1] == []


def test_a_fix_may_not_be_a_huge_cluster() -> None:
    """It is said so before anything is built."""
    manifests, found = of_text(WEB)
    broken = broken_state(manifests, PAGE, found[0].pairs)
    text = editable(manifests, found[0]).replace("replicas: 2", "replicas: 2000000000")
    assert attempt(broken, found[0], text).problems == (
        "More than 10,000 nodes, pods and ports: an exercise is smaller.",
    )


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
