"""deploy/: the manifests survive what nodefall looks for, the image's process runs as its recipe says."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import psutil
import pytest
import yaml

from tests.servers import PATIENCE, announced
from webapp.cluster.build import build
from webapp.manifests import Upload, read
from webapp.paths import resource_directory

pytestmark = pytest.mark.servers

TOP = Path(__file__).resolve().parent.parent
KUBERNETES = TOP / "deploy" / "kubernetes"
RECIPE = (TOP / "deploy" / "Dockerfile").read_text()


def objects() -> dict[str, dict]:
    """Return what kustomize applies, by kind."""
    listed = yaml.safe_load((KUBERNETES / "kustomization.yaml").read_text())["resources"]  # noqa: TID251 - our own
    assert {*listed, "kustomization.yaml"} == {path.name for path in KUBERNETES.iterdir()}
    documents = (yaml.safe_load((KUBERNETES / name).read_text()) for name in listed)  # noqa: TID251
    return {document["kind"]: document for document in documents}


@pytest.mark.parametrize("more", [("--guaranteed",), ("--via", "lb")])
def test_nodefall_survives_the_loss_of_any_node(more: tuple[str, ...]) -> None:
    """By its own judgement: in any placement, and without a warning."""
    command = [sys.executable, "-m", "webapp.cli", "check", str(KUBERNETES), "--survive", "node", *more]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stdout
    assert "1 of 1 service ports survive the loss of any one node" in done.stdout


def test_kinds_and_references_hold_together() -> None:
    """One label selects for all; ports, Secret and scale target are those that exist."""
    its = objects()
    pods = its["Deployment"]["spec"]["template"]
    labels, (container,) = pods["metadata"]["labels"], pods["spec"]["containers"]
    selectors = [
        its["Deployment"]["spec"]["selector"]["matchLabels"],
        its["Service"]["spec"]["selector"],
        its["PodDisruptionBudget"]["spec"]["selector"]["matchLabels"],
        its["NetworkPolicy"]["spec"]["podSelector"]["matchLabels"],
        *(each["labelSelector"]["matchLabels"] for each in pods["spec"]["topologySpreadConstraints"]),
    ]
    assert all(selector == labels for selector in selectors)
    assert its["HorizontalPodAutoscaler"]["spec"]["scaleTargetRef"]["name"] == its["Deployment"]["metadata"]["name"]
    assert {port["targetPort"] for port in its["Service"]["spec"]["ports"]} <= {
        port["name"] for port in container["ports"]
    }
    assert its["NetworkPolicy"]["spec"]["ingress"][0]["ports"][0]["port"] == container["ports"][0]["containerPort"]


def test_pods_have_no_more_rights_than_the_restricted_standard_allows() -> None:
    """Pod Security Standards, "restricted", which the namespace enforces, and a root file system that is read only."""
    its = objects()
    assert its["Namespace"]["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"
    pod = its["Deployment"]["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["seccompProfile"]["type"] == "RuntimeDefault"
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert pod["automountServiceAccountToken"] is False


def test_settings_of_the_manifests_exist_and_fit_together() -> None:
    """A setting that nobody reads would be a promise that isn't kept."""
    pod = objects()["Deployment"]["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    given = {each["name"]: each.get("value") for each in container["env"]}
    known = set(re.findall(r"`(NODEFALL_\w+)`", (TOP / "docs" / "settings.md").read_text()))
    assert given.keys() <= known
    assert pod["terminationGracePeriodSeconds"] > int(given["NODEFALL_ENDING_SECONDS"]) + 25
    memory = int(container["resources"]["limits"]["memory"].removesuffix("Mi"))
    assert memory >= 2 * int(given["NODEFALL_JOB_MEGABYTES"]) + 512


def test_the_sample_is_read_without_complaint() -> None:
    """As every sample, and the service in it is accepted."""
    data = (resource_directory("samples") / "nodefall.yaml").read_bytes()
    cluster = build(read([Upload(name="nodefall.yaml", data=data)]))
    assert cluster.services["nodefall/nodefall"].ports


AS_IN_A_CONTAINER = """
set -e
mount --make-rprivate /
mount -t proc proc /proc
mount -t tmpfs tmpfs /mnt
mkdir /mnt/python /mnt/packages
mkdir --mode=1777 /mnt/data
mount --bind "$BASE" /mnt/python
mount --bind "$PACKAGES" /mnt/packages
mount --bind "$INSTALLED" "/mnt/python/$SITE"
mount -t tmpfs -o mode=1777 tmpfs /tmp
mount -o remount,ro,bind /
cd /
exec setpriv --reuid=65532 --regid=65532 --clear-groups --no-new-privs --bounding-set=-all --inh-caps=-all \
  env -i "$@"
"""
"""A process 1 without a home, without rights, on a root that is read only, with /tmp and /mnt/data to write to.

What it runs is bound where that user may look: the Python, with the wheel and what lends it the packages of this
environment in place of its own.
"""
UNSHARE = ("unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c", AS_IN_A_CONTAINER, "sh")


def contained(installed: Path, *command: str) -> tuple[list[str], dict[str, str]]:
    """Return the command line and the environment that run this as in a container."""
    ask = [sys._base_executable, "-I", "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
    site = subprocess.run(ask, capture_output=True, text=True, check=True).stdout.strip()
    where = {
        "BASE": sys.base_prefix,
        "PACKAGES": sysconfig.get_path("purelib"),
        "INSTALLED": str(installed),
        "SITE": os.path.relpath(site, sys.base_prefix),
    }
    python = os.path.relpath(Path(sys._base_executable).resolve(), sys.base_prefix)
    # A Python that was moved looks for its own library where it was built to be.
    variables = ["LD_LIBRARY_PATH=/mnt/python/lib", *of_the_recipe()]
    return [*UNSHARE, *variables, f"/mnt/python/{python}", *command], os.environ | where


def of_the_recipe() -> Iterator[str]:
    """Yield the environment that the Dockerfile sets, but for where things lie."""
    (lines,) = re.findall(r"^ENV ((?:.*\\\n)*.*)", RECIPE, re.MULTILINE)
    for name, value in re.findall(r"(\w+)=(\S+)", lines):
        if name != "PATH":
            yield f"{name}={value.replace('/data', '/mnt/data')}"


def can_be_contained() -> bool:
    """Tell whether this machine lets a test make namespaces and mount in them."""
    if os.name != "posix" or any(shutil.which(program) is None for program in ("unshare", "setpriv")):
        return False
    command, environ = contained(TOP / "webapp", "-c", "pass")
    return subprocess.run(command, env=environ, capture_output=True, check=False).returncode == 0


def test_the_process_of_the_image_serves_reads_draws_and_ends(tmp_path: Path) -> None:
    """From the wheel, as process 1 and user 65532: uploads in workers, pictures of every kind, SQLite in /data."""
    if not can_be_contained():
        pytest.skip("needs unshare, setpriv and the right to mount")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
    wheel = [*pip, "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir", tmp_path, TOP]
    subprocess.run(wheel, check=True)
    (built,) = tmp_path.glob("*.whl")
    subprocess.run([*pip, "install", "--quiet", "--no-deps", "--target", tmp_path / "site", built], check=True)
    (tmp_path / "site" / "lent.pth").write_text("/mnt/packages")
    (entry,) = re.findall(r"^ENTRYPOINT (.*)", RECIPE, re.MULTILINE)
    assert "USER 65532:65532" in RECIPE
    program, *arguments = json.loads(entry)
    assert program == "nodefall"
    command, environ = contained(tmp_path / "site", "-m", "webapp.cli", *arguments, "--port", "0")
    command.insert(len(UNSHARE), "NODEFALL_LARGE_SET=0")  # everything is for the workers
    server = subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        base = f"http://127.0.0.1:{urlsplit(announced(server)).port}"
        (first,) = map(int, Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text().split())
        shop = (resource_directory("samples") / "shop.yaml").read_bytes()
        with urlopen(Request(f"{base}/upload", shop), timeout=PATIENCE) as answer:  # noqa: S310 - always http://127.0.0.1
            stored = re.search(r"/t/[\w-]{16,}", answer.geturl() + answer.read().decode())[0]
        starts = {"svg": b"<svg", "png": b"\x89PNG", "pdf": b"%PDF", "html": b"<!doctype html>"}
        for extension, start in starts.items():
            with urlopen(f"{base}{stored}/diagram.{extension}?down=node/worker-2", timeout=PATIENCE) as answer:  # noqa: S310
                assert answer.read().startswith(start), extension
        assert Path(f"/proc/{first}").stat().st_uid == 65532
        os.kill(first, signal.SIGTERM)
        rest, _ = server.communicate(timeout=PATIENCE)
        assert (server.returncode, rest.strip().endswith("nodefall has ended.")) == (0, True), rest
    finally:
        # A process that changes its user outlives the one that made the namespace.
        for child in psutil.Process(server.pid).children() if server.poll() is None else ():
            child.kill()
        server.kill()
        server.communicate(timeout=PATIENCE)
