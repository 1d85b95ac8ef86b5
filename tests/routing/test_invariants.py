"""What holds for every cluster and every failure."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.dump import dump
from tests.failure.clusters import cluster, node, pod
from webapp.cluster.build import build
from webapp.cluster.model import Cluster, WorkloadRef
from webapp.failure import Moment, Scenario, Target, state_at
from webapp.failure.kinds import FailureKind
from webapp.manifests import Upload, read
from webapp.routing import has_entries, outcome
from webapp.samples import SAMPLES

KEY = "default/web"
NODES = [node(f"n{i}", zone) for i, zone in enumerate(("a", "a", "b", None), start=1)]
MOMENTS = st.sampled_from([Moment.BEFORE, Moment.FAILED, Moment.DETECTED])


@st.composite
def clusters(draw: st.DrawFn) -> Cluster:
    """Draw a cluster of four nodes in two zones with up to six pods behind one service."""
    ref = WorkloadRef(kind="Deployment", namespace="default", name="web")
    where = draw(st.lists(st.sampled_from([n.name for n in NODES]), max_size=6))
    pods = [
        pod(f"web-{i}", on, ready=draw(st.integers(0, 4)) > 0, terminating=draw(st.integers(0, 4)) == 0, owner=ref)
        for i, on in enumerate(where)
    ]
    service: dict[str, Any] = {
        "external_traffic_policy": draw(st.sampled_from(["Cluster", "Local"])),
        "publish_not_ready_addresses": draw(st.booleans()),
        "traffic_distribution": draw(st.sampled_from([None, "PreferSameZone", "PreferSameNode"])),
    }
    return cluster(NODES, pods, **service)


def _down(names: Iterable[str], at: Moment) -> Scenario:
    return Scenario(down=frozenset(Target(kind=FailureKind.NODE, name=name) for name in names), at=at)


NAMES = st.frozensets(st.sampled_from([n.name for n in NODES]), max_size=3)


@given(clusters(), NAMES, st.sampled_from([n.name for n in NODES]))
def test_another_ready_endpoint_never_costs_a_balancers_clients_anything(
    of: Cluster, down: frozenset[str], on: str
) -> None:
    """On a live node, after detection."""
    service = of.services[KEY]
    # Hints keep clients away from pods of other zones that are not ready and published all the same; one endpoint on a
    # node without a zone takes all hints away (k8s.io/endpointslice topologycache).
    hinted = service.traffic_distribution is not None and service.publish_not_ready_addresses
    if on in down or (hinted and on == "n4"):
        return
    fields = {
        name: getattr(service, name) for name in service.__dataclass_fields__ if name not in ("ports", "refusals")
    }
    more = cluster(NODES, [*of.pods.values(), pod("web-new", on)], **fields)
    scenario = _down(down, Moment.DETECTED)
    before, after = (outcome(state_at(c, scenario), KEY).lb for c in (of, more))
    assert before is not None
    assert after is not None
    assert after >= before - 1e-12


@given(clusters(), NAMES, MOMENTS)
def test_the_parts_of_an_outcome_add_up(of: Cluster, down: frozenset[str], at: Moment) -> None:
    """Shares sum to 1 or there are none; DNS is the mean over all entries."""
    found = outcome(state_at(of, _down(down, at)), KEY)
    for entry in found.entries:
        assert sum(entry.shares.values()) == pytest.approx(1 if entry.shares else 0)
    assert found.dns == pytest.approx(sum(e.answered for e in found.entries) / len(found.entries))


@given(clusters(), NAMES, MOMENTS)
def test_a_group_behaves_as_each_of_its_entry_points(of: Cluster, down: frozenset[str], at: Moment) -> None:
    """All entry points are in one group each, and differ from its first in name and address only."""
    found = outcome(state_at(of, _down(down, at)), KEY)
    group_of = {name: group for group in found.groups for name in group.nodes}
    assert sum(group.count for group in found.groups) == len(group_of) == len(found.entries)
    for entry in found.entries:
        group = group_of[entry.node]
        reason = group.entry.reason.replace(group.entry.node, entry.node)
        assert entry == replace(group.entry, node=entry.node, address=entry.address, reason=reason)
        assert group.lb_target is (entry.node in found.lb_targets)
        assert found.group_of(entry.node) == group


@given(clusters(), NAMES, MOMENTS)
def test_bringing_back_what_was_down_gives_the_first_state_again(of: Cluster, down: frozenset[str], at: Moment) -> None:
    """A state remembers nothing."""
    healthy = outcome(state_at(of, Scenario(at=at)), KEY)
    assert outcome(state_at(of, _down((), at)), KEY) == healthy
    assert outcome(state_at(of, _down(down, Moment.BEFORE)), KEY) == healthy


def _answers(of: Cluster, scenario: Scenario) -> dict[tuple[str, int], list[tuple[str, str, float]]]:
    state = state_at(of, scenario)
    return {
        (key, index): [(e.node, e.result.value, round(e.answered, 12)) for e in outcome(state, key, index).entries]
        for key, service in of.services.items()
        for index, port in enumerate(service.ports)
        if has_entries(service, port)
    }


@settings(max_examples=40, deadline=None)
@given(clusters(), NAMES, MOMENTS)
def test_a_dump_fares_like_the_cluster_it_was_taken_from(of: Cluster, down: frozenset[str], at: Moment) -> None:
    """Pods, slices and numbers written down and read again."""
    again = build(read([Upload(name="dump.json", data=dump(of))]))
    assert _answers(again, _down(down, at)) == _answers(of, _down(down, at))


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.slug)
def test_a_sample_and_its_dump_fare_alike_whatever_node_goes_down(sample: Any) -> None:
    """What the workloads come to is what a dump of the cluster would show."""
    manifests = read([Upload(name=sample.file, data=sample.path.read_bytes())])
    of = build(manifests)
    again = build(read([Upload(name="dump.json", data=dump(of))]))
    for name in list(of.nodes)[:4]:
        for at in (Moment.FAILED, Moment.DETECTED):
            assert _answers(again, _down([name], at)) == _answers(of, _down([name], at))


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.slug)
def test_the_order_of_documents_does_not_matter(sample: Any) -> None:
    """Except for which of two clashing services comes first, which is what the API server goes by."""
    manifests = read([Upload(name=sample.file, data=sample.path.read_bytes())])
    turned = replace(
        manifests,
        nodes=manifests.nodes[::-1],
        pods=manifests.pods[::-1],
        workloads=manifests.workloads[::-1],
        services=manifests.services if sample.slug == "clashing-ports" else manifests.services[::-1],
        endpoint_slices=manifests.endpoint_slices[::-1],
    )
    one, other = build(manifests), build(turned)
    assert {key: pod.node for key, pod in one.pods.items()} == {key: pod.node for key, pod in other.pods.items()}
    scenario = Scenario(at=Moment.FAILED)
    assert _answers(one, scenario) == _answers(other, scenario)
