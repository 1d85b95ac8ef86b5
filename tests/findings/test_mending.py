"""Each remedy ends what it is for and harms no client: applied as kubectl would, or written into the file."""

import os
from pathlib import Path

import pytest
import yaml

from tests.findings.given import Doc, budget, container, healthy, node, service, workload
from tests.findings.remedies import answers, built, harms, identity, worse
from tests.findings.test_rules import BARE_POD, SPEAKING
from tests.real_manifests import FOLDERS
from webapp.check.fix import fixed
from webapp.cluster.build import build
from webapp.cluster.model import Cluster
from webapp.findings import Finding, findings
from webapp.manifests import Upload, read

ROOT = Path(__file__).parents[2]
LARGE = ROOT / "samples" / "fifty-nodes.yaml"
SAMPLES = sorted(path for path in LARGE.parent.glob("*.yaml") if path != LARGE)
CASES = os.environ.get("NODEFALL_CASES", "")
_MOST_OF_A_RULE = 3
CLAIM = [{"name": "data", "persistentVolumeClaim": {"claimName": "data"}}]
ALONE = {
    "podAntiAffinity": {
        "requiredDuringSchedulingIgnoredDuringExecution": [
            {"labelSelector": {"matchLabels": {"app": "web"}}, "topologyKey": "kubernetes.io/hostname"}
        ]
    }
}
ONE_NODE = {"nodeSelector": {"kubernetes.io/hostname": "node-1"}}
HOST_PORT = container(ports=[{"name": "http", "containerPort": 8080, "hostPort": 8080}])
TWO_PORTS = [
    {"name": "server", "port": 19001, "targetPort": "server", "nodePort": 30001},
    {"name": "governor", "port": 19011, "targetPort": "governor", "nodePort": 30011},
]
TAINTED = [
    {
        **node(f"node-{n}"),
        "spec": {"taints": [{"key": "node-role.kubernetes.io/control-plane", "effect": "NoSchedule"}]},
    }
    for n in (2, 3)
]
RECREATED = workload(replicas=1)
RECREATED["spec"]["strategy"] = {"type": "Recreate"}
STATEFUL = workload(replicas=1, kind="StatefulSet")
FULL = [
    *(node(f"node-{n}", allocatable={"cpu": "4", "memory": "8Gi", "pods": "1"}) for n in (1, 2, 3)),
    workload("low", labels={"app": "low"}, replicas=2, topologySpreadConstraints=[]),
]
UNDECLARED = container(readinessProbe=None, ports=[{"name": "metrics", "containerPort": 9090}])
DATABASE_AND_PAGE = [
    {"name": "page", "port": 80, "targetPort": "http", "nodePort": 30080},
    {"name": "database", "port": 5432, "targetPort": 8080, "nodePort": 30081},
]
OTHERS = workload("canary", labels={"app": "web", "tier": "x"})


def real_folders() -> list[Path]:
    """Return the large sample, the folders of the corpus and the files of the cases."""
    return sorted([LARGE, *FOLDERS, *(Path(CASES).glob("*.yaml") if CASES else ())])


def docs_in(path: Path) -> list[Doc]:
    """Return the objects in the files of a folder, the last of each name."""
    files = [path] if path.is_file() else sorted((*path.rglob("*.yaml"), *path.rglob("*.yml")))
    found: dict[tuple[str, ...], Doc] = {}
    for file in files:
        try:
            docs = list(yaml.load_all(file.read_text("utf-8"), yaml.CSafeLoader))
        except (yaml.YAMLError, UnicodeDecodeError):
            continue
        items = (item for doc in docs if isinstance(doc, dict) for item in doc.get("items") or [doc])
        for doc in items:
            if isinstance(doc, dict) and isinstance(doc.get("metadata"), dict) and doc["metadata"].get("name"):
                found[identity(doc)] = doc
    return list(found.values())


def harm_of_edits(name: str, text: str) -> list[str]:
    """Return what clients lose when all edits are written into a file."""
    told, cluster = in_text(name, text)
    edits = [finding.edit for finding in told if finding.edit]
    after, mended = in_text(name, fixed({name: text}, edits).get(name, text))
    stays = {f.fingerprint for f in told if f.edit} & {f.fingerprint for f in after} if len(edits) == 1 else ()
    return [*stays, *worse(answers(cluster), answers(mended))]


