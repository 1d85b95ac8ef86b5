"""What was probably meant."""

import pytest

from tests.findings.given import facts, workload
from webapp.findings.nearest import did_you_mean, nearest, similar


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        pytest.param("nginx", "ngnix", True, id="two letters swapped"),
        pytest.param("web", "wbe", True, id="a short word with letters swapped"),
        pytest.param("frontend", "fronted", True, id="a letter is missing"),
        pytest.param("redis", "redisapp", True, id="something is added"),
        pytest.param("Web", "web-app", True, id="another case, and something added"),
        pytest.param("web", "api", False, id="two words"),
        pytest.param("app", "myapp", False, id="something put before a short word"),
        pytest.param("a", "ab", False, id="too short to tell"),
    ],
)
def test_similar(one: str, other: str, *, expected: bool):
    """A slip of the keyboard makes similar words; another word isn't one."""
    assert similar(one, other) is similar(other, one) is expected


def test_did_you_mean_takes_the_most_similar():
    """Of several similar names the nearest counts; of none, none."""
    assert did_you_mean("htpt", ["https", "http", "metrics"]) == "http"
    assert did_you_mean("grpc", ["http", "metrics"]) is None


@pytest.mark.parametrize(
    ("selector", "difference"),
    [
        pytest.param({"app": "wbe"}, "app=web instead of app=wbe (spelled differently)", id="the value"),
        pytest.param({"run": "web"}, "app=web instead of run=web (another key, the same value)", id="the key"),
        pytest.param({"app": "web", "tier": "front"}, "no label tier=front", id="a label that is missing"),
        pytest.param({"app": "mail"}, None, id="nothing alike"),
        pytest.param({"tier": "front"}, None, id="nothing in common"),
    ],
)
def test_the_difference_is_named(selector: dict[str, str], difference: str | None):
    """The nearest labels are told with what differs."""
    near = nearest(selector, "shop", facts(workload()).carriers)
    assert (near and near.difference) == difference


def test_another_namespace_counts_if_all_labels_match():
    """A service selects in its own namespace only."""
    carriers = facts(workload(namespace="prod")).carriers
    assert nearest({"app": "web"}, "shop", carriers).difference == "in the namespace prod"
    assert nearest({"app": "wbe"}, "shop", carriers) is None


def test_the_nearest_of_several_is_taken():
    """One slip is nearer than a label that is missing altogether."""
    carriers = facts(workload("far", labels={"app": "web"}), workload("near", labels={"app": "web", "tier": "frnot"}))
    near = nearest({"app": "web", "tier": "front"}, "shop", carriers.carriers)
    assert near.carrier.subject.metadata.name == "near"
