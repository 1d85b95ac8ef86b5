"""Findings: what is wrong, or risky, in a cluster that Kubernetes itself would accept."""

from collections.abc import Callable, Mapping
from dataclasses import field
from typing import Any, Protocol

from webapp.manifests.objects import ObjectMeta, Source
from webapp.manifests.problems import Severity
from webapp.records import dataclass


class Subject(Protocol):
    """Any object of a manifest that a finding can be about."""

    @property
    def kind(self) -> str: ...  # noqa: D102
    @property
    def api_version(self) -> str: ...  # noqa: D102
    @property
    def metadata(self) -> ObjectMeta: ...  # noqa: D102
    @property
    def source(self) -> Source: ...  # noqa: D102


@dataclass(frozen=True, slots=True, kw_only=True)
class TextEdit:
    """One change of a file: the first ``old`` at or after `line`, inside that line's block, becomes ``new``."""

    file: str
    line: int
    old: str
    """``key: value``, whatever quotes the file has around either."""
    new: str
    """``key: value``; empty removes the line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fix:
    """A remedy as the edit ``patch`` takes it."""

    subject: Subject | None
    content: Mapping[str, Any]
    """As in :class:`Hit`."""

    @property
    def word(self) -> str:
        """``KIND/NAMESPACE/NAME`` of the object that is patched or added; ``KIND/NAME`` of one without a namespace."""
        if "kind" in self.content:
            meta = self.content["metadata"]
            kind, namespace, name = self.content["kind"], meta.get("namespace"), meta["name"]
        elif self.subject is not None:
            kind, namespace, name = self.subject.kind, self.subject.metadata.namespace, self.subject.metadata.name
        else:
            return ""
        return "/".join(filter(None, (kind, namespace, name)))

    @property
    def patch(self) -> Mapping[str, Any]:
        """The patch; that of an object to add has its apiVersion."""
        return {key: value for key, value in self.content.items() if key != "kind"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing to fix, with its remedy."""

    id: str
    """Stable: NP2nn, or that of a problem of reading or accepting."""
    severity: Severity
    message: str
    """What is wrong, here."""
    object: str | None = None
    """``Service default/web``."""
    path: str = ""
    """The field, ``spec.ports[0].targetPort``."""
    file: str | None = None
    line: int | None = None
    why: str = ""
    """Why it matters, one sentence."""
    hint: str = ""
    """What to do, one sentence."""
    write_remedy: Callable[[], str] = field(default=str, compare=False, repr=False)
    """Makes the `remedy`: of thousands of findings of one kind a single one is shown, so the others aren't written."""
    fix: Fix | None = field(default=None, compare=False, repr=False)
    """The `remedy` as an edit; None without one."""
    edit: TextEdit | None = None
    brief: str = ""
    """What it is called in a list of others of its kind; empty for the object's name."""
    also: tuple[str, ...] = ()
    """The fingerprints of others that are folded into this one."""

    @property
    def remedy(self) -> str:
        """YAML to copy: a strategic merge patch of the object, or an object to add; empty for none."""
        return self.write_remedy()

    @property
    def place(self) -> str:
        """``deploy/web.yaml:12``; empty where it is in no file."""
        return ":".join(str(part) for part in (self.file, self.line) if part)

    @property
    def fingerprints(self) -> tuple[str, ...]:
        """Those of all that it stands for."""
        return self.fingerprint, *self.also

    @property
    def fingerprint(self) -> str:
        """What stays the same while lines move: the rule, the object and the field."""
        return " ".join(filter(None, (self.id, self.object or self.file, self.path)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """What a rule reports; the rule's table adds the rest."""

    subject: Subject | None
    message: str
    path: str = ""
    hint: str = ""
    remedy: Mapping[str, Any] | None = None
    """The patch without apiVersion, kind and metadata; or with them, for an object to add."""
    old: str = ""
    """With `new`: the edit of the file at `path`."""
    new: str = ""
    brief: str = ""


def name_of(subject: Subject) -> str:
    """Return ``Service default/web``."""
    meta = subject.metadata
    return f"{subject.kind} {meta.namespace}/{meta.name}" if meta.namespace else f"{subject.kind} {meta.name}"
