"""Edits of a page's state: the states with one more of them, and what each would give."""

from collections import defaultdict
from collections.abc import Container, Mapping
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

from webapp.cluster.autoscaling import ReplicaBounds, autoscaled, replica_bounds
from webapp.cluster.build import build
from webapp.cluster.edits import service_key
from webapp.cluster.model import Cluster, WorkloadRef
from webapp.cluster.options import Edits
from webapp.cluster.pods import ref_of, replicas
from webapp.cluster.rescaling import scalable, workload_word
from webapp.failure import Scenario, State, state_at, words
from webapp.failure.edit_words import patch_text
from webapp.failure.kinds import TargetType, kinds_of
from webapp.manifests.objects import ServiceObject, WorkloadObject
from webapp.routing import outcome
from webapp.views.page.cache import keep_latest
from webapp.views.page.query import address
from webapp.views.page.simulation import state_of
from webapp.views.page.state import PageState
from webapp.views.page.topologies import Topology
from webapp.views.page.wording import Standing, standing

MOST_PODS = 500
"""With more pods or nodes than this no other cluster is built beside a page: each takes 10 ms at 150 pods."""


MOST_PODS_ASKED = 20_000
"""The same where somebody asks for it: they take about a second each."""


@dataclass(frozen=True, slots=True)
class Editable:
    """What a topology's manifests say of what can be edited."""

    workloads: Mapping[str, WorkloadObject]
    """By ``KIND/NAMESPACE/NAME``, with the replicas that their autoscalers leave."""
    services: Mapping[str, ServiceObject]
    by_namespace: Mapping[str, tuple[WorkloadObject, ...]]
    written: Mapping[str, str]
    """Their replicas as the manifests have them, with what the autoscalers make of them."""
    bounds: Mapping[WorkloadRef, ReplicaBounds]

    def said(self, word: str, name: str, patched: Container[str] = ()) -> str:
        """Return what the manifests say of a workload's replicas or a service's policy.

        Empty for what they lack, and for an object that is patched: it may say otherwise now.
        """
        if word == "policy":
            return policy_of(self.services[name]) if name in self.services and f"Service/{name}" not in patched else ""
        return str(replicas(self.workloads[name])) if name in self.workloads and name not in patched else ""


# Topologies never change, and looking through ten thousand workloads takes as long as a click may.
@keep_latest(8, key=lambda topology: topology.id)
def editable(topology: Topology) -> Editable:
    """Return what can be edited."""
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
    return Editable(workloads, services, by_namespace, written, bounds)


def _written(workload: WorkloadObject, scaled: WorkloadObject, bounds: Mapping[WorkloadRef, ReplicaBounds]) -> str:
    count = replicas(workload)
    return str(count) if replicas(scaled) == count else f"{count}{bounds[ref_of(workload)].remark(count)}"


def policy_of(service: ServiceObject) -> str:
    """Return the service's externalTrafficPolicy, or its default."""
    return service.spec.external_traffic_policy or "Cluster"


# --- states with one more edit ----------------------------------------------------------------------------------------


def with_edits(page: PageState, **changes: Any) -> PageState:
    """Return this state with other edits."""
    edits = replace(page.options.edits, **changes)
    return replace(page, options=replace(page.options, edits=edits))


def with_replicas(page: PageState, word: str, count: int) -> PageState:
    """Return this state with other replicas of a workload; the manifest's own are not an edit."""
    counts = dict(page.options.edits.replicas) | {word: count}
    if str(count) == editable(page.topology).said("replicas", word, dict(page.options.edits.patches)):
        del counts[word]
    return with_edits(page, replicas=tuple(sorted(counts.items())))


def with_policy(page: PageState, key: str, policy: str) -> PageState:
    """Return this state with another externalTrafficPolicy for a service; the manifest's own is not an edit."""
    policies = dict(page.options.edits.policies) | {key: policy}
    if policy == editable(page.topology).said("policy", key, dict(page.options.edits.patches)):
        del policies[key]
    return with_edits(page, policies=tuple(sorted(policies.items())))


def with_patch(page: PageState, word: str, content: Mapping[str, Any]) -> PageState:
    """Return this state with one more patch, applied last."""
    patch = (word, patch_text(content))
    return with_edits(page, patches=(*(p for p in page.options.edits.patches if p != patch), patch))


def without_edits(page: PageState) -> PageState:
    """Return this state as it was uploaded, with as many nodes and pods assumed as now."""
    return replace(page, options=replace(page.options, edits=Edits()))


def url_with_edits(page: PageState, **values: Any) -> str:
    """Return the address of a state whose edits may have taken away what it names."""
    named = chain(page.scenario.down, filter(None, [page.selected]))
    edits = page.options.edits
    if edits.moves or edits.deleted_nodes or any(target.kind in kinds_of(TargetType.POD) for target in named):
        return pruned_url(page, **values)
    return page.url(**values)


def pruned_url(page: PageState, **values: Any) -> str:
    """Return the address that leads to a state without what its edits did away with."""
    return address("what_if.change", page.pairs(), topology_id=page.topology.id, **values)


# --- what it would give -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AnsweredShare:
    """What a state would answer."""

    share: float
    standing: Standing

    @classmethod
    def of(cls, share: float | None) -> "AnsweredShare | None":
        """Return the effect of a share; None without one."""
        return None if share is None else cls(share, standing(share))


def is_small(page: PageState, most: int = MOST_PODS) -> bool:
    """Return whether other clusters may be built beside the page."""
    return len(page.cluster.pods) <= most and len(page.cluster.nodes) <= most


@keep_latest(256, key=lambda page: (page.topology.id, page.options, page.scenario, page.port))
def answered(page: PageState) -> float | None:
    """Return what the port in focus answers in a state whose cluster may not have been built yet.

    What is down there and no longer exists is not down; None where nothing can be told.
    """
    cluster = cluster_of(page)
    scenario, _ = words.prune(words.encode(page.scenario), cluster)
    there = replace(page, cluster=cluster, scenario=scenario)
    service = there.service if scenario.service or page.scenario.service is None else None
    if service is None or not service.ports:
        return None
    found = outcome(state_there(page, cluster, scenario), service.key, there.port_index)
    return found.answered(scenario.via)


def state_there(page: PageState, cluster: Cluster, scenario: Scenario) -> State:
    """Return the state of a page, or of one whose cluster had to be built for other edits."""
    # The page's own is needed for its picture as well, and a lost zone of a large cluster takes seconds; those of edits
    # that are weighed would only drive others out of the memory.
    if cluster.options == page.cluster.options:
        return state_of(replace(page, scenario=scenario), scenario.at)
    return state_at(cluster, scenario)


# A page weighs a dozen edits: the next click in the same set is to build none of their clusters again.
@keep_latest(100_000, key=lambda page: (page.topology.id, page.options), weight=lambda cluster: 500 + len(cluster.pods))
def cluster_of(page: PageState) -> Cluster:
    """Return the cluster of a state's options, which may not be the one that it was made from."""
    like = page.cluster
    return like if like.options == page.options else build(page.topology.manifests, page.options, [like])
