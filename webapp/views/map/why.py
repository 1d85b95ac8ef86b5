"""Why: one sentence for each rule that applied, with the Kubernetes document that says so."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from webapp.numbers import counted
from webapp.routing import Cause, EntryPointGroup, PortOutcome, Result
from webapp.routing.entry import said_of_several


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
    """Yield one reason for each rule that applied to clients that connect via `via`, the worst result first."""
    order = list(Result)
    by_cause: dict[Cause, list[EntryPointGroup]] = {}
    for group in sorted(found.chosen(via) or found.groups, key=lambda group: -order.index(group.entry.result)):
        by_cause.setdefault(group.entry.cause, []).append(group)
    for cause, groups in by_cause.items():
        yield Reason(_told(groups), *_SOURCES[cause])


def _told(groups: Sequence[EntryPointGroup]) -> str:
    """Return the first one's reason, for how many others the same holds, and where the rule selects among others."""
    first, others = groups[0].entry, sum(group.count for group in groups) - 1
    general = said_of_several(first.reason, first.node)
    entries = ((group.count, group.entry) for group in groups)
    alike = sum(count for count, entry in entries if said_of_several(entry.reason, entry.node) == general) - 1
    same = f" The same on {counted(alike, 'other node')}." if alike else ""
    differs = others - alike
    return f"{first.reason}{same}" + (f" {counted(differs, 'node')} by this rule, with other pods." if differs else "")
