"""A learner's fix: the objects that an exercise is about, as YAML to be changed, and what comes of it.

The goal decides, not the text: any manifests with which every address answers are right.
"""

from collections.abc import Iterator
from dataclasses import replace
from difflib import SequenceMatcher

import yaml

from webapp.cluster.address import Address
from webapp.cluster.build import build
from webapp.cluster.model import Cluster
from webapp.cluster.rescaling import without_slices
from webapp.cluster.size import size_of
from webapp.exercises.exercise import Exercise
from webapp.exercises.state import ExerciseState, is_answered
from webapp.exercises.subject import subjects
from webapp.failure import Scenario
from webapp.findings.explanation import Explanation
from webapp.manifests import Upload, read
from webapp.manifests.manifests import KINDS, Manifests
from webapp.manifests.objects import ObjectMeta
from webapp.manifests.problems import Severity
from webapp.manifests.writing import COLLECTIONS, written
from webapp.records import dataclass

FILE = "manifests.yaml"
MOST_LETTERS = 64_000
"""Of what a learner sends back."""
_EDITABLE = ("services", "workloads", "network_policies")
_MOST_WORK = 10_000
"""As :attr:`ClusterSize.work` counts it: what is built in a fraction of a second."""
_MOST_NODES = 50
"""Nodes that are asked; more of them answer alike."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """What comes of a fix."""

    problems: tuple[str, ...]
    """What can't be read of it, or isn't asked for here; then nothing was tried."""
    state: ExerciseState | None = None
    """What it makes; None if nothing was tried."""
    told: tuple[Explanation, ...] = ()
    """What `why` says of each address that should answer."""
    lost: tuple[str, ...] = ()
    """Ports of other Services that answered before, and don't any more: ``default/web:30080``."""

    @property
    def failing(self) -> tuple[Explanation, ...]:
        """The addresses that still don't answer every connection."""
        return tuple(its for its in self.told if not is_answered(its))

    @property
    def right(self) -> bool:
        """Whether all answer, and nothing else has stopped to."""
        return not self.problems and not self.failing and not self.lost


def editable(manifests: Manifests, exercise: Exercise) -> str:
    """Return what a learner may change, as YAML: the namespace's Services, workloads and NetworkPolicies."""
    parts = _parts(manifests, exercise.service, shown=True)
    name = exercise.service.rpartition("/")[2]
    # The Service in question comes first, wherever it stands among the others.
    first = sorted(parts.services, key=lambda its: its.metadata.name != name)
    objects = written(replace(parts, services=tuple(first)))
    return yaml.dump_all(objects, Dumper=yaml.CSafeDumper, sort_keys=False, allow_unicode=True)


def changed_lines(text: str, than: str) -> tuple[int, ...]:
    """Return the numbers of the lines, from 1, in which a text is another one; where lines are missing, the one before.

    What is missing counts only where nothing else is another.
    """
    new, old = text.splitlines(), than.splitlines()
    codes = [code for code in SequenceMatcher(None, old, new, autojunk=False).get_opcodes() if code[0] != "equal"]
    lines = {line for _, _, _, start, end in codes for line in range(start + 1, end + 1)}
    return tuple(sorted(lines)) or tuple(max(start, 1) for _, _, _, start, _ in codes)


def attempt(broken: ExerciseState, exercise: Exercise, text: str) -> Attempt:
    """Return what comes of the text in the place of what was to be changed; what is down stays as it is."""
    if len(text) > MOST_LETTERS:
        return Attempt((f"More than {MOST_LETTERS:,} letters: leave only what you change.",))
    given = read([Upload(name=FILE, data=text.encode(errors="replace"), picked=True)])
    problems = tuple(_problems(given))
    if problems:
        return Attempt(problems)
    fixed = _in_place(broken.manifests, given, exercise.service)
    options = broken.cluster.options
    if size_of(fixed, options).work > _MOST_WORK:
        return Attempt((f"More than {_MOST_WORK:,} nodes, pods and ports: an exercise is smaller.",))
    # These are in the manifests; nodes that are assumed, and pods that a workload makes, are not.
    edits = replace(options.edits, patches=(), policies=(), replicas=())
    cluster = build(fixed, replace(options, edits=edits))
    its = ExerciseState(fixed, cluster, _as_far_as(broken.scenario, cluster))
    port = int(exercise.address.rpartition(":")[2])
    # Nodes that only pods named went with them.
    others = (node for node in exercise.answering if node in cluster.nodes)
    nodes = list(dict.fromkeys((exercise.node, *others)))[:_MOST_NODES]
    told = tuple(its.why(Address(node, port)) for node in nodes)
    answered, answers = (_others_answering(state, exercise) for state in (broken, its))
    return Attempt((), its, told, tuple(sorted(answered - answers)))


def _others_answering(its: ExerciseState, exercise: Exercise) -> set[str]:
    """Return the ports of other Services that answer as nothing is down."""
    name = exercise.service.rpartition("/")[2]
    others = (each for each in subjects(its.manifests, its.cluster) if each.service.name != name)
    # A number that nobody has asked for may be another one the next time.
    numbered = ((each.service.key, each.port) for each in others)
    return {f"{key}:{port.port if port.node_port_assigned else port.node_port}" for key, port in numbered}


def _parts(manifests: Manifests, service: str, *, shown: bool) -> Manifests:
    """Return of these kinds what is shown, or the rest; undecodable ones go along."""
    namespace, _, name = service.partition("/")

    def wanted(kind: str, metadata: ObjectMeta) -> bool:
        # The Service itself may have got into another namespace.
        is_it = metadata.effective_namespace == namespace or (kind == "Service" and metadata.name == name)
        return is_it is shown

    return Manifests(
        services=tuple(each for each in manifests.services if wanted(each.kind, each.metadata)),
        workloads=tuple(each for each in manifests.workloads if wanted(each.kind, each.metadata)),
        network_policies=tuple(each for each in manifests.network_policies if wanted(each.kind, each.metadata)),
    )


def _problems(given: Manifests) -> Iterator[str]:
    for problem in given.problems:
        if problem.severity is Severity.ERROR:
            yield f"Line {problem.line}: {problem.message}" if problem.line else problem.message
    kinds = ", ".join(sorted(name for name, kind in KINDS.items() if kind.collection in _EDITABLE))
    held = {collection for collection in COLLECTIONS if getattr(given, collection)}
    if given.not_used or held - set(_EDITABLE):
        yield f"Only these kinds can be changed here: {kinds}."


def _in_place(broken: Manifests, given: Manifests, service: str) -> Manifests:
    """Return the manifests with what was given in place of what was shown: what is missing in it was deleted."""
    rest, before = _parts(broken, service, shown=False), _parts(broken, service, shown=True)
    fixed = replace(
        broken,
        services=(*rest.services, *given.services),
        workloads=(*rest.workloads, *given.workloads),
        network_policies=(*rest.network_policies, *given.network_policies),
        undecodable={**broken.undecodable, **given.undecodable},
    )
    return without_slices(fixed, frozenset(its.metadata.key for its in (*before.services, *given.services)))


def _as_far_as(scenario: Scenario, cluster: Cluster) -> Scenario:
    """Return the Scenario without pods that the fix has replaced by others."""
    down = frozenset(its for its in scenario.down if "/" not in its.name or its.name in cluster.pods)
    return replace(scenario, down=down, service=None)
