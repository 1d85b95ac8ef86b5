"""Other names, the same cluster: every result is the one before, and nothing says whose it is."""

import json
import random
from collections import Counter
from contextlib import suppress
from ipaddress import ip_interface
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz.sets import sets
from tests.fuzz.sets import written as as_written
from tests.real_manifests import FOLDERS
from webapp.cluster.build import build
from webapp.cluster.model import Cluster
from webapp.failure.words import decode
from webapp.files import LOCAL_LIMITS, uploads
from webapp.findings import findings
from webapp.limits import TooLargeError
from webapp.manifests import Manifests, Upload, read
from webapp.manifests.writing import written
from webapp.paths import resource_directory
from webapp.simulation.document import simulation_document
from webapp.snapshot import anonymized
from webapp.snapshot.addresses import Addresses, is_special, parsed

OWN_CASES = Path(__file__).parent.parent / "data" / "kubernetes" / "own_cases"
CASES = [*sorted(resource_directory("samples").glob("*.yaml")), *sorted(OWN_CASES.glob("*.yaml"))]
MOMENTS = ("failed", "detected", "rescheduled")


def _again(manifests: Manifests) -> Manifests:
    """Return what a snapshot of the manifests holds, read again."""
    text = json.dumps({"apiVersion": "v1", "kind": "List", "items": written(manifests)})
    return read([Upload(name="again.json", data=text.encode())], LOCAL_LIMITS)


def _results(cluster: Cluster, words: list[tuple[str, str]]) -> Counter[str]:
    """Return what each service answers, without any name: addresses, pods and sentences."""
    document = simulation_document(cluster, decode(words, cluster))
    # What a refused one says wrongly, such as its protocol, has another name too.
    return Counter(
        repr((service["type"], [_port(port) for port in service["ports"]])) if service["accepted"] else "refused"
        for service in document["services"]
    )


def _port(port: dict[str, Any]) -> tuple[Any, ...]:
    entries = [
        (each["outcome"], round(each["answered"], 9), sorted(round(share, 9) for share in each["endpoints"].values()))
        for each in port["entries"]
    ]
    answered = {via: round(share, 9) for via, share in (port["answered"] or {}).items()}
    number = None if port["nodePortAssigned"] else port["nodePort"]
    states = sorted((e["ready"], e["serving"], e["terminating"], e["port"]) for e in port["endpoints"])
    return port["port"], port["protocol"], number, answered, entries, states


def _holds(manifests: Manifests) -> None:
    plain, other = _again(manifests), _again(anonymized(manifests))
    one, two = build(plain), build(other)
    assert len(one.nodes) == len(two.nodes)
    chosen = random.Random(1).sample(range(len(one.nodes)), min(3, len(one.nodes)))  # noqa: S311
    for at in MOMENTS:
        for number in chosen:
            # Names are in the same order, so the node at this place is the same one.
            first, second = ([("down", f"node/{list(each.nodes)[number]}"), ("at", at)] for each in (one, two))
            assert _results(two, second) == _results(one, first), (number, at)
    assert _findings(other, two) == _findings(plain, one)


def _findings(manifests: Manifests, cluster: Cluster) -> Counter[str]:
    """Return how often each rule fires; other names are no typos of each other any more (NP201), they only differ."""
    return Counter("NP202" if each.id == "NP201" else each.id for each in findings(manifests, cluster))


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_results_are_the_same_under_other_names(path: Path) -> None:
    """Shares, outcomes, states of endpoints and findings, whatever node fails and at each time after it."""
    _holds(read([Upload(name=path.name, data=path.read_bytes())]))


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(sets())
def test_results_of_what_is_nearly_right_are_the_same(objects: list[Any]) -> None:
    """Objects of the samples with something in them changed: what is wrong in one stays wrong."""
    manifests = read([Upload(name="a.yaml", data=as_written(objects))])
    with suppress(TooLargeError):
        _holds(manifests)


