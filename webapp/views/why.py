"""Why: one sentence for each rule that applied, with the Kubernetes document that says so."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from webapp.numbers import counted
from webapp.routing import Cause, Crowd, Entry, PortOutcome, Result

_NAME = re.compile(r"[\w-]+(?:\.[\w-]+)*")


@dataclass(frozen=True, slots=True)
class Reason:
    """One rule that applied, and where Kubernetes says so."""

    text: str
    source: str
    url: str


_SOURCES = {
    Cause.ANSWERED: (
        "Service: type NodePort",
        "https://kubernetes.io/docs/concepts/services-networking/service/#type-nodeport",
    ),
    Cause.NODE_DOWN: ("Nodes: heartbeats", "https://kubernetes.io/docs/concepts/architecture/nodes/#node-heartbeats"),
    Cause.ADDRESS_EXCLUDED: (
        "kube-proxy: --nodeport-addresses",
        "https://kubernetes.io/docs/reference/command-line-tools-reference/kube-proxy/",
    ),
    Cause.NOT_PROXIED: (
        "Well-known labels: service-proxy-name",
        "https://kubernetes.io/docs/reference/labels-annotations-taints/#servicekubernetesioservice-proxy-name",
    ),
    Cause.NO_ENDPOINT: (
        "Virtual IPs: iptables mode",
        "https://kubernetes.io/docs/reference/networking/virtual-ips/#proxy-mode-iptables",
    ),
    Cause.NO_LOCAL_ENDPOINT: (
        "Virtual IPs: external traffic policy",
        "https://kubernetes.io/docs/reference/networking/virtual-ips/#external-traffic-policy",
    ),
    Cause.DEAD_ENDPOINTS: (
        "Virtual IPs: iptables mode",
        "https://kubernetes.io/docs/reference/networking/virtual-ips/#proxy-mode-iptables",
    ),
}


def reasons(found: PortOutcome, via: str) -> Iterator[Reason]:
    """Yield one reason for each rule that applied to clients that come in by `via`, the worst result first."""
    order = list(Result)
    by_cause: dict[Cause, list[Crowd]] = {}
    for crowd in sorted(found.chosen(via) or found.crowds, key=lambda crowd: -order.index(crowd.entry.result)):
        by_cause.setdefault(crowd.entry.cause, []).append(crowd)
    for cause, crowds in by_cause.items():
        yield Reason(_told(crowds), *_SOURCES[cause])


def _told(crowds: Sequence[Crowd]) -> str:
    """Return the first one's reason, for how many others the same holds, and where the rule picks among others."""
    first, others = crowds[0].entry, sum(crowd.count for crowd in crowds) - 1
    alike = sum(crowd.count for crowd in crowds if _anywhere(crowd.entry) == _anywhere(first)) - 1
    same = f" The same at {counted(alike, 'other node')}." if alike else ""
    differs = others - alike
    return f"{first.reason}{same}" + (f" {counted(differs, 'node')} by this rule among other pods." if differs else "")


def _anywhere(entry: Entry) -> str:
    """Return the reason without the node's name."""
    if entry.node not in entry.reason:
        return entry.reason  # most of 5,000, and ten times as fast
    return _NAME.sub(lambda name: "" if name[0] == entry.node else name[0], entry.reason)
