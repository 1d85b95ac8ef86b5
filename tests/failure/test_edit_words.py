"""The words of edits: read, written, refused with what exists, and left out of a corrected set they don't fit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.cluster.options import ClusterOptions, Edits
from webapp.failure.word_values import ScenarioError
from webapp.failure.words import decode_options, encode_options, prune_options
from webapp.manifests import Upload, read

WEB = """\
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {type: NodePort, selector: {app: web}, ports: [{port: 80}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template: {metadata: {labels: {app: web}}, spec: {containers: [{name: web, image: nginx}]}}
"""
MANIFESTS = read([Upload(name="web.yaml", data=WEB.encode())])
EDITS = Edits(
    zones=3,
    control_planes=1,
    replicas=(("Deployment/default/web", 5),),
    policies=(("default/web", "Local"),),
)


def test_edits_are_written_in_one_order() -> None:
    """After the settings."""
    assert encode_options(ClusterOptions(assume_nodes=5, edits=EDITS)) == [
        ("nodes", "5"),
        ("zones", "3"),
        ("control-planes", "1"),
        ("replicas", "Deployment/default/web:5"),
        ("policy", "default/web:Local"),
    ]


_NAMES = st.text(alphabet="abcxyz0129-.", min_size=1, max_size=12)
_WORKLOADS = st.builds("{}/{}/{}".format, st.sampled_from(["Deployment", "StatefulSet"]), _NAMES, _NAMES)
_SERVICES = st.builds("{}/{}".format, _NAMES, _NAMES)


@given(
    zones=st.integers(0, 26),
    planes=st.integers(0, 5000),
    replicas=st.dictionaries(_WORKLOADS, st.integers(0, 10_000), max_size=4),
    policies=st.dictionaries(_SERVICES, st.sampled_from(["Local", "Cluster"]), max_size=4),
    seed=st.randoms(),
)
def test_what_is_written_reads_back_the_same(
    zones: int, planes: int, replicas: dict[str, int], policies: dict[str, str], seed: object
) -> None:
    """In whatever order the words stand."""
    words = [("zones", str(zones)), ("control-planes", str(planes))]
    words += [("replicas", f"{name}:{count}") for name, count in replicas.items()]
    words += [("policy", f"{name}:{policy}") for name, policy in policies.items()]
    options = decode_options(words)
    seed.shuffle(words)  # type: ignore[attr-defined]
    assert decode_options(words) == options
    assert decode_options(encode_options(options)) == options
    assert dict(options.edits.replicas) == replicas
    assert dict(options.edits.policies) == policies


@pytest.mark.parametrize(
    ("word", "says"),
    [
        pytest.param(("zones", "27"), "from 0 to 26", id="too many zones"),
        pytest.param(("control-planes", "-1"), "from 0 to 5000", id="no number"),
        pytest.param(("replicas", "Deployment/default/web"), "KIND/NAMESPACE/NAME:NUMBER", id="no count"),
        pytest.param(("replicas", "default/web:3"), "KIND/NAMESPACE/NAME:NUMBER", id="no kind"),
        pytest.param(("replicas", "Deployment/default/web:x"), "from 0 to 10000", id="a count that is none"),
        pytest.param(
            ("replicas", "Deployment/default/api:3"), "There is: Deployment/default/web", id="no such workload"
        ),
        pytest.param(("policy", "default/web:local"), "Local or Cluster", id="a policy in lower case"),
        pytest.param(("policy", "web:Local"), "NAMESPACE/NAME", id="a service without its namespace"),
        pytest.param(("policy", "default/api:Local"), "There is: default/web", id="no such service"),
    ],
)
def test_what_cannot_be_is_refused_with_what_exists(word: tuple[str, str], says: str) -> None:
    """The message tells what could have been said."""
    with pytest.raises(ScenarioError, match=says):
        decode_options([word], MANIFESTS)


def test_a_corrected_set_keeps_the_edits_that_still_fit() -> None:
    """The others are named."""
    words = [
        ("zones", "2"),
        ("replicas", "Deployment/default/gone:2"),
        ("policy", "default/web:Local"),
        ("at", "failed"),
    ]
    options, dropped = prune_options(words, MANIFESTS)
    assert options.edits == Edits(zones=2, policies=(("default/web", "Local"),))
    assert dropped == ("replicas=Deployment/default/gone:2",)