@pytest.mark.corpus
@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: path.name)
def test_results_of_real_manifests_are_the_same(folder: Path) -> None:
    """All that people wrote."""
    _holds(read(uploads([str(folder)], render=False), LOCAL_LIMITS))


CANARY = "hunter2"
NAMED = f"""
apiVersion: v1
kind: Node
metadata:
  name: ip-10-20-30-40.{CANARY}.compute.internal
  uid: {CANARY}
  labels:
    kubernetes.io/hostname: ip-10-20-30-40.{CANARY}.compute.internal
    topology.kubernetes.io/zone: {CANARY}-a
    node-role.kubernetes.io/{CANARY}: ""
    node.kubernetes.io/instance-type: {CANARY}
    {CANARY}.io/team: {CANARY}
spec: {{taints: [{{key: {CANARY}, value: {CANARY}, effect: NoSchedule}}]}}
status:
  addresses: [{{type: InternalIP, address: 10.20.30.40}}, {{type: InternalDNS, address: {CANARY}.internal}}]
  allocatable: {{cpu: "4", memory: 8Gi, pods: "110", {CANARY}.com/fpga: "2"}}
  conditions: [{{type: Ready, status: "True"}}, {{type: {CANARY}Healthy, status: "True"}}]
  nodeInfo: {{kubeletVersion: v1.35.1-{CANARY}}}
---
apiVersion: v1
kind: Namespace
metadata: {{name: {CANARY}, labels: {{kubernetes.io/metadata.name: {CANARY}, owner: {CANARY}}}}}
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {CANARY}
  namespace: {CANARY}
  annotations: {{nodefall.io/ignore: "NP220: {CANARY} is enough for us"}}
  ownerReferences: [{{apiVersion: {CANARY}.com/v1, kind: {CANARY}, name: {CANARY}, uid: {CANARY}}}]
spec:
  selector: {{matchLabels: {{{CANARY}: {CANARY}}}}}
  template:
    metadata: {{labels: {{{CANARY}: {CANARY}}}}}
    spec:
      schedulerName: {CANARY}
      priorityClassName: {CANARY}
      hostname: {CANARY}
      subdomain: {CANARY}
      tolerations: [{{key: {CANARY}, operator: Equal, value: {CANARY}}}]
      nodeSelector: {{{CANARY}.io/team: {CANARY}}}
      readinessGates: [{{conditionType: {CANARY}.com/ready}}]
      schedulingGates: [{{name: {CANARY}.com/gate}}]
      topologySpreadConstraints: [{{maxSkew: 1, topologyKey: {CANARY}.io/rack, whenUnsatisfiable: DoNotSchedule,
        labelSelector: {{matchExpressions: [{{key: {CANARY}, operator: In, values: [{CANARY}]}}]}}}}]
      containers:
      - name: {CANARY}
        image: {CANARY}
        ports: [{{name: {CANARY}, containerPort: 80}}]
        readinessProbe: {{httpGet: {{path: /{CANARY}, port: {CANARY}}}}}
        resources: {{requests: {{cpu: 100m, {CANARY}.com/fpga: "1"}}}}
      volumes: [{{name: {CANARY}, emptyDir: {{}}}}]
---
apiVersion: v1
kind: Service
metadata:
  name: {CANARY}
  namespace: {CANARY}
  annotations: {{service.beta.kubernetes.io/load-balancer-source-ranges: 203.0.113.0/24}}
spec:
  type: LoadBalancer
  loadBalancerClass: {CANARY}.com/lb
  selector: {{{CANARY}: {CANARY}}}
  externalIPs: [203.0.113.7]
  ports: [{{name: {CANARY}, port: 80, targetPort: {CANARY}, nodePort: 30080, appProtocol: {CANARY}.com/own}}]
status: {{loadBalancer: {{ingress: [{{hostname: lb.{CANARY}.com}}]}}}}
---
apiVersion: v1
kind: Service
metadata: {{name: other, namespace: {CANARY}}}
spec: {{type: ExternalName, externalName: db.{CANARY}.com}}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {{name: {CANARY}, namespace: {CANARY}}}
spec:
  ingressClassName: {CANARY}
  rules:
  - host: "*.{CANARY}.com"
    http: {{paths: [{{path: /{CANARY}, pathType: Prefix, backend: {{service: {{name: {CANARY},
      port: {{name: {CANARY}}}}}}}}}]}}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {{name: {CANARY}, namespace: {CANARY}}}
spec: {{podSelector: {{matchLabels: {{{CANARY}: {CANARY}}}}}, ingress: [{{ports: [{{port: {CANARY}}}],
  from: [{{ipBlock: {{cidr: 203.0.113.0/24, except: [203.0.113.128/25]}}}}]}}]}}
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {{name: {CANARY}, namespace: {CANARY}}}
spec:
  hostnames: [shop.{CANARY}.com]
  parentRefs: [{{group: {CANARY}.com, kind: {CANARY}, name: {CANARY}, namespace: {CANARY}, sectionName: {CANARY}}}]
  rules: [{{backendRefs: [{{group: {CANARY}.com, kind: {CANARY}, name: {CANARY}, port: 80}}]}}]
"""
SECRET_ADDRESSES = ("10.20.30", "203.0.113")


