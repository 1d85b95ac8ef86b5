"""The plugins that look at the node alone, whatever runs on it: their Filter and raw Score results."""

from collections.abc import Iterator, Mapping
from weakref import WeakKeyDictionary

from webapp.cluster.scheduling.nodes import NAME_KEY, NodeClass, NodeClasses
from webapp.cluster.scheduling.taints import UNSCHEDULABLE, preferred_against, tolerated, untolerated
from webapp.cluster.scheduling.template import Template
from webapp.records import dataclass

Reasons = tuple[str, ...]
CONFLICT = "pod affinity terms conflict"
NOT_NAMED = "node(s) didn't satisfy plugin(s) [NodeAffinity]"


@dataclass(frozen=True, slots=True, eq=False)
class StaticResult:
    """What these plugins say of a class of nodes to the pods of a template."""

    refusals: dict[str, Reasons]
    """By plugin, in the scheduler's order."""
    prefilter: Reasons
    """Set where the node isn't even looked at: the reason is then this one alone."""
    intolerable_taints: int
    """How many PreferNoSchedule taints aren't tolerated."""
    preferred_weight: int
    """The weights of the preferred node affinity terms that match."""

    @property
    def reasons(self) -> Reasons:
        """The reasons of the first plugin that refuses, empty if none does."""
        return self.prefilter or next(iter(self.refusals.values()), ())


StaticResults = Mapping[NodeClass, StaticResult]
# 10,000 templates ask the same few classes of nodes, most of them for nothing.
_FOR_ANY: WeakKeyDictionary[NodeClasses, StaticResults] = WeakKeyDictionary()


def static_results(template: Template, classes: NodeClasses) -> StaticResults:
    """Return the results for all classes of nodes."""
    found = _FOR_ANY.get(classes) if template.goes_anywhere else None
    if found is None:
        found = {node_class: _static_result(template, node_class) for node_class in classes.node_classes}
        if template.goes_anywhere:
            _FOR_ANY[classes] = found
    return found


def _static_result(template: Template, node_class: NodeClass) -> StaticResult:
    """Return the template's static result for nodes of the class."""
    name = node_class.values.get(NAME_KEY, "")
    return StaticResult(
        dict(_refusals(template, node_class, name)),
        _prefilter(template, name),
        preferred_against(template.tolerations, node_class.taints),
        sum(weight for weight, term in template.preferred if term.matches(name, node_class.values)),
    )


def _prefilter(template: Template, name: str) -> Reasons:
    """Return why node affinity by ``metadata.name`` leaves the node out before any filter runs."""
    # NodeAffinity.PreFilter (pkg/scheduler/framework/plugins/nodeaffinity/node_affinity.go).
    named = template.required.named
    if named is None or name in named:
        return ()
    return (NOT_NAMED,) if named else (CONFLICT,)


def _refusals(template: Template, node_class: NodeClass, name: str) -> Iterator[tuple[str, Reasons]]:
    """Yield the plugins that refuse, in the order in which kube-scheduler's default profile runs them.

    ``spec.unschedulable`` counts as the taint of that name, which a pod may tolerate (plugins/nodeunschedulable).
    """
    if node_class.unschedulable and not tolerated(template.tolerations, UNSCHEDULABLE):
        yield "NodeUnschedulable", ("node(s) were unschedulable",)
    if template.pod.spec.node_name not in (None, "", name):
        yield "NodeName", ("node(s) didn't match the requested node name",)
    if untolerated(template.tolerations, node_class.taints):
        yield "TaintToleration", ("node(s) had untolerated taint(s)",)
    if not template.required.matches(name, node_class.values):
        yield "NodeAffinity", ("node(s) didn't match Pod's node affinity/selector",)
