"""Which kind of Kubernetes a misspelled word was meant to be: ``service``, ``Deployments``, ``Ingres``, ``svc``."""

from collections.abc import Collection
from difflib import get_close_matches
from functools import cache

_NAMES = """
    APIService Binding CSIDriver CSINode CSIStorageCapacity CertificateSigningRequest ClusterRole ClusterRoleBinding
    ClusterTrustBundle ComponentStatus ConfigMap ControllerRevision CustomResourceDefinition DeleteOptions DeviceClass
    Event Eviction FlowSchema IPAddress IngressClass Lease LimitRange List LocalSubjectAccessReview
    MutatingAdmissionPolicy MutatingAdmissionPolicyBinding MutatingWebhookConfiguration PersistentVolume
    PersistentVolumeClaim PodPreset PodSecurityPolicy PodTemplate PriorityLevelConfiguration ResourceClaim
    ResourceClaimTemplate ResourceQuota ResourceSlice Role RoleBinding RuntimeClass Scale Secret
    SelfSubjectAccessReview SelfSubjectReview SelfSubjectRulesReview ServiceAccount ServiceCIDR Status StorageClass
    SubjectAccessReview TokenRequest TokenReview ValidatingAdmissionPolicy ValidatingAdmissionPolicyBinding
    ValidatingWebhookConfiguration VolumeAttachment VolumeAttributesClass
"""
"""kubectl api-resources of a plain cluster, with what is only posted or came earlier, but for what is read."""
OTHER_KINDS = frozenset(_NAMES.split())
"""Those that are not read, in whatever apiVersion."""
_SHORT = {
    "svc": "Service", "deploy": "Deployment", "po": "Pod", "sts": "StatefulSet", "ds": "DaemonSet", "rs": "ReplicaSet",
    "rc": "ReplicationController", "no": "Node", "ns": "Namespace", "ep": "Endpoints", "pdb": "PodDisruptionBudget",
    "netpol": "NetworkPolicy", "ing": "Ingress", "hpa": "HorizontalPodAutoscaler", "cj": "CronJob", "cm": "ConfigMap",
    "sa": "ServiceAccount", "pv": "PersistentVolume", "pvc": "PersistentVolumeClaim", "pc": "PriorityClass",
}  # fmt: skip
"""kubectl's short names, which are not kinds."""
_CLOSE = 0.85
_TYPED = 2
"""Letters too many or too few."""


def intended_kind(kind: str, used: Collection[str]) -> str | None:
    """Return the kind of Kubernetes that was probably meant; None for one that is right, and if none is near.

    `used` are the kinds that are read.

    >>> intended_kind("deploy", ["Deployment"]), intended_kind("Servce", ["Service"])
    ('Deployment', 'Service')
    """
    # difflib takes time in proportion to the product of two lengths, and no kind is longer than this one.
    if kind in used or kind in OTHER_KINDS or len(kind) > len("ValidatingAdmissionPolicyBindings"):
        return None
    known = _plain_names(frozenset(used))
    plain = _plain(kind)
    if plain in _SHORT:
        return _SHORT[plain]
    if plain in known:
        return known[plain]
    # Who mistypes a word gets its first letter right as a rule; an upload may hold a hundred thousand other words.
    likely = [name for name in known if name[:1] == plain[:1] and abs(len(name) - len(plain)) <= _TYPED]
    near = get_close_matches(plain, likely, n=1, cutoff=_CLOSE)
    return known[near[0]] if near else None


@cache
def _plain_names(used: frozenset[str]) -> dict[str, str]:
    # Sorted, so that of two kinds equally near the same one is suggested in every process; those that are read win.
    return {_plain(kind): kind for kind in sorted(OTHER_KINDS) + sorted(used)}


def _plain(kind: str) -> str:
    """Return the word without capitals, hyphens and the ending of a plural; the same is done to the right ones."""
    word = kind.casefold().replace("-", "").replace("_", "").replace(" ", "")
    return word[:-3] + "y" if word.endswith("ies") else word.removesuffix("s")
