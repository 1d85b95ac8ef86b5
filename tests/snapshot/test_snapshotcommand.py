"""The command snapshot: what it writes, what can't be in it, and what it says."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result

from webapp.cli import cli
from webapp.paths import resource_directory

SHOP = resource_directory("samples") / "shop.yaml"
CANARY = "hunter2"
SECRETS = f"""
apiVersion: v1
kind: Secret
metadata: {{name: {CANARY}}}
data: {{password: {CANARY}}}
stringData: {{token: {CANARY}}}
---
apiVersion: v1
kind: ConfigMap
metadata: {{name: config}}
data: {{config: {CANARY}}}
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  annotations: {{example.com/owner: {CANARY}, kubectl.kubernetes.io/last-applied-configuration: '{{"a": "{CANARY}"}}'}}
spec:
  replicas: 2
  selector: {{matchLabels: {{app: web}}}}
  template:
    metadata: {{labels: {{app: web}}, annotations: {{example.com/secret: {CANARY}}}}}
    spec:
      serviceAccountName: {CANARY}
      imagePullSecrets: [{{name: {CANARY}}}]
      initContainers: [{{name: i, image: {CANARY}, command: [{CANARY}], env: [{{name: A, value: {CANARY}}}]}}]
      containers:
      - name: c
        image: registry.example/{CANARY}:{CANARY}
        command: [run, --password, {CANARY}]
        args: [{CANARY}]
        workingDir: /{CANARY}
        env:
        - {{name: PASSWORD, value: {CANARY}}}
        - {{name: OTHER, valueFrom: {{secretKeyRef: {{name: {CANARY}, key: {CANARY}}}}}}}
        envFrom: [{{secretRef: {{name: {CANARY}}}}}]
        lifecycle: {{preStop: {{exec: {{command: [{CANARY}]}}}}}}
        livenessProbe: {{exec: {{command: [{CANARY}]}}}}
        readinessProbe:
          httpGet: {{path: /{CANARY}, port: http, host: {CANARY}, httpHeaders: [{{name: {CANARY}, value: {CANARY}}}]}}
        ports: [{{containerPort: 80, name: http}}]
        volumeMounts: [{{name: v, mountPath: /{CANARY}}}]
      volumes:
      - {{name: v, secret: {{secretName: {CANARY}}}}}
      - {{name: w, hostPath: {{path: /{CANARY}}}}}
      - {{name: x, persistentVolumeClaim: {{claimName: {CANARY}}}}}
      hostAliases: [{{ip: 10.0.0.1, hostnames: [{CANARY}]}}]
---
apiVersion: v1
kind: Service
metadata:
  name: web
  annotations: {{example.com/note: {CANARY}}}
  managedFields: [{{manager: {CANARY}, operation: Update}}]
  finalizers: [example.com/{CANARY}]
spec: {{type: NodePort, selector: {{app: web}}, ports: [{{port: 80, targetPort: http, nodePort: 30080}}]}}
# {CANARY}
"""


def run(*arguments: str, text: str = "") -> Result:
    """Return what the command line does."""
    return CliRunner().invoke(cli, ["snapshot", *arguments], input=text)


def simulated(path: str) -> dict[str, Any]:
    """Return the simulation's document of a path, but for where things were read."""
    result = CliRunner().invoke(cli, ["simulate", path, "--down", "node/worker-2", "--output", "json"])
    assert result.exit_code == 0, result.output
    document: dict[str, Any] = json.loads(result.stdout)
    return {name: value for name, value in document.items() if name != "problems"}


@pytest.mark.parametrize("name", ["shop.yaml", "shop.yml", "shop.json", "shop.yaml.gz", "SHOP.JSON.GZ"])
def test_a_snapshot_gives_the_same_results(name: str, tmp_path: Path) -> None:
    """In each format that its extension can say."""
    target = str(tmp_path / name)
    assert run(str(SHOP), "-o", target).exit_code == 0
    assert simulated(target) == simulated(str(SHOP))


def test_the_extension_says_the_format(tmp_path: Path) -> None:
    """Documents of YAML, or one List."""
    run(str(SHOP), "-o", str(tmp_path / "a.json.gz"))
    run(str(SHOP), "-o", str(tmp_path / "a.yaml"))
    listed = json.loads(gzip.decompress((tmp_path / "a.json.gz").read_bytes()))
    assert listed["kind"] == "List"
    assert listed["items"] == list(yaml.load_all((tmp_path / "a.yaml").read_text(), Loader=yaml.CSafeLoader))


def test_the_same_objects_are_the_same_file(tmp_path: Path) -> None:
    """A snapshot of a snapshot too: no time, no file name."""
    first, second = tmp_path / "one.yaml.gz", tmp_path / "other.yaml.gz"
    run(str(SHOP), "-o", str(first))
    run(str(first), "-o", str(second))
    assert first.read_bytes() == second.read_bytes()


def test_what_is_secret_is_not_in_it(tmp_path: Path) -> None:
    """Whatever its field, also the name of the file; what steers traffic is."""
    given = tmp_path / f"{CANARY}.yaml"
    given.write_text(SECRETS)
    result = run(str(given))
    assert result.exit_code == 0
    assert CANARY not in result.stdout
    assert [each["kind"] for each in yaml.load_all(result.stdout, Loader=yaml.CSafeLoader)] == ["Service", "Deployment"]


def test_names_are_replaced_where_that_is_asked_for() -> None:
    """And what stays is said; a snapshot of it is that again."""
    result = run("-", "--anonymize", text=SECRETS.replace("web", "webshop"))
    assert result.exit_code == 0
    assert "are replaced" in result.stderr
    assert "Secrets, ConfigMaps" in result.stderr
    assert [word for word in ("webshop", CANARY) if word in result.stdout] == []
    assert run("-", "--anonymize", text=result.stdout).stdout == result.stdout


def test_it_says_what_was_left_out_and_how_large_it_is() -> None:
    """On standard error, so that the snapshot can be piped."""
    result = run("-", text=SECRETS)
    assert "2 objects written" in result.stderr
    assert f"{len(SECRETS.encode()) / 1000:.1f} kB before, {len(result.stdout.encode())} bytes now" in result.stderr
    assert "ConfigMap (1), Secret (1)" in result.stderr
    assert "can't be" in result.stderr


def test_an_object_that_can_not_be_decoded_is_named() -> None:
    """Without what is wrong in it, it would be accepted."""
    wrong = "---\napiVersion: v1\nkind: Service\nmetadata: {name: odd}\nspec: {ports: [{port: '80'}]}\n"
    result = run("-", text=SECRETS + wrong)
    assert "can't decode them: Service default/odd" in result.stderr
    assert "odd" not in result.stdout
    assert run("-", text=wrong).exit_code == 2


@pytest.mark.parametrize(
    ("arguments", "text", "said"),
    [
        pytest.param(["-"], "", "nothing could be read", id="nothing"),
        pytest.param(["-"], "kind: [", "error", id="no YAML"),
        pytest.param(["gone.yaml"], "", "gone.yaml", id="no such file"),
        pytest.param(["-", "-o", "x.txt"], SECRETS, "x.txt: the extension must be", id="no format"),
        pytest.param(["-", "-o", "gone/x.yaml"], SECRETS, "gone/x.yaml", id="no such folder"),
    ],
)
def test_what_can_not_be_read_or_written_ends_with_2(arguments: list[str], text: str, said: str) -> None:
    """And says why; nothing is on standard output."""
    result = run(*arguments, text=text)
    assert (result.exit_code, result.stdout) == (2, "")
    assert said in result.stderr