def test_no_name_is_in_an_anonymized_snapshot() -> None:
    """Of no field that is kept, and no part of an address but its first number; the words of Kubernetes are."""
    given = read([Upload(name=f"{CANARY}.yaml", data=NAMED.encode())])
    assert CANARY in json.dumps(written(given))
    text = json.dumps(written(anonymized(given)))
    assert [word for word in (CANARY, "compute", *SECRET_ADDRESSES) if word in text] == []
    assert all(word in text for word in ("topology.kubernetes.io/zone", "30080", "v1.35.1", "NP220", "reason omitted"))


def test_the_same_name_is_the_same_wherever_it_is() -> None:
    """Selectors, targetPorts, references and node names find each other."""
    items = {each["kind"]: each for each in written(anonymized(read([Upload(name="a.yaml", data=NAMED.encode())])))}
    node, deployment, policy = items["Node"], items["Deployment"], items["NetworkPolicy"]
    assert node["metadata"]["labels"]["kubernetes.io/hostname"] == node["metadata"]["name"]
    pod = deployment["spec"]["template"]["spec"]
    assert pod["containers"][0]["ports"][0]["name"] == policy["spec"]["ingress"][0]["ports"][0]["port"] == "port-1"
    assert deployment["spec"]["selector"]["matchLabels"] == policy["spec"]["podSelector"]["matchLabels"]
    assert pod["tolerations"][0]["key"] == node["spec"]["taints"][0]["key"]


def test_a_pod_is_called_after_what_made_it() -> None:
    """Through its ReplicaSet, and by its number in a StatefulSet."""
    text = """
{kind: ReplicaSet, apiVersion: apps/v1, metadata: {name: web-5d8f, labels: {pod-template-hash: 5d8f},
  ownerReferences: [{kind: Deployment, apiVersion: apps/v1, name: web, controller: true}]}}
---
{kind: Pod, apiVersion: v1, metadata: {name: web-5d8f-x2k, labels: {pod-template-hash: 5d8f},
  ownerReferences: [{kind: ReplicaSet, apiVersion: apps/v1, name: web-5d8f, controller: true}]}}
---
{kind: Pod, apiVersion: v1, metadata: {name: db-10,
  ownerReferences: [{kind: StatefulSet, apiVersion: apps/v1, name: db, controller: true}]}}
"""
    made = anonymized(read([Upload(name="a.yaml", data=text.encode())]))
    assert [each.metadata.name for each in made.pods] == ["workload-2-x2-x1", "workload-1-10"]
    assert made.workloads[0].metadata.name == "workload-2-x2" == made.pods[0].metadata.owner_references[0].name
    assert made.pods[0].metadata.labels["pod-template-hash"] == "x2"


