"""What was read from one file: the objects that are kept, what is wrong, and what kind of file it is."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from webapp.manifests.kustomize import Kustomization
from webapp.manifests.manifests import ObjectKind
from webapp.manifests.objects import KindClusterObject
from webapp.manifests.problems import Problem


class ReadObject(NamedTuple):
    """An object that is kept."""

    kind: ObjectKind
    record: Any
    refusal: str = ""
    """What the API server's decoder would say, if it can't decode it."""

    @property
    def label(self) -> str:
        """``Service default/web``; ``Node worker-1`` for what has no namespace."""
        return label(self.kind.name, self.record.metadata.namespace, self.record.metadata.name)

    @property
    def identity(self) -> tuple[str, str, str]:
        """What makes it the same object as another one: kind, namespace and name."""
        metadata = self.record.metadata
        return (self.kind.name, metadata.namespace or "", metadata.name)


def label(kind: str, namespace: str | None, name: str) -> str:
    """Return what an object is called in problems."""
    return f"{kind} {namespace}/{name}" if namespace else f"{kind} {name}"


@dataclass(slots=True)
class FileResult:
    """What was read from one file."""

    name: str
    picked: bool = True
    """Somebody named it, so that whatever is wrong with it is worth a word."""
    documents: int = 0
    objects: list[ReadObject] = field(default_factory=list)
    kind_clusters: list[KindClusterObject] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    not_used: Counter[str] = field(default_factory=Counter)
    kustomization: Kustomization | None = None
    template: int | None = None
    """Of a file found by a search: the line of the first thing in it that only a template has."""
    chart: str = ""
    """Of a Chart.yaml found by a search: the chart's type, ``application`` or ``library``."""
    rendered: str = ""
    """The kustomization.yaml or Chart.yaml that this is the output of."""
