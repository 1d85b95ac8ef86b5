"""How each way to fail is brought about by hand on a real cluster, and how it is ended."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from webapp.documents.rehearsal import one_line, shell_word
from webapp.failure.kinds import FailureKind
from webapp.failure.scenario import Target
from webapp.records import dataclass


@dataclass(frozen=True, slots=True)
class GameDayCommand:
    """Something to type, and what it is for."""

    command: str
    why: str


@dataclass(frozen=True, slots=True)
class _ByHand:
    """How to bring a failure about and how to end it; ``{name}``, ``{namespace}`` and ``{pod}`` are what fails."""

    command: str
    why: str
    undo: str
    undo_why: str


_POWER_ON = "Power on again, then wait. Pods that were recreated stay where they are."
_READY = "kubectl wait --for=condition=Ready --timeout=10m"
_CUT = "nsenter -t PID -n iptables -I INPUT -j DROP"
_CUT_OFF = (
    "On the node of {pod}, as root; PID is one of its processes. No packet reaches it, not even its readiness probe. "
    "Never for a pod with hostNetwork."
)
_BY_HAND: Mapping[FailureKind, _ByHand] = MappingProxyType(
    {
        FailureKind.NODE: _ByHand(
            "echo o > /proc/sysrq-trigger",
            "On {name}, as root: power off at once. An orderly shutdown may be announced, and is another failure.",
            _READY + " node/{name}",
            _POWER_ON,
        ),
        FailureKind.ZONE: _ByHand(
            "kubectl get nodes -l topology.kubernetes.io/zone={name}",
            "Power off all of these at the same time, or use the cloud's own fault injection.",
            _READY + " node -l topology.kubernetes.io/zone={name}",
            _POWER_ON,
        ),
        FailureKind.POD: _ByHand(
            _CUT,
            _CUT_OFF,
            "kubectl delete pod -n {namespace} {pod}",
            "Its controller makes another one. Do so too when it is not ready, to see that.",
        ),
        FailureKind.UNREADY: _ByHand(
            _CUT,
            _CUT_OFF + " A liveness probe, if it has one, fails too, and restarts its container.",
            "nsenter -t PID -n iptables -D INPUT -j DROP",
            "On the same node, as root.",
        ),
        FailureKind.DELETED: _ByHand(
            "kubectl delete pod -n {namespace} {pod}",
            "It terminates within its grace period.",
            "kubectl get pods -n {namespace} -o wide",
            "Nothing to undo: its controller makes another one. A pod without a controller is gone.",
        ),
        FailureKind.PARTITION: _ByHand(
            "iptables -I OUTPUT -p tcp --dport 6443 -j DROP",
            "On {name}, as root; 6443 is the port of the API server, if yours has no other.",
            "iptables -D OUTPUT -p tcp --dport 6443 -j DROP",
            "On {name}, as root.",
        ),
        FailureKind.KUBE_PROXY: _ByHand(
            "kubectl -n kube-system get pods -l k8s-app=kube-proxy --field-selector spec.nodeName={name}",
            "Stop that one on its node: if it is deleted, another one is made.",
            "kubectl -n kube-system delete pod -l k8s-app=kube-proxy --field-selector spec.nodeName={name}",
            "Another one is made, which writes all rules.",
        ),
        FailureKind.RETURNED: _ByHand(
            "echo o > /proc/sysrq-trigger",
            "On {name}, as root. Power it on again once its pods were recreated elsewhere.",
            _READY + " node/{name}",
            _POWER_ON,
        ),
        FailureKind.CONTROL_PLANE: _ByHand(
            "mv /etc/kubernetes/manifests/kube-controller-manager.yaml /root/",
            "On each control-plane node of a kubeadm cluster; that of a managed one can't be made to fail.",
            "mv /root/kube-controller-manager.yaml /etc/kubernetes/manifests/",
            "On each control-plane node.",
        ),
    }
)


def drained_by_hand(names: Sequence[str]) -> tuple[GameDayCommand, GameDayCommand]:
    """Return how nodes are drained, in this order, and how that is undone."""
    # In one command: of several nodes kubectl cordons all first, so that no pod moves to one that is next.
    nodes = " ".join(map(shell_word, names))
    why = "As simulated: nothing is deleted by force, and pods with an emptyDir stop it."
    undo_why = "Stop kubectl drain first (Ctrl-C). No pod moves back by itself."
    return (
        GameDayCommand(f"kubectl drain {nodes} --ignore-daemonsets", why),
        GameDayCommand(f"kubectl uncordon {nodes}", undo_why),
    )


def by_hand(target: Target) -> tuple[GameDayCommand, GameDayCommand]:
    """Return how something is made to fail, and how that is undone."""
    its = _BY_HAND[target.kind]
    namespace, _, pod = target.name.partition("/")
    plain = {"name": one_line(target.name), "namespace": one_line(namespace), "pod": one_line(pod)}
    typed = {word: shell_word(value) for word, value in plain.items()}
    return (
        GameDayCommand(its.command.format(**typed), its.why.format(**plain)),
        GameDayCommand(its.undo.format(**typed), its.undo_why.format(**plain)),
    )
