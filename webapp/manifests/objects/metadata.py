"""What every object has: its metadata, where it was read, and the types that many kinds share."""

from collections.abc import Iterator, Mapping
from dataclasses import Field, field
from typing import Any

from webapp.records import dataclass

IntOrString = int | str
Labels = Mapping[str, str]

KEPT_ANNOTATIONS = frozenset(
    {
        # Marks the mirror of a static pod, which its kubelet runs whatever the API server says: no drain evicts it.
        "kubernetes.io/config.mirror",
        "service.beta.kubernetes.io/load-balancer-source-ranges",
        "service.kubernetes.io/topology-aware-hints",
        "service.kubernetes.io/topology-mode",
    }
)
"""The annotations that steer traffic or placement; ``nodefall.io/`` ones are kept too. All others are dropped."""


def named(json: str, default: Any = None) -> Any:
    """Return a dataclass field whose JSON name is not simply its own name in camel case."""
    return field(default=default, metadata={"json": json})


def derived(default: Any) -> Any:
    """Return a dataclass field that no manifest can name: reading works it out."""
    return named("", default)


def json_name(of: "Field[Any]") -> str:
    """Return the name that the field has in a manifest, ``pod_ip`` -> ``podIP``; empty if it has none."""
    if (name := of.metadata.get("json")) is not None:
        return str(name)
    head, *tail = of.name.split("_")
    return head + "".join(part.capitalize() for part in tail)


class LinesOfShape(Mapping[str, int]):
    """Lines of paths, counted on from those of another object of the same shape: thousands share that one's."""

    __slots__ = ("begin", "shared")

    def __init__(self, lines: Mapping[str, int], begin: int) -> None:
        """Take the lines as they would be if the object began at line 0, and where it begins."""
        self.shared = lines
        """The same mapping for all objects of the shape."""
        self.begin = begin

    def __getitem__(self, path: str) -> int:
        return self.shared[path] + self.begin

    def __contains__(self, path: object) -> bool:
        return path in self.shared

    def __iter__(self) -> Iterator[str]:
        return iter(self.shared)

    def __len__(self) -> int:
        return len(self.shared)

    def __repr__(self) -> str:
        return repr(self.counted())

    def counted(self) -> dict[str, int]:
        """Return them as a dict of its own."""
        begin = self.begin
        return {path: line + begin for path, line in self.shared.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where an object was read."""

    file: str
    line: int
    """The line, from 1, at which the object starts."""
    lines: Mapping[str, int] = field(default_factory=dict)
    """Lines of the paths inside it, ``spec.ports[0].nodePort`` -> 23. Kept for what people write by hand: Services,
    workloads, PodDisruptionBudgets and pods without an owner."""

    def line_of(self, path: str) -> int:
        """Return the line of `path`, else that of its nearest known parent, else the object's."""
        while path:
            if path in self.lines:
                return self.lines[path]
            cut = max(path.rfind("."), path.rfind("["))
            path = path[:cut] if cut > 0 else ""
        return self.line


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnerReference:
    """Which object created this one."""

    api_version: str | None = None
    kind: str | None = None
    name: str | None = None
    uid: str | None = None
    controller: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectMeta:
    """``metadata``; `namespace` is filled in by the reader for namespaced kinds, from the object, else ``default``."""

    name: str = ""
    generate_name: str | None = None
    namespace: str | None = None
    labels: Labels = field(default_factory=dict)
    annotations: Labels = field(default_factory=dict)
    uid: str | None = None
    deletion_timestamp: str | None = None
    owner_references: tuple[OwnerReference, ...] = ()

    @property
    def effective_namespace(self) -> str:
        """The namespace of a namespaced object."""
        return self.namespace or "default"

    @property
    def key(self) -> str:
        """``NAMESPACE/NAME`` of a namespaced object."""
        return f"{self.effective_namespace}/{self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelSelectorRequirement:
    """``key operator values``: In, NotIn, Exists, DoesNotExist (node terms also Gt, Lt)."""

    key: str = ""
    operator: str = ""
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelSelector:
    """A metav1.LabelSelector; both empty means everything, the whole missing (None) usually nothing."""

    match_labels: Labels = field(default_factory=dict)
    match_expressions: tuple[LabelSelectorRequirement, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """A status condition; status is True, False or Unknown as text."""

    type: str = ""
    status: str = ""
