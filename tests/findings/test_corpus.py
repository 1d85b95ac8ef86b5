"""Real manifests: no error that their maintainers would not accept, and the causes of real questions are named."""

import json

import pytest

from tests.real_manifests import CORPUS, FOLDERS
from webapp.cluster.address import Address
from webapp.cluster.build import build
from webapp.failure import Scenario, state_at
from webapp.files import uploads
from webapp.findings import Facts, Finding, findings, problem_findings
from webapp.findings.why import why
from webapp.manifests import Upload, read

pytestmark = pytest.mark.corpus

ACCEPTED = {
    ("dump-nodes-popeye", "NP240", "DaemonSet default/ds2"): "both DaemonSets ask for host port 9100 on the same nodes",
    ("kubeconform-fixtures", "NP201", "Service default/frontend"): "applied together, the service selects nothing",
    ("traefik-fixtures", "NP211", "Service default/nodeport-svc"): "it has neither selector nor endpoints",
}
"""The errors that are right, by folder, rule and object, each with its reason."""

CAUSES = {
    "q01": ("NP201", "app=nginx instead of name=nginx (another key, the same value)"),
    "q02": ("NP201", "app=nginx-ingress instead of name=nginx-ingress (another key, the same value)"),
    "q04": ("NP211", "no selector"),
    "q06": ("NP201", "app=redis instead of app=redisapp (spelled differently)"),
    "q07": ("NP201", "app=hello instead of role=hello"),
    "q08": ("NP209", "StatefulSet default/storageos-csi declares no port 5705"),
    "q11": ("NP206", "targetPort is 20080, the nodePort's number, and the pods declare 80 instead"),
    "q15": ("NP204", 'no container there declares a port named "http"'),
    "q18": ("NP102", "30000-32767"),
    "q20": ("NP102", "30000-32767"),
    "q21": ("NP101", "32070"),
    "q22": ("NP101", "30001"),
    "q23": ("NP101", "30000"),
    "q25": ("NP005", 'not the string "30080"'),
    "q27": ("NP104", "may not be used when `type` is 'ClusterIP'"),
    "q28": ("NP105", "may not be set to 'None' for NodePort services"),
    "q29": ("NP109", "spec.ports[0].name: Required value"),
    "q33": ("NP261", "isolated by NetworkPolicy allow-all, which admits no address outside the cluster"),
    "q41": ("NP001", "“kind:” is indented more than the line above"),
    "q44": ("NP207", "its name is 'udp'"),
}
"""What nodefall says of each question whose cause can be seen in the manifest: the id, and a part of the message."""

ELSEWHERE = {
    "q12": "the pods declare no port: NP208 says that it can't be verified",
    "q13": "consistent; whether the program listens there isn't in the manifest",
    "q32": "consistent; kube-proxy believes in another node name",
    "q35": "consistent; the client used another number, which `why` names",
    "q36": "consistent; the client used the port inside the cluster, which `why` names",
    "q37": "consistent; the node's address isn't routable from the client",
    "q38": "consistent; the network between the nodes drops packets",
    "q39": "consistent; the program listens on localhost",
    "q43": "consistent; the pods weren't running yet",
}
"""Questions whose cause is not in the manifest, and what is."""


def _questions() -> dict[str, str]:
    path = CORPUS / "broken_nodeport_questions.json"
    return {case["id"]: case["manifest"] for case in json.loads(path.read_text("utf-8"))}


def _told(manifest: str) -> tuple[Finding, ...]:
    manifests = read([Upload("question.yaml", manifest.encode(), picked=True)])
    cluster = build(manifests)
    return (*problem_findings(cluster), *findings(manifests, cluster))


@pytest.mark.parametrize("folder", [path.name for path in FOLDERS])
def test_every_error_is_one_to_accept(folder: str):
    """What is an error in a real repository is one of the listed ones, and those are still found."""
    manifests = read(uploads([str(CORPUS / folder)], render=False))
    told = findings(manifests, build(manifests))
    errors = {(folder, finding.id, finding.object) for finding in told if finding.severity == "error"}
    assert errors == {key for key in ACCEPTED if key[0] == folder}


@pytest.mark.parametrize("question", CAUSES)
def test_the_cause_of_a_real_question_is_named(question: str):
    """The finding has the right id and names what is wrong."""
    id_, words = CAUSES[question]
    messages = [finding.message for finding in _told(_questions()[question]) if finding.id == id_]
    assert any(words in message for message in messages)


@pytest.mark.parametrize("question", ELSEWHERE)
def test_a_consistent_manifest_gets_no_error(question: str):
    """Where the cause isn't in the manifest, nothing in it is called wrong."""
    assert [finding for finding in _told(_questions()[question]) if finding.severity == "error"] == []


@pytest.mark.parametrize(
    ("question", "asked", "words"),
    [
        pytest.param("q35", 8000, "from outside it is nodePort 30009", id="q35, by the port inside the cluster"),
        pytest.param("q35", 30000, "the nearest nodePort is 30009", id="q35, by the number that the client used"),
        pytest.param("q36", 8080, "from outside it is nodePort 31555", id="q36"),
    ],
)
def test_the_right_address_is_named(question: str, asked: int, words: str):
    """Asked why the client's address doesn't answer, nodefall says which one would."""
    manifests = read([Upload("question.yaml", _questions()[question].encode(), picked=True)])
    cluster = build(manifests)
    path = why(Facts(manifests, cluster), state_at(cluster, Scenario()), Address("node-1", asked))
    assert words in path.verdict


def test_no_question_is_left_out():
    """Each question is in one of the two lists."""
    assert _questions().keys() == CAUSES.keys() | ELSEWHERE.keys()
