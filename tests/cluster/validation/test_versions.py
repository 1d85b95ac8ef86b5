"""API versions that are gone."""

import re

import pytest

from webapp.cluster.validation.versions import REMOVED


@pytest.mark.parametrize(
    ("kind", "version", "since", "instead"),
    [
        pytest.param("Deployment", "extensions/v1beta1", 16, "apps/v1", id="Deployments left extensions in 1.16"),
        pytest.param("StatefulSet", "apps/v1beta1", 16, "apps/v1", id="StatefulSets left beta in 1.16"),
        pytest.param("Ingress", "networking.k8s.io/v1beta1", 22, "networking.k8s.io/v1", id="Ingresses in 1.22"),
        pytest.param("CronJob", "batch/v1beta1", 25, "batch/v1", id="CronJobs in 1.25"),
        pytest.param("PodDisruptionBudget", "policy/v1beta1", 25, "policy/v1", id="budgets in 1.25"),
    ],
)
def test_the_migration_guide(kind: str, version: str, since: int, instead: str) -> None:
    """Since when, and what to write instead."""
    removal = REMOVED[kind, version]
    assert (removal.since, removal.instead) == (since, instead)


def test_nothing_is_replaced_by_what_is_gone_too() -> None:
    """Following the advice once is enough."""
    assert not [kind for (kind, _), removal in REMOVED.items() if (kind, removal.instead) in REMOVED]
    assert all(re.search(r"(alpha|beta)\d$", version) for _, version in REMOVED)
