"""Annotations take findings out, with a reason only."""

import pytest

from tests.findings.given import HEALTHY, manifests, workload
from webapp.cluster.build import build
from webapp.findings import findings
from webapp.findings.ignoring import ANNOTATION, Sifted, sift


def sifted(text: str) -> Sifted:
    """Return what is left of a single replica that no budget covers, with this annotation on the Deployment."""
    lonely = workload(replicas=1, topologySpreadConstraints=[])
    lonely["metadata"]["annotations"] = {ANNOTATION: text}
    docs = [doc for doc in HEALTHY if doc["kind"] not in ("Deployment", "NetworkPolicy")]
    given = manifests(*docs, lonely)
    return sift(findings(given, build(given)), given)


@pytest.mark.parametrize(
    ("text", "kept", "ignored"),
    [
        pytest.param("NP220: a test system", {"NP251", "NP260"}, {"NP220": "a test system"}, id="one"),
        pytest.param(
            "NP220: a test; NP260: flat network",
            {"NP251"},
            {"NP220": "a test", "NP260": "flat network"},
            id="two with reasons of their own",
        ),
        pytest.param(
            "NP220, NP260: a test", {"NP251"}, {"NP220": "a test", "NP260": "a test"}, id="two with one reason"
        ),
        pytest.param("NP230: no such port", {"NP220", "NP251", "NP260"}, {}, id="one that wasn't found"),
        pytest.param("NP220", {"NP220", "NP251", "NP260", "NP290"}, {}, id="no reason"),
        pytest.param("NP220:", {"NP220", "NP251", "NP260", "NP290"}, {}, id="an empty reason"),
        pytest.param("all: please", {"NP220", "NP251", "NP260", "NP290"}, {}, id="no id"),
    ],
)
def test_ignoring(text: str, kept: set[str], ignored: dict[str, str]):
    """Each clause `ID: reason` takes out the findings about its object; anything else is a finding itself."""
    found = sifted(text)
    assert {finding.id for finding in found.kept} - {"NP251"} == kept - {"NP251"}
    assert {finding.id: reason for finding, reason in found.ignored} == ignored


def test_only_the_annotated_object_is_concerned():
    """The same rule still speaks of other objects."""
    other = workload("other", labels={"app": "web"}, replicas=3, topologySpreadConstraints=[])
    other["metadata"]["annotations"] = {ANNOTATION: "NP223: never mind"}
    given = manifests(*HEALTHY, workload(topologySpreadConstraints=[]), other)
    left = [f.object for f in sift(findings(given, build(given)), given).kept if f.id == "NP223"]
    assert left == ["Deployment shop/web"]
