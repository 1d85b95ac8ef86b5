"""Big manifests, the same bytes each time: what the benchmarks read.

``python -m tests.benchmarks.generate cluster > cluster.yaml``; the kinds of input are the functions of `INPUTS`.
"""

import sys
from collections.abc import Callable, Iterator

ZONES = ("a", "b", "c")

NODE = """\
apiVersion: v1
kind: Node
metadata:
  name: worker-{n}
  labels:
    kubernetes.io/hostname: worker-{n}
    kubernetes.io/os: linux
    topology.kubernetes.io/region: eu-1
    topology.kubernetes.io/zone: eu-1{zone}
spec:
  podCIDR: 10.{high}.{low}.0/24
status:
  addresses:
  - type: InternalIP
    address: 172.{address}
  - type: Hostname
    address: worker-{n}
  allocatable: {{cpu: "16", memory: 64Gi, pods: "110"}}
  conditions:
  - type: Ready
    status: "True"
"""

WORKLOAD = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: app-{n}
  namespace: team-{team}
  labels: {{app: app-{n}, team: team-{team}}}
spec:
  replicas: {replicas}
  selector:
    matchLabels:
      app: app-{n}
  template:
    metadata:
      labels:
        app: app-{n}
        team: team-{team}
    spec:
      containers:
      - name: main
        image: registry.example/app-{n}:1.{n}
        ports:
        - name: http
          containerPort: 8080
        resources:
          requests:
            cpu: 100m
            memory: 128Mi
        readinessProbe:
          httpGet:
            path: /healthz
            port: http
          periodSeconds: 10
"""

SERVICE = """\
apiVersion: v1
kind: Service
metadata:
  name: app-{n}
  namespace: team-{team}
spec:
  type: {type}
  selector:
    app: app-{selects}
  ports:
  - name: http
    port: 80
    targetPort: http
"""

CONFIG = """\
apiVersion: v1
kind: ConfigMap
metadata:
  name: app-{n}
  namespace: team-{team}
data:
  LOG_LEVEL: info
  UPSTREAM: http://app-{n}.team-{team}.svc.cluster.local
  settings.ini: |
    [server]
    port = 8080
    workers = {n}
"""

CRD = """\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: things{n}.example.com
  annotations:
    controller-gen.kubebuilder.io/version: v0.16.{n}
spec:
  group: example.com
  names: {{kind: Thing{n}, listKind: Thing{n}List, plural: things{n}, singular: thing{n}}}
  scope: Namespaced
  versions:
  - name: v1
    schema:
      openAPIV3Schema:
        description: Thing{n} is what the operator takes care of.
        properties:
{properties}        type: object
    served: true
    storage: true
"""

PROPERTY = """\
          field{i}:
            description: |-
              Field {i} says how the operator takes care of the thing.
              More info: https://example.com/docs/things#field-{i}
            items:
              properties:
                name:
                  type: string
                value:
                  format: int32
                  type: integer
              required:
              - name
              type: object
            type: array
"""

OPAQUE = """\
apiVersion: v1
kind: Secret
metadata:
  name: app-{n}
  namespace: team-{team}
type: Opaque
data:
  token: {token}
"""

POD = """\
- apiVersion: v1
  kind: Pod
  metadata:
    name: app-{n}-{i}
    namespace: team-{team}
    uid: {n:08d}-0000-4000-8000-{i:012d}
    labels:
      app: app-{n}
      pod-template-hash: 7c9d4f5b6
    ownerReferences:
    - apiVersion: apps/v1
      kind: ReplicaSet
      name: app-{n}-7c9d4f5b6
      uid: {n:08d}-1111-4000-8000-000000000000
      controller: true
  spec:
    nodeName: worker-{node}
    containers:
    - name: main
      image: registry.example/app-{n}:1.{n}
      ports:
      - name: http
        containerPort: 8080
        protocol: TCP
      resources:
        requests:
          cpu: 100m
          memory: 128Mi
  status:
    phase: Running
    podIP: 10.{address}
    podIPs:
    - ip: 10.{address}
    conditions:
    - type: Ready
      status: "True"
    - type: ContainersReady
      status: "True"
