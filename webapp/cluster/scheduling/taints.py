"""Taints and tolerations."""

from collections.abc import Iterable

from webapp.manifests.objects import PodSpec, Taint, Toleration

NOT_READY = "node.kubernetes.io/not-ready"
UNREACHABLE = "node.kubernetes.io/unreachable"
UNSCHEDULABLE = Taint(key="node.kubernetes.io/unschedulable", effect="NoSchedule")
HARD = ("NoSchedule", "NoExecute")
# ``--default-not-ready-toleration-seconds`` and ``--default-unreachable-toleration-seconds`` of kube-apiserver.
DEFAULT_SECONDS = 300


def tolerates(toleration: Toleration, taint: Taint) -> bool:
    """Return whether the toleration covers the taint."""
    # Toleration.ToleratesTaint (k8s.io/api/core/v1/toleration.go): an empty effect or key covers any, a missing
    # operator means Equal. Lt and Gt need a feature gate that is off by default.
    if toleration.effect and toleration.effect != taint.effect:
        return False
    if toleration.key and toleration.key != taint.key:
        return False
    if toleration.operator == "Exists":
        return True
    return toleration.operator in (None, "", "Equal") and (toleration.value or "") == (taint.value or "")


def tolerated(tolerations: Iterable[Toleration], taint: Taint) -> bool:
    """Return whether one of the tolerations covers the taint."""
    return any(tolerates(toleration, taint) for toleration in tolerations)


def untolerated(
    tolerations: tuple[Toleration, ...], taints: Iterable[Taint], effects: tuple[str, ...] = HARD
) -> tuple[Taint, ...]:
    """Return the taints of these effects that no toleration covers."""
    return tuple(t for t in taints if t.effect in effects and not tolerated(tolerations, t))


def pod_tolerations(spec: PodSpec) -> tuple[Toleration, ...]:
    """Return the tolerations the pod has once it is created."""
    # the DefaultTolerationSeconds admission plugin (plugin/pkg/admission/defaulttolerationseconds) adds not-ready and
    # unreachable for 300 s, each unless the pod says something about that NoExecute taint itself.
    given = spec.tolerations
    if not given:
        return DEFAULT_TOLERATIONS
    return (*given, *(_default(key) for key in (NOT_READY, UNREACHABLE) if not _speaks_of(given, key)))


def _speaks_of(tolerations: Iterable[Toleration], key: str) -> bool:
    return any((t.key or key) == key and (t.effect or "NoExecute") == "NoExecute" for t in tolerations)


def _default(key: str) -> Toleration:
    return Toleration(key=key, operator="Exists", effect="NoExecute", toleration_seconds=DEFAULT_SECONDS)


DEFAULT_TOLERATIONS = (_default(NOT_READY), _default(UNREACHABLE))


def preferred_against(tolerations: tuple[Toleration, ...], taints: Iterable[Taint]) -> int:
    """Return how many PreferNoSchedule taints the tolerations don't cover: the fewer, the better."""
    return len(untolerated(tolerations, taints, ("PreferNoSchedule",)))
