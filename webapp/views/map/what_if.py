"""The map's form of what-ifs, and the edits on every page: marked, removable, shown as the patch that makes them so."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice

from flask import Blueprint, redirect
from flask.typing import ResponseReturnValue

from webapp.cluster.autoscaling import ReplicaBounds, autoscaled, replica_bounds
from webapp.cluster.edits import service_key
from webapp.cluster.model import Node, WorkloadRef
from webapp.cluster.node_edits import CONTROL_PLANE_LABEL
from webapp.cluster.pods import ref_of, replicas
from webapp.cluster.rescaling import scalable, workload_word
from webapp.failure import words
from webapp.failure.edit_words import MAX_REPLICAS
from webapp.findings.remedy import patch
from webapp.manifests.objects import ServiceObject, WorkloadObject
from webapp.manifests.well_known_labels import ZONE
from webapp.numbers import counted
from webapp.views.page.cache import keep_latest
from webapp.views.page.query import QueryForm, address, asked_pairs
from webapp.views.page.state import PageState, fitting, is_exposed
from webapp.views.page.topologies import Topology, open_or_404

blueprint = Blueprint("what_if", __name__)

# Nodes written out in a patch; the rest follows the same pattern.
MAX_PATCHED = 20
MAX_WORKLOADS = 6


@dataclass(frozen=True, slots=True)
class Edit:
    """One difference from the manifests."""

    text: str
    was: str
    remove_url: str
    command: str
    """A line for a terminal; empty where there is no object to patch."""
    patch: str
    """The same as YAML."""


@dataclass(frozen=True, slots=True)
class Number:
    """A number that can be set."""

    field: str
    label: str
    now: int
    given: str
    most: int


@dataclass(frozen=True, slots=True)
class WhatIf:
    """The form."""

    form: QueryForm
    numbers: tuple[Number, ...]
    policy_field: str
    """Empty for a service that has no externalTrafficPolicy."""
    policy_label: str
    policy: str


Pairs = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class _Editable:
    """What a topology's manifests say of what can be edited."""

    workloads: Mapping[str, WorkloadObject]
    """With the replicas that their autoscalers leave."""
    services: Mapping[str, ServiceObject]
    by_namespace: Mapping[str, tuple[WorkloadObject, ...]]
    written: Mapping[str, str]
    """Their replicas as the manifests have them, with what the autoscalers make of them."""
    bounds: Mapping[WorkloadRef, ReplicaBounds]


# Topologies never change, and looking through ten thousand workloads takes as long as a click may.
@keep_latest(8, key=lambda topology: topology.id)
def _editable(topology: Topology) -> _Editable:
    # An HPA moves replicas into its bounds: what counts is the number that it leaves.
    manifests = autoscaled(topology.manifests)
    workloads = {workload_word(workload): workload for workload in scalable(manifests)}
    spaces: dict[str, list[WorkloadObject]] = defaultdict(list)
    for workload in workloads.values():
        spaces[workload.metadata.effective_namespace].append(workload)
    services = {service_key(service): service for service in topology.manifests.services}
    by_namespace = {name: tuple(listed) for name, listed in spaces.items()}
    bounds = replica_bounds(manifests)
    pairs = zip(scalable(topology.manifests), workloads.items(), strict=True)
    written = {word: _written(workload, scaled, bounds) for workload, (word, scaled) in pairs}
    return _Editable(workloads, services, by_namespace, written, bounds)


def _written(workload: WorkloadObject, scaled: WorkloadObject, bounds: Mapping[WorkloadRef, ReplicaBounds]) -> str:
    count = replicas(workload)
    return str(count) if replicas(scaled) == count else f"{count}{bounds[ref_of(workload)].remark(count)}"


@blueprint.get("/t/<topology_id>/edit")
def change(topology_id: str) -> ResponseReturnValue:
    """Lead to the map with the form's edits, without what they do away with."""
    topology = open_or_404(topology_id)
    pairs = _composed(topology, [(key, value.strip()) for key, value in asked_pairs()])
    words.decode_options(pairs, topology.manifests)  # a wrong one is refused
    page, dropped = fitting(topology, pairs)
    return redirect(page.url(dropped=dropped))