"""

NODE_PORTS = 2_000
"""How many services get a node port: the range holds 2,768, so the rest are of type ClusterIP."""


_REPLICAS = 15
_SELECTED = 100
"""So many workloads are selected by services, however many there are of either."""


def node(n: int) -> str:
    """Return one Node, in the zones by turns."""
    return NODE.format(n=n, zone=ZONES[n % 3], high=n // 256, low=n % 256, address=dotted(n))


def dotted(n: int) -> str:
    """Return the last three parts of an IPv4 address, in which parts count from 0 to 249."""
    return f"{16 + n // 62_500}.{n // 250 % 250}.{n % 250}"


def service(n: int) -> str:
    """Return one Service, with a node port as long as the range has any."""
    return SERVICE.format(n=n, selects=n, team=n % 50, type="NodePort" if n <= NODE_PORTS else "ClusterIP")


def cluster(nodes: int = 5_000, services: int = 10_000, replicas: int = 15) -> Iterator[str]:
    """Yield the documents of a cluster whose pods come as Deployments, one for each service."""
    yield from map(node, range(1, nodes + 1))
    for n in range(1, services + 1):
        yield WORKLOAD.format(n=n, team=n % 50, replicas=replicas)
        yield service(n)


def manifests(apps: int = 9_500) -> Iterator[str]:
    """Yield about 10 MB of ordinary manifests: a Deployment, a Service and a ConfigMap for each app."""
    for n in range(1, apps + 1):
        yield WORKLOAD.format(n=n, team=n % 50, replicas=1 + n % 5)
        yield service(n)
        yield CONFIG.format(n=n, team=n % 50)


def dump(nodes: int = 500, services: int = 1_000, replicas: int = 15) -> Iterator[str]:
    """Yield one List document with each pod in it, as ``kubectl get nodes,pods,services -o yaml`` prints it."""
    yield "apiVersion: v1\nkind: List\nitems:\n" + "".join(listed(nodes, services, replicas))


def bundle(apps: int = 700) -> Iterator[str]:
    """Yield about 10 MB of what operators ship: mostly definitions and data that nodefall doesn't use."""
    properties = "".join(PROPERTY.format(i=i) for i in range(24))
    for n in range(1, apps + 1):
        yield CRD.format(n=n, properties=properties)
        yield CONFIG.format(n=n, team=n % 50)
        yield OPAQUE.format(n=n, team=n % 50, token="bm9kZWZhbGw=" * 64)
        yield WORKLOAD.format(n=n, team=n % 50, replicas=2)
        yield service(n)


def listed(nodes: int, services: int, replicas: int) -> Iterator[str]:
    """Yield the items of the List."""
    for n in range(1, nodes + 1):
        yield item(node(n))
    for n in range(1, services + 1):
        yield item(service(n))
        for i in range(replicas):
            k = (n - 1) * replicas + i
            yield POD.format(n=n, team=n % 50, i=i, node=1 + k % nodes, address=dotted(k))


def item(document: str) -> str:
    """Return a document as an item of a block sequence."""
    head, *tail = document.splitlines(keepends=True)
    return "- " + head + "".join("  " + line for line in tail)


def pairs(count: int) -> Iterator[str]:
    """Yield pairs of a Deployment and the NodePort Service before it, as diagram tools are given them."""
    for n in range(1, count + 1):
        yield WORKLOAD.format(n=n, team=n % 50, replicas=2)
        yield SERVICE.format(n=n, selects=n, team=n % 50, type="NodePort")


def grown(nodes: int, services: int, pods: int) -> Iterator[str]:
    """Yield a cluster in which one number may grow alone: the first services and their pods stay the same."""
    yield from map(node, range(1, nodes + 1))
    for n in range(1, pods // _REPLICAS + 1):
        yield WORKLOAD.format(n=n, team=n % 50, replicas=_REPLICAS)
    for n in range(1, services + 1):
        selects = 1 + (n - 1) % min(services, _SELECTED)
        kind = "NodePort" if n <= NODE_PORTS else "ClusterIP"
        yield SERVICE.format(n=n, selects=selects, team=selects % 50, type=kind)


INPUTS: dict[str, Callable[[], Iterator[str]]] = {
    "cluster": cluster,
    "manifests": manifests,
    "dump": dump,
    "bundle": bundle,
}


def text(documents: Iterator[str]) -> bytes:
    """Return the documents as one YAML file."""
    return "---\n".join(documents).encode()


if __name__ == "__main__":
    sys.stdout.buffer.write(text(INPUTS[sys.argv[1]]()))
