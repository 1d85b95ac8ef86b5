"""What the manifests left open, and what was assumed instead: problems of severity info, NP3xx."""

from collections.abc import Container, Iterable, Mapping, Sequence

from webapp.capture import CAPTURE
from webapp.cluster.assumed_pods import AssumedWorkload
from webapp.cluster.autoscaling import autoscaling_told
from webapp.cluster.edits import described
from webapp.cluster.model import Mentions, Node, Pod, PodKey, Service, ServiceKey, WorkloadRef
from webapp.cluster.network_policies import may_block
from webapp.cluster.nodes import UNLIMITED, are_counted, not_ready_remark
from webapp.cluster.options import ClusterOptions, Edits
from webapp.cluster.placement import PlacementResult
from webapp.cluster.pod_map import Run
from webapp.cluster.pods import controller_of, is_taken_for_ready, never_rolled_out, ref_of
from webapp.cluster.replicas import PlacedReplicas
from webapp.cluster.scheduling.priority import SYSTEM_PRIORITIES
from webapp.limits import WORDS
from webapp.manifests.manifests import Manifests
from webapp.manifests.objects import PodObject
from webapp.manifests.problems import Problem, Severity
from webapp.numbers import some


def assumptions(
    manifests: Manifests,
    nodes: Mapping[str, Node],
    placed: PlacementResult,
    services: Mapping[ServiceKey, Service],
    options: ClusterOptions,
    made_up: Sequence[AssumedWorkload] = (),
) -> Iterable[Problem]:
    """Yield what was assumed, one problem of severity info each (NP3xx)."""
    pods = placed.pods
    yield from _about_nodes(manifests, nodes)
    if are_counted(nodes.values()) and max(options.assume_nodes, len(options.node_names)) > WORDS.assumed_nodes:
        yield _assumed("NP307", f"At most {WORDS.assumed_nodes} nodes are assumed.", "Ask for fewer nodes.")
    # People who write Nodes by hand leave their resources out; a cluster never does.
    silent = [node.name for node in nodes.values() if node.allocatable is UNLIMITED]
    if silent:
        yield _assumed(
            "NP302",
            f"{some(silent)}: nothing says how much fits there; enough cpu and memory for 110 pods were assumed.",
            "Give status.allocatable, as `kubectl get nodes -o yaml` shows it.",
        )
    yield from _assumed_pods(made_up, pods)
    yield from _about_pods(placed, {ref_of(it.workload) for it in made_up})
    assigned = [key for key, service in services.items() if any(p.node_port_assigned for p in service.ports)]
    if assigned:
        yield _assumed(
            "NP305",
            f"{some(assigned)}: nodefall auto-assigned the nodePort; a cluster assigns a random one.",
            "Write spec.ports[].nodePort to fix the number.",
        )
    # How far a Job has come no manifest says; most of the time one has finished.
    finished = [w.metadata.name for w in manifests.workloads if w.kind in ("Job", "CronJob") and not w.spec.suspend]
    if finished:
        yield _assumed(
            "NP306",
            f"{some(finished)}: pods of Jobs and CronJobs are assumed to have finished, so they get no traffic.",
        )
    for sentence in autoscaling_told(manifests):
        yield _assumed("NP312", sentence, "Fix the number with minReplicas and maxReplicas, or leave replicas out.")
    yield from _controllers(manifests, placed)
    yield from _priorities(manifests)
    if blocked := may_block(manifests.network_policies, pods, services):
        yield _assumed(
            "NP315",
            f"{some(blocked)}: a NetworkPolicy selects the pods and may block clients; policies are not simulated, so "
            "all clients are assumed to be allowed.",
            "Check what the policy admits: see the findings.",
        )


