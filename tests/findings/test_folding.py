"""Notes of one kind are said together, and what copies of a file repeat is said once."""

import yaml

from tests.check.reports import report
from tests.findings.given import Doc, found, healthy, port, service, workload
from webapp.check import Threshold, check
from webapp.check.baseline import Baseline, dump, load
from webapp.cluster.build import build
from webapp.findings.folding import folded
from webapp.findings.ignoring import ANNOTATION
from webapp.manifests import Upload, read

NOTES = ("NP208", "NP231", "NP232")


def many(count: int) -> list[Doc]:
    """Return so many services, each with its own workload, as a generator would write them."""
    ports = [{"name": "a", "port": 80}, {"name": "b", "port": 81, "nodePort": 0}]
    numbered = [f"app-{number}" for number in range(count)]
    return [
        doc
        for name in numbered
        for doc in (
            workload(name, labels={"app": name}, topologySpreadConstraints=[]),
            service(name, selector={"app": name}, ports=ports),
        )
    ]


def test_five_hundred_generated_services_give_a_handful_of_notes():
    """One of each kind, with a count and a few names."""
    notes = [finding for finding in _checked(many(500)) if finding.severity == "info"]
    assert len(notes) == len({finding.id for finding in notes}) <= 6
    (undeclared,) = (finding for finding in notes if finding.id == "NP208")
    assert undeclared.message.startswith("1000 targetPorts are numbers")
    assert undeclared.message.endswith(": shop/app-0 80, shop/app-0 81, shop/app-1 80, shop/app-1 81, shop/app-2 80 "
                                       "and 995 more.")  # fmt: skip


def test_two_ports_are_said_together_and_one_alone():
    """The words for one are those that name its details."""
    two = [{"name": "a", "port": 80}, {"name": "b", "port": 81}]
    together = folded(found(*healthy(service(ports=two), without="NetworkPolicy")))
    assert sorted(finding.id for finding in together) == ["NP208", "NP232", "NP260"]
    (alone,) = (f for f in folded(found(*healthy(service(ports=port(targetPort=9999))))) if f.id == "NP208")
    assert alone.message.startswith("Nothing says that the pods listen on targetPort 9999")


def test_a_few_notes_with_remedies_are_said_one_by_one():
    """Each has its own patch; of more than three the first one's is shown."""
    three, four = (folded(found(*many(count))) for count in (3, 4))
    assert [f.id for f in three].count("NP223") == 3
    assert [f.id for f in four].count("NP223") == 1
    assert "4 workloads from sharing one node" in next(f.message for f in four if f.id == "NP223")


def test_errors_and_warnings_are_never_said_together():
    """Each is to be mended by itself."""
    lonely = [workload(name, labels={"app": name}, replicas=1) for name in "abcdef"]
    services = [service(name, selector={"app": name}, ports=[{"port": 80, "targetPort": "http"}]) for name in "abcdef"]
    assert [f.id for f in folded(found(*lonely, *services))].count("NP220") == 6


def test_a_baseline_accepts_all_that_is_folded():
    """It lists single findings, so that a new one is still told."""
    docs = many(5)
    before = report(*docs)
    known = load(dump(before.findings))
    after = _checked(many(6), known)
    assert {f.object for f in after if f.id in NOTES} == {"Service shop/app-5"}
    assert _checked(docs, known) == ()


def test_what_an_annotation_ignores_is_not_counted():
    """The others are."""
    docs = many(5)
    docs[1]["metadata"]["annotations"] = {ANNOTATION: "NP208: it listens there"}
    (note,) = (finding for finding in _checked(docs) if finding.id == "NP208")
    assert note.message.startswith("8 targetPorts")


def test_copies_of_a_file_are_told_once():
    """The unknown field stands in three files."""
    text = yaml.safe_dump(service(typo=1))
    manifests = read([Upload(name, text.encode(), picked=True) for name in ("a.yaml", "b.yaml", "c.yaml")])
    told = check(manifests, build(manifests), Threshold()).findings
    (unknown,) = (finding for finding in told if finding.id == "NP010")
    assert unknown.message.endswith("The same in 2 other files: b.yaml, c.yaml.")


def _checked(docs: list[Doc], known: Baseline | None = None) -> tuple:
    manifests = read([Upload("all.yaml", yaml.dump_all(docs, Dumper=yaml.CSafeDumper).encode(), picked=True)])
    return check(manifests, build(manifests), Threshold(), known).findings
