"""The Services that select a pod."""

from webapp.cluster.model import Pod, Refusal, Service
from webapp.cluster.scheduling.services import ServiceSelectors
from webapp.manifests.objects import PodSpec

POD = Pod(namespace="shop", name="web-1", labels={"app": "web", "tier": "front"}, spec=PodSpec())


def service(name: str, namespace: str = "shop", refused: bool = False, **selector: str) -> Service:
    """Return a service."""
    refusals = (Refusal(type="FieldValueRequired", path="spec.ports", detail=""),) if refused else ()
    return Service(namespace=namespace, name=name, selector=selector, refusals=refusals)


def test_selectors_of_all_services_that_select_the_pod_are_merged() -> None:
    """Those of other namespaces, of refused services and without a selector are not."""
    services = [
        service("one", app="web"),
        service("two", tier="front", app="web"),
        service("three", app="web", tier="back"),
        service("four", namespace="bank", app="web"),
        service("five", refused=True, app="web"),
        service("six"),
    ]
    assert ServiceSelectors(services).labels_for(POD) == {"app": "web", "tier": "front"}
    assert ServiceSelectors(services[2:]).labels_for(POD) == {}