def _controllers(manifests: Manifests, placed: PlacementResult) -> Iterable[Problem]:
    """Yield what controllers do that their objects don't say at first sight, and what was assumed about dumped pods."""
    if paused := [f"{ref.kind} {ref.namespace}/{ref.name}" for ref in never_rolled_out(manifests)]:
        yield _assumed(
            "NP313",
            f"{some(paused)}: paused, and no ReplicaSet or pod of it is in the upload; a Deployment that is created "
            "paused creates no pods.",
            "Remove spec.paused, or add the ReplicaSets that it has.",
        )
    orphans = [pod for pod in manifests.pods if controller_of(pod.metadata) is None]
    keys, pods = list(map(_key, orphans)), placed.pods
    if adopted := [key for key in keys if key in pods and pods[key].owner is not None]:
        yield _assumed(
            "NP314",
            f"{some(adopted)}: adopted by a controller whose selector matches, so counted among its replicas.",
            "Give the pod other labels if this is not intended.",
        )
    if deleted := [key for key in keys if key not in pods and key not in placed.preempted]:
        yield _assumed(
            "NP314",
            f"{some(deleted)}: adopted by a controller that then has too many pods, so it deletes "
            f"{_plural(len(deleted), 'it', 'them')}.",
            "Give the pod other labels if this is not intended.",
        )
    if silent := [_key(pod) for pod in manifests.pods if pod.status and is_taken_for_ready(pod.spec, pod.status)]:
        yield _assumed(
            "NP316",
            f"{some(silent)}: without a Ready condition in the dump; assumed to be ready.",
            "Add status.conditions: a pod without a Ready condition is not ready.",
        )


def _priorities(manifests: Manifests) -> Iterable[Problem]:
    """Yield the PriorityClasses that are named only; in a dump the pods have their priority themselves."""
    templates = [w.spec.template.spec for w in manifests.workloads if w.spec.template is not None]
    specs = (*(pod.spec for pod in manifests.pods), *templates)
    named = {spec.priority_class_name for spec in specs if spec.priority_class_name and spec.priority is None}
    if unknown := sorted(
        named - SYSTEM_PRIORITIES.keys() - {each.metadata.name for each in manifests.priority_classes}
    ):
        yield _assumed(
            "NP321",
            f"PriorityClass {some(unknown)}: not in the uploaded manifests; assumed to have the value 0.",
            "Add it: its value decides which pods are placed first and which are preempted.",
        )


def _key(pod: PodObject) -> PodKey:
    return pod.metadata.key


def _about_pods(placed: PlacementResult, made_up: Container[WorkloadRef]) -> Iterable[Problem]:
    """Yield how many pods were made, and which of all don't run and why."""
    pods = placed.pods
    single = [run for run in pods.runs if isinstance(run, Pod)]
    running = (pod for pod in single if pod.assumed and pod.node and not pod.rejected)
    made = sum(bool(pod.owner) and pod.owner not in made_up for pod in running) + sum(
        len(run) - run.places.count(None) for run in pods.runs if isinstance(run, PlacedReplicas)
    )
    if made:
        yield _assumed(
            "NP303",
            f"{made} {_plural(made, 'pod was', 'pods were')} created from the workloads' templates and "
            f"placed by kube-scheduler's rules, and {_plural(made, 'is', 'are')} assumed to be running and ready.",
            f"Capture the cluster to see where its pods really run: `{CAPTURE}`.",
        )
    pending = [key for run in pods.runs for key in _pending(run)]
    if pending:
        yield _assumed(
            "NP304",
            f"{len(pending)} {_plural(len(pending), 'pod has', 'pods have')} no node ({some(pending)}). "
            f"{pending[0]}: {pods[pending[0]].pending}",
            "A pending pod has no address and gets no traffic: free up resources, or change its placement rules.",
        )
    if rejected := [pod.key for pod in single if pod.rejected]:
        yield _assumed(
            "NP318",
            f"{len(rejected)} {_plural(len(rejected), 'pod names its node and is', 'pods name their node and are')} "
            f"rejected by the kubelet there ({some(rejected)}). {rejected[0]}: {pods[rejected[0]].rejected}",
            "Such a pod has failed and gets no traffic; its controller, if any, keeps creating others. Remove "
            "nodeName, and the scheduler selects the node.",
        )
    if placed.preempted:
        keys = list(placed.preempted)
        yield _assumed(
            "NP317",
            f"{len(keys)} {_plural(len(keys), 'pod is', 'pods are')} preempted ({some(keys)}): "
            f"{placed.preempted[keys[0]]} has a higher priority than {keys[0]}, and fits nowhere otherwise.",
            "Free up resources, or give the pod its own PriorityClass.",
        )


