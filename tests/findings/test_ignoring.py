"""Annotations take findings out, with a reason only."""

import pytest
import yaml
from hypothesis import given as drawn
from hypothesis import strategies as st

from tests.findings.given import HEALTHY, manifests, workload
from webapp.cluster.build import build
from webapp.findings import findings
from webapp.findings.finding import Finding
from webapp.findings.ignoring import (
    ANNOTATION,
    MAX_REASON,
    MIN_REASON,
    Ignore,
    Sifted,
    annotation_for,
    reason_in,
    sift,
)
from webapp.manifests.problems import Severity


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


def finding(id_: str, of: str | None) -> Finding:
    """Return a finding about an object."""
    return Finding(id=id_, severity=Severity.WARNING, message="", object=of)


WEB, NODE, NONE = "Deployment shop/web", "Node worker-1", None


@pytest.mark.parametrize(
    ("word", "covered"),
    [
        pytest.param("NP220/Deployment/shop/web:one is enough", {WEB}, id="one object"),
        pytest.param("NP220/Node/worker-1:one is enough", {NODE}, id="an object without a namespace"),
        pytest.param("NP220/shop:one is enough", {WEB}, id="a namespace"),
        pytest.param("NP220:one is enough", {WEB, NODE, NONE}, id="everywhere"),
        pytest.param("NP221:one is enough", set(), id="another rule"),
        pytest.param("NP220/sho:one is enough", set(), id="the beginning of a namespace"),
        pytest.param("NP220/Service/shop/web:one is enough", set(), id="another kind"),
    ],
)
def test_an_address_ignores_what_it_names(word: str, covered: set[str | None]):
    """One object, a namespace or everywhere; nothing else."""
    ignore = Ignore.of(word)
    assert ignore is not None
    assert {of for of in (WEB, NODE, NONE) if ignore.covers(finding("NP220", of))} == covered


@pytest.mark.parametrize(
    "word",
    ["", "NP220", "NP220:", "NP220:too short", "NP22:a long reason", "web:a long reason", "NP220/a/b/c/d:a reason"],
)
def test_a_word_without_a_rule_or_a_reason_ignores_nothing(word: str):
    """Its finding stays."""
    assert Ignore.of(word) is None


@drawn(st.text(max_size=300), st.sampled_from(["", "shop", "Deployment/shop/web", "Node/worker-1"]))
def test_a_reason_is_the_same_in_the_address_and_in_the_annotation(text: str, where: str):
    """In one line, and without what ends a clause; read again it says the same."""
    reason = reason_in(text)
    assert len(reason) <= MAX_REASON
    if len(reason) < MIN_REASON:
        return
    ignore = Ignore("NP220", where, reason)
    assert Ignore.of(ignore.word) == ignore
    assert {f.id: why for f, why in sifted(f"NP220: {reason}").ignored} == {"NP220": reason}


@pytest.mark.parametrize("there", ["", "NP260: reason enough", "NP260: reason enough; "])
def test_the_annotation_for_the_file_ignores_the_finding_and_keeps_what_is_there(there: str):
    """Merged into the object it says both."""
    lonely = workload(replicas=1, topologySpreadConstraints=[])
    if there:
        lonely["metadata"]["annotations"] = {ANNOTATION: there}
    given = manifests(*(doc for doc in HEALTHY if doc["kind"] not in ("Deployment", "NetworkPolicy")), lonely)
    (found,) = (each for each in findings(given, build(given)) if each.id == "NP220")
    written = yaml.load(annotation_for(found, "a test system", given), yaml.CSafeLoader)  # noqa: TID251
    assert (written["kind"], written["metadata"]["name"]) == ("Deployment", "web")
    after = sifted(written["metadata"]["annotations"][ANNOTATION])
    assert {each.id: reason for each, reason in after.ignored}.items() >= {("NP220", "a test system")}
    assert ("NP260", "reason enough") in {(each.id, why) for each, why in after.ignored} or not there


def test_what_carries_no_annotation_is_offered_none():
    """A finding about a file, or about a kind that is not looked at."""
    assert not annotation_for(finding("NP220", None), "a test system", manifests(*HEALTHY))
    assert not annotation_for(finding("NP220", "Gateway shop/web"), "a test system", manifests(*HEALTHY))
