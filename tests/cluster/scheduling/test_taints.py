"""Taints and tolerations."""

import pytest

from webapp.cluster.scheduling.taints import (
    NOT_READY,
    UNREACHABLE,
    pod_tolerations,
    preferred_against,
    tolerates,
    untolerated,
)
from webapp.manifests.objects import PodSpec, Taint, Toleration

GPU = Taint(key="gpu", value="yes", effect="NoSchedule")


@pytest.mark.parametrize(
    ("toleration", "tolerated"),
    [
        pytest.param(Toleration(key="gpu", value="yes", effect="NoSchedule"), True, id="all equal, operator omitted"),
        pytest.param(Toleration(key="gpu", operator="Equal", value="yes"), True, id="any effect"),
        pytest.param(Toleration(key="gpu", operator="Exists"), True, id="any value"),
        pytest.param(Toleration(operator="Exists"), True, id="everything"),
        pytest.param(Toleration(key="gpu", value="no"), False, id="another value"),
        pytest.param(Toleration(key="gpu"), False, id="no value is the empty value"),
        pytest.param(Toleration(key="cpu", operator="Exists"), False, id="another key"),
        pytest.param(Toleration(key="gpu", operator="Exists", effect="NoExecute"), False, id="another effect"),
        pytest.param(Toleration(key="gpu", operator="Gt", value="yes"), False, id="an operator behind a gate"),
    ],
)
def test_a_toleration_covers_a_taint(toleration: Toleration, tolerated: bool) -> None:
    """Key, value and effect by the rules of ToleratesTaint."""
    assert tolerates(toleration, GPU) is tolerated


def test_a_taint_without_a_value_equals_a_toleration_without_one() -> None:
    """Missing and empty are the same."""
    assert tolerates(Toleration(key="gpu", value=""), Taint(key="gpu", effect="NoSchedule"))


def test_only_the_hard_effects_refuse() -> None:
    """PreferNoSchedule counts against a node, but does not rule it out."""
    taints = (GPU, Taint(key="old", effect="PreferNoSchedule"), Taint(key="hot", effect="NoExecute"))
    assert untolerated((), taints) == (GPU, taints[2])
    assert preferred_against((), taints) == 1
    assert preferred_against((Toleration(key="old", operator="Exists"),), taints) == 0


def test_every_pod_tolerates_a_failing_node_for_five_minutes() -> None:
    """DefaultTolerationSeconds adds both taints of the node lifecycle controller."""
    added = pod_tolerations(PodSpec())
    assert [(t.key, t.effect, t.toleration_seconds) for t in added] == [
        (NOT_READY, "NoExecute", 300),
        (UNREACHABLE, "NoExecute", 300),
    ]


@pytest.mark.parametrize(
    ("own", "added"),
    [
        pytest.param(
            Toleration(key=NOT_READY, operator="Exists", effect="NoExecute"), [UNREACHABLE], id="one of its own"
        ),
        pytest.param(Toleration(operator="Exists"), [], id="a toleration of everything"),
        pytest.param(
            Toleration(key=NOT_READY, operator="Exists", effect="NoSchedule"),
            [NOT_READY, UNREACHABLE],
            id="another effect",
        ),
    ],
)
def test_what_a_pod_says_itself_is_not_added(own: Toleration, added: list[str]) -> None:
    """Each of the two is added unless the pod speaks of that NoExecute taint."""
    assert [t.key for t in pod_tolerations(PodSpec(tolerations=(own,)))[1:]] == added
