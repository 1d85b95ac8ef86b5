"""The specs that pods of a dump have in common: each has one that names its node, and a volume of its own name."""

from dataclasses import fields, replace

from webapp.cluster.model import Pod, WorkloadRef
from webapp.manifests.objects import PodSpec

_ITS_OWN = ("node_name", "volumes")
"""What differs between the pods of one template: the node they were bound to, the name of the token's volume."""
_OF_TEMPLATE = tuple(field.name for field in fields(PodSpec) if field.name not in _ITS_OWN)


class SharedSpecs:
    """Gives the pods of a dump back the spec of their template, which the scheduler works out once for all of them."""

    def __init__(self) -> None:
        self._seen: dict[WorkloadRef | None, list[PodSpec]] = {}

    def shared(self, pod: Pod) -> Pod:
        """Return the pod with the spec that it has in common with others of its owner, not bound to a node."""
        spec = pod.spec
        if spec.node_name is None or not pod.controlled:
            return pod
        seen = self._seen.setdefault(pod.owner, [])
        for known in seen:
            if all(getattr(known, name) == getattr(spec, name) for name in _OF_TEMPLATE):
                return replace(pod, spec=known)
        seen.append(replace(spec, node_name=None))
        return replace(pod, spec=seen[-1])
