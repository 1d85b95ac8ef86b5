"""Rules about what happens to the pods of a lost node: when they are evicted, and whether they are recreated."""

from collections.abc import Iterator

from webapp.cluster.scheduling.taints import NOT_READY, UNREACHABLE, pod_tolerations
from webapp.findings.facts import Facts
from webapp.findings.finding import Hit
from webapp.findings.rule import rule
from webapp.manifests.objects import PodSpec, Taint, Toleration
from webapp.manifests.problems import Severity

_DEFAULT_SECONDS = 300
_NO_EXECUTE = "NoExecute"
_OUTAGE_TAINTS = (UNREACHABLE, NOT_READY)


@rule(
    "NP226",
    Severity.WARNING,
    "Tolerations that prolong an outage",
    why="Until the pods of a failed node are evicted, nothing replaces them.",
    fix="Remove the tolerations of `unreachable` and `not-ready` (the default is 300 s), or set less. Tolerations of "
    "all taints also count; the remedy puts two shorter ones before them, since the first that matches a taint "
    "decides.",
    source='Kubernetes, "Taints and Tolerations", taint-based evictions',
)
def stays_on_a_dead_node(facts: Facts) -> Iterator[Hit]:
    """Yield workloads whose tolerations hold their pods on a lost node for longer than the usual five minutes."""
    # A node that is lost is tainted unreachable, one whose kubelet says so itself not-ready.
    for backend, workload in facts.replicated:
        spec = backend.carrier.spec
        held = {taint: how_long for taint in _OUTAGE_TAINTS if (how_long := _held(spec, taint))}
        if held:
            where = "on an unreachable node" if UNREACHABLE in held else "on a node whose kubelet reports NotReady"
            yield Hit(
                subject=workload,
                path=f"{backend.carrier.spec_path}.tolerations",
                message=f"Its pods stay {where} {next(iter(held.values()))}, and no others are created meanwhile.",
                hint="Remove the tolerations of unreachable and not-ready (the default is 300 s), or set less.",
                remedy=backend.carrier.patch(
                    {"tolerations": [*map(_short, _OUTAGE_TAINTS), *_others(spec.tolerations)]}
                ),
            )


@rule(
    "NP227",
    Severity.INFO,
    "StatefulSet behind an entry point",
    why="After a crash its pods aren't recreated until the node is back, deleted or tainted out-of-service.",
    fix="Plan for it: delete the Node, or taint it `node.kubernetes.io/out-of-service` once it is off.",
    source='Kubernetes, "Force Delete StatefulSet Pods"',
    together="{count} StatefulSets do not recreate pods of a crashed node by themselves: {names}.",
)
def stateful_set(facts: Facts) -> Iterator[Hit]:
    """Yield StatefulSets behind entry points: a pod of a dead node isn't replaced until somebody decides it is dead."""
    for backend, workload in facts.replicated:
        if workload.kind == "StatefulSet":
            yield Hit(
                subject=workload,
                path="kind",
                message=f"{backend.names}: pods of a crashed node are not recreated by themselves.",
                hint="Plan for it: delete the Node, or taint it node.kubernetes.io/out-of-service once it is off.",
            )


def _held(spec: PodSpec, taint: str) -> str:
    """Return for how long a pod stays on a node with the taint; empty for no longer than by default."""
    # Without any, the admission plugin DefaultTolerationSeconds adds both for 300 s.
    if not spec.tolerations:
        return ""
    from webapp.failure.eviction import evict_after  # noqa: PLC0415 - most checks start faster without it

    seconds = evict_after((Taint(key=taint, effect=_NO_EXECUTE),), pod_tolerations(spec))
    if seconds is None:
        return "forever"
    return f"for {seconds} s" if seconds > _DEFAULT_SECONDS else ""


def _others(tolerations: tuple[Toleration, ...]) -> list[dict[str, object]]:
    """Return the tolerations of other taints as they are; those of all taints stay, behind the two that come first."""
    fields = {"key": "key", "operator": "operator", "value": "value", "effect": "effect"}
    fields["toleration_seconds"] = "tolerationSeconds"
    kept = (t for t in tolerations if t.key not in _OUTAGE_TAINTS or t.effect not in (None, "", _NO_EXECUTE))
    named = ({name: getattr(t, field) for field, name in fields.items()} for t in kept)
    return [{name: value for name, value in each.items() if value is not None} for each in named]


def _short(taint: str) -> dict[str, object]:
    return {"key": taint, "operator": "Exists", "effect": _NO_EXECUTE, "tolerationSeconds": 30}
