"""Which word in which API group is which kind."""

from dataclasses import fields

import pytest

from webapp.manifests.kinds import KindMatch, find_kind
from webapp.manifests.manifests import KINDS, Manifests

READ = [
    (f"{group}/{version}" if group else version, kind.name)
    for kind in KINDS.values()
    for group, versions in kind.groups.items()
    for version in versions
]


@pytest.mark.parametrize(("api_version", "kind"), READ)
def test_every_version_that_served_a_kind_is_read(api_version: str, kind: str) -> None:
    """Whether it still does is the API server's part."""
    assert find_kind(api_version, kind) == KindMatch(KINDS[kind])


@pytest.mark.parametrize(
    ("api_version", "kind", "label"),
    [
        ("serving.knative.dev/v1", "Service", "Service (serving.knative.dev)"),
        ("crd.projectcalico.org/v1", "Node", "Node (crd.projectcalico.org)"),
        ("batch.volcano.sh/v1alpha1", "Job", "Job (batch.volcano.sh)"),
        ("extensions.istio.io/v1", "Ingress", "Ingress (extensions.istio.io)"),
        ("v1", "ConfigMap", "ConfigMap"),
        ("", "Whatever", "Whatever"),
    ],
)
def test_the_same_word_in_another_group_is_another_kind(api_version: str, kind: str, label: str) -> None:
    """It is counted under its group."""
    assert find_kind(api_version, kind) == KindMatch(None, label=label)


@pytest.mark.parametrize(
    ("api_version", "kind"),
    [("v1", "Deployment"), ("apps/v1", "Service"), ("apps/v9", "Deployment"), ("", "Service"), ("v2", "Pod")],
)
def test_in_kubernetes_own_groups_a_known_word_can_only_be_a_mistake(api_version: str, kind: str) -> None:
    """Nobody else can define a kind in them."""
    assert find_kind(api_version, kind) == KindMatch(KINDS[kind], served=False)


@pytest.mark.parametrize(
    ("api_version", "kind", "right"),
    [
        ("v1", "service", "Service"),
        ("apps/v1", "Deployments", "Deployment"),
        ("apps/v1", "Deployement", "Deployment"),
        ("apps/v1", "Stateful-Set", "StatefulSet"),
        ("networking.k8s.io/v1", "NetworkPolicies", "NetworkPolicy"),
        ("v1", "Endpoint", "Endpoints"),
        ("", "svc", "Service"),
        ("v1", "configmap", "ConfigMap"),
        ("rbac.authorization.k8s.io/v1", "ClusterRoles", "ClusterRole"),
    ],
)
def test_a_misspelled_kind_of_kubernetes_is_known_by_its_right_spelling(
    api_version: str, kind: str, right: str
) -> None:
    """Also where nothing is drawn for it."""
    assert find_kind(api_version, kind) == KindMatch(KINDS.get(right), served=False, label=kind, intended=right)


@pytest.mark.parametrize(
    "kind", ["Route", "ImageStream", "Project", "ServiceMonitor", "Event", "ServiceAccount", "Test"]
)
def test_other_words_are_not_taken_for_misspelled_ones(kind: str) -> None:
    """Older OpenShift has kinds of its own in v1."""
    assert find_kind("v1", kind) == KindMatch(None, label=kind)
    assert find_kind("example.org/v1", "service") == KindMatch(None, label="service")


@pytest.mark.parametrize("group", ["app", "Apps", "extension", "apps.k8s.example"])
def test_a_misspelled_group_of_kubernetes_serves_nothing(group: str) -> None:
    """Only names with a dot can be somebody else's."""
    assert find_kind(f"{group}/v1", "Deployment").served is ("." in group)
    assert find_kind("networking.k8s.oi/v1", "Ingress") == KindMatch(KINDS["Ingress"], served=False)
    assert find_kind("networking.x-k8s.io/v1", "Ingress").served


def test_every_kind_has_a_collection_of_its_record() -> None:
    """As a field of Manifests, and a present apiVersion that serves it."""
    names = {of.name for of in fields(Manifests)}
    assert all(kind.collection in names and find_kind(kind.api_version, kind.name).served for kind in KINDS.values())