def test_names_keep_their_order() -> None:
    """In natural order, in which they decide between equals."""
    names = ["worker-10", "worker-2", "alpha", "zeta"]
    text = "\n---\n".join(f"{{kind: Node, apiVersion: v1, metadata: {{name: {name}}}}}" for name in names)
    made = anonymized(read([Upload(name="a.yaml", data=text.encode())]))
    assert [each.metadata.name for each in made.nodes] == ["node-3", "node-2", "node-1", "node-4"]


def test_long_names_of_many_nodes_keep_their_order_and_are_told_apart() -> None:
    """As a cloud calls them, and as long as they may be."""
    names = [f"ip-10-20-{n // 7}-{n}.eu-central-1.compute.internal" for n in range(30)]
    names += [f"{'long-' * 12}{n:03}" for n in range(30)]
    text = "\n---\n".join(f"{{kind: Node, apiVersion: v1, metadata: {{name: {name}}}}}" for name in names)
    given = read([Upload(name="a.yaml", data=text.encode())])
    before, after = build(given), build(anonymized(given))
    assert len(after.nodes) == len(before.nodes) == len(names)
    other = dict(zip(names, (each.metadata.name for each in anonymized(given).nodes), strict=True))
    assert list(after.nodes) == [other[name] for name in before.nodes]


@pytest.mark.parametrize("name", ["Web", "web.shop", "0web", "w" * 64, "web_1"])
def test_a_name_that_the_api_server_refuses_is_refused_under_its_other_name(name: str) -> None:
    """Else a Service would work in the snapshot that doesn't exist in the cluster."""
    text = f"{{kind: Service, apiVersion: v1, metadata: {{name: {name}}}, spec: {{ports: [{{port: 80}}]}}}}"
    given = read([Upload(name="a.yaml", data=text.encode())])
    before, after = build(given), build(anonymized(given))
    assert [s.accepted for s in after.services.values()] == [s.accepted for s in before.services.values()]


_ADDRESS = st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6))


@given(st.lists(_ADDRESS, min_size=2, max_size=12))
def test_addresses_that_have_a_range_in_common_still_have_it(addresses: list[Any]) -> None:
    """Of two of a family that are not special: as many leading bits as before, and the same order."""
    other = Addresses(addresses)
    assert [other.of(each) for each in addresses if is_special(each)] == [
        each for each in addresses if is_special(each)
    ]
    usual = [each for each in addresses if not is_special(each)]
    for one in usual:
        assert other.of(one).version == one.version
        for two in usual:
            if one.version == two.version:
                assert (int(one) ^ int(two)).bit_length() == (int(other.of(one)) ^ int(other.of(two))).bit_length()
                assert (one < two) == (other.of(one) < other.of(two))


@pytest.mark.parametrize(
    ("written_as", "expected"),
    [("203.0.113.0/24", "203.0.0.0/24"), ("203.0.113.7", "203.0.0.1"), ("::ffff:203.0.113.7", "::ffff:0.0.0.1")],
)
def test_a_range_stays_one_and_an_address_is_no_special_one(written_as: str, expected: str) -> None:
    """The first address of a range stays the first; IPv4 within IPv6 doesn't become the loopback address."""
    text = f"""{{kind: Service, apiVersion: v1, metadata: {{name: a}},
      spec: {{externalIPs: ["{written_as}"], ports: [{{port: 80}}]}}}}"""
    (service,) = anonymized(read([Upload(name="a.yaml", data=text.encode())])).services
    (made,) = service.spec.external_ips
    assert ip_interface(made) == ip_interface(expected)
    assert ("/" in made) == ("/" in expected)


def test_what_is_no_address_is_none() -> None:
    """Such as a host's name, which is renamed as one."""
    assert parsed("lb.example.com") is None
