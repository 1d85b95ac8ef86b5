"""Records made without their constructor are the same records."""

from dataclasses import FrozenInstanceError, replace

import pytest

from webapp.cluster.model import Endpoint, Pod
from webapp.cluster.quick import changed, pod_endpoint
from webapp.manifests.objects import PodSpec

POD = Pod(namespace="default", name="web-1", spec=PodSpec(), labels={"app": "web"})


def test_an_endpoint_is_that_of_its_constructor() -> None:
    """Equal, with the same hash and text, and frozen: no field is missing."""
    quick = pod_endpoint("default/web-1", None, 80, "n1", "a", ready=True, serving=False)
    made = Endpoint(pod="default/web-1", port=80, node="n1", zone="a", ready=True, serving=False)
    assert (quick, hash(quick), repr(quick), type(quick)) == (made, hash(made), repr(made), Endpoint)
    with pytest.raises(FrozenInstanceError):
        quick.port = 81  # type: ignore[misc]


def test_a_changed_pod_is_a_replaced_one() -> None:
    """All other fields stay."""
    quick = changed(POD, name="web-2", node="n1", ready=False)
    assert (quick, repr(quick), type(quick)) == (
        replace(POD, name="web-2", node="n1", ready=False),
        repr(replace(POD, name="web-2", node="n1", ready=False)),
        Pod,
    )
