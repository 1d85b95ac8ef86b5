"""Pods that are on separate nodes already needn't be tried: kube-scheduler would find as many nodes for them again."""

from hypothesis import given
from hypothesis import strategies as st

from tests.findings.given import Doc, manifests, node, service, workload
from webapp.cluster.build import build
from webapp.cluster.rescaling import spread_spec
from webapp.findings import Facts
from webapp.findings.placement import _may_stay
from webapp.manifests.well_known_labels import HOSTNAME


def spread(*docs: Doc) -> list[tuple[bool, bool]]:
    """Return for each workload whether its pods may stay, and whether they find nodes when they are tried."""
    read = manifests(*docs)
    facts = Facts(read, build(read))
    found = []
    for carrier in facts.carriers:
        placed = [pod for pod in facts.pods_of(carrier) if pod.node]
        fits = facts.trial.fit(placed, spread_spec(carrier.spec, carrier.labels, HOSTNAME))
        found.append((_may_stay(facts, carrier, placed), fits))
    return found


NODES = st.lists(
    st.tuples(st.sampled_from(["ssd", "hdd"]), st.booleans(), st.integers(1, 4)), min_size=1, max_size=5
).map(
    lambda rows: [
        node(f"node-{n}", labels={"disk": disk}, allocatable={"cpu": "4", "memory": "4Gi", "pods": str(room)})
        | ({"spec": {"unschedulable": True}} if closed else {})
        for n, (disk, closed, room) in enumerate(rows, 1)
    ]
)
WORKLOADS = st.lists(st.tuples(st.booleans(), st.booleans(), st.integers(1, 4)), min_size=1, max_size=4).map(
    lambda rows: [
        workload(
            f"w{n}",
            labels={"app": "web" if shared else f"w{n}"},
            replicas=replicas,
            topologySpreadConstraints=[],
            **({"nodeSelector": {"disk": "ssd"}} if picky else {}),
        )
        for n, (shared, picky, replicas) in enumerate(rows)
    ]
)


@given(nodes=NODES, workloads=WORKLOADS)
def test_what_may_stay_fits_when_it_is_tried(nodes: list[Doc], workloads: list[Doc]):
    """Also on clusters that are full, with closed nodes, node selectors and labels that workloads share."""
    assert [fits for may_stay, fits in spread(service(), *nodes, *workloads) if may_stay and not fits] == []


def test_both_answers_occur():
    """Two pods on two nodes may stay; three pods on two nodes may not."""
    nodes = [node("node-1"), node("node-2")]
    loose: Doc = {"topologySpreadConstraints": []}
    assert spread(*nodes, workload(replicas=2, **loose)) == [(True, True)]
    assert spread(*nodes, workload(replicas=3, **loose))[0][0] is False
