"""What the files that stage a failure share: what fails, for how long, and names that are safe in them.

A name is the manifests' author's: in a comment it must not end the line, in a script it must stay one word.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from math import ceil
from shlex import quote
from textwrap import wrap
from typing import Any

import yaml

from webapp.cluster.model import Cluster
from webapp.cluster.order import natural
from webapp.failure import FailureKind, Scenario
from webapp.failure.clock import clock
from webapp.failure.moments import named
from webapp.numbers import some
from webapp.records import dataclass

MOST_STAGED = 500
"""Nodes or pods that fail in one way: what is staged beyond those is named in the file by its number only."""
NOTHING = "Nothing is down or drained: name a failure first."
ON_HOST = (
    "Not in this file: {said}. A pod with hostNetwork shares the network of its node, and to drop its packets would be "
    "to drop those of the node."
)
_WITHOUT_CLOCK = 600
"""Seconds that a failure is kept up where nothing is ever detected: long enough to see that."""
_AFTERWARDS = 60
"""Seconds added to the last of the times, to count connections then."""


@dataclass(frozen=True, slots=True)
class Staged:
    """The nodes or pods that fail in one way."""

    kind: FailureKind
    names: tuple[str, ...]
    """In natural order, at most :data:`MOST_STAGED`; none for the control plane."""
    more: int
    """Further ones."""

    @property
    def said(self) -> str:
        """``worker-1, worker-2``, in one line."""
        return one_line(some(self.names, 5)) if not self.more else f"{one_line(', '.join(self.names[:5]))} and others"


def staged(cluster: Cluster, scenario: Scenario) -> Iterator[Staged]:
    """Yield what fails, each way to fail once, in the order of the manual."""
    for kind in FailureKind:
        targets = [target for target in scenario.down if target.kind is kind]
        names = sorted({name for target in targets for name in named(cluster, target)} - {""}, key=natural)
        if targets:
            yield Staged(kind, tuple(names[:MOST_STAGED]), max(len(names) - MOST_STAGED, 0))


def split_by_network(cluster: Cluster, its: Staged) -> tuple[Staged, Staged]:
    """Return those that a tool can cut off, and the pods that share the network of their node.

    What drops the packets of such a pod drops those of the whole node: another failure than a pod that is silent.
    """
    if its.kind not in (FailureKind.POD, FailureKind.UNREADY):
        return its, replace(its, names=(), more=0)
    shared = [name for name in its.names if name in cluster.pods and cluster.pods[name].spec.host_network]
    own = tuple(name for name in its.names if name not in shared)
    return replace(its, names=own), replace(its, names=tuple(shared), more=0)


def lasting(cluster: Cluster, scenario: Scenario) -> int:
    """Return for how many seconds a failure is kept up, so that the last of its times is seen."""
    seconds = clock(cluster, scenario).seconds_at
    return ceil(max(seconds.values())) + _AFTERWARDS if len(seconds) > 1 else _WITHOUT_CLOCK


def by_namespace(keys: Iterable[str]) -> dict[str, list[str]]:
    """Return the names of pods, ``NAMESPACE/NAME``, by their namespaces."""
    found: dict[str, list[str]] = {}
    for key in keys:
        namespace, _, name = key.partition("/")
        found.setdefault(namespace, []).append(name)
    return found


# --- names in files ---------------------------------------------------------------------------------------------------


def one_line(text: str) -> str:
    r"""Return text in which nothing ends a line.

    No object of a cluster has a name with such a character; the API server rejects it.

    >>> one_line("web\n# and more")
    'web # and more'
    """
    return " ".join("".join(each if each.isprintable() else " " for each in text).split())


def shell_word(text: str) -> str:
    """Return a name as one word of a shell, whatever is in it.

    >>> shell_word("worker-1"), shell_word("$(reboot)")
    ('worker-1', "'$(reboot)'")
    """
    return quote(one_line(text))


def manifest_file(comments: Sequence[str], objects: Sequence[Mapping[str, Any]]) -> str:
    """Return objects as YAML below comments, a paragraph each; without objects the comments alone."""
    head = "\n#\n".join("\n".join(f"# {line}" for line in _lines(one_line(text))) for text in comments) + "\n"
    # A long name would be folded into a second line, which people take for a mistake.
    body = yaml.safe_dump_all(objects, sort_keys=False, allow_unicode=True, width=1000) if objects else ""
    return f"{head}---\n{body}" if body else head


def _lines(text: str) -> list[str]:
    # A command is copied whole.
    return [text] if text.startswith("kubectl ") else wrap(text, 110, break_long_words=False, break_on_hyphens=False)
