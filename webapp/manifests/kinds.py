"""Which kind an object's apiVersion and kind mean, misspelled ones included."""

from collections.abc import Mapping
from dataclasses import field
from difflib import get_close_matches
from functools import lru_cache
from typing import Any

from webapp.manifests.candidate_files import shown
from webapp.manifests.kind_spelling import intended_kind
from webapp.manifests.manifests import KINDS, ObjectKind
from webapp.records import dataclass

_KUBERNETES = {
    "", "admissionregistration.k8s.io", "apps", "autoscaling", "batch", "discovery.k8s.io", "extensions",
    "networking.k8s.io", "policy", "rbac.authorization.k8s.io", "scheduling.k8s.io", "storage.k8s.io",
}  # fmt: skip
"""Groups of Kubernetes itself: no one else can define a kind in them."""


@dataclass(frozen=True, slots=True)
class KindMatch:
    """What an object's apiVersion and kind say."""

    kind: ObjectKind | None
    """None: a kind that isn't used."""
    served: bool = True
    """False: the word is a kind of Kubernetes, but was never one of that apiVersion."""
    label: str = field(default="", kw_only=True)
    """What it is counted as when it isn't used."""
    intended: str = field(default="", kw_only=True)
    """The right spelling, of a kind that is used or not, where the word is misspelled."""


_LONGEST = 80
"""Characters of what an object is counted as; a kind has up to 63."""


@lru_cache(maxsize=256)
def find_kind(api_version: str, kind: str) -> KindMatch:
    """Return which kind is meant.

    A group names its own kinds: ``Service`` of serving.knative.dev has nothing to do with that of ``v1``. In
    Kubernetes' own groups, and without any apiVersion, a known word can only be a mistake.

    >>> find_kind("apps/v1", "Deployment").kind.collection
    'workloads'
    >>> find_kind("serving.knative.dev/v1", "Service").label
    'Service (serving.knative.dev)'
    """
    known = KINDS.get(kind)
    group, _, version = api_version.rpartition("/")
    if known is None:
        right = intended_kind(kind, KINDS) if _is_kubernetes(group) else None
        return KindMatch(KINDS.get(right or ""), right is None, label=shown(kind, _LONGEST), intended=right or "")
    if version in known.groups.get(group, ()):
        return KindMatch(known)
    if _is_kubernetes(group) or group in known.groups or _is_nearly_one_of(known.groups, group):
        return KindMatch(known, served=False)
    return KindMatch(None, label=shown(f"{kind} ({group})", _LONGEST))


def _is_kubernetes(group: str) -> bool:
    """Return whether the group can only be Kubernetes' own: one of those, or a word without a dot.

    The group of a CustomResourceDefinition has at least one dot (apiextensions-apiserver pkg/apis/apiextensions
    validation.go), so ``app/v1`` is a misspelled ``apps/v1``.
    """
    return group in _KUBERNETES or "." not in group


def _is_nearly_one_of(groups: Mapping[str, Any], group: str) -> bool:
    """Return whether the group is one of these with a typo; ``networking.x-k8s.io`` is a separate, real one."""
    return ".x-k8s.io" not in f".{group}" and bool(get_close_matches(group, groups, n=1, cutoff=0.9))
