"""Verdicts: what a template's pods make of nodes, whatever runs on them."""

from collections.abc import Iterator
from dataclasses import dataclass

from webapp.cluster.scheduling.nodes import NAME_KEY, Shape
from webapp.cluster.scheduling.taints import UNSCHEDULABLE, preferred_against, tolerated, untolerated
from webapp.cluster.scheduling.template import Template

Reasons = tuple[str, ...]
CONFLICT = "pod affinity terms conflict"
NOT_NAMED = "node(s) didn't satisfy plugin(s) [NodeAffinity]"


@dataclass(frozen=True, slots=True, eq=False)
class Verdict:
    """What a template's pods make of a shape of nodes."""

    refusals: dict[str, Reasons]
    """By plugin, in the scheduler's order."""
    excluded: Reasons
    """Set where the node isn't even looked at: the reason is then this one alone."""
    against: int
    """How many PreferNoSchedule taints aren't tolerated."""
    preference: int
    """The weights of the preferred node affinity terms that match."""

    @property
    def first(self) -> Reasons:
        """The reasons of the first plugin that refuses, empty if none does."""
        return self.excluded or next(iter(self.refusals.values()), ())


def verdict_of(template: Template, shape: Shape) -> Verdict:
    """Return the template's verdict on nodes of the shape."""
    name = shape.values.get(NAME_KEY, "")
    return Verdict(
        dict(_refusals(template, shape, name)),
        _excluded(template, name),
        preferred_against(template.tolerations, shape.taints),
        sum(weight for weight, term in template.preferred if term.matches(name, shape.values)),
    )


def _excluded(template: Template, name: str) -> Reasons:
    """Return why node affinity by ``metadata.name`` leaves the node out before any filter runs.

    Rule: NodeAffinity.PreFilter (pkg/scheduler/framework/plugins/nodeaffinity/node_affinity.go).
    """
    named = template.required.named
    if named is None or name in named:
        return ()
    return (NOT_NAMED,) if named else (CONFLICT,)


def _refusals(template: Template, shape: Shape, name: str) -> Iterator[tuple[str, Reasons]]:
    """Yield the plugins that refuse, in the order in which kube-scheduler's default profile runs them.

    ``spec.unschedulable`` counts as the taint of that name, which a pod may tolerate (plugins/nodeunschedulable).
    """
    if shape.unschedulable and not tolerated(template.tolerations, UNSCHEDULABLE):
        yield "NodeUnschedulable", ("node(s) were unschedulable",)
    if template.pod.spec.node_name not in (None, "", name):
        yield "NodeName", ("node(s) didn't match the requested node name",)
    if untolerated(template.tolerations, shape.taints):
        yield "TaintToleration", ("node(s) had untolerated taint(s)",)
    if not template.required.matches(name, shape.values):
        yield "NodeAffinity", ("node(s) didn't match Pod's node affinity/selector",)
