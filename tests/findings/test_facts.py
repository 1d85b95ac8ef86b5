"""What the rules look at: who carries labels, and who selects whom."""

from typing import Any

from tests.findings.given import facts, healthy, meta, pod_spec, service, workload
from webapp.findings.facts import Facts


def pod(name: str, *, labels: dict[str, str] | None = None, owner: tuple[str, str] | None = None) -> dict[str, Any]:
    """Return a running pod."""
    owners = {"ownerReferences": [{"kind": owner[0], "name": owner[1], "controller": True}]} if owner else {}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": meta(name, labels=labels or {"app": "web"}, **owners),
        "spec": pod_spec(nodeName="node-1"),
        "status": {"phase": "Running", "podIP": "10.1.0.9", "conditions": [{"type": "Ready", "status": "True"}]},
    }


def names(given: Facts) -> list[str]:
    """Return the names of all carriers."""
    return [carrier.name for carrier in given.carriers]


def test_a_workload_stands_for_its_pods():
    """The pods of a Deployment in a dump aren't counted beside it, nor is its ReplicaSet."""
    replica_set = workload("web-1", kind="ReplicaSet")
    replica_set["metadata"]["ownerReferences"] = [{"kind": "Deployment", "name": "web", "controller": True}]
    assert names(facts(workload(), replica_set, pod("web-1-x", owner=("ReplicaSet", "web-1")))) == [
        "Deployment shop/web"
    ]


def test_pods_of_an_owner_that_was_not_given_stand_for_it():
    """Of several pods of one unknown owner one is enough; pods without an owner stand for themselves."""
    owned = [pod(f"web-{n}", owner=("StatefulSet", "web")) for n in (0, 1)]
    assert names(facts(*owned, pod("a"), pod("b"))) == ["Pod shop/web-0", "Pod shop/a", "Pod shop/b"]


def test_a_label_that_only_running_pods_have_is_seen():
    """What something sets while the pods run selects the workload all the same."""
    live = pod("web-0", labels={"app": "web", "role": "main"}, owner=("StatefulSet", "web"))
    given = facts(workload(kind="StatefulSet"), live, service(selector={"role": "main"}))
    assert [carrier.name for carrier in given.services[0].carriers] == ["StatefulSet shop/web"]


def test_a_workload_without_pods_is_still_selected():
    """Scaled to zero it isn't missing."""
    (selected,) = facts(workload(replicas=0), service()).services
    assert [carrier.name for carrier in selected.carriers] == ["Deployment shop/web"]
    assert selected.pods == ()


def test_only_ways_in_are_exposed():
    """A ClusterIP, a headless or a refused service is no way in."""
    inner = service("inner", type="ClusterIP", ports=[{"port": 80}])
    refused = service("refused", ports=[{"port": 80, "nodePort": 80}])
    assert [s.service.name for s in facts(*healthy(inner, refused)).exposed] == ["web"]


def test_a_backend_knows_all_services_before_it():
    """Two services before one Deployment are one backend."""
    second = service("second", ports=[{"port": 80, "targetPort": "http"}])
    (backend,) = facts(*healthy(second)).backends
    assert (backend.names, len(backend.pods)) == ("shop/second, shop/web", 2)
