"""The budgets that a drain asks: found by label, counted again after each eviction."""

import gc
import weakref
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.benchmarks.generate import cluster, text
from tests.failure.workloads import budget, pod
from webapp.cluster.build import build
from webapp.cluster.model import Cluster
from webapp.cluster.scheduling.budget_index import BudgetIndex
from webapp.cluster.scheduling.budgets import coverage
from webapp.failure.drain import DrainResult, drain
from webapp.failure.drain_budgets import Budgets
from webapp.manifests import Upload, read
from webapp.manifests.objects import LabelSelector, LabelSelectorRequirement, PodDisruptionBudgetObject

labels = st.dictionaries(st.sampled_from("ab"), st.sampled_from("xy"))
expressions = st.builds(
    LabelSelectorRequirement,
    key=st.sampled_from("ab"),
    operator=st.sampled_from(("In", "NotIn", "Exists", "DoesNotExist")),
    values=st.sampled_from(((), ("x",), ("x", "y"))),
)
selectors = st.builds(
    LabelSelector, match_labels=labels, match_expressions=st.lists(expressions, max_size=2).map(tuple)
)
budgets = st.builds(
    lambda selector, version: replace(budget(selector=selector), api_version=version),
    selectors | st.none(),
    st.sampled_from(("policy/v1", "policy/v1beta1")),
)


@given(st.lists(budgets, max_size=5), st.lists(labels, max_size=4), st.sampled_from(("default", "elsewhere")))
def test_budgets_found_by_label_are_those_that_cover_the_pod(
    drawn: list[PodDisruptionBudgetObject], of_pods: list[dict[str, str]], namespace: str
) -> None:
    """With whatever selectors, and in their order."""
    found = BudgetIndex(drawn)
    for some in of_pods:
        one = pod("one", "n1", labels=some, namespace=namespace)
        assert found.covering(one) == [number for number, each in enumerate(drawn) if coverage(each)(one)]


@pytest.fixture(scope="module")
def guarded() -> Cluster:
    """Return a cluster with a budget for each workload."""
    texts = [text(cluster(12, 20, 5)).decode()]
    texts += [
        "apiVersion: policy/v1\nkind: PodDisruptionBudget\n"
        f"metadata: {{name: app-{n}, namespace: team-{n}}}\n"
        f"spec: {{maxUnavailable: 1, selector: {{matchLabels: {{app: app-{n}}}}}}}\n"
        for n in range(1, 21)
    ]
    return build(read([Upload(name="cluster.yaml", data="---\n".join(texts).encode())]))


def test_only_budgets_of_pods_on_the_drained_nodes_are_counted(guarded: Cluster) -> None:
    """With one for each of 10,000 workloads, counting all for each of 1,666 nodes took ten minutes."""
    there = guarded.pods_on["worker-1"]
    asked = Budgets.asked(guarded, there)
    assert {f"team-{1 + number}" for number in asked.covered} == {guarded.pods[key].namespace for key in there}
    assert 0 < len(asked.covered) < 20
    assert {len(its) for its in asked.covered.values()} == {5}
    assert asked.answers({key: guarded.pods[key] for key in there}).keys() == set(there)


def test_each_node_is_drained_as_if_all_budgets_had_been_asked(guarded: Cluster) -> None:
    """What a workload lost on the first node counts again by the time of the second."""
    done = drain(guarded, ("worker-1", "worker-2"))
    assert [it.result for it in done.nodes] == [DrainResult.DRAINED] * 2
    for it in done.nodes:
        for together in it.rounds:
            of = [guarded.pods[key].namespace for key in together]
            assert len(of) == len(set(of))


def test_a_pod_that_was_pending_before_counts_once(guarded: Cluster) -> None:
    """A pod of two budgets can't be evicted at all; one that comes twice has one."""
    key = guarded.pods_on["worker-1"][0]
    asked = Budgets.asked(guarded, [key])
    new = replace(guarded.pods[key], name="new-1")
    asked.update([key], [replace(new, node=None, ready=False, phase="Pending")])
    asked.update([], [new])
    assert asked.answers({new.key: new})[new.key].allowed
    asked.update([new.key], [])
    assert [len(its) for its in asked.covered.values()] == [4]


def test_a_drain_that_is_remembered_does_not_keep_its_cluster() -> None:
    """What is kept for as long as a cluster lives would keep it for ever."""
    here = build(read([Upload(name="cluster.yaml", data=text(cluster(3, 2, 3)))]))
    assert drain(here, ("worker-1",)).drained.pods
    lives = weakref.ref(here)
    del here
    gc.collect()
    assert lives() is None