def _pending(run: Run) -> Iterable[PodKey]:
    if isinstance(run, Pod):
        return (run.key,) if run.assumed and not run.node else ()
    return (key for key, node in run.nodes.items() if node is None) if None in run.places else ()


def _about_nodes(manifests: Manifests, nodes: Mapping[str, Node]) -> Iterable[Problem]:
    """Yield which nodes are assumed: all, in whatever number, or those that something names."""
    assumed = [node for node in nodes.values() if node.assumed]
    names, count = some([node.name for node in assumed]), len(assumed)
    named_by = _total(node.mentions for node in assumed if node.mentions)
    if are_counted(nodes.values()):
        yield _assumed(
            "NP301",
            f"No Node objects: {count} {_plural(count, 'node was', 'nodes were')} assumed ({names}).",
            f"Set their number and names, or capture the cluster: `{CAPTURE}`.",
        )
    elif not manifests.nodes:
        yield _assumed(
            "NP301",
            f"No Node objects: {_plural(count, 'the node', f'the {count} nodes')} named by {named_by} "
            f"{_plural(count, 'was', 'were')} assumed ({names}).",
            "Labels, taints and allocatable resources of the nodes decide where new pods go. Capture them as well: "
            f"`{CAPTURE}`.",
        )
    elif assumed:
        yield _assumed(
            "NP310",
            f"{names}: named by {named_by}, not in the upload. {_plural(count, 'The node was', 'These nodes were')} "
            f"assumed: {_plural(count, 'an entry point', 'entry points')} like the others, but no new pod is scheduled "
            "there.",
            f"Capture all of the cluster: `{CAPTURE}`.",
        )
    if remark := not_ready_remark(nodes.values()):
        yield _assumed(
            "NP311",
            f"{remark} Unless the Scenario takes it down, such a node is simulated as up.",
            "Take it down to see what its clients get.",
        )


def _total(mentions: Iterable[Mentions]) -> Mentions:
    listed = list(mentions)
    return Mentions(
        pods=sum(each.pods for each in listed),
        workloads=sum(each.workloads for each in listed),
        endpoints=sum(each.endpoints for each in listed),
    )


def _assumed_pods(made_up: Sequence[AssumedWorkload], pods: Mapping[PodKey, Pod]) -> Iterable[Problem]:
    """Yield which services have assumed pods, how many, and what is taken for granted about them."""
    if not made_up:
        return
    services = list(dict.fromkeys(key for it in made_up for key in it.services))
    refs = {ref_of(it.workload) for it in made_up}
    count = sum(pod.owner in refs for pod in pods.values())
    ports = dict.fromkeys(f"{port.name} is {port.container_port}" for it in made_up for port in it.named_ports)
    numbers = f" Named ports get the number of the Service's port: {some(tuple(ports))}." if ports else ""
    yield _assumed(
        "NP320",
        f"{some(services)}: nothing in the uploaded manifests could be behind {_plural(len(services), 'it', 'them')}, "
        f"so {count} {_plural(count, 'pod was', 'pods were')} assumed, placed and recreated as a Deployment's "
        f"pods are, and ready where {_plural(count, 'it runs', 'they run')}.{numbers}",
        "Set their number, or add the workload: its pods then replace the assumed ones.",
    )


def edit_problems(manifests: Manifests, edits: Edits) -> Iterable[Problem]:
    """Yield what was edited, so that whatever is made of the cluster says that it is not as the manifests have it."""
    for sentence in described(manifests, edits):
        yield _assumed("NP309", sentence, "Take the edit back to see the manifests as they are.")


def _assumed(code: str, message: str, hint: str = "") -> Problem:
    return Problem(id=code, severity=Severity.INFO, message=message, hint=hint)


def _plural(count: int, one: str, many: str) -> str:
    return one if count == 1 else many
