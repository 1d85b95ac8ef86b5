"""What a refusal means to the person who wrote the manifest: a stable id for each sort, and what to do about it."""

import re

from webapp.cluster.model import Refusal
from webapp.records import dataclass


@dataclass(frozen=True, slots=True)
class Advice:
    """The id of a sort of refusal, what to do about it, and how to recognise it."""

    id: str
    hint: str
    path: str = ".*"
    """A regular expression that the whole path matches."""
    detail: str = ""
    """A part of the API server's text; empty for any."""

    def fits(self, refusal: Refusal) -> bool:
        """Return whether this is advice for the refusal."""
        return self.detail in refusal.detail and re.fullmatch(self.path, refusal.path) is not None


# The id of a clash of node ports.
TAKEN = "NP101"

_NODE_PORT = r"spec\.(ports\[\d+\]\.nodePort|healthCheckNodePort)"
_CHOOSE = "or omit it to have one auto-assigned."
_RANGE = "Where kube-apiserver has another --service-node-port-range, give nodefall the same."

_PLACEMENT = r".*\.(affinity|tolerations|topologySpreadConstraints|nodeSelector|nodeName|schedulingGates).*"

_TABLE = (
    Advice(TAKEN, f"Give one of the two another number, {_CHOOSE}", _NODE_PORT, "already allocated"),
    Advice("NP102", f"Take a number from the range, {_CHOOSE} {_RANGE}", _NODE_PORT, "not in the valid range"),
    Advice("NP103", "Free some node ports, or widen --service-node-port-range.", _NODE_PORT, "range is full"),
    Advice("NP104", "Set spec.type to NodePort, or remove nodePort.", _NODE_PORT, "may not be used"),
    Advice("NP105", "Remove `clusterIP: None`, or use type ClusterIP.", r"spec\.clusterIPs\[0\]", "set to 'None'"),
    Advice("NP106", "Omit clusterIP: the cluster assigns a free one.", r"spec\.clusterIPs", "already allocated"),
    Advice("NP107", "Add spec.selector with labels that the template has.", r"spec\.selector", "Required value"),
    Advice("NP107", "Give the template all labels of spec.selector.", r"spec\..*metadata\.labels", "not match"),
    Advice("NP108", "Rename it by the rule in the message.", r"metadata\..*"),
    Advice("NP109", "Each of several ports needs its own name.", r"spec\.ports\[\d+\]\.name"),
    Advice("NP109", "Remove one of them, or give it another port or protocol.", r"spec\.ports\[\d+\]", "Duplicate"),
    Advice("NP110", "Use an unquoted number or a container port's name.", r"spec\.ports\[\d+\]\.targetPort"),
    Advice("NP112", "Make addresses, families and policy fit together.", r"spec\.(clusterIPs|ipFamil).*"),
    Advice("NP111", "Correct the value, or omit it for the default.", r"spec\.(session|traffic).*|spec\..*Policy"),
    Advice("NP113", "Add the image that the container runs.", r".*\.(initC|c)ontainers\[\d+\]\.image"),
    Advice("NP113", "Correct the container as the message says.", r".*\.(initC|c)ontainers.*"),
    Advice("NP114", "Correct the placement rule as the message says.", _PLACEMENT),
)  # fmt: skip

_OTHER = Advice("NP199", "Correct the field as the message says; `kubectl explain` shows what it takes.")


def advice_for(refusal: Refusal) -> Advice:
    """Return the advice for a refusal: the first of the table that fits."""
    return next((advice for advice in _TABLE if advice.fits(refusal)), _OTHER)