@blueprint.app_template_global("edits_of")
def edits_of(page: PageState) -> tuple[Edit, ...]:
    """Return what differs from the manifests in this state."""
    return tuple(_edits(page))


@blueprint.app_template_global("what_if")
def what_if(page: PageState) -> WhatIf:
    """Return the form for this state."""
    service = page.service
    given = (
        _service(page, service.key) if service and (service.external_traffic_policy or is_exposed(service)) else None
    )
    return WhatIf(
        form=page.form("what-if"),
        numbers=tuple(_numbers(page)),
        policy_field=f"policy/{service.key}" if service and given else "",
        policy_label=f"externalTrafficPolicy of {service.key}" if service else "",
        policy=(service.external_traffic_policy or "Cluster") if service else "",
    )


def with_policy(page: PageState, key: str, policy: str) -> PageState:
    """Return this state with another externalTrafficPolicy for a service; the manifest's own is not an edit."""
    given = _service(page, key)
    policies = {name: each for name, each in page.options.edits.policies if name != key}
    if given is None or _policy(given) != policy:
        policies[key] = policy
    edits = replace(page.options.edits, policies=tuple(sorted(policies.items())))
    return replace(page, options=replace(page.options, edits=edits))


# --- the form


def _numbers(page: PageState) -> Iterator[Number]:
    """Yield what can be set: places of assumed nodes, and replicas of the workloads behind the service in focus."""
    edits = page.options.edits
    if _assumes_nodes(page):
        yield Number("zones", "Zones of the assumed nodes", edits.zones, "none", 26)
        count = len(page.cluster.nodes)
        yield Number("control-planes", "Control-plane nodes among them", edits.control_planes, "none", count)
    now = dict(edits.replicas)
    for workload in islice(_workloads_behind(page), MAX_WORKLOADS):
        word, given = workload_word(workload), replicas(workload)
        bounds = _editable(page.topology).bounds.get(ref_of(workload))
        limits = f", limited to {bounds.least} to {bounds.most} by {bounds.names}" if bounds and bounds.agree else ""
        label = f"Replicas of {workload.kind} {workload.metadata.name}{limits}"
        count = now.get(word, given)
        yield Number(
            f"replicas/{word}",
            label,
            bounds.scaled(count) if bounds else count,
            _editable(page.topology).written[word],
            MAX_REPLICAS,
        )


def _workloads_behind(page: PageState) -> Iterator[WorkloadObject]:
    service = page.service
    if service is None or not service.selector:
        return
    for workload in _editable(page.topology).by_namespace.get(service.namespace, ()):
        template = workload.spec.template
        if template is not None and service.selector.items() <= template.metadata.labels.items():
            yield workload


def _composed(topology: Topology, pairs: Pairs) -> Pairs:
    """Return the words with the form's fields in place of edits they replace; the manifest's value is not an edit."""
    fields = {key: value for key, value in pairs if key.startswith(("replicas/", "policy/")) and value}
    given = _editable(topology)
    own = {"zones", "control-planes"}
    last = {key: value for key, value in pairs if key in own}
    kept = [
        (key, value)
        for key, value in pairs
        if value and key not in fields and key not in own and f"{key}/{value.rpartition(':')[0]}" not in fields
    ]
    kept += [(key, value) for key, value in last.items() if value not in ("", "0")]
    for key, value in fields.items():
        word, _, name = key.partition("/")
        # The number of the manifest typed again is no difference.
        if value != _said(given, word, name):
            kept.append((word, f"{name}:{value}"))
    return kept


def _said(given: _Editable, word: str, name: str) -> str:
    """Return what the manifests say; empty for what they don't hold, which is refused later."""
    if word == "policy":
        return _policy(given.services[name]) if name in given.services else ""
    return str(replicas(given.workloads[name])) if name in given.workloads else ""


# --- what differs


