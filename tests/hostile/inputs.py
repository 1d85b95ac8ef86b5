"""Small inputs that once cost seconds, gigabytes or an error: each is made here, so that the repository stays small."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from webapp.manifests.well_known_labels import ZONE

SERVICE = """apiVersion: v1
kind: Service
metadata: {name: web}
spec: {type: NodePort, selector: {app: web}, ports: [{port: 80}]}
"""


def deployment(replicas: int, name: str = "web", more: str = "") -> str:
    """Return a Deployment of so many Pods that the Service selects; `more` is what its Pods' spec has as well."""
    return f"""apiVersion: apps/v1
kind: Deployment
metadata: {{name: {name}}}
spec:
  replicas: {replicas}
  selector: {{matchLabels: {{app: web}}}}
  template:
    metadata: {{labels: {{app: web}}}}
    spec: {{containers: [{{name: c, image: x}}]{more}}}
"""


def nodes(number: int, zones: int = 3) -> str:
    """Return that many Nodes, each in a zone."""
    return "---\n".join(
        f"apiVersion: v1\nkind: Node\nmetadata: {{name: worker-{n}, labels: {{{ZONE}: z{n % zones}}}}}\n"
        f"status: {{addresses: [{{type: InternalIP, address: 10.{n >> 16}.{n >> 8 & 255}.{n & 255}}}]}}\n"
        for n in range(1, number + 1)
    )


def documents(*texts: str) -> bytes:
    """Return the texts as one file."""
    return "---\n".join(texts).encode()


def many_ports(ports: int, replicas: int) -> bytes:
    """Return one Service with very many ports: each has every Pod as an endpoint."""
    listed = ", ".join(f"{{name: p{port}, port: {port}}}" for port in range(1, ports + 1))
    service = SERVICE.replace("[{port: 80}]", f"[{listed}]")
    return documents(service, deployment(replicas))


def wide_budget(values: int, replicas: int) -> bytes:
    """Return a PodDisruptionBudget whose selector lists very many values."""
    listed = ", ".join(f"v{number}" for number in range(values))
    budget = (
        "apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {name: p}\nspec: {minAvailable: 1, selector: "
        f"{{matchExpressions: [{{key: app, operator: In, values: [{listed}]}}]}}}}\n"
    )
    return documents(SERVICE, deployment(replicas), budget)


def budgets(number: int, selector: str = "{matchLabels: {part: x, app: other%d}}") -> bytes:
    """Return workloads behind Services, and as many PodDisruptionBudgets, each with a selector of its number."""
    parts = []
    for n in range(number):
        parts.append(SERVICE.replace("web", f"web{n}"))
        parts.append(deployment(2, f"web{n}").replace("app: web}", f"app: web{n}, part: x}}"))
        parts.append(
            f"apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {{name: p{n}}}\n"
            f"spec: {{maxUnavailable: 1, selector: {selector.replace('%d', str(n))}}}\n"
        )
    return documents(*parts)


def hinted(zones: int, endpoints: int) -> bytes:
    """Return a slice written by hand whose endpoints have hints for very many zones."""
    hints = ", ".join(f"{{name: z{zone}}}" for zone in range(zones))
    listed = ", ".join(
        f"{{addresses: [10.9.{n >> 8}.{n & 255}], nodeName: worker-{n % zones + 1}, zone: z{n % zones}, "
        f"hints: {{forZones: [{hints}]}}}}"
        for n in range(endpoints)
    )
    slice_ = (
        "apiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\naddressType: IPv4\nmetadata: {name: web-1, labels: "
        f"{{kubernetes.io/service-name: web}}}}\nports: [{{port: 80}}]\nendpoints: [{listed}]\n"
    )
    return documents(SERVICE.replace("selector: {app: web}, ", ""), nodes(zones, zones), slice_)


def daemon_sets(number: int, on: int) -> bytes:
    """Return DaemonSets on very many Nodes."""
    template = deployment(1).replace("Deployment", "DaemonSet").replace("  replicas: 1\n", "")
    return documents(SERVICE, nodes(on), *(template.replace("name: web}", f"name: d{n}}}") for n in range(number)))


def stateful_set(replicas: int) -> bytes:
    """Return a StatefulSet: each of its Pods has labels of its own, and here a very large ordinal."""
    made = deployment(replicas).replace("Deployment", "StatefulSet")
    return documents(SERVICE, made.replace("spec:\n", "spec:\n  ordinals: {start: 2147480000}\n", 1))


