"""Requests and limits."""

from typing import Any

import pytest

from webapp.cluster.validation.resources import resource_faults
from webapp.manifests.objects import Resources


def faults(**given: Any) -> list[tuple[str, str]]:
    """Return path and text of what is wrong."""
    return [(refusal.path, refusal.detail) for refusal in resource_faults(Resources(**given), "r")]


@pytest.mark.parametrize(
    "given",
    [
        pytest.param({"requests": {"cpu": "100m", "memory": "64Mi"}}, id="requests alone"),
        pytest.param({"requests": {"cpu": "1"}, "limits": {"cpu": "1000m"}}, id="a request equal to its limit"),
        pytest.param({"limits": {"example.com/gpu": "2"}}, id="a resource of one's own"),
        pytest.param({"requests": {"cpu": "a lot"}, "limits": {"cpu": "1"}}, id="what the decoder has refused"),
        pytest.param({"limits": {"hugepages-2Mi": "4Mi", "memory": "1Gi"}}, id="huge pages"),
    ],
)
def test_good_resources(given: dict[str, Any]) -> None:
    """Nothing to say."""
    assert faults(**given) == []


@pytest.mark.parametrize(
    ("given", "path", "text"),
    [
        pytest.param({"requests": {"cpu": "2"}, "limits": {"cpu": "1"}}, "r.requests", "cpu limit of 1", id="too much"),
        pytest.param({"requests": {"cpu": "-1"}}, "r.requests[cpu]", "greater than or equal to 0", id="below zero"),
        pytest.param(
            {"limits": {"example.com/gpu": "1500m"}}, "r.limits[example.com/gpu]", "an integer", id="half a GPU"
        ),
        pytest.param(
            {"limits": {"requests.a.b/c": "1"}}, "r.limits[requests.a.b/c]", "extended", id="a reserved prefix"
        ),
        pytest.param(
            {"requests": {"example.com/gpu": "1"}}, "r.limits", "Limit must be set", id="a GPU without a limit"
        ),
        pytest.param(
            {"limits": {"hugepages-2Mi": "4Mi"}}, "r", "require cpu or memory", id="huge pages and nothing else"
        ),
        pytest.param({"limits": {"storage": "1Gi"}}, "r.limits[storage]", "for containers", id="not for containers"),
        pytest.param(
            {"requests": {"example.com/gpu": "1"}, "limits": {"example.com/gpu": "2"}},
            "r.requests",
            "must be equal to",
            id="a GPU can't be overcommitted",
        ),
    ],
)
def test_bad_resources(given: dict[str, Any], path: str, text: str) -> None:
    """One error each."""
    ((where, what),) = faults(**given)
    assert where == path
    assert text in what


def test_a_resource_that_nobody_knows_is_wrong_twice() -> None:
    """Neither standard nor fully qualified, and not for containers."""
    assert [text.split(": ")[-1] for _, text in faults(limits={"mem": "1Gi"})] == [
        "must be a standard resource type or fully qualified",
        "must be a standard resource for containers",
    ]