def _edits(page: PageState) -> Iterator[Edit]:
    options = page.options
    if _assumes_nodes(page):
        yield from _places(page)
    for name, count in options.edits.replicas:
        workload = _editable(page.topology).workloads[name]
        text = f"{workload.kind} {workload.metadata.key}"
        content = {"spec": {"replicas": count}}
        bounds = _editable(page.topology).bounds.get(ref_of(workload))
        yield Edit(
            text=f"{text}: {counted(count, 'replica')}{bounds.remark(count) if bounds else ''}",
            was=_editable(page.topology).written[name],
            remove_url=_without(page, ("replicas", f"{name}:{count}")),
            command=_command(workload, f'{{"spec":{{"replicas":{count}}}}}'),
            patch=patch(workload, content),
        )
    for name, policy in options.edits.policies:
        service = _service(page, name)
        if service is not None:
            yield Edit(
                text=f"Service {name}: policy {policy}",
                was=_policy(service),
                remove_url=_without(page, ("policy", f"{name}:{policy}")),
                command=_command(service, f'{{"spec":{{"externalTrafficPolicy":"{policy}"}}}}'),
                patch=patch(service, {"spec": {"externalTrafficPolicy": policy}}),
            )


def _places(page: PageState) -> Iterator[Edit]:
    """Yield the edits of assumed nodes."""
    edits, nodes = page.options.edits, tuple(page.cluster.nodes.values())
    for word, value in words.encode_options(
        replace(page.options, edits=replace(edits, replicas=(), policies=())), words.PAGE
    ):
        remove = _without(page, (word, value))
        if word in ("nodes", "node-names") and not page.counts_nodes:
            continue
        if word == "nodes":
            yield Edit(f"{counted(int(value), 'node')} assumed", "3", remove, "", "")
        elif word == "node-names":
            yield Edit(f"Nodes named {value.replace(',', ', ')}", "nodefall’s own names", remove, "", "")
        elif word == "zones":
            places = _patches(nodes, zones=True)
            yield Edit(f"Assumed nodes in {counted(edits.zones, 'zone')}", "none", remove, "", places)
        elif word == "control-planes":
            planes = tuple(node for node in nodes if node.control_plane)
            text = f"{counted(len(planes), 'control-plane node')}: {', '.join(node.name for node in planes[:3])}"
            yield Edit(text, "none", remove, "", _patches(planes, zones=False))


def _patches(nodes: tuple[Node, ...], *, zones: bool) -> str:
    """Return the YAML that puts nodes into their zones, or makes them control plane."""
    # kubeadm gives its control-plane nodes this taint; without it Pods would be placed there.
    taint = {"key": CONTROL_PLANE_LABEL, "effect": "NoSchedule"}
    parts = [
        patch(
            None,
            {
                "apiVersion": "v1",
                "kind": "Node",
                "metadata": {
                    "name": node.name,
                    "labels": {ZONE: node.zone} if zones else {CONTROL_PLANE_LABEL: ""},
                },
                **({} if zones else {"spec": {"taints": [taint]}}),
            },
        )
        for node in nodes[:MAX_PATCHED]
    ]
    rest = f"# and {len(nodes) - MAX_PATCHED} more\n" if len(nodes) > MAX_PATCHED else ""
    return "---\n".join(parts) + rest


def _command(of: WorkloadObject | ServiceObject, merge: str) -> str:
    meta = of.metadata
    return f"kubectl -n {meta.effective_namespace} patch {of.kind.lower()} {meta.name} --type merge -p '{merge}'"


def _without(page: PageState, word: tuple[str, str]) -> str:
    """Return the address that leads to this state without one edit."""
    pairs = [pair for pair in page.pairs() if pair != word]
    return address("what_if.change", pairs, topology_id=page.topology.id)


def _assumes_nodes(page: PageState) -> bool:
    return not page.topology.manifests.nodes


def _service(page: PageState, key: str) -> ServiceObject | None:
    return _editable(page.topology).services.get(key)


def _policy(service: ServiceObject) -> str:
    return service.spec.external_traffic_policy or "Cluster"