def in_text(name: str, text: str) -> tuple[tuple[Finding, ...], Cluster]:
    """Return the findings of a file and the cluster that it makes."""
    manifests = read([Upload(name, text.encode(), picked=True)])
    cluster = build(manifests)
    return findings(manifests, cluster), cluster


@pytest.mark.parametrize(("id_", "docs"), SPEAKING)
def test_a_remedy_ends_its_finding_and_harms_nobody(id_: str, docs: list[Doc]) -> None:
    """No service port answers less, whichever node is lost; where there is no remedy, words say what to do."""
    told = [finding for finding in built(docs)[0] if finding.id == id_]
    assert all(finding.hint or finding.remedy for finding in told)
    assert harms(docs, id_) == []


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_no_remedy_for_a_sample_does_harm(path: Path) -> None:
    """The samples that the landing page offers."""
    assert harms(docs_in(path), most=2) == []
    assert harm_of_edits(path.name, path.read_text("utf-8")) == []


@pytest.mark.corpus
@pytest.mark.parametrize("path", real_folders(), ids=lambda path: path.name)
def test_no_remedy_for_real_manifests_does_harm(path: Path) -> None:
    """Real repositories, dumps and questions."""
    assert harms(docs_in(path), most=_MOST_OF_A_RULE) == []
    for file in [path] if path.is_file() else []:
        assert harm_of_edits(file.name, file.read_text("utf-8-sig", "replace")) == []


@pytest.mark.parametrize(
    ("id_", "docs"),
    [
        pytest.param("NP220", healthy(workload(replicas=1, volumes=CLAIM)), id="a claim that one pod holds"),
        pytest.param("NP220", healthy(STATEFUL, without="Deployment"), id="a StatefulSet's data"),
        pytest.param("NP220", healthy(RECREATED), id="two of it may not run at once"),
        pytest.param("NP220", healthy(workload(replicas=1, containers=HOST_PORT, **ONE_NODE)), id="one host port"),
        pytest.param("NP220", healthy(*BARE_POD, without="Deployment"), id="a bare Pod"),
        pytest.param("NP220", healthy(*TAINTED, workload(replicas=1, affinity=ALONE)), id="no second node to be on"),
        pytest.param("NP220", healthy(*FULL, workload(replicas=1, priority=9)), id="room by preemption only"),
        pytest.param("NP223", healthy(workload(volumes=CLAIM, topologySpreadConstraints=[])), id="one claim for both"),
        pytest.param("NP225", healthy(workload(containers=UNDECLARED)), id="a port that may not be open"),
        pytest.param("NP230", healthy(service(ports=DATABASE_AND_PAGE)), id="a page beside a database"),
        pytest.param("NP234", healthy(service(type="LoadBalancer", loadBalancerSourceRanges=["10.0.0.0/8"])),
                     id="a load balancer that needs the node ports"),
        pytest.param("NP250", healthy(budget(labels={"tier": "x"}), OTHERS), id="a budget for pods of another"),
    ],
)  # fmt: skip
def test_what_would_do_harm_is_not_offered(id_: str, docs: list[Doc]) -> None:
    """Words say what is needed instead."""
    told = [finding for finding in built(docs)[0] if finding.id == id_]
    assert told
    assert all(finding.hint and not finding.remedy and not finding.edit for finding in told)


def test_two_named_ports_are_not_led_to_one_number() -> None:
    """The port whose own number the container declares is the one that is meant; the other gets no remedy."""
    docs = healthy(service(ports=TWO_PORTS), workload(containers=container(ports=[{"containerPort": 19001}])))
    server, governor = (finding for finding in built(docs)[0] if finding.id == "NP204")
    assert server.edit is not None
    assert server.edit.new == "targetPort: 19001"
    assert (governor.remedy, governor.edit) == ("", None)


def test_a_port_number_of_two_protocols_is_not_patched() -> None:
    """A strategic merge patch tells ports apart by their number alone, and would change the other one."""
    ports = [{"name": f"dns-{p.lower()}", "port": 53, "protocol": p, "targetPort": "dsn"} for p in ("UDP", "TCP")]
    declared = [{"name": "dns", "containerPort": 53, "protocol": "UDP"}]
    docs = healthy(service(ports=ports), workload(containers=container(ports=declared)))
    assert [finding.remedy for finding in built(docs)[0] if finding.id == "NP204"] == ["", ""]
