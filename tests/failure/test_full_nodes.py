"""Drains of nodes whose pods fit nowhere else: these are tried again when that can help, and told why at the end."""

import pytest

from tests.benchmarks.generate import cluster
from webapp.cluster.build import build
from webapp.cluster.model import Cluster
from webapp.failure import PodFate, drain
from webapp.failure.replacement import Controllers, Leaving
from webapp.failure.state import count_fates
from webapp.manifests import Upload, read

PRIORITY = "apiVersion: scheduling.k8s.io/v1\nkind: PriorityClass\nmetadata: {name: high}\nvalue: 1000\n"
DATABASE = """apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db}
spec:
  replicas: 5
  selector: {matchLabels: {app: db}}
  template:
    metadata: {labels: {app: db}}
    spec:
      containers: [{name: c, image: i, resources: {requests: {cpu: "3"}}}]
"""


def full_cluster(important: str = "none", request: str = "1500m") -> Cluster:
    """Return nodes that have hardly any room left; one workload may be more important than others."""
    documents = [each.replace("cpu: 100m", f"cpu: {request}") for each in cluster(12, 20, 6)]
    documents = [
        each.replace("    spec:\n      containers:", "    spec:\n      priorityClassName: high\n      containers:")
        if f"name: {important}\n" in each
        else each
        for each in documents
    ]
    return build(read([Upload(name="c.yaml", data="---\n".join([PRIORITY, DATABASE, *documents]).encode())]))


ZONE = ("worker-3", "worker-6", "worker-9", "worker-12")


@pytest.mark.parametrize("important", ["none", "app-1", "app-7"])
@pytest.mark.parametrize("request_", ["1300m", "1700m"])
@pytest.mark.parametrize("names", [ZONE, ("worker-1", "worker-2", "worker-5"), ("worker-4", *ZONE)])
def test_pods_that_fit_nowhere_come_to_the_same_as_if_each_round_tried_them_again(
    monkeypatch: pytest.MonkeyPatch, important: str, request_: str, names: tuple[str, ...]
) -> None:
    """Where they go, in which order, and why they go nowhere, also while the last node is drained."""
    here = full_cluster(important, request_)
    found = drain.drain(here, names)
    monkeypatch.setattr(drain._Process, "_may_make_room", lambda *_: True)
    every = drain.drain.__wrapped__(here, names)
    for one, other in ((found.drained, every.drained), (found.evicting, every.evicting)):
        assert [*one.pods.items()] == [*other.pods.items()]
        assert one.gone == other.gone
    assert (found.nodes, found.notes) == (every.nodes, every.notes)


def test_pods_that_wait_for_room_are_tried_again_at_the_last_node_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """A zone of a large cluster leaves thousands of them, and has as many nodes."""
    tried: list[int] = []
    fill = Controllers.fill

    def counted(self: Controllers, left: list[Leaving], pending: list[object]) -> object:
        tried.append(len(pending))
        return fill(self, left, pending)  # type: ignore[arg-type]

    monkeypatch.setattr(Controllers, "fill", counted)
    here = full_cluster(request="1700m")
    waiting = count_fates(drain.drain(here, ZONE).drained.pods)[PodFate.PENDING]
    assert len(tried) == len(ZONE)
    # Those of the StatefulSet wait for one another.
    assert max(tried[:-1]) <= 5 < tried[-1] <= waiting
