"""What the words of the URL, the command line and the API mean: the help of both is made from this table.

Nothing is imported but the means to write it down: `nodefall --help` waits for it.
"""

from collections.abc import Mapping
from types import MappingProxyType

from webapp.records import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class WordHelp:
    """One word."""

    help: str
    """A sentence or a question."""
    shape: str
    """What a value looks like, ``KIND/NS/NAME:N``."""
    example: str
    """A value that the sample ``shop`` takes."""
    repeats: bool = False
    """It may stand several times."""


WORD_HELP: Mapping[str, WordHelp] = MappingProxyType(
    {
        "down": WordHelp(
            help="What is down: node/NAME, zone/NAME, pod/NS/NAME ...",
            shape="WORD",
            example="node/worker-2",
            repeats=True,
        ),
        "drain": WordHelp(
            help="A node to drain; repeat in order.", shape="node/NAME", example="node/worker-2", repeats=True
        ),
        "at": WordHelp(
            help="before, failed, detected, rescheduled; or cordoned, evicting, drained.",
            shape="MOMENT",
            example="detected",
        ),
        "via": WordHelp(help="How clients connect: dns (default), lb or node/NAME.", shape="WAY", example="lb"),
        "service": WordHelp(help="Only this service.", shape="NS/NAME", example="default/web"),
        "nodes": WordHelp(help="How many nodes to assume where the manifests name none (3).", shape="N", example="5"),
        "pods": WordHelp(help="How many pods to assume for a Service without any (0).", shape="N", example="2"),
        "node-names": WordHelp(help="What the assumed nodes are called.", shape="NAME,NAME", example="a,b,c"),
        "proxy-mode": WordHelp(help="kube-proxy's mode.", shape="iptables|nftables", example="nftables"),
        "nodeport-addresses": WordHelp(
            help="kube-proxy's setting: primary, all or CIDRs.", shape="WORDS", example="primary"
        ),
        "service-node-port-range": WordHelp(
            help="kube-apiserver's setting (30000-32767).", shape="LOW-HIGH", example="30000-32767"
        ),
        "kubernetes": WordHelp(help="The Kubernetes version whose rules apply (1.36).", shape="1.N", example="1.36"),
        "zones": WordHelp(help="What if the assumed nodes were in N zones?", shape="N", example="2"),
        "control-planes": WordHelp(help="What if N of them were control plane?", shape="N", example="1"),
        "replicas": WordHelp(
            help="What if the workload had N replicas?",
            shape="KIND/NS/NAME:N",
            example="Deployment/default/web:5",
            repeats=True,
        ),
        "policy": WordHelp(
            help="What if the Service had this policy?",
            shape="NS/NAME:POLICY",
            example="default/web:Local",
            repeats=True,
        ),
        "patch": WordHelp(
            help="What if this patch were applied?",
            shape="KIND/NS/NAME:JSON",
            example='Deployment/default/web:{"spec":{"replicas":5}}',
            repeats=True,
        ),
        "move": WordHelp(
            help="What if the pod were on that node?",
            shape="NS/POD:NODE",
            example="default/admin-9f4c-b5k7j:worker-1",
            repeats=True,
        ),
        "cordon": WordHelp(help="What if the node were cordoned?", shape="NODE", example="worker-1", repeats=True),
        "taint": WordHelp(
            help="What if the node had this taint?",
            shape="NODE:KEY=VALUE:EFFECT",
            example="worker-1:key=value:NoSchedule",
            repeats=True,
        ),
        "add-node": WordHelp(help="What if there were one more node?", shape="NAME", example="worker-9", repeats=True),
        "delete-node": WordHelp(help="What if the node were deleted?", shape="NODE", example="worker-2", repeats=True),
    }
)
"""Those of a Scenario, of what the manifests leave open, and of what-ifs, by their names in the URL."""