def owned_pods(number: int) -> bytes:
    """Return Pods behind one Service, each of another ReplicaSet that wasn't uploaded."""
    return documents(
        SERVICE,
        *(
            f"apiVersion: v1\nkind: Pod\nmetadata: {{name: web-{n}, labels: {{app: web}}, ownerReferences: [{{"
            f"apiVersion: apps/v1, kind: ReplicaSet, name: r{n}, uid: u{n}, controller: true}}]}}\n"
            "spec: {containers: [{name: c, image: x}]}\n"
            for n in range(number)
        ),
    )


def addresses(number: int) -> bytes:
    """Return a slice with very many endpoints, each with an address."""
    listed = ", ".join(f"{{addresses: [10.{n >> 16}.{n >> 8 & 255}.{n & 255}]}}" for n in range(number))
    slice_ = (
        "apiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\naddressType: IPv4\nmetadata: {name: web-1, labels: "
        f"{{kubernetes.io/service-name: web}}}}\nports: [{{port: 80}}]\nendpoints: [{listed}]\n"
    )
    return documents(SERVICE.replace("selector: {app: web}, ", ""), slice_)


def addresses_of_one(number: int) -> bytes:
    """Return a slice with one endpoint of very many addresses."""
    listed = ", ".join(f"10.{n >> 16}.{n >> 8 & 255}.{n & 255}" for n in range(number))
    return addresses(1).replace(b"[10.0.0.0]", f"[{listed}]".encode())


def named(name: str) -> bytes:
    """Return a Service, a Deployment and a Node, all with that name."""
    parts = (SERVICE, deployment(1), nodes(1))
    return documents(*(part.replace("name: web}", f"name: {name}}}").replace("worker-1", name) for part in parts))


INPUTS: Mapping[str, Callable[[], bytes]] = MappingProxyType(
    {
        "2,147,483,647 replicas": lambda: documents(SERVICE, deployment(2_147_483_647)),
        "199,000 replicas": lambda: documents(SERVICE, deployment(199_000)),
        "20 Deployments of 2,147,483,647 replicas": lambda: documents(
            SERVICE, *(deployment(2_147_483_647, f"web{n}") for n in range(20))
        ),
        "2,700 ports x 1,000 Pods": lambda: many_ports(2700, 1000),
        "10,000 ports in one Service": lambda: many_ports(10_000, 3),
        "2,000 ports x 5,000 Nodes": lambda: documents(many_ports(2000, 10).decode(), nodes(5000)),
        "a PodDisruptionBudget of 100,000 values": lambda: wide_budget(100_000, 2000),
        "2,000 PodDisruptionBudgets beside 2,000 workloads": lambda: budgets(2000),
        "2,000 PodDisruptionBudgets of all Pods": lambda: budgets(2000, "{}"),
        "500 zones in the hints of 500 endpoints": lambda: hinted(500, 500),
        "40 DaemonSets x 5,000 Nodes": lambda: daemon_sets(40, 5000),
        "a StatefulSet of 3,000 Pods": lambda: stateful_set(3000),
        "1,000 Pods of 1,000 owners": lambda: owned_pods(1000),
        "200,000 addresses": lambda: addresses(200_000),
        "200,000 addresses of one endpoint": lambda: addresses_of_one(200_000),
        "15 MB of unclosed quotes": lambda: (b'a: "' + b"x" * 3000 + b"\n---\n") * 5000,
        "16 MB of backslashes in JSON": lambda: b'{"a":"' + b"\\\\" * 8_000_000,
        "a name of 1 MB": lambda: named("a" * 1_000_000),
        "a name of 4,301 digits": lambda: named("s" + "1" * 4301),
        "a name with an end of line": lambda: named('"a\\nb"'),
        "a Cyrillic name": lambda: named("веб"),
        "a name that is HTML": lambda: named("'\"><script>alert(1)</script>'"),
        "no name at all": lambda: documents(SERVICE, deployment(3), nodes(2).replace("name: worker-1, ", "")),
        "an empty name": lambda: documents(SERVICE, deployment(3), nodes(2).replace("worker-1", '""')),
        "a Node with an empty address": lambda: documents(SERVICE, deployment(3), nodes(2).replace("10.0.0.1", '""')),
    }
)
"""By what is said of them: what makes each."""
